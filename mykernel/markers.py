r"""In-band marks: what the child says to us among what it says to the user.

A mark is an OSC 133 sequence, the semantic prompt sequence of terminals, with the
session's nonce::

    ESC ] 133 ; KIND ; k=NONCE ; key=value ; ... BEL

KIND is one capital letter: C (output begins), D (a command line has ended), R (a
reply to a query). The nonce comes first, so that text without it is known to be text
after few bytes. The last value may hold semicolons; none holds BEL or ESC.

Source: https://gitlab.freedesktop.org/Per_Bothner/specifications/-/blob/master/proposals/semantic-prompts.md
"""

from __future__ import annotations

import codecs
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

_INTRODUCER = b"\x1b]133;"
_TERMINATOR = b"\x07"


def new_nonce() -> str:
    """128 random bits, in hexadecimal. Output that does not know it cannot forge a mark."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text; it may end anywhere, but never within a code point."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark. payload: what stands behind the nonce, "key=value;key=value"."""

    kind: str
    payload: str

    def fields(self, last: str = "") -> dict[str, str]:
        """The payload as a dict; the value of the key named last may hold semicolons."""
        found: dict[str, str] = {}
        rest = self.payload
        while rest:
            key, _, rest = rest.partition("=")
            if key == last:
                found[key] = rest
                break
            found[key], _, rest = rest.partition(";")
        return found


Event = Text | Mark


class StreamDecoder:
    """Cut one stream's bytes into text and marks, wherever its chunks were split.

    Bytes that are not UTF-8 become U+FFFD. State: the tail of a mark or of a code
    point that has not fully come.
    """

    def __init__(self, nonce: str) -> None:
        self._key = b";k=" + nonce.encode("ascii")
        self._kept = b""
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that data completes, in order."""
        data = self._kept + data
        self._kept = b""
        start = 0
        while (at := data.find(_INTRODUCER, start)) >= 0:
            length = self._mark_length(data, at)
            if length is None:
                yield from self._text(data[start:at])
                self._kept = data[at:]
                return
            if length == 0:
                yield from self._text(data[start : at + len(_INTRODUCER)])
                start = at + len(_INTRODUCER)
                continue
            yield from self._text(data[start:at])
            yield from self._end_of_text()
            yield self._mark(data[at : at + length])
            start = at + length
        cut = len(data) - _partial(data, start)
        yield from self._text(data[start:cut])
        self._kept = data[cut:]

    def close(self) -> Iterator[Event]:
        """What is left when the stream has ended: an unfinished mark is text."""
        kept, self._kept = self._kept, b""
        yield from self._text(kept)
        yield from self._end_of_text()

    def _mark_length(self, data: bytes, at: int) -> int | None:
        """Bytes of the mark at that offset, 0 for none of ours, None when more is to come."""
        head = data[at + len(_INTRODUCER) + 1 : at + len(_INTRODUCER) + 1 + len(self._key)]
        if not self._key.startswith(head):
            return 0
        if len(head) < len(self._key):
            return None
        end = data.find(_TERMINATOR, at)
        return None if end < 0 else end + 1 - at

    def _mark(self, data: bytes) -> Mark:
        kind = chr(data[len(_INTRODUCER)])
        payload = data[len(_INTRODUCER) + 1 + len(self._key) : -1]
        return Mark(kind, payload.decode("utf-8", "replace").removeprefix(";"))

    def _text(self, data: bytes) -> Iterator[Event]:
        if text := self._utf8.decode(data):
            yield Text(text)

    def _end_of_text(self) -> Iterator[Event]:
        if text := self._utf8.decode(b"", final=True):
            yield Text(text)
        self._utf8.reset()


def _partial(data: bytes, start: int) -> int:
    """How many bytes at the end, after start, might begin an introducer."""
    for length in range(min(len(_INTRODUCER) - 1, len(data) - start), 0, -1):
        if data.endswith(_INTRODUCER[:length]):
            return length
    return 0
