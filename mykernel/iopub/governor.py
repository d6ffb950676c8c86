"""The output governor: what is sent when, so that no client drowns and nothing is lost.

A client takes in some hundred messages a second (jupyter_server drops above 1,000, or
above 1 MB/s over 3 s). So text is gathered, and goes out once a tick; the first text
after a quiet time goes out at once.
"""

from __future__ import annotations

import asyncio

from mykernel.contract import StreamName
from mykernel.iopub.shown import Publisher, Shown
from mykernel.iopub.spool import Spool

# Seconds between messages while a cell keeps writing.
TICK = 0.04
# Within a tick the order between stdout and stderr is kept for so many changes of stream.
_CHANGES = 20
# Code points that may wait to be sent before the child has to wait, too.
_MOST_PENDING = 1 << 22


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
        # Of what has been sent, so many code points have left the kernel for sure.
        self._confirmed = 0
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
        return self._shown.size - self._confirmed + self._pending_size > _MOST_PENDING

    async def drained(self) -> None:
        """Return when there is room again."""
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
        if self._pending:
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

    def close(self) -> None:
        """Send what is pending, end the tick, and begin anew with what may still come."""
        self.flush()
        for handle in (self._timer, self._first):
            if handle is not None:
                handle.cancel()
        self._timer = self._first = None
        if self._limit is not None and self._spool is not None:
            if rest := self._spool.close():
                self._shown.text("stderr", rest)
            self._spool = Spool(self._limit)
        self._shown.settle()
