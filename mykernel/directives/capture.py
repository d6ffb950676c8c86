"""A cell's output that is kept and not shown."""

from __future__ import annotations

from mykernel.contract import CellOutput, ClearOutput, Shown, StreamName

# Of text and of displays' sizes: what comes when there is more is left out, and counted.
_MOST = 32_000_000


class Captured:
    """A `CellOutput`. asked: the cell's own output, by which the user is asked for input."""

    full = False

    def __init__(self, asked: CellOutput) -> None:
        self._asked = asked
        self._kept: list[tuple[StreamName, str] | Shown] = []
        self._size = self._left_out = 0

    def text(self, name: StreamName, text: str) -> None:
        """See the contract."""
        if self._takes(len(text)):
            self._kept.append((name, text))

    def display(self, shown: Shown) -> None:
        """See the contract."""
        if isinstance(shown, ClearOutput):
            self._kept.clear()
            self._size = self._left_out = 0
        elif self._takes(shown.size):
            self._kept.append(shown)

    def _takes(self, size: int) -> bool:
        fits = self._size + size <= _MOST
        self._size += size if fits else 0
        self._left_out += 0 if fits else size
        return fits

    def show(self, output: CellOutput) -> None:
        """Write all that was kept, in its order."""
        for one in self._kept:
            if isinstance(one, tuple):
                output.text(*one)
            else:
                output.display(one)
        if self._left_out:
            output.text("stderr", f"mykernel: {self._left_out} more characters were not kept\n")

    async def drained(self) -> None:
        """There is always room."""

    async def input(self, prompt: str, password: bool) -> str | None:
        """See the contract."""
        return await self._asked.input(prompt, password)

    def close(self) -> None:
        """Nothing was held back."""
