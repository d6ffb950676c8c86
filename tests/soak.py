"""Run many cells in one session, and show whether it grows slower or larger.

By hand: python tests/soak.py --cells 10000
"""

# ruff: noqa: T201 -- a command line
from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from frontend import FrontEnd, launch

WARM_UP = 100
COMPARED = 100
# What cells do, by turns: each leaves the session as it was.
KINDS = (
    "echo {n}",
    "x={n}; echo $((x * 2))",
    "for i in 1 2 3; do echo $i; done",
    'f() {{ local a=$1; echo "$a"; }}; f {n}',
    "printf '%s\\n' {n} | cat",
    "echo {n} >&2",
    "false",
    "echo 'ü{n}'; printf partial",
    "if",
    "seq 100",
)


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak has shown. Seconds a cell; bytes and descriptors of the kernel's process.

    latencies: of each cell behind the warm-up.
    """

    latencies: list[float]
    memory_before: int
    memory_after: int
    descriptors_before: int
    descriptors_after: int

    @property
    def growth(self) -> int:
        return self.memory_after - self.memory_before

    @property
    def first(self) -> float:
        """The median of the first cells behind the warm-up."""
        return statistics.median(self.latencies[:COMPARED])

    @property
    def last(self) -> float:
        return statistics.median(self.latencies[-COMPARED:])


def soak(front_end: FrontEnd, cells: int) -> Soaked:
    """Run so many cells behind the warm-up, one after the other."""
    for _ in _run(front_end, 0, WARM_UP):
        pass
    process = psutil.Process(front_end.pid)
    memory, descriptors = process.memory_info().rss, process.num_fds()
    latencies = list(_run(front_end, WARM_UP, cells))
    return Soaked(latencies, memory, process.memory_info().rss, descriptors, process.num_fds())


def _run(front_end: FrontEnd, start: int, cells: int) -> Iterator[float]:
    """Run cells, and say how long each took."""
    for n in range(start, start + cells):
        code = KINDS[n % len(KINDS)].format(n=n)
        begin = time.perf_counter()
        front_end.execute(code, stop_on_error=False)
        yield time.perf_counter() - begin
        # What is compared is the kernel, and not the client's own bookkeeping.
        front_end.sent.clear()
        front_end.replies.clear()
        front_end.idles.clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_000, help="how many (default: %(default)s)")
    cells = parser.parse_args().cells
    argv = [sys.executable, "-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"]
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, JUPYTER_DATA_DIR=home, JUPYTER_RUNTIME_DIR=home)
        gc.disable()
        front_end = launch(argv, Path(home))
        try:
            soaked = soak(front_end, cells)
        finally:
            front_end.close()
    print(f"{cells} cells, behind {WARM_UP} to warm up")
    print(f"median latency of the first {COMPARED}: {soaked.first * 1000:.2f} ms")
    print(f"median latency of the last {COMPARED}: {soaked.last * 1000:.2f} ms")
    print(f"last against first: {soaked.last / soaked.first - 1:+.1%}")
    print(f"kernel's memory: {soaked.memory_before / 1e6:.1f} MB, {soaked.growth / 1e6:+.2f} MB")
    print(f"descriptors: {soaked.descriptors_before}, then {soaked.descriptors_after}")


if __name__ == "__main__":
    main()
