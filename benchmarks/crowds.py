"""Many at once: kernels, queued cells, lines in one cell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from time import perf_counter

from benchmarks.client import Ran, RunningKernel, TimedOut, Unmeasurable, check, free_ports
from benchmarks.measure import Measure, Taken

_KERNELS = 8
_CELLS = 200
_CELLS_WITHIN = 40.0
_SOURCE_LINE = f": {'x' * 77}\n"
_SOURCE_BYTES = 1_000_000
_SOURCE_WITHIN = 5.0
_CELL_WITHIN = 30.0


def _kernels(running: RunningKernel) -> Taken:
    kernel, home = running.kernel, running.home
    code = 'print("hello")' if kernel.language == "python" else "echo hello"
    gate = Barrier(_KERNELS)

    def run(ports: list[int]) -> float:
        try:
            with RunningKernel(kernel, home, ports) as one:
                ran = _execute(one, code, _CELL_WITHIN)
                # None ends while another still starts.
                gate.wait(_CELL_WITHIN)
                return ran.done
        except BaseException:
            gate.abort()
            raise

    with ThreadPoolExecutor(_KERNELS) as threads:
        launched = perf_counter()
        ends = [threads.submit(run, ports) for ports in free_ports(_KERNELS)]
    broken = [e for end in ends if (e := end.exception())]
    for reason in broken:
        # The others only say that they waited for this one.
        if not isinstance(reason, BrokenBarrierError):
            raise reason
    if broken:
        raise TimedOut(f"timed out after {_CELL_WITHIN:.0f} s")
    return Taken((max(end.result() for end in ends) - launched,))


def _queued(running: RunningKernel) -> Taken:
    sent = perf_counter()
    requests = [running.begin(":")[1] for _ in range(_CELLS)]
    settled = running.settle(requests, _CELLS_WITHIN)
    check(settled)
    return Taken((settled.done - sent,))


def _large(running: RunningKernel) -> Taken:
    lines = _SOURCE_LINE * (_SOURCE_BYTES // len(_SOURCE_LINE))
    return Taken((_execute(running, f"{lines}echo hello", _SOURCE_WITHIN).seconds,))


def _execute(running: RunningKernel, code: str, within: float) -> Ran:
    """Run a cell that prints hello."""
    run = running.execute(code, within)
    if not run.printed("hello"):
        raise Unmeasurable("the cell's output did not come before its idle")
    return run


MEASURES = (
    Measure(
        name="large-cell",
        title="cell of 1 MB, 12,500 lines",
        unit="s",
        take=_large,
        baseline="best peer",
        rounds=5,
        quick_rounds=2,
    ),
    Measure(
        name="queue",
        title=f"{_CELLS} queued cells to the last idle",
        unit="s",
        take=_queued,
        languages=("bash", "nothing"),
        baseline="floor",
        rounds=2,
        quick_rounds=1,
        not_quick=dict.fromkeys(
            ("bash_kernel", "metakernel_bash"), "it takes long, and only the full run does it"
        ),
    ),
    Measure(
        name="kernels",
        title=f"{_KERNELS} kernels started at once, to the last idle of `echo hello`",
        unit="s",
        take=_kernels,
        languages=("bash", "python"),
        baseline="ipykernel",
        rounds=3,
        quick_rounds=1,
    ),
)
