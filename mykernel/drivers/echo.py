"""The echo of what we type, taken out of what a terminal says."""

from __future__ import annotations


class Echo:
    """Takes one echo, which is known to the letter, out of a stream of text.

    Until it has come, the tail of a text that may be its beginning is held back; `flush`
    gives up waiting and returns what is held.
    """

    def __init__(self) -> None:
        self._expected = ""
        self._held = ""

    def expect(self, typed: str) -> None:
        self._expected = typed

    def remove(self, text: str) -> str:
        text, self._held = self._held + text, ""
        if not self._expected:
            return text
        before, found, after = text.partition(self._expected)
        if found:
            self._expected = ""
            return before + after
        for length in range(min(len(self._expected) - 1, len(text)), 0, -1):
            if text.endswith(self._expected[:length]):
                self._held = text[-length:]
                return text[:-length]
        return text

    def flush(self) -> str:
        self._expected = ""
        held, self._held = self._held, ""
        return held
