r"""Leave out what a carriage return lets the next text overwrite."""

from __future__ import annotations

import re

_COLOURS = re.compile("\x1b\\[[0-9;:]*m")


def without_overwritten(text: str) -> str:
    r"""The text without the parts of its lines that "\r" and a later part hide.

    A part is hidden by a later one that is at least as wide. What stands before the first
    "\r" stays, as it may go on from text that was sent before, and so does "\r\n".
    """
    if "\r" not in text:
        return text
    return "".join(_line(line) for line in re.split("(?<=\n)", text))


def _line(line: str) -> str:
    body = line.rstrip("\n")
    end = line[len(body) :]
    if body.endswith("\r") and end:
        body, end = body[:-1], "\r" + end
    first, *parts = body.split("\r")
    kept: list[str] = []
    widest = -1
    for index, part in enumerate(reversed(parts)):
        width = len(_COLOURS.sub("", part)) if "\x1b" in part else len(part)
        # The last one stays even when empty: the cursor stands at its beginning.
        if index == 0 or width > widest:
            kept.append(part)
        widest = max(widest, width)
    return "\r".join([first, *reversed(kept)]) + end
