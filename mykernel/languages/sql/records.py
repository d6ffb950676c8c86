"""Rows as they come from a database's program, read no further than they are shown.

The program writes them into a named pipe. What is beyond the limit is counted and let go,
so that memory stays flat, and a program that writes faster than it is read has to wait.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

Value = str | int | float | bytes | None

_READ_SIZE = 1 << 16
# Reads before others on the event loop get their turn.
_READS = 16
# Bytes of rows that are kept at most, and of the end, where the program adds what it did.
_MOST = 1 << 24
_TAIL = 1 << 12

_CSV = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^,"\n]*))(,|\n)')
_LITERAL = re.compile(
    r"(?:(?:unistr\()?'([^']*(?:''[^']*)*)'\)?|([^,'\n]*)('[0-9A-Fa-f]*')?)(,|\n)"
)
_UNISTR = re.compile(r"\\(?:\\|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\+([0-9A-Fa-f]{6}))")


@dataclass(frozen=True, slots=True)
class Wire:
    """The form of rows. quote: the character around values that may hold a newline."""

    literals: bool

    @property
    def quote(self) -> bytes:
        return b"'" if self.literals else b'"'


@dataclass(frozen=True, slots=True)
class Records:
    """names: of the columns. rows: as many as were kept. count: of rows that there were."""

    names: Sequence[str]
    rows: Sequence[Sequence[Value]]
    count: int


class RowReader:
    """Reads one result from a named pipe, from before it is written to its end.

    limit: rows to keep, 0 for all.
    """

    def __init__(self, pipe: Path, wire: Wire, limit: int) -> None:
        self._wire = wire
        # The names are a record, too.
        self._limit = limit + 1 if limit else 0
        self._kept: list[bytes] = []
        self._kept_size = 0
        self._newlines = 0
        self._quoted = False
        self._tail = b""
        self._loop = asyncio.get_running_loop()
        self._fd = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self._loop.add_reader(self._fd, self._readable)

    def close(self) -> None:
        """Take what is left. Called when the program has closed its end."""
        self._loop.remove_reader(self._fd)
        with suppress(BlockingIOError):
            while chunk := os.read(self._fd, _READ_SIZE):
                self._feed(chunk)
        os.close(self._fd)

    def _readable(self) -> None:
        with suppress(BlockingIOError):
            for _ in range(_READS):
                chunk = os.read(self._fd, _READ_SIZE)
                if not chunk:
                    # Hung up: a result is written by who opens the pipe once.
                    self._loop.remove_reader(self._fd)
                    return
                self._feed(chunk)

    def _feed(self, chunk: bytes) -> None:
        wants_more = not self._limit or self._newlines < self._limit
        if wants_more and self._kept_size < _MOST:
            self._kept.append(chunk)
            self._kept_size += len(chunk)
        # Quotes are doubled within quotes, so that every second part stands outside.
        parts = chunk.split(self._wire.quote)
        self._newlines += sum(part.count(b"\n") for part in parts[self._quoted :: 2])
        self._quoted ^= len(parts) % 2 == 0
        self._tail = (self._tail + chunk)[-_TAIL:]

    def last_lines(self) -> list[str]:
        """The lines at the end, the last one first."""
        return self._tail.decode("utf-8", "replace").removesuffix("\n").split("\n")[::-1]

    def text(self) -> str:
        """All that was kept, for what is no table."""
        return b"".join(self._kept).decode("utf-8", "replace")

    def records(self, null: str, trailing: int = 0) -> Records:
        """The table. trailing: lines at the end that are not rows."""
        count = max(self._newlines - trailing - 1, 0)
        wanted = min(count, self._limit - 1) if self._limit else count
        found = _records(self.text(), self._wire, null)
        names = [str(name) for name in next(found, [])] if self._newlines > trailing else []
        rows = [row for row, _ in zip(found, range(wanted), strict=False)]
        return Records(names, rows, count)


def _records(text: str, wire: Wire, null: str) -> Iterator[list[Value]]:
    pattern, at, row = _LITERAL if wire.literals else _CSV, 0, list[Value]()
    while found := pattern.match(text, at):
        if wire.literals:
            row.append(_literal(found))
        else:
            quoted, bare = found[1], found[2]
            value = bare if quoted is None else quoted.replace('""', '"')
            row.append(None if value == null else value)
        at = found.end()
        if found[found.lastindex or 0] == "\n":
            yield row
            row = []


def _literal(found: re.Match[str]) -> Value:
    text, bare, blob = found[1], found[2], found[3]
    if text is not None:
        text = text.replace("''", "'")
        return _UNISTR.sub(_unescaped, text) if found[0].startswith("unistr(") else text
    if blob is not None:
        return bytes.fromhex(blob[1:-1])
    if bare == "NULL":
        return None
    try:
        return int(bare)
    except ValueError:
        pass
    try:
        return float(bare)
    except ValueError:
        return bare


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    return chr(int(digits, 16)) if digits else "\\"
