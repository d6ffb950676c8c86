"""Find a database's program."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from mykernel.contract import Toolchain
from mykernel.drivers.programs import said
from mykernel.errors import ToolchainMissing

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*")


def on_path(program: str, packages: Mapping[str, str]) -> Toolchain:
    """The first one on PATH. Raises `ToolchainMissing`. Runs it once."""
    path = shutil.which(program)
    if path is None:
        raise ToolchainMissing(program, dict(packages))
    return at(Path(path))


def at(path: Path) -> Toolchain:
    """The program at that path, with its version, which is asked of it."""
    found = _VERSION.search(said([path, "--version"]))
    return Toolchain(path, found[0] if found else "unknown")
