"""How long one waits for completions and for documentation."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.client import NotOffered, RunningKernel
from benchmarks.measure import Measure, Taken

_WITHIN = 5.0


def _complete(running: RunningKernel, code: str, wanted: str) -> Taken:
    milliseconds, reply = _answer(running, "complete_request", {}, code)
    if wanted not in (str(match).strip() for match in reply.get("matches", ())):
        raise NotOffered(f"no {wanted} among the completions of {code!r}")
    return Taken((milliseconds,))


def _inspect(running: RunningKernel, code: str) -> Taken:
    milliseconds, reply = _answer(running, "inspect_request", {"detail_level": 0}, code)
    if not reply.get("found") or not reply.get("data"):
        raise NotOffered(f"nothing about {code!r}")
    return Taken((milliseconds,))


def _answer(
    running: RunningKernel, kind: str, content: dict[str, Any], code: str
) -> tuple[float, dict[str, Any]]:
    """Milliseconds to reply and idle, and the reply, with the cursor at the code's end."""
    sent, request = running.ask(kind, {**content, "code": code, "cursor_pos": len(code)})
    settled = running.settle([request], _WITHIN)
    return (settled.done - sent) * 1000, settled.replies[0]


MEASURES = (
    Measure(
        name="complete",
        title="completion of `ec`",
        unit="ms",
        take=partial(_complete, code="ec", wanted="echo"),
        baseline="best peer",
        rounds=10,
        quick_rounds=5,
    ),
    Measure(
        name="complete-git",
        title="completion of `git che`",
        unit="ms",
        take=partial(_complete, code="git che", wanted="checkout"),
        baseline="best peer",
        rounds=10,
        quick_rounds=5,
    ),
    Measure(
        name="inspect",
        title="inspection of `ls`",
        unit="ms",
        take=partial(_inspect, code="ls"),
        baseline="best peer",
        rounds=10,
        quick_rounds=5,
    ),
)
