"""Let the child wait while its output is full."""

from __future__ import annotations

import asyncio

from mykernel.contract import CellOutput
from mykernel.terminal import Terminal


class BackPressure:
    """Reads nothing from the terminal while an output is full; the child waits in its writes."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._waiting: asyncio.Task[None] | None = None

    def heed(self, output: CellOutput) -> None:
        """To be called when text was put into the output."""
        if output.full and self._waiting is None:
            self._terminal.pause()
            self._waiting = asyncio.get_running_loop().create_task(self._wait(output))

    async def _wait(self, output: CellOutput) -> None:
        await output.drained()
        self._waiting = None
        self._terminal.resume()

    def release(self) -> None:
        """Read on, however full the output is."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._terminal.resume()
