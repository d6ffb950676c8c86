"""What a cell waits for while Go compiles what it has not compiled before."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable

from mykernel.contract import CellOutput, Display, DisplayKind

# Seconds that are not worth a word, and between two looks.
_PATIENCE = 3.0
_TICK = 0.5


class Progress:
    """Tells in one line what a cell waits for, from the start on until `end`, when it is gone.

    doing: says it, "" where there is nothing to say.
    """

    def __init__(self, output: CellOutput, doing: Callable[[], Awaitable[str]]) -> None:
        self._output = output
        self._doing = doing
        self._display_id = ""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        start = time.monotonic()
        await asyncio.sleep(_PATIENCE)
        while True:
            if what := await self._doing():
                self._show(f"mykernel: {what}, {time.monotonic() - start:.0f} s so far ...")
            await asyncio.sleep(_TICK)

    def _show(self, text: str) -> None:
        kind: DisplayKind = "update_display_data"
        if not self._display_id:
            kind, self._display_id = "display_data", uuid.uuid4().hex
        self._output.display(Display(kind, {"text/plain": text}, display_id=self._display_id))

    def end(self) -> None:
        """What the cell waited for is there. May be called again."""
        self._watching.cancel()
        if self._display_id:
            gone = Display("update_display_data", {}, display_id=self._display_id)
            self._output.display(gone)
            self._display_id = ""
