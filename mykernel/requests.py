"""Requests of the shell channel, in order, but for those that need not wait for a cell."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import zmq
from jupyter_client.session import Session

log = logging.getLogger(__name__)

# Answered while a cell runs, with busy and idle for their own parent.
_ANSWERED_AT_ONCE = frozenset(
    {
        "comm_close",
        "comm_info_request",
        "comm_msg",
        "comm_open",
        "complete_request",
        "connect_request",
        "history_request",
        "inspect_request",
        "interrupt_request",
        "is_complete_request",
        "kernel_info_request",
    }
)


class Requests:
    """The queue of requests.

    serve: serves one. answer: answers one while another is served; given who asks, and what.
    """

    def __init__(
        self,
        session: Session,
        serve: Callable[[list[zmq.Frame]], Awaitable[None]],
        answer: Callable[[list[bytes], dict[str, Any]], Awaitable[None]],
    ) -> None:
        self._session = session
        self._serve = serve
        self._answer = answer
        self._queue: asyncio.Queue[list[zmq.Frame]] = asyncio.Queue()
        # Messages that have come and are not served to their end.
        self._waiting = 0
        self._answers: set[asyncio.Task[None]] = set()

    def receive(self, message: list[zmq.Frame]) -> None:
        """Take what has come: it is answered at once, if need be, or put into the queue."""
        if self._waiting:
            try:
                idents, frames = self._session.feed_identities(message, copy=False)
                header = self._session.deserialize(frames, content=False, copy=False)["header"]
            except Exception:
                log.exception("invalid message")
                return
            if header["msg_type"] in _ANSWERED_AT_ONCE:
                task = asyncio.create_task(self._answer_at_once(idents, frames))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)
                return
        self.put(message)

    async def _answer_at_once(
        self, idents: list[bytes], frames: list[bytes] | list[zmq.Frame]
    ) -> None:
        try:
            request = self._session.deserialize(frames, content=True, copy=False)
        except Exception:
            log.exception("invalid message")
            return
        await self._answer(idents, request)

    def put(self, message: list[zmq.Frame]) -> None:
        """Have it served behind those that wait."""
        self._waiting += 1
        self._queue.put_nowait(message)

    async def run(self) -> None:
        """Serve what comes. Does not end by itself."""
        while True:
            message = await self._queue.get()
            try:
                await self._serve(message)
            except Exception:
                log.exception("a request could not be served")
            finally:
                self._waiting -= 1
                self._queue.task_done()

    async def join(self) -> None:
        """Wait until all that have come are served."""
        await self._queue.join()
