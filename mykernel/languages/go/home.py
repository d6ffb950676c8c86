"""Where what Go compiles is kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mykernel.drivers.compiled.cache import cache_folder


class Home:
    """The user's cache folder, or where that cannot be written to one of the session's own.

    folder: it is there. env: what go is to be told of it. note: what the user is to know, or "".
    """

    def __init__(self) -> None:
        self.folder = cache_folder("go")
        self.env: Mapping[str, str] = {}
        self.note = ""
        self._own: Path | None = None
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder) as probe:
                probe.write(b"0")
        except OSError as e:
            with suppress(OSError):  # else the helper will say why it has no place
                self._move(e)

    def _move(self, why: OSError) -> None:
        self.folder = self._own = Path(tempfile.mkdtemp(prefix="mykernel-go-"))
        if "GOCACHE" not in os.environ:
            self.env = {"GOCACHE": str(self._own / "go-build")}
        self.note = (
            f"what Go compiles is kept for this session alone, since {why.filename} cannot be"
            f" written to ({why.strerror})"
        )

    def close(self) -> None:
        """Remove what is for this session alone."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)
