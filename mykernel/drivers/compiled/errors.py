"""What a compiler found wrong, shown with the lines of the cells that it is about."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from mykernel.contract import Failed
from mykernel.drivers.compiled.excerpts import RED, excerpt, excerpt_html, heading
from mykernel.drivers.compiled.sources import Place
from mykernel.drivers.failure import shorten

_RED, _BOLD, _OFF = "\x1b[31m", "\x1b[1m", "\x1b[0m"
# Errors that are shown with lines, and that are named by their place alone.
_SHOWN = 10
_NAMED = 3
# Code points of a message as HTML.
_LONGEST = 4000
_ERROR = f"margin: 0.5em 0; padding-left: 0.75em; border-left: 3px solid {RED}"
_MESSAGE = f"white-space: pre-wrap; color: {RED}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong. place: None where it is in no cell."""

    message: str
    place: Place | None = None


def failed(ename: str, found: Sequence[Diagnostic]) -> Failed:
    """The error of a cell that does not compile. found: at least one diagnostic."""
    head, *others = found
    where = "" if head.place is None else f"{_named(head.place)}: "
    evalue = f"{where}{head.message}{_more(others)}"
    more = f" (and {len(others)} more)" if others else ""
    lines = [f"{_RED}{_BOLD}{ename}{_OFF}: {head.message}{more}"]
    for one in found[:_SHOWN]:
        if one is not head:
            lines.append(f"{_RED}{one.message}{_OFF}")
        if one.place is not None:
            lines += excerpt(one.place)
    lines += _left_out(found)
    return Failed(ename, evalue, tuple(lines), _html(found))


def _more(others: Sequence[Diagnostic]) -> str:
    """How many more there are, and where the first of them."""
    if not others:
        return ""
    named = [_named(one.place) for one in others if one.place is not None]
    if len(named) > _NAMED:
        named[_NAMED:] = ["..."]
    return f" (and {len(others)} more{': ' if named else ''}{', '.join(named)})"


def _named(place: Place) -> str:
    column = f":{place.column}" if place.column else ""
    return f"{place.source.name}:{place.line}{column}"


def _left_out(found: Sequence[Diagnostic]) -> list[str]:
    return [f"... and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []


def _html(found: Sequence[Diagnostic]) -> str:
    shown = [f'<div style="{_ERROR}">{_one(one)}</div>' for one in found[:_SHOWN]]
    return "".join([*shown, *(f"<p>{html.escape(text)}</p>" for text in _left_out(found))])


def _one(one: Diagnostic) -> str:
    message = html.escape(shorten(one.message, _LONGEST))
    said = f'<span style="{_MESSAGE}">{message}</span>'
    if one.place is None:
        return f"<div>{said}</div>"
    return f"<div><b>{html.escape(heading(one.place))}</b>: {said}</div>{excerpt_html(one.place)}"
