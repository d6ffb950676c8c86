"""What a cell's program is told, as agent/cell reads it."""

from __future__ import annotations

from collections.abc import Mapping


def written(values: Mapping[str, str], **told: str) -> str:
    """A name and a text in turn, each with a NUL behind it.

    values: by a variable's name, the file that its value is in.
    """
    pairs = [*told.items(), *((f"value {name}", path) for name, path in values.items())]
    return "".join(f"{name}\0{text}\0" for name, text in pairs)
