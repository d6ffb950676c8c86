"""What was built, found again by what it was built from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def cache_folder(language: str) -> Path:
    """Where a language keeps what it has built, in the user's cache folder. It may not exist."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "mykernel" / language


def key(parts: Iterable[str | bytes]) -> str:
    """The name of what is built from these parts, of which each counts by itself."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d:" % len(raw))
        digest.update(raw)
    return digest.hexdigest()


class BuildCache:
    """Files in a folder that kernels share. When there is too much, the least used go.

    most: bytes.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most

    def find(self, name: str) -> Path | None:
        """What was kept under that name, or None. It counts as used now."""
        path = self._folder / name
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def room(self) -> Path:
        """A new path in the same file system, to build at. Raises `OSError`."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, path = tempfile.mkstemp(dir=self._folder, prefix="cell-")
        os.close(descriptor)
        return Path(path)

    def keep(self, built: Path, name: str) -> Path:
        """Take what was built at `room`. Another kernel may have done the same meanwhile."""
        path = self._folder / name
        built.replace(path)
        self._shrink(path)
        return path

    def _shrink(self, newest: Path) -> None:
        found = []
        for entry in os.scandir(self._folder):
            with suppress(FileNotFoundError):
                status = entry.stat()
                found.append((status.st_mtime_ns, status.st_size, entry.path))
        used = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if used <= self._most:
                return
            if path != str(newest):
                with suppress(FileNotFoundError):
                    os.unlink(path)
                used -= size
