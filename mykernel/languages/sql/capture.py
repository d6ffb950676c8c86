"""A `CellOutput` for questions of our own, whose text nobody sees."""

from __future__ import annotations

from mykernel.contract import NobodyThere, Shown, StreamName


class Capture:
    """collected: all the text that came."""

    full = False

    def __init__(self) -> None:
        self.collected = ""

    def text(self, _name: StreamName, text: str) -> None:
        self.collected += text

    def display(self, shown: Shown) -> None:
        """Nothing is displayed in answers."""

    async def drained(self) -> None:
        """There is always room."""

    async def input(self, _prompt: str, _password: bool) -> str | None:
        raise NobodyThere

    def close(self) -> None:
        """Nothing was held back."""
