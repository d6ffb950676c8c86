"""A language server as a child: requests and answers of the Language Server Protocol, over pipes.

It ends by itself where we are gone: its standard input ends then.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

# Bytes of a header at most.
_LIMIT = 1 << 16


class LanguageServer:
    """One server from its start to its end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._ids = count(1)
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def start(cls, argv: Sequence[str], folder: Path) -> LanguageServer:
        """folder: the workspace. Raises OSError where it cannot be started."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=folder,
            limit=_LIMIT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        server = cls(process)
        await server.ask(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            workspaceFolders=[{"uri": folder.as_uri(), "name": folder.name}],
            capabilities={"textDocument": {"hover": {"contentFormat": ["plaintext"]}}},
        )
        server.tell("initialized")
        return server

    async def ask(self, method: str, **params: Any) -> Any:
        """The result of a request; None for an error of the server, and where it is gone."""
        if self._reading.done():
            return None
        number = next(self._ids)
        future = self._asked[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        try:
            return await future
        finally:
            del self._asked[number]

    def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        if not self._reading.done():
            self._send({"method": method, "params": params})

    async def close(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await asyncio.wait([self._reading])

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        try:
            while (message := await self._message()) is not None:
                self._take(message)
        except (OSError, ValueError, asyncio.IncompleteReadError) as e:
            log.warning("the language server is gone: %s", e)
        for future in self._asked.values():
            if not future.done():
                future.set_result(None)

    async def _message(self) -> Any:
        """The next one; None at the end."""
        if self._process.stdout is None:
            return None
        size = 0
        while header := (await self._process.stdout.readline()).strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        return json.loads(await self._process.stdout.readexactly(size)) if size else None

    def _take(self, message: Any) -> None:
        if "method" not in message:
            future = self._asked.get(message["id"])
            if future is not None and not future.done():
                future.set_result(message.get("result"))
        elif "id" in message:
            # It asks for settings, one for each section: we have none.
            items = (message.get("params") or {}).get("items")
            self._send({"id": message["id"], "result": [None] * len(items) if items else None})
