"""A result as a Vega-Lite chart: `%chart line x=day y=sum(price) color=city`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mykernel.languages.sql.table import Table, records

KINDS = ("area", "bar", "line", "pie", "point", "tick")
CHANNELS = ("x", "y", "color", "size", "title")
_MIME = "application/vnd.vegalite.v5+json"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_AGGREGATE = re.compile(r"(count|sum|mean|median|min|max)\((.*)\)")
_TYPES = {
    "integer": "quantitative",
    "number": "quantitative",
    "date": "temporal",
    "datetime": "temporal",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """kind: one of KINDS. channels: by a name of CHANNELS, a column or sum(column)."""

    kind: str
    channels: Mapping[str, str]


def parse(words: list[str]) -> Chart:
    """What stands behind `%chart`. Raises ValueError with what there might be instead."""
    kind = words[0] if words else ""
    if kind not in KINDS:
        raise ValueError(f"a chart is one of {', '.join(KINDS)}, and not {kind!r}")
    channels: dict[str, str] = {}
    for word in words[1:]:
        key, found, value = word.partition("=")
        if not found or key not in CHANNELS:
            raise ValueError(f"{word!r} is not one of {'=..., '.join(CHANNELS)}=...")
        channels[key] = value
    if not {"x", "y"} <= channels.keys():
        raise ValueError("a chart wants x=COLUMN and y=COLUMN")
    return Chart(kind, channels)


def bundle(chart: Chart, table: Table) -> Mapping[str, Any]:
    """The chart of a table. Raises ValueError when it has not such columns."""
    # By number, since dots and brackets mean something to Vega-Lite in a name.
    keys = [f"c{index}" for index in range(len(table.columns))]
    channels = {"x": "theta", "y": "color"} if chart.kind == "pie" else {}
    encoding = {
        channels.get(name, name): _channel(value, table)
        for name, value in chart.channels.items()
        if name != "title"
    }
    mark = "arc" if chart.kind == "pie" else chart.kind
    spec = {
        "$schema": _SCHEMA,
        "title": chart.channels.get("title", ""),
        "data": {"values": records(table, keys)},
        "mark": {"type": mark, "tooltip": True},
        "encoding": encoding,
    }
    plain = f"<{chart.kind} chart of {table.footer}>"
    return {_MIME: spec, "text/plain": plain}


def _channel(value: str, table: Table) -> dict[str, Any]:
    names = [column.name for column in table.columns]
    aggregate = _AGGREGATE.fullmatch(value)
    name = aggregate[2] if aggregate and value not in names else value
    if aggregate and aggregate[1] == "count" and name in ("", "*"):
        return {"aggregate": "count", "type": "quantitative"}
    if name not in names:
        raise ValueError(f"the result has no column {name!r}; it has: {', '.join(names)}")
    index = names.index(name)
    kind = _TYPES.get(table.columns[index].field_type, "nominal")
    channel: dict[str, Any] = {"field": f"c{index}", "type": kind, "title": value}
    if name != value and aggregate:
        channel |= {"aggregate": aggregate[1], "type": "quantitative"}
    return channel
