"""The output governor: what is sent when, so that no client drowns and nothing is lost.

A client takes in some hundred messages a second (jupyter_server drops above 1,000, or
above 1 MB/s over 3 s). So text is gathered, and goes out once a tick; the first text
after a quiet time goes out at once. Text that moves the cursor is drawn by a terminal
emulator, and shown as one display that is updated.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Protocol

from mykernel.contract import StreamName
from mykernel.iopub.overwritten import without_overwritten
from mykernel.iopub.spool import Spool
from mykernel.terminal.screen import Region, moves_cursor, plain

# Seconds between messages while a cell keeps writing.
TICK = 0.04
# Within a tick the order between stdout and stderr is kept for so many changes of stream.
_CHANGES = 20
# A message carries at most so many code points; what is longer is cut into several.
_MESSAGE = 1 << 18
# Code points that may wait to be sent before the child has to wait, too.
_MOST_PENDING = 1 << 22
# So much of a cell's text is remembered, to be drawn anew when the cursor moves into it.
_REMEMBERED = 1 << 18


class Publisher(Protocol):
    """Sends iopub messages of one cell. Calls do not block."""

    def stream(self, name: StreamName, text: str) -> None: ...

    def display(self, text: str, display_id: str, update: bool) -> None:
        """`display_data`, or `update_display_data`, with text/plain."""

    def clear(self) -> None:
        """`clear_output` before the next output."""

    async def drained(self) -> None:
        """Return when what was sent has left the kernel."""


class StreamGovernor:
    """Takes what a cell writes, and publishes it in good time. Order within a stream is exact.

    rows, columns: of the screen for text that moves the cursor, in character cells.
    limit: code points of a cell's text beyond which its middle goes to a file; None for
    no limit.
    """

    def __init__(
        self, publisher: Publisher, rows: int, columns: int, limit: int | None = None
    ) -> None:
        self._publisher = publisher
        self._size = rows, columns
        self._loop = asyncio.get_running_loop()
        self._pending: list[tuple[StreamName, list[str]]] = []
        self._pending_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._first: asyncio.Handle | None = None
        # What has been sent, as long as it is not too much; then None.
        self._sent: list[tuple[StreamName, str]] | None = []
        self._sent_size = 0
        self._unconfirmed = 0
        self._region: Region | None = None
        self._display_id = ""
        self._limit = limit
        self._spool = Spool(limit) if limit is not None else None

    def text(self, name: StreamName, text: str) -> None:
        """Take text as it was written. Does not block; heed `full`."""
        self._add(name, text)
        self._pending_size += len(text)
        if self._timer is None and self._first is None:
            # Behind the reads that are due now: both streams, and the rest of a burst.
            self._first = self._loop.call_soon(self._begin)
        elif self._pending_size > _MOST_PENDING // 4:
            self.flush()

    @property
    def full(self) -> bool:
        """Whether the writer should wait for `drained` before it writes on."""
        return self._unconfirmed + self._pending_size > _MOST_PENDING

    async def drained(self) -> None:
        """Return when there is room again."""
        self.flush()
        await self._publisher.drained()
        self._unconfirmed = 0

    def _add(self, name: StreamName, text: str) -> None:
        if self._pending and self._pending[-1][0] == name:
            self._pending[-1][1].append(text)
            return
        if len(self._pending) >= _CHANGES:
            for pending_name, parts in reversed(self._pending):
                if pending_name == name:
                    parts.append(text)
                    return
        self._pending.append((name, [text]))

    def _begin(self) -> None:
        self._first = None
        self.flush()
        self._timer = self._loop.call_later(TICK, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._pending:
            self._begin()

    def flush(self) -> None:
        """Send what is pending now, as at a cell's end."""
        pending, self._pending, self._pending_size = self._pending, [], 0
        for name, parts in pending:
            text = plain("".join(parts))
            if self._spool is not None:
                text = self._spool.pass_on(text)
            if text:
                self._show(name, text)
        if pending and self._region is not None:
            self._draw(self._region)

    def close(self) -> None:
        """Send what is pending, end the tick, and begin anew with what may still come."""
        self.flush()
        for handle in (self._timer, self._first):
            if handle is not None:
                handle.cancel()
        self._timer = self._first = None
        if self._limit is not None and self._spool is not None:
            if rest := self._spool.close():
                self._send("stderr", rest)
            self._spool = Spool(self._limit)

    def _show(self, name: StreamName, text: str) -> None:
        if self._region is not None:
            self._region.feed(text)
        elif moves_cursor(text):
            self._region = self._begin_region(text)
        else:
            self._send(name, without_overwritten(text))

    def _send(self, name: StreamName, text: str) -> None:
        for start in range(0, len(text), _MESSAGE):
            self._publisher.stream(name, text[start : start + _MESSAGE])
        self._unconfirmed += len(text)
        if self._sent is not None:
            self._sent.append((name, text))
            self._sent_size += len(text)
            if self._sent_size > _REMEMBERED:
                self._sent = None

    # Text that moves the cursor

    def _begin_region(self, text: str) -> Region:
        """Draw on from the lines that the cursor may reach, which so far were plain text."""
        rows, columns = self._size
        region = Region(rows, columns)
        self._display_id = uuid.uuid4().hex
        if sent := self._sent:
            above, reachable = _last_lines(sent, rows)
            self._sent = []
            self._publisher.clear()
            for name, part in above:
                self._send(name, part)
            region.feed(reachable)
        region.feed(text)
        self._publisher.display(str(region), self._display_id, update=False)
        return region

    def _draw(self, region: Region) -> None:
        shown = str(region)
        self._publisher.display(shown, self._display_id, update=True)
        self._unconfirmed += len(shown)
        if region.left_behind:
            # Nothing in it can change any more, and what follows may be plain again.
            self._region = None
            self._sent = None


def _last_lines(
    sent: list[tuple[StreamName, str]], count: int
) -> tuple[list[tuple[StreamName, str]], str]:
    """Split off the last lines: what stands above them, and their text."""
    above, reachable = list(sent), ""
    while above and reachable.count("\n") < count:
        name, text = above.pop()
        lines = text.splitlines(keepends=True)
        keep = max(0, len(lines) - (count - reachable.count("\n")))
        reachable = "".join(lines[keep:]) + reachable
        if keep:
            above.append((name, "".join(lines[:keep])))
            break
    return above, reachable
