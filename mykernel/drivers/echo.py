"""The echo of what we type, taken out of what a terminal says."""

from __future__ import annotations


class Echo:
    """Takes one echo, which is known to the letter, out of a stream of text.

    Until it has come, the tail of a text that may be its beginning is held back; `flush`
    gives up waiting and returns what is held. expected: what is still to come.
    """

    def __init__(self) -> None:
        self.expected = ""
        self._held = ""

    def expect(self, typed: str) -> None:
        self.expected = typed

    def remove(self, text: str) -> str:
        text, self._held = self._held + text, ""
        if not self.expected:
            return text
        before, found, after = text.partition(self.expected)
        if found:
            self.expected = ""
            return before + after
        for length in range(min(len(self.expected) - 1, len(text)), 0, -1):
            if text.endswith(self.expected[:length]):
                self._held = text[-length:]
                return text[:-length]
        return text

    def flush(self) -> str:
        self.expected = ""
        held, self._held = self._held, ""
        return held
