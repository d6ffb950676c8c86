"""Answers while the shell is busy, from what was known when it was last idle."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mykernel.drivers.agent import AgentChild
from mykernel.markers import Mark, StreamDecoder
from mykernel.terminal.processes import folder_of

# (key, value) pairs, as the agent replies them.
Answers = Sequence[tuple[str, str]]


def answers(replies: Iterable[Mark]) -> Answers:
    """The pairs in the agent's R marks."""
    pairs = (mark.payload.partition("=") for mark in replies)
    return [(key, value) for key, _, value in pairs]


async def stand_in(bash: Path, child: AgentChild, words: Sequence[str], seconds: float) -> Answers:
    """Put a question to a shell of its own, which knows the busy one's names and folder.

    No answers when it takes longer than so many seconds.
    """
    process = await asyncio.create_subprocess_exec(
        bash, "--norc", "--noprofile", child.folder / "agent", *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder_of(child.terminal.leader),
        env={
            **os.environ,
            "__mk_stand_in": "1",
            "__mk_dir": str(child.folder),
            "__mk_k": child.nonce,
        },
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), seconds)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return []
    return answers(e for e in StreamDecoder(child.nonce).feed(said) if isinstance(e, Mark))
