"""The time that a cell may take: when it is over, the cell is interrupted and ends as an error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from mykernel.contract import Died, Failed

T = TypeVar("T")

# Seconds until a work that still runs is interrupted once more. Longer than a driver takes for
# all it can do to end it.
_AGAIN = 10.0
_ENAME = "CellTimeoutError"


class CellClock:
    """Limits one cell, or what else a session does, to so many seconds; 0 for no limit.

    interrupt: asks for the end of what runs, and does not block.
    """

    def __init__(self, seconds: float, interrupt: Callable[[], None]) -> None:
        self._seconds = self._left = seconds
        self._interrupt = interrupt
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._expired = self._over = False

    async def limit(self, work: Awaitable[T]) -> T | Failed | Died:
        """Wait for the work; what has run into the limit is an error, however it ended."""
        self._start()
        try:
            result = await work
        finally:
            # A question that is given up with the cell ends only later.
            self._over = True
            self._stop()
        return _timed_out(result, self._seconds) if self._expired else result

    async def uncounted(self, question: Awaitable[T]) -> T:
        """Wait for the user; the clock stands still."""
        self._stop()
        try:
            return await question
        finally:
            self._start()

    def _start(self) -> None:
        if self._seconds and not self._over:
            self._began = self._loop.time()
            self._timer = self._loop.call_later(self._left, self._expire)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._left = max(0.0, self._left - (self._loop.time() - self._began))

    def _expire(self) -> None:
        self._expired = True
        self._left = _AGAIN
        self._start()
        self._interrupt()


def _timed_out(result: object, seconds: float) -> Failed | Died:
    limit = f"the cell took more than {seconds:g} s, the limit set by --cell-timeout"
    if not isinstance(result, (Failed, Died)):
        what = f"{limit}; interrupted; it then ended by itself, and its state is kept"
        return Failed(_ENAME, what, (f"{_ENAME}: {what}",))
    what = f"{limit}; {result.evalue}"
    # The first line repeats the name and the value; below it is where the cell was.
    return replace(
        result, ename=_ENAME, evalue=what, traceback=(f"{_ENAME}: {what}", *result.traceback[1:])
    )
