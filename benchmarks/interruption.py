"""How soon an interrupt ends a cell, quiet or pouring out, and what a flood costs."""

from __future__ import annotations

from benchmarks import processes
from benchmarks.client import Message, RunningKernel, Unmeasurable
from benchmarks.measure import Aim, Measure, Taken

# By then any shell has come to its sleep.
_UNDER_WAY_IN = 0.5
_FLOOD_LASTS = 3.0
_IDLE_WITHIN = 8.0
_CELL_WITHIN = 10.0


def _sleeping(running: RunningKernel) -> Taken:
    return Taken((_interrupted(running, "sleep 60", _UNDER_WAY_IN, []) * 1000,))


def _flooding(running: RunningKernel) -> Taken:
    before = processes.resident(running.pid)
    processes.forget_peak(running.pid)
    arrived: list[int] = []
    seconds = _interrupted(running, "yes", _FLOOD_LASTS, arrived)
    growth = processes.peak(running.pid) - before
    facts = {"MB that arrived": _megabytes(sum(arrived))}
    # Unknown where there is no /proc.
    peak = {"MB of peak growth (RSS of the kernel's own process)": _megabytes(growth)}
    return Taken((seconds * 1000,), {**facts, **(peak if before else {})})


def _interrupted(running: RunningKernel, code: str, lasts: float, arrived: list[int]) -> float:
    """Seconds from interrupting a cell that has run for a while to its reply and idle.

    arrived: gets the size of each output, in code points. They are taken in all the time.
    """

    def sink(message: Message) -> None:
        if message.is_output:
            arrived.append(len(message.text()))

    sent, request = running.begin(code)
    for message in running.arrivals(sent + lasts):
        sink(message)
    asked = running.interrupt()
    done = running.settle([request], _IDLE_WITHIN, sink).done
    # An interrupt that leaves the shell out of step has not ended the cell.
    if not running.execute("echo hello", _CELL_WITHIN).printed("hello"):
        raise Unmeasurable("the next cell's output did not come")
    return done - asked


def _megabytes(size: int) -> int:
    return round(size / 1_000_000)


MEASURES = (
    Measure(
        name="interrupt",
        title="interrupt of `sleep 60` to idle",
        unit="ms",
        take=_sleeping,
        baseline="best peer",
        rounds=7,
        quick_rounds=3,
        aim=Aim(20, of="value"),
    ),
    Measure(
        name="flood",
        title=f"`yes` for {_FLOOD_LASTS:.0f} s, interrupt to idle",
        unit="ms",
        take=_flooding,
        fresh=True,
        baseline="best peer",
        rounds=3,
        quick_rounds=1,
    ),
)
