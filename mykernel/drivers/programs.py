"""What a program says of itself."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path


def said(argv: Sequence[str | Path], within: float = 10.0) -> str:
    """What it writes on both streams, without input.

    within: seconds. "" where it takes longer, or cannot be started. Blocks.
    """
    try:
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=within,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
