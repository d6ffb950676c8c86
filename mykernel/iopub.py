"""From what a cell writes to iopub messages: the output governor.

A client takes in some hundred messages a second (jupyter_server drops above 1,000, or
above 1 MB/s over 3 s). So text is gathered, and goes out once a tick; the first text
after a quiet time goes out at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mykernel.contract import StreamName

# Seconds between messages while a cell keeps writing.
TICK = 0.04
# Within a tick the order between stdout and stderr is kept for so many changes of stream.
_CHANGES = 20
# A message carries at most so many code points; what is longer is cut into several.
_MESSAGE = 1 << 20


class StreamGovernor:
    """A `mykernel.contract.CellOutput` that publishes streams in good time.

    publish: sends one `stream` message. Order within a stream is exact.
    """

    def __init__(self, publish: Callable[[StreamName, str], None]) -> None:
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._pending: list[tuple[StreamName, list[str]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._first: asyncio.Handle | None = None

    def text(self, name: StreamName, text: str) -> None:
        """Take text as it was written. Does not block."""
        self._add(name, text)
        if self._timer is None and self._first is None:
            # Behind the reads that are due now: both streams, and the rest of a burst.
            self._first = self._loop.call_soon(self._begin)

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
        pending, self._pending = self._pending, []
        for name, parts in pending:
            text = "".join(parts)
            for start in range(0, len(text), _MESSAGE):
                self._publish(name, text[start : start + _MESSAGE])

    def close(self) -> None:
        """Send what is pending and end the tick."""
        self.flush()
        for handle in (self._timer, self._first):
            if handle is not None:
                handle.cancel()
        self._timer = self._first = None
