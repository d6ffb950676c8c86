"""Outputs that stand between a child and a cell's own output."""

from __future__ import annotations

from mykernel.contract import CellOutput, NobodyThere, Shown, StreamName

# Code points.
_SAID = 4000


class NamedCells:
    """Lets messages speak of In[3], not of the private folder that the cell's file lies in."""

    def __init__(self, folder: str, output: CellOutput) -> None:
        self._folder = folder
        self._output = output
        # The last of what was said.
        self.said = ""
        self._held: dict[StreamName, str] = {"stdout": "", "stderr": ""}

    def text(self, name: StreamName, text: str) -> None:
        text = (self._held[name] + text).replace(self._folder, "")
        # The beginning of a path at the text's end waits for the rest of it.
        longest = min(len(self._folder) - 1, len(text))
        lengths = (n for n in range(longest, 0, -1) if self._folder.startswith(text[-n:]))
        cut = len(text) - next(lengths, 0)
        self._held[name] = text[cut:]
        if cut:
            self.said = (self.said + text[:cut])[-_SAID:]
            self._output.text(name, text[:cut])

    def display(self, shown: Shown) -> None:
        """It comes behind all text that was written before."""
        self.flush()
        self._output.display(shown)

    @property
    def full(self) -> bool:
        return self._output.full

    async def drained(self) -> None:
        await self._output.drained()

    async def input(self, prompt: str, password: bool) -> str | None:
        """See the contract."""
        self.flush()
        return await self._output.input(prompt, password)

    def close(self) -> None:
        """See the contract."""
        self.flush()
        self._output.close()

    def flush(self) -> None:
        """Nothing more comes of what looked like the beginning of a path."""
        for name, held in self._held.items():
            self._held[name] = ""
            if held:
                self._output.text(name, held)


class Unseen:
    """A `CellOutput` for what is not to be seen."""

    full = False

    def text(self, name: StreamName, text: str) -> None:
        """It goes nowhere."""

    def display(self, shown: Shown) -> None:
        """It goes nowhere."""

    async def drained(self) -> None:
        """There is always room."""

    async def input(self, _prompt: str, _password: bool) -> str | None:
        """Nobody is asked."""
        raise NobodyThere

    def close(self) -> None:
        """Nothing was held back."""
