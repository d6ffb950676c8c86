"""What a terminal shows of text that moves the cursor: progress bars, redrawn lists.

pyte does the work. Lines that scroll off the top are kept, so that a region may be longer
than the screen.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, cast

# Whatever makes plain text not enough: movement other than \r and \b, and erasure. Colours,
# "to column 1" and "erase to the end of the line" are told apart in `plain`.
_MOVES = re.compile("\x1b(?:\\[[0-9;:]*[A-HJKLMPSTXZ@`ad-fsur]|[78DEM])")
# What stands behind a carriage return or a backspace is written over what stood before it.
_OVERWRITES = re.compile("[^\r\n\b][\r\b]+[^\r\n\b]")
_TO_COLUMN_1 = re.compile("\x1b\\[[01]?[G`]")
# Erasing behind the cursor, on a line where it has not been moved back: nothing stands there.
# GNU grep does so after each colour.
_NEEDLESS = re.compile("(?m)^[^\r\x08\n]*$")
_ERASE = re.compile("\x1b\\[0?K")
_SGR = {"bold": "1", "italics": "3", "underscore": "4", "blink": "5", "reverse": "7"}
_SGR["strikethrough"] = "9"
_COLOURS = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")


def plain(text: str) -> str:
    """The text without sequences that a plain stream can do without."""
    if "\x1b" not in text:
        return text
    return _NEEDLESS.sub(_without_erasing, _TO_COLUMN_1.sub("\r", text))


def _without_erasing(line: re.Match[str]) -> str:
    rest = _ERASE.sub("", line.group())
    return line.group() if moves_cursor(rest) else rest


def moves_cursor(text: str) -> bool:
    """Whether a stream cannot show the text, and a screen is wanted."""
    return first_move(text) is not None


def first_move(text: str) -> int | None:
    """Where the cursor is moved first, as `moves_cursor` has it."""
    found = _MOVES.search(text) if "\x1b" in text else None
    return None if found is None else found.start()


def first_overwriting(text: str) -> int | None:
    r"""Where "\r" or "\b" first moves the cursor back over text; "\r\n" does not."""
    if "\r" not in text and "\b" not in text:
        return None
    found = _OVERWRITES.search(text)
    return None if found is None else found.start()


class Region:
    """A part of the output that is drawn as a terminal draws it.

    rows, columns: of the screen, in character cells. A line that is wrapped at its width
    takes several rows, over which the cursor moves; it is told as the one line that it is,
    since a notebook has a width of its own.
    """

    def __init__(self, rows: int, columns: int) -> None:
        import pyte  # here, since few cells want it

        settled: list[str] = []

        class Screen(pyte.Screen):
            drawing = False

            def draw(self, data: str) -> None:
                self.drawing = True
                super().draw(data)
                self.drawing = False

            def linefeed(self) -> None:
                # pyte draws no line feeds: it has come to the end of a row.
                if self.drawing:
                    cast(Any, self.buffer[self.cursor.y]).wrapped = True
                super().linefeed()

            def index(self) -> None:
                bottom = self.margins.bottom if self.margins else self.lines - 1
                if self.cursor.y == bottom and not (self.margins and self.margins.top):
                    settled.append(_row(self.buffer[0], self.columns))
                super().index()

        self._settled = settled
        self._screen = Screen(columns, rows)
        self._screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self._screen)
        self._since_move = 0

    def feed(self, text: str) -> None:
        """Draw text, cursor movements included."""
        rows = text.count("\n") + len(text) // self._screen.columns
        self._since_move = 0 if moves_cursor(text) else self._since_move + rows
        self._stream.feed(text)

    @property
    def left_behind(self) -> bool:
        """Whether nothing of what was redrawn can be reached any more: all has scrolled off."""
        lines, column = self._screen.lines, self._screen.cursor.x
        # Not within a line, unless it fills the screen.
        return self._since_move > (lines if column == 0 else 2 * lines)

    @property
    def scrolled_off(self) -> int:
        """Code points of the lines that have scrolled off the screen."""
        return sum(map(len, self._settled))

    def take_scrolled_off(self) -> str:
        """These lines, which `str` does not tell any more."""
        taken = "".join(self._settled)
        self._settled.clear()
        return taken

    def __str__(self) -> str:
        """All lines, with colours as SGR sequences, without the empty ones at the end."""
        screen = self._screen
        rows = [_row(screen.buffer[y], screen.columns) for y in range(screen.lines)]
        while rows and rows[-1] == "\n":
            rows.pop()
        return "".join([*self._settled, *rows])


def _row(cells: Any, columns: int) -> str:
    """One row's text, with the line's end unless the line goes on in the next row."""
    used = max((x for x in cells if x < columns and cells[x].data.strip()), default=-1)
    parts = []
    for codes, run in groupby((cells[x] for x in range(used + 1)), key=_codes):
        text = "".join(cell.data for cell in run)
        parts.append(f"\x1b[{codes}m{text}\x1b[0m" if codes else text)
    goes_on = used == columns - 1 and getattr(cells, "wrapped", False)
    return "".join(parts) if goes_on else "".join(parts) + "\n"


def _codes(cell: Any) -> str:
    codes = [code for name, code in _SGR.items() if getattr(cell, name)]
    for colour, base in ((cell.fg, 30), (cell.bg, 40)):
        name = colour.removeprefix("bright")
        if name in _COLOURS:
            bright = 60 if name != colour else 0
            codes.append(str(base + bright + _COLOURS.index(name)))
        elif re.fullmatch(r"[0-9a-f]{6}", colour):
            red, green, blue = bytes.fromhex(colour)
            codes.append(f"{base + 8};2;{red};{green};{blue}")
    return ";".join(codes)
