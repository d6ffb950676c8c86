"""The helper in Go, compiled once for each toolchain into the user's cache folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from contextlib import suppress
from importlib.resources import as_file, files
from pathlib import Path

from mykernel.contract import Toolchain
from mykernel.drivers.compiled.cache import key
from mykernel.errors import ChildNotStarted
from mykernel.languages.go.home import Home

_AGENT = files(__package__) / "agent"
# Whatever the user builds programs for, and how. GOFLAGS is not empty, which would mean the user's.
_FOR_HELPER = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "on",
    "GOARCH": "",
    "GOFLAGS": "-buildvcs=false",
    "GOOS": "",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}
# Seconds after which helpers that nobody has used are removed.
_KEPT = 30 * 24 * 3600.0


async def find_helper(toolchain: Toolchain, home: Home) -> Path:
    """The folder that has the helper as "bin", and its module, of which cells use a package.

    Compiles it where it is not there yet, which takes seconds. Raises `ChildNotStarted` when that
    fails, and `OSError` when there is no room for it.
    """
    with as_file(_AGENT) as source:
        paths = sorted(path for path in source.rglob("*") if path.suffix in (".go", ".mod"))
        parts = [part for path in paths for part in (path.name, path.read_bytes())]
        name = key([*parts, str(toolchain.path.resolve()), toolchain.version])[:16]
        folder = home.folder / f"helper-{name}"
        if not (folder / "bin").exists():
            await _compile(toolchain, home, source, folder)
            _remove_unused(folder.parent)
    with suppress(OSError):
        os.utime(folder)
    return folder


def _remove_unused(folder: Path) -> None:
    for entry in os.scandir(folder):
        with suppress(OSError):
            old = time.time() - entry.stat().st_mtime > _KEPT
            if old and entry.name.startswith(("helper-", "new-")):
                shutil.rmtree(entry.path)


async def _compile(toolchain: Toolchain, home: Home, source: Path, folder: Path) -> None:
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix="new-"))
    try:
        shutil.copytree(source, new, dirs_exist_ok=True)
        argv = [str(toolchain.path), "build", "-trimpath", "-o", "bin", "./helper"]
        compiling = await asyncio.create_subprocess_exec(
            *argv,
            cwd=new,
            env={**os.environ, **home.env, **_FOR_HELPER},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await compiling.communicate()
        finally:
            if compiling.returncode is None:
                compiling.kill()
        if compiling.returncode:
            reason = "mykernel's helper could not be compiled"
            raise ChildNotStarted(argv, said.decode("utf-8", "replace"), reason)
        _publish(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _publish(new: Path, folder: Path) -> None:
    try:
        new.rename(folder)
    except OSError:
        if not (folder / "bin").exists():  # else another kernel was faster
            raise
