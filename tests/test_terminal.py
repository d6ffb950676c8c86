"""A child in its terminals, without a driver."""

from __future__ import annotations

import asyncio
from pathlib import Path

from frontend import PATIENCE
from toolchains import needs

from mykernel.contract import StreamName
from mykernel.markers import Event, Text, new_nonce
from mykernel.terminal import Command, Terminal


def test_what_was_written_before_has_come_when_the_terminal_has_caught_up(tmp_path: Path) -> None:
    bash = needs("bash", "bash")
    code = "echo out; echo err >&2; read x"

    async def drive() -> None:
        received: list[tuple[StreamName, Event]] = []
        ended = asyncio.Event()
        terminal = Terminal(
            Command([str(bash), "-c", code], {}, str(tmp_path), new_nonce(), 24, 80),
            lambda name, event: received.append((name, event)),
            lambda _: ended.set(),
        )
        terminal.pause()
        while (reader := terminal.foreground.reader()) is None:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert received == []
        assert not await terminal.caught_up(), "nothing is read while it is paused"
        terminal.resume()
        assert await terminal.caught_up()
        assert sorted(received) == [("stderr", Text("err\n")), ("stdout", Text("out\n"))]
        terminal.answer(reader, "")
        await ended.wait()

    asyncio.run(asyncio.wait_for(drive(), PATIENCE))
