"""gopls, where there is one that knows the user's Go: it adds to what the helper finds.

Cells alone have it started, never a question, and only when questions were asked before: nobody
asks any in a batch.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mykernel.contract import Completion, Toolchain
from mykernel.drivers.compiled.left import Left
from mykernel.drivers.compiled.memory import Memory
from mykernel.drivers.compiled.sources import Sources
from mykernel.drivers.language_server import LanguageServer, hovered, position, within

log = logging.getLogger(__name__)

Ask = Callable[..., Awaitable[Any]]
# The user's: the path of the one to use, or "" for none.
_CHOICE = "MYKERNEL_GOPLS"
# Seconds that an answer may take. It takes some 3 ms, but for the first ones.
_ANSWER = 0.1
# Flags of go build that decide which files a package has, and where packages are.
_DECIDING = ("-tags", "-mod")
# LSP's CompletionItemKind, as the helper calls it.
_KINDS = {
    2: "method", 3: "function", 5: "property", 6: "variable", 7: "class", 8: "interface",
    9: "module", 14: "keyword", 21: "constant", 22: "class", 25: "class",
}  # fmt: skip
# The package's files, of which the first one's declaration of a name holds: the cell that is typed,
# and what cells have left.
_TYPED, _KNOWN = "cell.go", "known.go"
# Names of ours.
_HIDDEN = ("cell__", "p__")


class Gopls:
    """One session's: for the modules that count at the time.

    wanted: whether questions are asked.
    """

    def __init__(self, toolchain: Toolchain) -> None:
        self.wanted = False
        self._toolchain = toolchain
        self._server: LanguageServer | None = None
        self._starting: asyncio.Task[None] | None = None
        # Whether there is none, as far as it is known.
        self._missing = False
        # Of the setting that the server is for.
        self._stamp = ""
        self._folder = Path()
        # Versions and texts of the files, by their URIs, and what it was told that cells have left.
        self._shown: dict[str, tuple[int, str]] = {}
        self._memory: Memory | None = None

    @property
    def there(self) -> bool:
        """Whether it can be asked."""
        return self._server is not None and not self._server.gone

    def refresh(self, ask: Ask, left: Left, flags: Sequence[str]) -> None:
        """A cell has run: tell the server what is left; start it, or another one for other modules.

        ask: of the helper.
        """
        busy = self._starting is not None and not self._starting.done()
        if self.wanted and not self._missing and not busy:
            self._starting = asyncio.create_task(self._refresh(ask, left, flags))

    async def _refresh(self, ask: Ask, left: Left, flags: Sequence[str]) -> None:
        where = await ask("module")
        if not where or "stamp" not in where:
            return
        if not self.there or where["stamp"] != self._stamp:
            await self._end()
            await self._start(ask, Path(where["place"]), flags)
            self._stamp = where["stamp"]
        while self.there and self._memory is not left.memory:
            memory = left.memory
            known = await ask("known", known=left.told_to_helper(memory, Sources()))
            if known is None or "text" not in known:
                return
            self._show(_KNOWN, known["text"])
            self._memory = memory

    async def _start(self, ask: Ask, folder: Path, flags: Sequence[str]) -> None:
        environment = await ask("env")
        if environment is None:
            return
        env = dict(line.split("=", 1) for line in environment["text"].split("\0") if "=" in line)
        program = await self._find(env)
        if program is None:
            self._missing = True
            return
        # It starts go by its name, which is to fetch nothing.
        env["PATH"] = os.pathsep.join((str(self._toolchain.path.parent), env.get("PATH", "")))
        env["GOPROXY"] = "off"
        options = {
            "buildFlags": [flag for flag in flags if flag.startswith(_DECIDING)],
            "fileWatcher": "fsnotify",
        }
        try:
            self._server = await LanguageServer.start([str(program)], folder, env, options)
        except OSError as e:
            log.warning("%s cannot be started: %s", program, e)
        self._missing = not self.there
        # In a folder that is not there: what stands beside the cells may be another package.
        self._folder = folder / "cell__"
        self._shown, self._memory = {}, None
        # From the start: gopls takes a file that comes later for another package.
        for name in (_KNOWN, _TYPED):
            self._show(name, "package main\n")

    async def _find(self, env: Mapping[str, str]) -> Path | None:
        """The first one that was compiled by a Go that is as new as the user's."""
        for path in _candidates(env):
            try:
                asked = await asyncio.create_subprocess_exec(
                    self._toolchain.path,
                    "version",
                    path,
                    env={**env, "GOTOOLCHAIN": "local"},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                )
                said, _ = await asked.communicate()
            except OSError:
                continue
            by = said.decode(errors="replace").rpartition(": go")[2]
            if _release(by) >= _release(self._toolchain.version) > (0, 0):
                return path
        return None

    async def complete(self, document: Mapping[str, Any], prefix: str) -> list[Completion]:
        """What may stand in the place of the prefix, the likely ones first."""
        answer, where = await self._ask("completion", document)
        found = []
        for item in (answer or {}).get("items", ()):
            edit = item.get("textEdit", {})
            text, at = edit.get("newText", ""), edit.get("range", {})
            start = dict(where, character=where["character"] - len(prefix.encode("utf-16-le")) // 2)
            if at == {"start": start, "end": where} and not text.startswith(_HIDDEN):
                kind = _KINDS.get(item.get("kind"), "")
                found.append(Completion(text, kind, item.get("detail", "")))
        return found

    async def describe(self, document: Mapping[str, Any]) -> str:
        """What it tells of the place of the cursor; "" for nothing."""
        answer, _ = await self._ask("hover", document)
        return hovered(answer)

    async def close(self) -> None:
        """End it."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        await self._end()

    async def _end(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    async def _ask(self, what: str, document: Mapping[str, Any]) -> tuple[Any, dict[str, int]]:
        """The answer, in time or None, and the position that was asked of."""
        code = document["text"].encode()[: document["offset"]].decode()
        where = position(code, len(code))
        if self._server is None or document["stamp"] != self._stamp:
            return None, where
        uri = self._show(_TYPED, document["text"])
        about = {"textDocument": {"uri": uri}, "position": where}
        return await within(_ANSWER, self._server.ask(f"textDocument/{what}", **about)), where

    def _show(self, name: str, text: str) -> str:
        """Open a file, or put this in place of what it holds. Returns its URI."""
        uri = (self._folder / name).as_uri()
        version, before = self._shown.get(uri, (0, ""))
        about = {"uri": uri, "version": version + 1}
        if self._server is None or text == before:
            return uri
        self._shown[uri] = version + 1, text
        if version == 0:
            new = {**about, "languageId": "go", "text": text}
            self._server.tell("textDocument/didOpen", textDocument=new)
        else:
            change = [{"text": text}]
            self._server.tell("textDocument/didChange", textDocument=about, contentChanges=change)
        return uri


def _candidates(env: Mapping[str, str]) -> Iterator[Path]:
    """The user's choice, or those on PATH and where `go install` puts programs."""
    if (choice := env.get(_CHOICE)) is not None:
        yield from [Path(choice)] if choice else []
        return
    places = [env.get("GOBIN"), *(f"{p}/bin" for p in env.get("GOPATH", "").split(os.pathsep) if p)]
    if "HOME" in env:
        places.append(f"{env['HOME']}/go/bin")
    for path in (env.get("PATH", os.defpath), *filter(None, places)):
        if found := shutil.which("gopls", path=path):
            yield Path(found)


def _release(version: str) -> tuple[int, int]:
    """Of "1.27.3", (1, 27); (0, 0) for what is no version."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
