"""The lines of a cell around a place in it, with the place marked: plain, and as HTML."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from mykernel.drivers.compiled.sources import Place

_GREEN, _OFF = "\x1b[32m", "\x1b[0m"
# Lines shown before and after the one that is meant.
_AROUND = 2
# Code points of a line that are shown, so many of them before a column, and what stands for the
# others. A front end shows some hundred without scrolling.
_WIDEST, _BEFORE = 100, 60
_CUT = "..."
# What is marked from a column on: a word, a text, or one other character.
_PIECE = re.compile(r'\w+|"[^"]*"|\S|\Z')
# Controls would move what stands behind them, and the caret below.
_VISIBLE = {code: 0x2400 + code for code in range(32) if code != ord("\t")}
_VISIBLE |= {0x7F: 0x2421, **dict.fromkeys(range(0x80, 0xA0), 0xFFFD)}
# Themes of JupyterLab and of pages by nbconvert, VS Code, and all else, dark or light.
RED = "var(--jp-error-color1, var(--vscode-errorForeground, #d9453d))"
_PRE = (
    "margin: 0; padding: 0; overflow-x: auto; white-space: pre; tab-size: 4;"
    " color: inherit; background: none"
)
_MARKED = f"text-decoration: underline; color: {RED}"


@dataclass(frozen=True, slots=True)
class _Row:
    """A line, in three parts. marked: what the place is about. meant: whether it is that line."""

    number: int
    before: str
    marked: str = ""
    after: str = ""
    meant: bool = False


def excerpt(place: Place) -> list[str]:
    """The line, the ones around it, and a caret below its column, where that is known."""
    rows = list(_rows(place))
    width = len(str(rows[-1].number))
    shown = [f"{_GREEN}{heading(place)}{_OFF}"]
    for row in rows:
        text = f"{row.before}{row.marked}{row.after}"
        if row.meant:
            shown.append(f"{_GREEN}----> {row.number:>{width}}{_OFF} {text}")
            if place.column:
                shown.append(" " * (7 + width) + _blank(row.before) + "^")
        else:
            shown.append(f"      {row.number:>{width}} {text}")
    return shown


def excerpt_html(place: Place) -> str:
    """The same, without its first line, as an element that is read without its styles, too."""
    rows = list(_rows(place))
    width = len(str(rows[-1].number))
    shown = []
    for row in rows:
        arrow = f'<b style="color: {RED}">----&gt;</b>' if row.meant else " " * 5
        marked = html.escape(row.marked)
        if row.meant and place.column:
            marked = f'<span style="{_MARKED}">{marked}</span>'
        number = f'<span style="opacity: 0.6">{row.number:>{width}}</span>'
        shown.append(f"{arrow} {number} {html.escape(row.before)}{marked}{html.escape(row.after)}")
        if row.meant and place.column:
            caret = f'<b style="color: {RED}">^</b>'
            shown.append(" " * (7 + width) + _blank(row.before) + caret)
    return f'<pre style="{_PRE}">{chr(10).join(shown)}</pre>'


def heading(place: Place) -> str:
    """Where that is, in words."""
    return f"{place.source.name}, line {place.line}"


def _rows(place: Place) -> Iterator[_Row]:
    lines = place.source.code.split("\n")
    # A compiler may speak of the line behind the last one.
    lines.append("")
    meant = max(1, min(place.line, len(lines)))
    last = max(meant, min(meant + _AROUND, len(lines) - 1))
    for number in range(max(1, meant - _AROUND), last + 1):
        text = lines[number - 1].removesuffix("\r")
        if number == meant:
            yield _marked(text, place.column, number)
        else:
            yield _Row(number, _visible(text[:_WIDEST]) + _CUT * (len(text) > _WIDEST))


def _marked(text: str, column: int, number: int) -> _Row:
    """The line that is meant; of a long one what is near the column (from 1, in bytes)."""
    at = len(text.encode("utf-8", "surrogatepass")[: max(column - 1, 0)].decode("utf-8", "ignore"))
    start, end = 0, len(text)
    if end > _WIDEST:
        start = max(0, min(at - _BEFORE, end - _WIDEST))
        end = start + _WIDEST
    found = _PIECE.match(text, at, end)
    behind = found.end() if found else at
    return _Row(
        number,
        _CUT * (start > 0) + _visible(text[start:at]),
        _visible(text[at:behind]),
        _visible(text[behind:end]) + _CUT * (end < len(text)),
        meant=True,
    )


def _visible(text: str) -> str:
    return text.translate(_VISIBLE)


def _blank(text: str) -> str:
    """As wide as the text: tabs stay tabs, and a wide character has a wide blank."""
    return "".join(_blank_character(character) for character in text)


def _blank_character(character: str) -> str:
    if character == "\t":
        return character
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    return "\u3000" if unicodedata.east_asian_width(character) in "WF" else " "
