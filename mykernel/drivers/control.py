"""A connection to an agent's second thread, which answers while a cell runs.

Requests and answers are lines of JSON on a Unix socket in the private folder; an answer
carries its request's id.
"""

from __future__ import annotations

import asyncio
import json
import logging
from itertools import count
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

# Seconds until a question is given up, as when the thread of the cells is in a system call.
_PATIENCE = 2.0
# Bytes of an answer at most.
_LIMIT = 1 << 26


class Control:
    """One connection, made when it is first needed.

    patience: seconds until a question is given up.
    ended: whether the agent has hung up.
    """

    def __init__(self, folder: Path, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._path = str(folder / "control")
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._ids = count()
        self.ended = False

    async def connect(self) -> None:
        """Raises `OSError` when the agent does not listen."""
        reader, self._writer = await asyncio.open_unix_connection(self._path, limit=_LIMIT)
        self._reading = asyncio.get_running_loop().create_task(self._read(reader))

    def send(self, op: str, **question: Any) -> int:
        """Send a request that has no answer. Returns its id."""
        number = next(self._ids)
        if self._writer is not None and not self._writer.is_closing():
            line = json.dumps({"id": number, "op": op, **question})
            self._writer.write(line.encode() + b"\n")
        return number

    async def ask(self, op: str, **question: Any) -> Any:
        """The answer as JSON; None when there is none in time, or the agent is gone."""
        if self.ended:
            return None
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        number = self.send(op, **question)
        self._asked[number] = future
        try:
            # Not wait_for, which in Python 3.11 swallows a cancellation that comes with the answer.
            async with asyncio.timeout(self._patience):
                return await future
        except TimeoutError:
            return None
        finally:
            del self._asked[number]

    def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                answer = json.loads(line)
                future = self._asked.get(answer["id"])
                if future is not None and not future.done():
                    future.set_result(answer["answer"])
        except (OSError, ValueError) as e:
            log.warning("the agent's second thread is gone: %s", e)
        finally:
            self.ended = True
            for future in self._asked.values():
                if not future.done():
                    future.set_result(None)
