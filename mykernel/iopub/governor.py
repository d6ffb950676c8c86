"""The output governor: what is sent when, so that no client drowns and nothing is lost.

A client takes in some hundred messages a second (jupyter_server drops above 1,000, or
above 1 MB/s over 3 s). So text is gathered, and goes out once a tick; the first text
after a quiet time goes out at once.
"""

from __future__ import annotations

import asyncio

from mykernel.contract import ClearOutput, Display, StreamName
from mykernel.contract import Shown as Displayed
from mykernel.iopub.shown import Publisher, Shown
from mykernel.iopub.spool import Spool

# Seconds between messages while a cell keeps writing.
TICK = 0.04
# Within a tick the order between stdout and stderr is kept for so many changes of stream.
_CHANGES = 20
# Code points that may wait to be sent before the child has to wait, too.
_MOST_PENDING = 1 << 22
# Displays that go out within a tick; a program that shows more has to wait for the next one.
_DISPLAYS = 20


class StreamGovernor:
    """Takes what a cell writes, and publishes it in good time. Order within a stream is exact.

    rows, columns: of the screen for text that moves the cursor, in character cells.
    limit: code points of a cell's text beyond which its middle goes to a file; None for
    no limit.
    kept_as_sent: as in `Shown`.
    """

    def __init__(
        self,
        publisher: Publisher,
        rows: int,
        columns: int,
        limit: int | None = None,
        kept_as_sent: bool = False,
    ) -> None:
        self._publisher = publisher
        self._shown = Shown(publisher, rows, columns, kept_as_sent)
        self._loop = asyncio.get_running_loop()
        self._pending: list[tuple[StreamName, list[str]]] = []
        self._pending_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._first: asyncio.Handle | None = None
        self._limit = limit
        # By display_id, to go out with the tick: of several updates of one display the last.
        self._updates: dict[str, Display] = {}
        self._displays = 0
        self._next_tick = asyncio.Event()
        # Of what has been sent, so many code points have left the kernel for sure.
        self._confirmed = 0
        self._spool = Spool(limit) if limit is not None else None

    def text(self, name: StreamName, text: str) -> None:
        """Take text as it was written. Does not block; heed `full`."""
        self._add(name, text)
        self._due(len(text))

    def display(self, shown: Displayed) -> None:
        """Take a display, or have the output cleared; see the contract. Does not block."""
        if isinstance(shown, Display) and shown.kind == "update_display_data":
            if replaced := self._updates.pop(shown.display_id, None):
                self._pending_size -= replaced.size
            self._updates[shown.display_id] = shown
            self._due(shown.size)
            return
        self.flush()
        if isinstance(shown, ClearOutput):
            self._shown.clear(shown.wait)
        else:
            self._shown.display(shown)
        self._displays += 1
        self._next_tick.clear()
        self._due(0)

    def _due(self, size: int) -> None:
        """So much is to be sent, at once or with the tick."""
        self._pending_size += size
        if self._timer is None and self._first is None:
            # Behind the reads that are due now: both streams, and the rest of a burst.
            self._first = self._loop.call_soon(self._begin)
        elif self._pending_size > _MOST_PENDING // 4:
            self.flush()

    @property
    def full(self) -> bool:
        """Whether the writer should wait for `drained` before it writes on."""
        size = self._shown.size - self._confirmed + self._pending_size
        return size > _MOST_PENDING or self._displays > _DISPLAYS

    async def drained(self) -> None:
        """Return when there is room again."""
        if self._displays > _DISPLAYS:
            await self._next_tick.wait()
        self.flush()
        sent = self._shown.size
        await self._publisher.drained()
        self._confirmed = sent

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
        busy = self._pending or self._updates or self._displays
        self._displays = 0
        self._next_tick.set()
        if busy:
            self._begin()

    def flush(self) -> None:
        """Send what is pending now, as at a cell's end."""
        pending, self._pending, self._pending_size = self._pending, [], 0
        for name, parts in pending:
            text = "".join(parts)
            if self._spool is not None:
                text = self._spool.pass_on(text)
            if text:
                self._shown.text(name, text)
        if pending:
            self._shown.draw()
        updates, self._updates = self._updates, {}
        for update in updates.values():
            self._shown.display(update)

    def close(self) -> None:
        """Send what is pending, end the tick, and begin anew with what may still come."""
        self.flush()
        for handle in (self._timer, self._first):
            if handle is not None:
                handle.cancel()
        self._timer = self._first = None
        self._displays = 0
        self._next_tick.set()
        if self._limit is not None and self._spool is not None:
            if rest := self._spool.close():
                self._shown.text("stderr", rest)
            self._spool = Spool(self._limit)
        self._shown.settle()
