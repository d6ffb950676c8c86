"""From J marks to what they display: pieces are put together, decoded, and checked.

What comes is a program's, and may be wrong in any way; then there is a line for the user,
and never an exception. The format is specified in docs/display-protocol.md.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from mykernel.contract import ClearOutput, Display, DisplayKind, Shown
from mykernel.markers import Broken, Mark

# Bytes of a message's parts together, decoded. More would hold the event loop up for long, and
# front ends with it.
LARGEST = 1 << 25
# A check of nested JSON goes so much deeper than it will be nested when it is sent.
_SPARE_DEPTH = 50
_MIME_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*")
_WHOLE = "content"
_KINDS: Mapping[str, DisplayKind] = {
    "display_data": "display_data",
    "execute_result": "execute_result",
    "update_display_data": "update_display_data",
}
# As nbformat has it: these hold any JSON value, all others a string.
_JSON_TYPE = re.compile(r"application/json|.*\+json")
# Such as application/javascript and image/svg+xml: text, as opposed to base64.
_TEXT_TYPE = re.compile(r"text/.*|.*\+xml|application/(?:javascript|xml|x-latex|x-tex)")
_NUMBER = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is nothing to show, in a line for the user."""

    reason: str


class _Wrong(Exception):
    """The message cannot be shown; its text says why."""


@dataclass(slots=True)
class _Message:
    """What has come of a message.

    wrong: why it will not be shown; its parts are let go then. told: whether the user knows.
    """

    pieces: int = 0
    size: int = 0
    parts: dict[str, bytearray] = field(default_factory=dict)
    wrong: str = ""
    told: bool = False

    def fail(self, reason: str) -> None:
        self.wrong = self.wrong or reason
        self.parts.clear()


class DisplayReader:
    """Puts messages together, of which several may come at the same time, piece by piece."""

    def __init__(self) -> None:
        self._messages: dict[str, _Message] = {}

    def feed(self, mark: Mark | Broken) -> Shown | Trouble | None:
        """What a J mark completes; None when there is more to come."""
        fields = Mark(mark.kind, mark.payload).fields(last="text")
        name, kind = fields.get("i", ""), fields.get("t", "")
        message = self._messages.setdefault(name, _Message())
        if isinstance(mark, Broken):
            message.fail("one piece of it is too long" if mark.too_long else "it was cut short")
            return None
        try:
            _take(message, fields)
        except _Wrong as e:
            message.fail(str(e))
        if not kind:
            return None
        del self._messages[name]
        return None if kind == "cancel" or message.told else _end(kind, message)

    def give_up(self) -> Iterator[Trouble]:
        """Nobody is known to be there who could go on with what has begun.

        It stays known as given up: should a piece come all the same, nothing is told twice.
        """
        for message in self._messages.values():
            if not message.told:
                message.fail("the program ended before all of it had come")
                message.told = True
                yield Trouble(message.wrong)


def _take(message: _Message, fields: dict[str, str]) -> None:
    number = fields.get("n", "0" if fields.get("t") else "")
    if not _NUMBER.fullmatch(number) or int(number) != message.pieces:
        raise _Wrong(f"piece {message.pieces} of it is missing")
    message.pieces += 1
    data = _data(fields)
    message.size += len(data)
    if message.size > LARGEST:
        raise _Wrong(
            f"it is larger than {LARGEST >> 20} MiB; make it smaller, or write it to a file"
        )
    if not message.wrong and any(key in fields for key in ("base64", "hex", "text")):
        message.parts.setdefault(fields.get("p", _WHOLE), bytearray()).extend(data)


def _data(fields: dict[str, str]) -> bytes:
    try:
        if "base64" in fields:
            return base64.b64decode(fields["base64"], validate=True)
        if "hex" in fields:
            return binascii.unhexlify(fields["hex"])
    except ValueError as e:
        raise _Wrong(f"it cannot be decoded: {e}") from None
    return fields.get("text", "").encode("utf-8", "replace")


def _end(kind: str, message: _Message) -> Shown | Trouble:
    if message.wrong:
        return Trouble(message.wrong)
    try:
        return _shown(kind, message.parts)
    except _Wrong as e:
        return Trouble(str(e))


def _shown(kind: str, parts: dict[str, bytearray]) -> Shown:
    size = sum(map(len, parts.values()))
    content = _object(_json(parts.pop(_WHOLE, b"{}"), _WHOLE), _WHOLE)
    if kind == "clear_output":
        wait = content.get("wait", False)
        if not isinstance(wait, bool):
            raise _Wrong("wait is neither true nor false")
        return ClearOutput(wait)
    if kind not in _KINDS:
        raise _Wrong(f"there is no type {kind[:50]!r}")
    metadata = _object(content.get("metadata", {}), "metadata")
    if "metadata" in parts:
        metadata = _object(_json(parts.pop("metadata"), "metadata"), "metadata")
    display_id = _object(content.get("transient", {}), "transient").get("display_id", "")
    if "display_id" in parts:
        display_id = parts.pop("display_id").decode("utf-8", "replace")
    if not isinstance(display_id, str):
        raise _Wrong("display_id is not a string")
    if kind == "update_display_data" and not display_id:
        raise _Wrong("an update has to name a display_id")
    data = dict(_representations(_object(content.get("data", {}), "data")))
    data |= {mime: _representation(mime, raw) for mime, raw in parts.items()}
    if not data:
        raise _Wrong("it has no data")
    return Display(_KINDS[kind], data, metadata, display_id, size)


def _representations(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for mime, value in data.items():
        _check_mime(mime)
        if not _JSON_TYPE.fullmatch(mime) and not isinstance(value, str):
            raise _Wrong(f"its {mime} is not a string")
        yield mime, value


def _representation(mime: str, raw: bytearray) -> Any:
    """A representation as Jupyter wants it, from its bytes."""
    _check_mime(mime)
    if _JSON_TYPE.fullmatch(mime):
        return _json(raw, mime)
    if _TEXT_TYPE.fullmatch(mime):
        return raw.decode("utf-8", "replace")
    return base64.b64encode(raw).decode("ascii")


def _check_mime(mime: str) -> None:
    if not _MIME_TYPE.fullmatch(mime):
        raise _Wrong(f"{mime[:50]!r} is not a MIME type")


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"{name} is not a JSON object")
    return value


def _json(raw: bytes | bytearray, name: str) -> Any:
    """The value, such that it can be sent as JSON again."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        nested = value
        for _ in range(_SPARE_DEPTH):
            nested = [nested]
        # Half of a surrogate pair is valid JSON, and cannot be sent.
        json.dumps(nested, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except RecursionError:
        raise _Wrong(f"its {name} is nested too deeply") from None
    except ValueError as e:
        raise _Wrong(f"its {name} is not valid JSON: {e}") from None
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
