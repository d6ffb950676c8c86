r"""In-band marks: what the child says to us among what it says to the user.

A mark is an OSC 133 sequence, the semantic prompt sequence of terminals, with the
session's nonce::

    ESC ] 133 ; KIND ; k=NONCE ; key=value ; ... BEL

KIND is one capital letter: C (output begins), D (a command line has ended), R (a
reply to a query), J (a piece of what is displayed, see docs/display-protocol.md), W (who
waits for the terminal), X (a command was ended, as a rule by a signal), F (our own, behind
what was written before). The nonce comes first, so that text without it is known to be text
after few bytes. The last value may hold semicolons; none holds BEL or ESC, and those of a J
mark no control character.

Source: https://gitlab.freedesktop.org/Per_Bothner/specifications/-/blob/master/proposals/semantic-prompts.md
"""

from __future__ import annotations

import codecs
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

_INTRODUCER = b"\x1b]133;"
_TERMINATOR = b"\x07"
# What ends a mark: its terminator, or what no mark holds, where its writer was cut short. After
# a cut J mark the text goes on in the next line at the latest.
_STOP = re.compile(b"[\x07\x1b]")
_STOPS = {"J": re.compile(b"[\x00-\x1f\x7f]")}
# Bytes of the longest mark.
LONGEST = 1 << 26
# So many bytes of a broken mark are passed on, to tell what it was.
_TELLING = 200


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


@dataclass(frozen=True, slots=True)
class Broken:
    """A mark without its end. payload: what there is of it, as far as it is of any use.

    too_long: whether it went beyond `LONGEST`, and not its writer was cut short.
    """

    kind: str
    payload: str
    too_long: bool


Event = Text | Mark | Broken


class StreamDecoder:
    """Cut one stream's bytes into text and marks, wherever its chunks were split.

    Bytes that are not UTF-8 become U+FFFD. State: the tail of a mark or of a code
    point that has not fully come. Takes linear time, however long a mark is.
    """

    def __init__(self, nonce: str) -> None:
        self._key = b";k=" + nonce.encode("ascii")
        self._head = len(_INTRODUCER) + 1 + len(self._key)
        # A mark's beginning: up to its nonce in _kept, from there on in _begun.
        self._kept = b""
        self._begun: bytearray | None = None
        self._too_long = False
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that data completes, in order."""
        data, self._kept = self._kept + data, b""
        start = 0
        while True:
            if self._begun is not None:
                stop = self._stop(self._begun, data, start)
                if stop < 0:
                    return
                yield self._finished(self._begun, cut=data[stop : stop + 1] != _TERMINATOR)
                # What cut it short is not of it.
                start = stop + (data[stop : stop + 1] == _TERMINATOR)
            at = data.find(_INTRODUCER, start)
            if at < 0:
                break
            ours = self._is_ours(data, at)
            if ours is None:
                yield from self._text(data[start:at])
                self._kept = data[at:]
                return
            if not ours:
                yield from self._text(data[start : at + len(_INTRODUCER)])
                start = at + len(_INTRODUCER)
                continue
            yield from self._text(data[start:at])
            yield from self._end_of_text()
            start = at + self._head
            self._begun = bytearray(data[at:start])
        cut = len(data) - _partial(data, start)
        yield from self._text(data[start:cut])
        self._kept = data[cut:]

    def close(self) -> Iterator[Event]:
        """What is left when the stream has ended."""
        if self._begun is not None:
            yield self._finished(self._begun, cut=True)
        kept, self._kept = self._kept, b""
        yield from self._text(kept)
        yield from self._end_of_text()

    def _is_ours(self, data: bytes, at: int) -> bool | None:
        """Whether the mark at that offset has our nonce; None when more is to come."""
        key = data[at + len(_INTRODUCER) + 1 : at + self._head]
        if not self._key.startswith(key):
            return False
        return True if len(key) == len(self._key) else None

    def _stop(self, begun: bytearray, data: bytes, start: int) -> int:
        """Take what data holds, from start on, of the mark that has begun. Its end, or -1."""
        found = _STOPS.get(chr(begun[len(_INTRODUCER)]), _STOP).search(data, start)
        end = found.start() if found else len(data)
        if len(begun) + end - start > LONGEST:
            self._too_long = True
        else:
            begun += data[start:end]
        return end if found else -1

    def _finished(self, begun: bytearray, cut: bool) -> Mark | Broken:
        kind, payload = chr(begun[len(_INTRODUCER)]), begun[self._head :]
        too_long, self._begun, self._too_long = self._too_long, None, False
        broken = cut or too_long
        text = (payload[:_TELLING] if broken else payload).decode("utf-8", "replace")
        text = text.removeprefix(";")
        return Broken(kind, text, too_long) if broken else Mark(kind, text)

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
