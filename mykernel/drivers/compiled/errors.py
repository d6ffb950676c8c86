"""What a compiler found wrong, shown with the lines of the cells that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mykernel.contract import Failed
from mykernel.drivers.compiled.sources import Place

_RED, _GREEN, _BOLD, _OFF = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
# Lines shown before and after the one that is wrong, and errors that are shown with lines.
_AROUND = 2
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong. place: None where it is in no cell."""

    message: str
    place: Place | None = None


def failed(ename: str, found: Sequence[Diagnostic]) -> Failed:
    """The error of a cell that does not compile. found: at least one diagnostic."""
    head = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    evalue = f"{_where(head.place)}{head.message}{more}"
    lines = [f"{_RED}{_BOLD}{ename}{_OFF}: {head.message}{more}"]
    for one in found[:_SHOWN]:
        if one is not head:
            lines.append(f"{_RED}{one.message}{_OFF}")
        if one.place is not None:
            lines += excerpt(one.place)
    return Failed(ename, evalue, tuple(lines))


def _where(place: Place | None) -> str:
    if place is None:
        return ""
    column = f":{place.column}" if place.column else ""
    return f"{place.source.name}:{place.line}{column}: "


def excerpt(place: Place) -> list[str]:
    """The line, the ones around it, and a caret below its column, where that is known."""
    lines = place.source.code.split("\n")
    shown = [f"{_GREEN}{place.source.name}, line {place.line}{_OFF}"]
    last = min(place.line + _AROUND, len(lines))
    width = len(str(last))
    for number in range(max(1, place.line - _AROUND), last + 1):
        text = lines[number - 1]
        if number == place.line:
            shown.append(f"{_GREEN}----> {number:>{width}}{_OFF} {text}")
            if place.column:
                shown.append(" " * (7 + width) + _before_caret(text, place.column) + "^")
        else:
            shown.append(f"      {number:>{width}} {text}")
    return shown


def _before_caret(text: str, column: int) -> str:
    """As wide as what stands before that column (from 1, in bytes): tabs stay tabs."""
    before = text.encode("utf-8", "surrogatepass")[: column - 1].decode("utf-8", "replace")
    return "".join("\t" if character == "\t" else " " for character in before)
