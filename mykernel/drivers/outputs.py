"""Outputs that stand between a child and a cell's own output."""

from __future__ import annotations

from collections.abc import Collection

from mykernel.contract import CellOutput, Display, NobodyThere, Shown, StreamName

# Code points.
_SAID = 4000


class Passing:
    """A `CellOutput` that passes all on to another; what is derived from it changes the text."""

    def __init__(self, output: CellOutput) -> None:
        self._output = output

    def text(self, name: StreamName, text: str) -> None:
        """See the contract."""
        self._output.text(name, text)

    def flush(self) -> None:
        """Pass on what was held back; nothing more comes of it."""

    def display(self, shown: Shown) -> None:
        """It comes behind all text that was written before."""
        self.flush()
        self._output.display(shown)

    @property
    def full(self) -> bool:
        """See the contract."""
        return self._output.full

    async def drained(self) -> None:
        """See the contract."""
        await self._output.drained()

    async def input(self, prompt: str, password: bool) -> str | None:
        """See the contract."""
        self.flush()
        return await self._output.input(prompt, password)

    def close(self) -> None:
        """See the contract."""
        self.flush()
        self._output.close()


class NamedCells(Passing):
    """Lets messages speak of In[3], not of the private folder that the cell's file lies in.

    streams: those on which messages come; the others pass unchanged.
    """

    def __init__(
        self,
        folder: str,
        output: CellOutput,
        streams: Collection[StreamName] = ("stdout", "stderr"),
    ) -> None:
        super().__init__(output)
        self._folder = folder
        # The last of what was said.
        self.said = ""
        self._held: dict[StreamName, str] = dict.fromkeys(streams, "")

    def text(self, name: StreamName, text: str) -> None:
        if name not in self._held:
            self._output.text(name, text)
            return
        text = self.cleaned((self._held[name] + text).replace(self._folder, ""))
        # The beginning of a path at the text's end waits for the rest of it.
        longest = min(len(self._folder) - 1, len(text))
        lengths = (n for n in range(longest, 0, -1) if self._folder.startswith(text[-n:]))
        cut = len(text) - next(lengths, 0)
        self._held[name] = text[cut:]
        if cut:
            self.said = (self.said + text[:cut])[-_SAID:]
            self._output.text(name, text[:cut])

    def cleaned(self, text: str) -> str:
        """The text without what else is not for the user."""
        return text

    def flush(self) -> None:
        for name, held in self._held.items():
            self._held[name] = ""
            if held:
                self._output.text(name, held)


class WithoutFailure(Passing):
    """Holds back what a REPL says of a failure on stderr, until it is known whether it is one.

    begins: how a line begins with which it does. warning: what such a line holds if it is none.
    """

    def __init__(self, output: CellOutput, begins: Collection[str], warning: str) -> None:
        super().__init__(output)
        self._begins = begins
        self._warning = warning
        # Whether the next character on stderr is the first of a line.
        self._fresh = True
        # From a line on that begins so, or that may yet turn out to, and empty lines before it.
        self._held = ""

    def text(self, name: StreamName, text: str) -> None:
        if name != "stderr" or not self._begins:
            self._output.text(name, text)
            return
        text, self._held = self._held + text, ""
        cut = 0 if self._fresh else _next_line(text, 0)
        while cut < len(text):
            line = text[cut:].lstrip("\n")
            if self._may_begin(line):
                break
            cut = _next_line(text, len(text) - len(line))
        self._held = text[cut:]
        if cut:
            self._fresh = text[cut - 1] == "\n"
            self._output.text(name, text[:cut])

    def _may_begin(self, text: str) -> bool:
        line, newline, _ = text.partition("\n")
        if newline and self._warning and self._warning in line:
            return False
        return any(line.startswith(one) or one.startswith(text) for one in self._begins)

    def pass_all(self) -> None:
        """The cell has ended: what comes now, of what it has left running, is for the user."""
        self.flush()
        self._begins = ()

    def take(self) -> str:
        """What was held back, which is not passed on any more."""
        held, self._held = self._held, ""
        return held

    def flush(self) -> None:
        if held := self.take():
            self._fresh = held.endswith("\n")
            self._output.text("stderr", held)


def _next_line(text: str, start: int) -> int:
    """Where the line behind the one at start begins, or the text's end."""
    return text.find("\n", start) + 1 or len(text)


class Unseen:
    """A `CellOutput` that nobody sees. collected: all the text that came. result: the value."""

    full = False

    def __init__(self) -> None:
        self.collected = ""
        self.result: Display | None = None

    def text(self, _name: StreamName, text: str) -> None:
        """It is collected, from both streams."""
        self.collected += text

    def display(self, shown: Shown) -> None:
        """It goes nowhere, but for the cell's value."""
        if isinstance(shown, Display) and shown.kind == "execute_result":
            self.result = shown

    async def drained(self) -> None:
        """There is always room."""

    async def input(self, _prompt: str, _password: bool) -> str | None:
        """Nobody is asked."""
        raise NobodyThere

    def close(self) -> None:
        """Nothing was held back."""
