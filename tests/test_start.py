"""How long a child has to come to its first prompt."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import sys

import pytest
from frontend import PATIENCE

from mykernel.contract import SessionOptions
from mykernel.drivers import agent
from mykernel.drivers.agent import AgentChild
from mykernel.drivers.line import Program
from mykernel.errors import ChildNotStarted
from mykernel.terminal.processes import HAS_PROC, time_used

SLOW = """
sleep 0.3
printf '\\033]133;D;k=%s;i=0;s=0\\007' "$1"
cat
"""


async def start() -> None:
    """Start a program that takes many times the limit that the tests give it."""
    child = AgentChild(
        lambda _, nonce: Program(["sh", "-c", SLOW, "sh", nonce], dict(os.environ)),
        SessionOptions(merge_stderr=True),
        last_field="s",
    )
    try:
        await asyncio.wait_for(child.started(), PATIENCE)
    finally:
        await child.close()


@pytest.fixture(autouse=True)
def _limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "_START_TIMEOUT", 0.01)


def test_a_start_that_is_at_work_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "_AT_WORK", -1.0)
    asyncio.run(start())


@pytest.mark.parametrize(("name", "value"), [("_AT_WORK", math.inf), ("_ENDLESS", -1.0)])
def test_a_start_that_does_nothing_or_goes_round_is_given_up(
    monkeypatch: pytest.MonkeyPatch, name: str, value: float
) -> None:
    monkeypatch.setattr(agent, "_AT_WORK", -1.0)
    monkeypatch.setattr(agent, name, value)
    with pytest.raises(ChildNotStarted, match="did not come to its prompt"):
        asyncio.run(start())


@pytest.mark.skipif(not HAS_PROC, reason="/proc tells")
def test_the_processor_time_of_all_below_a_process_is_known() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True); input()"
    below = ["sh", "-c", f"{sys.executable} -c '{burn}'; exit"]
    with subprocess.Popen(below, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        used = time_used(process.pid)
        process.stdin.close()
    assert used >= 0.25
