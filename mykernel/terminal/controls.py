"""Control sequences that are for a terminal and not for a notebook.

What is left of a text is colours (SGR) and what moves the cursor or erases. Titles,
clipboard, modes (bracketed paste, mouse, cursor shape), character sets and device control
strings go; queries are told apart, so that they can be answered; so are the alternate screen
and the application cursor keys, by which full-screen programs are known.

Source: ECMA-48 § 5.4, 8.3; xterm's ctlseqs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPECIAL = re.compile("[\x1b\x07\x0e\x0f]")
_SEQUENCE = re.compile(
    "\x1b(?:"
    r"\[(?P<csi>[0-?]*[ -/]*[@-~])"
    "|(?P<string>[\\]PX^_])(?P<body>[^\x07\x1b]*(?:\x1b(?!\\\\)[^\x07\x1b]*)*)(?:\x07|\x1b\\\\)"
    "|(?P<two>[ -/]+[0-~]|[0-OQ-WYZ`-~=>])"
    ")"
)
# The beginning of one that is to be continued.
_PARTIAL = re.compile("\x1b(?:\\[[0-?]*[ -/]*|[ -/]*|[\\]PX^_].*)?\\Z", re.DOTALL)
# A string that has not ended after so many code points is given up on, and was none.
_LONGEST_STRING = 1 << 20
_APPLICATION_KEYS = re.compile(r"\?(?:.*;)?1(?:;.*)?([hl])\Z")
_ALTERNATE = re.compile(r"\?(?:.*;)?(?:47|1047|1049)(?:;.*)?([hl])\Z")
# Cursor movement and erasure, with parameters of digits alone; colours.
_KEPT = re.compile(r"[0-9;:]*[A-HJKLMPSTXZ@`ad-fmrsu]\Z")
_KEPT_TWO = frozenset("78DEM")
_REPLIES = {
    "5n": "\x1b[0n",
    "6n": "\x1b[1;1R",
    "c": "\x1b[?1;2c",
    "0c": "\x1b[?1;2c",
    ">c": "\x1b[>0;0;0c",
    ">0c": "\x1b[>0;0;0c",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A program asks the terminal something. reply: what a terminal would type."""

    reply: str


@dataclass(frozen=True, slots=True)
class AlternateScreen:
    """A full-screen program takes the screen, or gives it back."""

    entered: bool


@dataclass(frozen=True, slots=True)
class ApplicationKeys:
    """A program takes the keys for itself (DECCKM), or gives them back."""

    taken: bool


Part = str | Query | AlternateScreen | ApplicationKeys


class ControlFilter:
    """One stream's text, wherever it was split."""

    def __init__(self) -> None:
        self._kept = ""

    def feed(self, text: str) -> Iterator[Part]:
        """What is left of the text, in order, with queries and screen switches in place."""
        text, self._kept = self._kept + text, ""
        start, at = 0, 0
        while found := _SPECIAL.search(text, at):
            at = found.start()
            if at > start:
                yield text[start:at]
            if found.group() != "\x1b":
                start = at = at + 1
                continue
            sequence = _SEQUENCE.match(text, at)
            if sequence is None:
                if _PARTIAL.match(text, at) and len(text) - at <= _LONGEST_STRING:
                    self._kept = text[at:]
                    return
                start = at = at + 1
                continue
            yield from _meaning(sequence)
            start = at = sequence.end()
        if start < len(text):
            yield text[start:]


def _meaning(sequence: re.Match[str]) -> Iterator[Part]:
    csi = sequence["csi"]
    if csi is None:
        if sequence["two"] in _KEPT_TWO:
            yield sequence.group()
    elif _KEPT.match(csi):
        yield sequence.group()
    elif switch := _ALTERNATE.match(csi):
        yield AlternateScreen(switch[1] == "h")
    elif switch := _APPLICATION_KEYS.match(csi):
        yield ApplicationKeys(switch[1] == "h")
    elif reply := _REPLIES.get(csi):
        yield Query(reply)
