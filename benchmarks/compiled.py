"""`python -m benchmarks.compiled`: cells of Go, beside `go build` and the program run by hand.

The program by hand is what the cell says and what it uses of earlier cells, no more. Each sample is
a program that was never built before.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import processes
from benchmarks.client import RunningKernel, Unmeasurable
from benchmarks.machine import machine
from benchmarks.measure import TIMES
from benchmarks.page import Page
from benchmarks.peers import ours
from mykernel.errors import ToolchainMissing
from mykernel.languages import language

_PAGE = Page("compiled", __doc__)
_ROUNDS, _QUICK_ROUNDS = 16, 5
_WITHIN = 120.0
# Declarations that a session remembers.
_REMEMBERED = (0, 100, 500, 2000)
# Values of 8 bytes in a snapshot of 40 MB.
_FLOATS = 5_000_000

_DECLARATION = """func remembered{0}(x int) int {{
	if x > {0} {{
		return x - {0}
	}}
	return x * 2
}}
"""
# The program by hand, around what the cell says.
_BY_HAND = """package main

import "fmt"

var total int

func used(x int) int {{ return x + 1 }}

func main() {{
{}
}}
"""
_NUMBERS = count(1)


@dataclass(slots=True)
class Found:
    """What was measured, in ms, and by a name of its own where it is something else.

    cells: by how many declarations are remembered. by_hand: of the same program.
    """

    cells: dict[int, list[float]] = field(default_factory=dict)
    by_hand: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    complete: list[float] = field(default_factory=list)
    small: list[float] = field(default_factory=list)
    snapshot: list[float] = field(default_factory=list)
    helper: int = 0


def main() -> int:
    """Measure, print the table, write it to benchmarks/results/. No figure changes the status."""
    chosen = _PAGE.arguments()
    try:
        go = language("go").find_toolchain()
    except ToolchainMissing as e:
        print(f"not measured: {e}", file=sys.stderr)
        return 0
    about = {**machine(), "Go": go.version}
    # What Go has compiled of std is there, as on any machine on which it was used before.
    cache = subprocess.run([go.path, "env", "GOCACHE"], capture_output=True, text=True, check=True)
    os.environ["GOCACHE"] = cache.stdout.strip()
    with tempfile.TemporaryDirectory(prefix="bench-home-") as home:
        found = _take(go.path, _QUICK_ROUNDS if chosen.quick else _ROUNDS, Path(home))
    _PAGE.publish(table(found), about, chosen)
    return 0


def table(found: Found) -> str:
    """Markdown: a row a measure, medians."""
    by_hand, flat = median(found.by_hand), median(found.cells[0])
    rows = [("`go build` and run by hand, of the same program", f"{by_hand:.0f} ms", "1")]
    for remembered, values in found.cells.items():
        what = f"a cell, with values kept, at {remembered:,} remembered declarations"
        ratio = f"{median(values) / by_hand:.2f} {TIMES}"
        if remembered:
            ratio += f", {median(values) / flat:.2f} {TIMES} that at 0"
        rows.append((what, f"{median(values):.0f} ms", ratio))
    kept = median(found.snapshot) - median(found.small)
    rows += [
        ("first cell, from the kernel's start on", f"{median(found.first):.0f} ms", ""),
        ("completion at 2,000 remembered declarations", f"{median(found.complete):.1f} ms", ""),
        ("what a cell takes longer that loads and keeps 40 MB", f"{kept:.0f} ms", ""),
        ("memory of the helper, at the end", f"{found.helper / 1e6:.0f} MB", ""),
    ]
    head = ["| | median | against by hand |", "| --- | --- | --- |"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])


def _take(go: Path, rounds: int, home: Path) -> Found:
    """Measure all in turn. Blocks; ends what it started."""
    found, order = Found(), random.Random(3)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-go-")))
        takings: list[Callable[[], None]] = [lambda: found.by_hand.append(_by_hand(go, folder))]
        for remembered in _REMEMBERED:
            running = stack.enter_context(_kernel(home))
            _remember(running, remembered)
            values = found.cells[remembered] = []
            takings.append(lambda r=running, v=values: v.append(_cell(r)))  # type: ignore[misc]
        takings += [
            lambda: found.complete.append(_completion(running)),
            lambda: found.small.append(_changed(running, "small")),
            lambda: found.snapshot.append(_changed(running, "large")),
            lambda: found.first.append(_first_cell(home)),
        ]
        for round_ in range(rounds + 1):
            for take in order.sample(takings, len(takings)):
                take()
            if round_ == 0:  # it warmed the caches
                for values in (*found.cells.values(), found.by_hand, found.first):
                    values.clear()
                for values in (found.complete, found.small, found.snapshot):
                    values.clear()
        found.helper = _helper_memory(running)
    return found


def _kernel(home: Path) -> RunningKernel:
    # The first cell, too, is a program that was never built.
    return RunningKernel(ours("go", noop=f"_ = {next(_NUMBERS)}"), home)


def _first_cell(home: Path) -> float:
    with _kernel(home) as running:
        return running.first_cell_seconds * 1000


def _remember(running: RunningKernel, declarations: int) -> None:
    """Have the session know so many functions, and a few values."""
    _run(running, "total := 0\nlarge := make([]float64, 1)\nsmall := make([]float64, 1)", "")
    _run(running, f"large = make([]float64, {_FLOATS})", "")
    for first in range(0, declarations, 100):
        cell = "".join(_DECLARATION.format(n) for n in range(first, first + 100))
        _run(running, cell, "")
    _run(running, "func used(x int) int { return x + 1 }", "")


def _program(number: int) -> str:
    return f'total = used(total) + {number} - {number}\nfmt.Println("at", total, {number})'


def _cell(running: RunningKernel) -> float:
    number = next(_NUMBERS)
    return _run(running, _program(number), str(number))


def _by_hand(go: Path, folder: Path) -> float:
    """ms of building and running what a cell would be."""
    number = next(_NUMBERS)
    (folder / "go.mod").write_text("module byhand\n\ngo 1.24\n")
    (folder / "main.go").write_text(_BY_HAND.format(_program(number)))
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    begun = perf_counter()
    subprocess.run([go, "build", "-o", "byhand"], cwd=folder, env=env, check=True)
    said = subprocess.run([folder / "byhand"], capture_output=True, text=True, check=True).stdout
    seconds = perf_counter() - begun
    if str(number) not in said:
        raise Unmeasurable(f"the program by hand said {said!r}")
    return seconds * 1000


def _changed(running: RunningKernel, name: str) -> float:
    number = next(_NUMBERS)
    return _run(running, f'{name}[0] = {number}\nfmt.Println("at", {name}[0])', str(number))


def _run(running: RunningKernel, code: str, shows: str) -> float:
    """ms of one cell. Raises `Unmeasurable` when it did not show what it should."""
    ran = running.execute(code, _WITHIN)
    if not ran.printed(shows):
        raise Unmeasurable(f"a cell of Go did not show {shows!r}")
    return ran.seconds * 1000


def _completion(running: RunningKernel) -> float:
    """ms of one completion, of what std and the session have."""
    code = "x := strings.Replace(us"
    sent, request = running.ask("complete_request", {"code": code, "cursor_pos": len(code)})
    settled = running.settle([request], _WITHIN)
    if "used" not in settled.replies[0]["matches"]:
        raise Unmeasurable("completion did not find what a cell has declared")
    return (settled.done - sent) * 1000


def _helper_memory(running: RunningKernel) -> int:
    """What the helper holds, in bytes; not known where there is no /proc."""
    found = [p for p in processes.tree(running.pid) if _program_of(p.pid) == "bin"]
    return processes.memory(found)


def _program_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
