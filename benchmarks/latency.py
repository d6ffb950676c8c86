"""How long one waits: for the first cell, for a small cell, for the first output."""

from __future__ import annotations

from functools import partial

from benchmarks.client import RunningKernel, Unmeasurable
from benchmarks.measure import Aim, Measure, Taken

# One taking of a round trip: so many in a row, after one that warms the caches.
_IN_A_ROW = 10
_CELL_WITHIN = 10.0


def _start(running: RunningKernel) -> Taken:
    return Taken((running.first_cell_seconds * 1000,))


def _round_trips(running: RunningKernel, code: str, prints: str = "") -> Taken:
    running.execute(code, _CELL_WITHIN)
    runs = [running.execute(code, _CELL_WITHIN) for _ in range(_IN_A_ROW)]
    if running.kernel.language != "nothing":
        for run in runs:
            if not run.printed(prints):
                raise Unmeasurable("the cell's output did not come before its idle")
    return Taken(tuple(run.seconds * 1000 for run in runs))


def _first_output(running: RunningKernel, code: str) -> Taken:
    run = running.execute(code, _CELL_WITHIN)
    if not run.output:
        raise Unmeasurable("no output")
    return Taken(((run.output[0].at - run.sent) * 1000,))


MEASURES = (
    Measure(
        name="start",
        title="start to first cell",
        unit="ms",
        take=_start,
        languages=("bash", "python", "nothing"),
        fresh=True,
        baseline="ipykernel",
        rounds=7,
        quick_rounds=3,
        aim=Aim(0.8),
    ),
    Measure(
        name="roundtrip",
        title="round trip of `:`",
        unit="ms",
        take=partial(_round_trips, code=":"),
        languages=("bash", "nothing"),
        baseline="floor",
        rounds=20,
        quick_rounds=5,
        statistics=("median", "p95"),
        aim=Aim(0.95),
    ),
    Measure(
        name="roundtrip-echo",
        title="round trip of `echo hello`",
        unit="ms",
        take=partial(_round_trips, code="echo hello", prints="hello"),
        languages=("bash", "nothing"),
        baseline="floor",
        rounds=20,
        quick_rounds=5,
        statistics=("median", "p95"),
    ),
    Measure(
        name="first-output",
        title="first output of `echo first; sleep 1`",
        unit="ms",
        take=partial(_first_output, code="echo first; sleep 1"),
        baseline="best peer",
        rounds=7,
        quick_rounds=3,
    ),
    Measure(
        name="first-output-partial",
        title="first output of `printf first; sleep 1`",
        unit="ms",
        take=partial(_first_output, code="printf first; sleep 1"),
        baseline="best peer",
        rounds=7,
        quick_rounds=3,
    ),
)
