"""The directives at a cell's head that are a language's own, such as `%rm`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_LINE = re.compile(r"[^\S\n]*(%\S*)([^\n]*)(?:\n|\Z)|[^\S\n]*\n")
_NOT_BLANK = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Line:
    """One of them. name: with its "%". argument: without blanks around it.

    name_end, end: places in the cell, in code points from 0; the newline is not within.
    """

    name: str
    argument: str
    name_end: int
    end: int


def parted(code: str, bodies: Collection[str] = ()) -> tuple[Sequence[Line], str]:
    """The directives, and the code with blanks in their place, so that all offsets stay.

    bodies: names below which no other directive can stand, since it would be a part of it.
    """
    lines: list[Line] = []
    at = end = 0
    while (found := _LINE.match(code, at)) and found.end() > at:
        at = found.end()
        if found[1]:
            end = found.end(2)
            lines.append(Line(found[1], found[2].strip(), found.end(1), end))
            if found[1] in bodies:
                break
    return lines, _NOT_BLANK.sub(" ", code[:end]) + code[end:]
