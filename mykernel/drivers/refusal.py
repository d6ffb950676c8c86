"""How a directive says that it cannot be carried out."""

from __future__ import annotations

from mykernel.contract import Failed


class Refused(Exception):
    """A directive cannot be carried out. The message tells the user what to do."""


def refusal(message: str) -> Failed:
    """The error that a cell ends in."""
    return Failed("DirectiveError", message, (f"DirectiveError: {message}",))
