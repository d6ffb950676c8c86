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
# Within a tick the order between stdout, stderr and updates is kept for so many changes of these.
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
        # Text, and updates of displays, in order; of several updates of one display the last.
        self._pending: list[tuple[StreamName, list[str]] | Display] = []
        # The updates among them, by display_id.
        self._updates: dict[str, Display] = {}
        self._pending_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._first: asyncio.Handle | None = None
        self._limit = limit
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
            self._update(shown)
            return
        self.flush()
        if isinstance(shown, ClearOutput):
            self._shown.clear(shown.wait)
        else:
            self._shown.display(shown)
        self._displays += 1
        self._next_tick.clear()
        self._due(0)

    def _update(self, update: Display) -> None:
        """Have it go out with the tick, in place of an earlier one."""
        if replaced := self._updates.get(update.display_id):
            self._pending_size -= replaced.size
            self._take_back(replaced)
        self._updates[update.display_id] = update
        self._pending.append(update)
        self._due(update.size)

    def _take_back(self, update: Display) -> None:
        at = self._pending.index(update)
        del self._pending[at]
        before, behind = self._pending[max(0, at - 1) : at], self._pending[at : at + 1]
        match before, behind:
            case [(name, parts)], [(other, more)] if name == other:
                parts += more
                del self._pending[at]

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
        near = -1 if len(self._pending) < _CHANGES else 0
        for part in reversed(self._pending[near:]):
            if not isinstance(part, Display) and part[0] == name:
                part[1].append(text)
                return
        self._pending.append((name, [text]))

    def _begin(self) -> None:
        self._first = None
        self.flush()
        self._timer = self._loop.call_later(TICK, self._tick)

    def _tick(self) -> None:
        self._timer = None
        busy = self._pending or self._displays
        self._displays = 0
        self._next_tick.set()
        if busy:
            self._begin()

    def flush(self) -> None:
        """Send what is pending now, as at a cell's end."""
        pending, self._pending, self._pending_size = self._pending, [], 0
        self._updates = {}
        undrawn = False
        for part in pending:
            if isinstance(part, Display):
                if undrawn:
                    self._shown.draw()
                self._shown.display(part)
                undrawn = False
            else:
                name, parts = part
                self._send(name, "".join(parts))
                undrawn = True
        if undrawn:
            self._shown.draw()

    def _send(self, name: StreamName, text: str) -> None:
        if self._spool is not None:
            text = self._spool.pass_on(text)
        if text:
            self._shown.text(name, text)

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
