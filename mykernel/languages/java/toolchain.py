"""Find a JDK: the one that JAVA_HOME names first, else what is on PATH."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from mykernel.contract import Toolchain
from mykernel.drivers.programs import said
from mykernel.errors import ToolchainMissing

PACKAGES = {
    "apt": "default-jdk-headless",
    "dnf": "java-latest-openjdk-devel",
    "brew": "openjdk",
}
# The first version that runs our agent.
_OLDEST = 17


def find_toolchain() -> Toolchain:
    """The first JDK that is new enough. Raises `ToolchainMissing`. Runs `java -version`."""
    for path in _candidates():
        # A runtime without a compiler has no JShell either.
        if not (path.resolve().parent / "javac").exists():
            continue
        found = re.search(r'version "((\d+)[^"]*)"', said([path, "-version"]))
        if found and int(found[2]) >= _OLDEST:
            return Toolchain(path, found[1])
    raise ToolchainMissing(f"java with its compiler (a JDK, {_OLDEST} or later)", PACKAGES)


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        path = Path(home, "bin", "java")
        if path.exists():
            yield path
    if on_path := shutil.which("java"):
        yield Path(on_path)
