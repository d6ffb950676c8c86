"""What is common to the languages in which parameters are written."""

from __future__ import annotations

from papermill.exceptions import PapermillException

from mykernel.errors import MykernelError


class BadParameter(MykernelError, PapermillException):  # type: ignore[misc]
    """A parameter that the language cannot hold.

    name: the parameter's, or "" where only its value is known.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"parameter {name!r} {reason}" if name else f"a value {reason}")
