"""End what a cell runs, gently at first, and say what was done."""

from __future__ import annotations

import asyncio
import signal

from mykernel.terminal import Terminal

# Seconds that each step has before the next one is taken.
_PATIENCE = 1.0


class Interruption:
    """What follows on ^C, when it does not end the cell: SIGINT, SIGTERM, SIGKILL, the child.

    Between two steps the cell may end by itself; `cancel` is called when it has.
    steps: what was done, as phrases for the user: "killed sleep (SIGTERM)".
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.steps: list[str] = []
        self._task = asyncio.get_running_loop().create_task(self._escalate())

    def cancel(self) -> None:
        """The cell has ended."""
        self._task.cancel()

    async def _escalate(self) -> None:
        # A process that is stopped takes no signal but this.
        self._terminal.foreground.send(signal.SIGCONT)
        await asyncio.sleep(_PATIENCE)
        self._terminal.foreground.send(signal.SIGINT)
        await asyncio.sleep(_PATIENCE)
        for number in (signal.SIGTERM, signal.SIGKILL):
            # The child itself is the last resort, since its state goes with it.
            if done := self._terminal.foreground.stop(number):
                self.steps.append(done)
            await asyncio.sleep(_PATIENCE)
        self.steps.append("it did not answer, and was ended")
        self._terminal.end()
