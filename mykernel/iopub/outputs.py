"""Where a cell's output goes: the iopub messages of one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from mykernel.contract import NobodyThere, StreamName
from mykernel.iopub.governor import StreamGovernor
from mykernel.iopub.shown import Publisher


class Outputs:
    """A `Publisher` for one request.

    publish: sends an iopub message, by type and content, under that request's name.
    schedule: has a function called in iopub's thread, behind all that is to be sent.
    """

    def __init__(
        self,
        publish: Callable[[str, dict[str, Any]], None],
        schedule: Callable[[Callable[[], object]], None],
    ) -> None:
        self._publish = publish
        self._schedule = schedule

    def stream(self, name: StreamName, text: str) -> None:
        self._publish("stream", {"name": name, "text": text})

    def display(self, text: str, display_id: str, update: bool) -> None:
        content = {
            "data": {"text/plain": text},
            "metadata": {},
            "transient": {"display_id": display_id},
        }
        self._publish("update_display_data" if update else "display_data", content)

    def clear(self) -> None:
        self._publish("clear_output", {"wait": True})

    async def drained(self) -> None:
        loop = asyncio.get_running_loop()
        sent = asyncio.Event()
        self._schedule(lambda: loop.call_soon_threadsafe(sent.set))
        await sent.wait()


class NoOutputs:
    """A `Publisher` for silent cells."""

    def stream(self, name: StreamName, text: str) -> None:
        pass

    def display(self, text: str, display_id: str, update: bool) -> None:
        pass

    def clear(self) -> None:
        pass

    async def drained(self) -> None:
        pass


class CellOutput(StreamGovernor):
    """A `mykernel.contract.CellOutput`: governs what a cell writes, and asks for what it reads.

    ask: puts a question to the front end; None where it takes none.
    """

    def __init__(
        self,
        publisher: Publisher,
        rows: int,
        columns: int,
        limit: int | None,
        ask: Callable[[str, bool], Awaitable[str | None]] | None,
    ) -> None:
        # Whom nobody watches, such as nbclient, keeps streams as they are sent.
        super().__init__(publisher, rows, columns, limit, kept_as_sent=ask is None)
        self._ask = ask

    async def input(self, prompt: str, password: bool) -> str | None:
        """What the user types; see the contract. Raises `NobodyThere`."""
        if self._ask is None:
            raise NobodyThere
        # The prompt is seen before the question.
        self.flush()
        return await self._ask(prompt, password)
