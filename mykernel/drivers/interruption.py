"""End what a cell runs, gently at first, and say what was done."""

from __future__ import annotations

import asyncio
import signal

from mykernel.terminal import Terminal

# Seconds that each step has before the next one is taken.
_PATIENCE = 1.0
# The same for a child that ends at a second ^C, and that nothing but the first can spare.
_LONGER = 10.0


class Interruption:
    """What follows on ^C, when it does not end the cell: SIGINT, SIGTERM, SIGKILL, the child.

    Between two steps the cell may end by itself; `cancel` is called when it has.
    once: whether the child ends at a second ^C.
    steps: what was done, as phrases for the user: "killed sleep (SIGTERM)".
    """

    def __init__(self, terminal: Terminal, once: bool = False) -> None:
        self._terminal = terminal
        self._once = once
        self.steps: list[str] = []
        self._task = asyncio.get_running_loop().create_task(self._escalate())

    def cancel(self) -> None:
        """The cell has ended."""
        self._task.cancel()

    async def _escalate(self) -> None:
        # A process that is stopped takes no signal but this.
        self._terminal.foreground.send(signal.SIGCONT)
        await asyncio.sleep(_LONGER if self._once else _PATIENCE)
        if not self._once:
            self._terminal.foreground.send(signal.SIGINT)
            await asyncio.sleep(_PATIENCE)
        for number in (signal.SIGTERM, signal.SIGKILL):
            # The child itself is the last resort, since its state goes with it.
            if done := self._terminal.foreground.stop(number):
                self.steps.append(done)
            await asyncio.sleep(_PATIENCE)
        self.steps.append("it did not answer, and was ended")
        self._terminal.end()
