"""How fast a lot of output gets through, and whether all of it does."""

from __future__ import annotations

from functools import partial

from benchmarks.client import Ran, RunningKernel
from benchmarks.measure import Aim, Measure, Taken

_LINE_BYTES = 100
_FLOOD_WITHIN = 60.0
# With a number of 7 digits, a space and the newline, a line has 100 bytes.
_TEXT = "a line such as a build or a test run writes, and nobody reads ".ljust(91, ".")
# Of 2 to 9 bytes each.
_NUMBERS = 13_000_000
_LONG_LINE = 10_000_000

# Told in place of figures, which would take minutes and say no more.
_TOO_SLOW = {
    "bash_kernel": "it takes ten times as long as for 10 MB",
    "metakernel_bash": "its time grows with the square of the size",
}
_UNFINISHED = dict.fromkeys(
    ("bash_kernel", "metakernel_bash"),
    "at each read it searches all that came of the line, so its time grows with the square",
)


def _lines(running: RunningKernel, megabytes: int) -> Taken:
    count = megabytes * 1_000_000 // _LINE_BYTES
    run = running.execute(f"seq -f '%07.0f {_TEXT}' 1 {count}", _FLOOD_WITHIN)
    return _taken(run, _TEXT, count, "lines lost")


def _numbers(running: RunningKernel) -> Taken:
    run = running.execute(f"seq 1 {_NUMBERS}", _FLOOD_WITHIN)
    return _taken(run, "\n", _NUMBERS, "lines lost")


def _long_line(running: RunningKernel) -> Taken:
    run = running.execute(f"head -c {_LONG_LINE} /dev/zero | tr '\\0' x", _FLOOD_WITHIN)
    return _taken(run, "x", _LONG_LINE, "bytes lost")


def _taken(run: Ran, piece: str, count: int, lost: str) -> Taken:
    text = "".join(message.text() for message in run.output)
    # Pieces rather than bytes: some kernels send \r\n, or a repr in one result.
    facts = {lost: count - text.count(piece), "messages": len(run.output)}
    return Taken((run.seconds,), facts)


MEASURES = (
    Measure(
        name="lines-1mb",
        title="1 MB of lines",
        unit="s",
        take=partial(_lines, megabytes=1),
        languages=("bash", "output"),
        baseline="best peer",
        rounds=3,
        quick_rounds=1,
    ),
    Measure(
        name="lines-10mb",
        title="10 MB of lines",
        unit="s",
        take=partial(_lines, megabytes=10),
        languages=("bash", "output"),
        baseline="best peer",
        rounds=3,
        quick_rounds=1,
        aim=Aim(40, of="rate"),
        not_tried={"metakernel_bash": _TOO_SLOW["metakernel_bash"]},
    ),
    Measure(
        name="lines-100mb",
        title="100 MB of lines",
        unit="s",
        take=partial(_lines, megabytes=100),
        languages=("bash", "output"),
        baseline="ceiling",
        rounds=3,
        quick_rounds=1,
        aim=Aim(0.5, of="rate"),
        not_tried=_TOO_SLOW,
    ),
    Measure(
        name="seq-100mb",
        title=f"`seq 1 {_NUMBERS}`, 106 MB",
        unit="s",
        take=_numbers,
        languages=("bash", "output"),
        baseline="ceiling",
        rounds=3,
        quick_rounds=1,
        not_tried=_TOO_SLOW,
    ),
    Measure(
        name="long-line",
        title="10 MB without a newline",
        unit="s",
        take=_long_line,
        languages=("bash", "output"),
        baseline="ceiling",
        rounds=3,
        quick_rounds=1,
        not_tried=_UNFINISHED,
    ),
)
