"""Who is asked when a launcher wants a password before the first cell can run."""

from __future__ import annotations

import asyncio

from mykernel.contract import CellOutput, Shown, StreamName


class StartQuestions:
    """A `CellOutput` whose questions wait for a cell, since only a cell's front end is asked."""

    full = False

    def __init__(self) -> None:
        self._cell: asyncio.Future[CellOutput] | None = None

    def put_to(self, output: CellOutput | None) -> None:
        """From here on the questions are that cell's; None when it has ended."""
        if self._cell is None or self._cell.done():
            self._cell = None
        if output is not None:
            self._waited().set_result(output)

    def text(self, name: StreamName, text: str) -> None:
        """What is said at the start is shown when it fails."""

    def display(self, shown: Shown) -> None:
        """Nothing is displayed at the start."""

    async def drained(self) -> None:
        """There is always room."""

    async def input(self, prompt: str, password: bool) -> str | None:
        """What the user types, once there is a cell; see the contract."""
        output = await asyncio.shield(self._waited())
        return await output.input(prompt, password)

    def close(self) -> None:
        """Nothing was held back."""

    def _waited(self) -> asyncio.Future[CellOutput]:
        if self._cell is None:
            self._cell = asyncio.get_running_loop().create_future()
        return self._cell
