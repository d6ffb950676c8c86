"""What a test needs from the machine: absent, it skips on a laptop and fails in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mykernel import languages
from mykernel.errors import ToolchainMissing


def needs(program: str, package: str) -> Path:
    """The program's path. program: a name on PATH, or an absolute path. package: Debian's."""
    found = shutil.which(program)
    if found is None:
        missing(f"{program} is missing: apt-get install {package}")
    return Path(found or program)


def needs_language(name: str) -> None:
    """What starts and compiles its cells."""
    try:
        languages.language(name).find_toolchain()
    except ToolchainMissing as e:
        missing(str(e))


def missing(reason: str) -> None:
    """Skip with that reason, which names what to install; fail in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI lacks a toolchain: {reason}")
    pytest.skip(reason)
