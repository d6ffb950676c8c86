"""Run many cells in one session, and show whether it grows slower or larger.

By hand: python tests/soak.py --cells 10000
Output of 1 KB, 10 KB, ... through one kernel: python tests/soak.py --output 1000000000
"""

# ruff: noqa: T201 -- a command line
from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from frontend import PATIENCE, FrontEnd, launch_bash

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
    """What a soak has shown. Seconds a cell; bytes (RSS); descriptors of the kernel's process.

    latencies: of each cell behind the warm-up.
    """

    latencies: list[float]
    memory_before: int
    memory_after: int
    shell_before: int
    shell_after: int
    descriptors_before: int
    descriptors_after: int

    @property
    def growth(self) -> int:
        """Of the kernel's process."""
        return self.memory_after - self.memory_before

    @property
    def shell_growth(self) -> int:
        return self.shell_after - self.shell_before

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
    kernel = psutil.Process(front_end.pid)
    shell = psutil.Process(int(front_end.execute("echo $$").stdout))
    memory, shell_memory = kernel.memory_info().rss, shell.memory_info().rss
    descriptors = kernel.num_fds()
    latencies = list(_run(front_end, WARM_UP, cells))
    return Soaked(
        latencies,
        memory_before=memory,
        memory_after=kernel.memory_info().rss,
        shell_before=shell_memory,
        shell_after=shell.memory_info().rss,
        descriptors_before=descriptors,
        descriptors_after=kernel.num_fds(),
    )


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


def print_output_table(front_end: FrontEnd, most: int) -> None:
    """Tell how long output of each size takes, and what the kernel's process grows to."""
    kernel = psutil.Process(front_end.pid)
    front_end.execute("seq 100000")
    print(f"{'bytes':>13} {'seconds':>9} {'ns a byte':>10} {'kernel, MB':>11}")
    size = 1_000
    while size <= most:
        # Small ones vary, so that the best of some is taken.
        seconds = min(_time_output(front_end, size) for _ in range(5 if size < 10**8 else 1))
        memory = kernel.memory_info().rss / 1e6
        print(f"{size:>13,} {seconds:>9.4f} {seconds / size * 1e9:>10.1f} {memory:>11.1f}")
        size *= 10


def _time_output(front_end: FrontEnd, size: int) -> float:
    """Seconds from a request to its idle, with every byte of the output there, and kept nowhere."""
    client, arrived = front_end.client, 0
    begin = time.perf_counter()
    msg_id = client.execute(f"seq 200000000 | head -c {size}", allow_stdin=False)
    while True:
        message = client.get_iopub_msg(timeout=PATIENCE)
        content = message["content"]
        if message["parent_header"].get("msg_id") != msg_id:
            continue
        if message["msg_type"] == "stream":
            arrived += len(content["text"])
        if content.get("execution_state") == "idle":
            break
    seconds = time.perf_counter() - begin
    client.get_shell_msg(timeout=PATIENCE)
    assert arrived == size, f"{arrived} of {size} bytes have come"
    return seconds


def print_soak(front_end: FrontEnd, cells: int) -> None:
    soaked = soak(front_end, cells)
    print(f"{cells} cells, behind {WARM_UP} to warm up")
    print(f"median latency of the first {COMPARED}: {soaked.first * 1000:.2f} ms")
    print(f"median latency of the last {COMPARED}: {soaked.last * 1000:.2f} ms")
    print(f"last against first: {soaked.last / soaked.first - 1:+.1%}")
    tenth = max(1, cells // 10)
    tenths = (soaked.latencies[n : n + tenth] for n in range(0, cells, tenth))
    medians = " ".join(f"{statistics.median(some) * 1000:.2f}" for some in tenths)
    print(f"of each tenth, in ms: {medians}")
    print(f"kernel's memory: {soaked.memory_before / 1e6:.1f} MB, {soaked.growth / 1e6:+.2f} MB")
    shell = f"{soaked.shell_before / 1e6:.1f} MB, {soaked.shell_growth / 1e6:+.2f} MB"
    print(f"shell's memory: {shell}")
    print(f"descriptors: {soaked.descriptors_before}, then {soaked.descriptors_after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--output", type=int, metavar="BYTES", help="the most that a cell writes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, JUPYTER_DATA_DIR=home, JUPYTER_RUNTIME_DIR=home)
        gc.disable()
        front_end = launch_bash(Path(home))
        try:
            if arguments.output:
                gc.enable()
                print_output_table(front_end, arguments.output)
            else:
                print_soak(front_end, arguments.cells)
        finally:
            front_end.close()


if __name__ == "__main__":
    main()
