"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's.

    status: "wrong" is what keeps a kernel from working, "warning" is worth a look.
    subject: what was looked at.
    fix: what to do, a command where one does it; "" when there is nothing to do.
    """

    status: Literal["ok", "warning", "wrong"]
    subject: str
    detail: str
    fix: str = ""
