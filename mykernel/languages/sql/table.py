"""A result as a MIME bundle: HTML, plain text, and a Frictionless table.

Source: https://specs.frictionlessdata.io/tabular-data-resource/ and table-schema.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mykernel.languages.sql.records import Value

# Code points of one value that are shown; the Frictionless table has it whole.
_PLAIN = 200
_HTML = 2000
# JavaScript's numbers are exact up to here.
_EXACT = 2**53
_TYPES = (
    (r"(?:small|big|tiny|huge|u\w*)?int(?:eger|\d+)?|oid|\w*serial", "integer"),
    (r"(?:numeric|decimal)(?:\(\d+,0\))", "integer"),
    (r"numeric.*|decimal.*|real|double.*|float\d*", "number"),
    (r"bool(?:ean)?", "boolean"),
    (r"date", "date"),
    (r"timestamp.*|datetime.*", "datetime"),
    (r"time(?:\s.*|\(.*|tz)?", "time"),
    (r"jsonb?|struct\(.*|map\(.*", "object"),
)
_NUMBERS = ("integer", "number")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Column:
    """type: the database's own word for it, "" where it is not known.

    field_type: of Frictionless.
    """

    name: str
    type: str
    field_type: str


@dataclass(frozen=True, slots=True)
class Table:
    """A result. count: of rows that there were; rows: those that are shown."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    count: int

    @property
    def footer(self) -> str:
        if len(self.rows) < self.count:
            return f"showing {len(self.rows):,} of {self.count:,} rows"
        return "1 row" if self.count == 1 else f"{self.count:,} rows"


def columns(
    names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Value]]
) -> list[Column]:
    """Columns by what the database says of them, or else by what stands in them."""
    found = []
    for index, name in enumerate(names):
        declared = types[index] if index < len(types) else ""
        values = [row[index] for row in rows if index < len(row)]
        field_type = _declared(declared) if declared else _observed(values)
        found.append(Column(name, declared, field_type))
    return found


def bundle(table: Table) -> Mapping[str, Any]:
    """The table in three forms."""
    return {
        "application/vnd.dataresource+json": _resource(table),
        "text/html": _html(table),
        "text/plain": _plain(table),
    }


def records(table: Table, names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows as JSON objects, by names given for the columns."""
    types = [column.field_type for column in table.columns]
    return [
        {name: _json(value, kind) for name, value, kind in zip(names, row, types, strict=False)}
        for row in table.rows
    ]


def text(value: Value) -> str:
    """A value as a person reads it."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex().upper()}'"
    return str(value)


def _declared(declared: str) -> str:
    word = declared.lower()
    if word.endswith("[]"):
        return "array"
    return next((kind for pattern, kind in _TYPES if re.fullmatch(pattern, word)), "string")


def _observed(values: Sequence[Value]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int}:
        return "integer"
    if kinds and kinds <= {int, float}:
        return "number"
    return "string" if kinds <= {str, bytes} else "any"


def _unique(names: Sequence[str]) -> list[str]:
    """Names that can be keys: of equal ones the later ones are numbered."""
    found: list[str] = []
    for name in names:
        key, number = name, 1
        while key in found:
            number += 1
            key = f"{name}_{number}"
        found.append(key)
    return found


def _resource(table: Table) -> dict[str, Any]:
    names = _unique([column.name for column in table.columns])
    fields = [
        {"name": name, "type": column.field_type}
        for name, column in zip(names, table.columns, strict=True)
    ]
    return {
        "profile": "tabular-data-resource",
        "schema": {"fields": fields},
        "data": records(table, names),
    }


def _json(value: Value, kind: str) -> Any:
    if isinstance(value, bytes):
        return text(value)
    if isinstance(value, str):
        value = _typed(value, kind)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > _EXACT:
        return str(value)
    return value


def _typed(value: str, kind: str) -> Value:
    if kind == "boolean" and value in ("t", "f", "true", "false"):
        return value.startswith("t")
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
    except ValueError:
        pass
    return value


def _html(table: Table) -> str:
    alignments = [_alignment(column) for column in table.columns]
    head = "".join(
        f'<th style="text-align: {side}" title="{html.escape(column.type)}">'
        f"{html.escape(column.name)}</th>"
        for column, side in zip(table.columns, alignments, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td style="text-align: {side}; white-space: pre-wrap">{_cell(value)}</td>'
            for value, side in zip(row, alignments, strict=False)
        )
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<table class="dataframe">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>\n<p>{table.footer}</p>"
    )


def _alignment(column: Column) -> str:
    return "right" if column.field_type in _NUMBERS else "left"


def _cell(value: Value) -> str:
    if value is None:
        return '<em style="opacity: 0.5">NULL</em>'
    return html.escape(_shortened(text(value), _HTML))


def _shortened(shown: str, most: int) -> str:
    more = len(shown) - most
    return shown if more <= 0 else f"{shown[:most]}… ({more:,} more characters)"


def _plain(table: Table) -> str:
    shown = [[_visible(text(value)) for value in row[: len(table.columns)]] for row in table.rows]
    names = [_visible(column.name) for column in table.columns]
    widths = [
        max(map(_width, cells)) for cells in zip(names, *shown, strict=True)
    ]  # each row has all columns
    right = [column.field_type in _NUMBERS for column in table.columns]
    lines = [
        " | ".join(_padded(name, width, False) for name, width in zip(names, widths, strict=True)),
        "-+-".join("-" * width for width in widths),
    ]
    lines += [" | ".join(map(_padded, row, widths, right)) for row in shown]
    return "\n".join([*(line.rstrip() for line in lines), f"({table.footer})"])


def _visible(shown: str) -> str:
    shown = _shortened(shown, _PLAIN).replace("\n", "↵")
    return _INVISIBLE.sub(lambda found: f"\\x{ord(found.group()):02x}", shown)


def _padded(shown: str, width: int, right: bool) -> str:
    space = " " * (width - _width(shown))
    return space + shown if right else shown + space


def _width(shown: str) -> int:
    """In character cells of a terminal."""
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in shown
    )
