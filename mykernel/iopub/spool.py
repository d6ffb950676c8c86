"""Cut the middle out of a cell's text that is too long for a person, and keep all in a file."""

from __future__ import annotations

import os
import tempfile
from typing import IO

# Of what is cut, so many code points at the end are shown all the same.
_TAIL = 20_000
# A file grows to so many code points at most; a runaway program must not fill the disk.
_LARGEST_FILE = 1 << 30


class Spool:
    """Lets the first `limit` code points of a cell's text pass, and keeps the rest.

    The file is the user's own (0600), in the folder for temporary files.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._head: list[str] = []
        self._passed = 0
        self._tail = ""
        self._cut = 0
        self._written = 0
        self._file: IO[str] | None = None
        self._trouble = ""

    def pass_on(self, text: str) -> str:
        """What of the text is to be sent now."""
        room = self._limit - self._passed
        now, later = text[:room], text[room:]
        self._passed += len(now)
        if not self._trouble and self._file is None and now:
            self._head.append(now)
        if later:
            begins = self._file is None and not self._trouble
            self._keep(later)
            if begins:
                now += f"\n[mykernel: this is much output; {self._where('it goes to')}]\n"
        return now

    def _where(self, verb: str) -> str:
        return self._trouble or f"{verb} {self._path}"

    def _keep(self, text: str) -> None:
        if self._file is None and not self._trouble:
            self._open()
        self._write(text)
        whole = self._tail + text
        self._tail = whole[-_TAIL:]
        self._cut += len(whole) - len(self._tail)

    def _open(self) -> None:
        try:
            descriptor, self._path = tempfile.mkstemp(prefix="mykernel-output-", suffix=".txt")
            self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")
        except OSError as e:
            self._trouble = f"its middle cannot be kept in a file: {e}"
        head, self._head = "".join(self._head), []
        self._write(head)

    def _write(self, text: str) -> None:
        if self._file is None:
            return
        if self._written > _LARGEST_FILE:
            self._trouble = f"the first {_megabytes(_LARGEST_FILE)} are in {self._path}"
            return
        try:
            self._file.write(text)
            self._written += len(text)
        except OSError as e:
            self._trouble = f"the file {self._path} ends early: {e}"
            self._file = None

    def close(self) -> str:
        """The line that tells of the cut, and the end of the text; "" when nothing was cut."""
        if not self._tail:
            return ""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as e:
                self._trouble = f"the file {self._path} ends early: {e}"
        where = self._where("the whole of it is in")
        return f"\n[mykernel: {_megabytes(self._cut)} left out here; {where}]\n{self._tail}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} characters"
