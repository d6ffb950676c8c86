"""What TypeScript says of code that has not run, where it is installed.

Its language server is that of the notebook's folder: cells alone have it started, never a question.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from mykernel.contract import Cell, Completion
from mykernel.drivers.language_server import LanguageServer, within
from mykernel.languages.javascript.project import Project

# The first version of TypeScript that has a language server of its own.
_OLDEST = 7
# Seconds that a cell waits for its types to be checked, and a question for its answer.
_CHECK = 10.0
_ANSWER = 1.0


class Advice:
    """Asks the language server of a session, and tells it which cells have run.

    folder: the notebook's. suffix: of the cells, ".ts" or ".js".
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self._project: Project | None = None
        self._starting: asyncio.Task[None] | None = None
        self._learning: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look for the server and start it, unless that was done."""
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._start())

    async def _start(self) -> None:
        if (server := await _language_server(self._folder)) is not None:
            self._project = Project(server, self._folder, self._suffix)

    async def faults(self, cell: Cell) -> Sequence[str]:
        """The type errors of a cell that is about to run; none where that takes too long."""

        async def ask() -> Sequence[str]:
            await self._started()
            return await self._project.faults(cell.name, cell.code) if self._project else ()

        return await within(_CHECK, ask()) or ()

    def learn(self, cell: Cell) -> None:
        """The cell has run: what it declares is known from now on."""

        async def tell() -> None:
            await self._started()
            if self._project is not None:
                await self._project.ran(cell.number, cell.code)

        self._learning = asyncio.get_running_loop().create_task(tell())

    def forget(self) -> None:
        """What the cells have declared is gone."""
        if self._project is not None:
            self._project.forget()

    async def complete(self, code: str, cursor_pos: int, prefix: str) -> Sequence[Completion]:
        """See `Project.complete`."""
        if self._project is None:
            return ()
        return await within(_ANSWER, self._project.complete(code, cursor_pos, prefix)) or ()

    async def describe(self, code: str, cursor_pos: int) -> str:
        """See `Project.describe`."""
        if self._project is None:
            return ""
        return await within(_ANSWER, self._project.describe(code, cursor_pos)) or ""

    async def close(self) -> None:
        """End the server."""
        for task in (self._starting, self._learning):
            if task is not None:
                task.cancel()
        if self._project is not None:
            await self._project.close()

    async def _started(self) -> None:
        if self._starting is not None:
            await asyncio.shield(self._starting)


async def _language_server(folder: Path) -> LanguageServer | None:
    """That of the TypeScript that is installed for the notebook's folder, or else on PATH."""
    for program in _compilers(folder):
        try:
            asked = await asyncio.create_subprocess_exec(
                program,
                "--version",
                cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            said, _ = await asked.communicate()
            version = re.search(rb"(\d+)\.\d+", said)
            if version and int(version[1]) >= _OLDEST:
                return await LanguageServer.start([program, "--lsp", "--stdio"], folder)
        except OSError:
            continue
    return None


def _compilers(folder: Path) -> Iterator[str]:
    for place in (folder, *folder.parents):
        own = place / "node_modules" / ".bin" / "tsc"
        if own.exists():
            yield str(own)
            break
    if found := shutil.which("tsc"):
        yield found
