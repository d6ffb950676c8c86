"""A language server as a child: requests and answers of the Language Server Protocol, over pipes.

It ends by itself where we are gone: its standard input ends then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger(__name__)

# Bytes of a header at most.
_LIMIT = 1 << 16
Answer = TypeVar("Answer")


class LanguageServer:
    """One server from its start to its end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._ids = count(1)
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        folder: Path,
        env: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> LanguageServer:
        """folder: the workspace. env: None for ours. options: the server's own.

        Raises OSError where it cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=folder,
            env=env,
            limit=_LIMIT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        server = cls(process)
        try:
            await server.ask(
                "initialize",
                processId=None,
                rootUri=folder.as_uri(),
                workspaceFolders=[{"uri": folder.as_uri(), "name": folder.name}],
                initializationOptions=options,
                capabilities={"textDocument": {"hover": {"contentFormat": ["plaintext"]}}},
            )
        except asyncio.CancelledError:
            await server.close()
            raise
        server.tell("initialized")
        return server

    @property
    def gone(self) -> bool:
        """Whether it has ended, or speaks no protocol."""
        return self._reading.done()

    async def ask(self, method: str, **params: Any) -> Any:
        """The result of a request; None for an error of the server, and where it is gone."""
        if self.gone:
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
        if not self.gone:
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
        except (OSError, ValueError, KeyError, asyncio.IncompleteReadError) as e:
            log.warning("the language server is gone: %s", e)
        finally:
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
        message = json.loads(await self._process.stdout.readexactly(size)) if size else None
        return message if isinstance(message, dict) else None

    def _take(self, message: Any) -> None:
        if "method" not in message:
            future = self._asked.get(message["id"])
            if future is not None and not future.done():
                future.set_result(message.get("result"))
        elif "id" in message:
            # It asks for settings, one for each section: we have none.
            items = (message.get("params") or {}).get("items")
            self._send({"id": message["id"], "result": [None] * len(items) if items else None})


async def within(seconds: float, answer: Coroutine[None, None, Answer]) -> Answer | None:
    """What is answered in time, else None."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        return None


def position(text: str, offset: int) -> dict[str, int]:
    """LSP's, in UTF-16 code units, of an offset in code points."""
    line = text[:offset].rpartition("\n")[2]
    column = len(line.encode("utf-16-le", "surrogatepass")) // 2
    return {"line": text.count("\n", 0, offset), "character": column}


def hovered(answer: Any) -> str:
    """The text of a Hover, without the fences of code; "" for none."""
    contents = answer["contents"] if answer else ""
    text = contents.get("value", "") if isinstance(contents, dict) else str(contents)
    return re.sub(r"^```\w*\n|\n```$", "", text, flags=re.MULTILINE).strip()
