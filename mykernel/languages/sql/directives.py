"""Directives at the head of a cell: `%connect`, `%chart`, `%rows`."""

from __future__ import annotations

import difflib
import re
import shlex
from dataclasses import dataclass

from mykernel.languages.sql import chart

HELP = (
    ("%chart", "MARK [FIELD=COLUMN]...", "show the result as a Vega-Lite chart, too"),
    ("%connect", "URL", "connect to another database"),
    ("%rows", "N", "show at most N rows of each result, 0 for all"),
)
NAMES = ("%chart", "%connect", "%rows")
_LINE = re.compile(r"\s*(%\S*)([^\n]*)(?:\n|\Z)")


@dataclass(slots=True)
class Directives:
    """What a cell's head says. length: of it, in code points.

    connect: what to connect to, None for no change. rows: to show, None for as ever.
    """

    length: int = 0
    connect: str | None = None
    chart: chart.Chart | None = None
    rows: int | None = None


def parse(code: str) -> Directives:
    """The cell's head. Raises ValueError with what there might be instead."""
    found = Directives()
    while line := _LINE.match(code, found.length):
        name, rest = line[1], line[2].strip()
        if name == "%connect":
            found.connect = rest
        elif name == "%chart":
            found.chart = chart.parse(shlex.split(rest))
        elif name == "%rows" and rest.isdecimal():
            found.rows = int(rest)
        elif name == "%rows":
            raise ValueError("%rows wants a number; 0 is for all")
        else:
            near = difflib.get_close_matches(name, NAMES, 1)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(NAMES)}"
            raise ValueError(f"there is no directive {name}; {hint}")
        found.length = line.end()
    return found
