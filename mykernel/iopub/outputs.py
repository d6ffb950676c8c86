"""Where a cell's output goes: the iopub messages of one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from mykernel.contract import Display, NobodyThere, StreamName
from mykernel.iopub.governor import StreamGovernor
from mykernel.iopub.shown import Publisher


class Outputs:
    """A `Publisher` for one request.

    publish: sends an iopub message, by type and content, under that request's name.
    schedule: has a function called in iopub's thread, behind all that is to be sent.
    execution_count: the cell's, for an `execute_result`.
    """

    def __init__(
        self,
        publish: Callable[[str, dict[str, Any]], None],
        schedule: Callable[[Callable[[], object]], None],
        execution_count: int,
    ) -> None:
        self._publish = publish
        self._schedule = schedule
        self._execution_count = execution_count

    def stream(self, name: StreamName, text: str) -> None:
        self._publish("stream", {"name": name, "text": text})

    def display(self, text: str, display_id: str, update: bool) -> None:
        content = {
            "data": {"text/plain": text},
            "metadata": {},
            "transient": {"display_id": display_id},
        }
        self._publish("update_display_data" if update else "display_data", content)

    def bundle(self, display: Display) -> None:
        content: dict[str, Any] = {"data": display.data, "metadata": display.metadata}
        if display.display_id:
            content["transient"] = {"display_id": display.display_id}
        if display.kind == "execute_result":
            content["execution_count"] = self._execution_count
        self._publish(display.kind, {"transient": {}, **content})

    def clear(self, wait: bool = True) -> None:
        self._publish("clear_output", {"wait": wait})

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

    def bundle(self, display: Display) -> None:
        pass

    def clear(self, wait: bool = True) -> None:
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
