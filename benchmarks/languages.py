"""`python -m benchmarks.languages`: a small cell in each language, beside its other kernels.

What a round trip may take is what the floor takes and what the language's own program takes on a
terminal for the same line.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.bare import Bare
from benchmarks.client import RunningKernel, Unmeasurable
from benchmarks.machine import machine
from benchmarks.measure import TIMES
from benchmarks.page import Page
from benchmarks.peers import FLOOR, OTHERS, Kernel, NotInstalled, ours
from mykernel.errors import ToolchainMissing
from mykernel.languages import language

_PAGE = Page("languages", __doc__)
# One taking: so many in a row, after one that warms the caches.
_IN_A_ROW = 10
_ROUNDS, _QUICK_ROUNDS = 10, 3
_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Case:
    """What is tried in a language.

    cell: one line, whose result or output holds `shows`.
    options: what its program gets when it runs by itself; its prompt then matches `prompt`.
    """

    name: str
    cell: str
    options: tuple[str, ...]
    prompt: bytes
    shows: str = "42"


CASES = (
    Case("javascript", "6 * 7", ("-i",), rb"> "),
    Case("octave", "6 * 7", ("--interactive", "--no-line-editing", "--quiet"), rb"octave:\d+> "),
    Case("gnuplot", "print 6 * 7", ("-d",), rb"gnuplot> "),
    Case("common-lisp", "(* 6 7)", ("--no-userinit",), rb"\* "),
    Case("gdb", "print 6 * 7", ("--quiet", "--nx"), rb"\(gdb\) "),
    Case("guile", "(* 6 7)", ("--no-auto-compile",), rb"> "),
    Case("haskell", "6 * 7", ("-ignore-dot-ghci", "-v0"), rb"> "),
    Case("lua", "6 * 7", ("-i",), rb"> "),
    Case("maxima", "6 * 7;", ("--quiet", "--disable-readline"), rb"\(%i\d+\) "),
    Case("python-repl", "6 * 7", ("-i", "-q"), rb">>> "),
    Case("r", "6 * 7", ("--no-save", "--no-restore", "--no-readline", "--quiet"), rb"> "),
    Case("ruby", "6 * 7", ("-f", "--simple-prompt", "--nomultiline", "--noreadline"), rb">> "),
    Case("sqlite", "select 6 * 7;", ("-interactive",), rb"sqlite> "),
    Case("tcl", "expr 6 * 7", (), rb"% "),
)


@dataclass(slots=True)
class Row:
    """What was measured in a language, in ms; empty where a thing could not be."""

    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def main() -> int:
    """Measure, print the table, write it to benchmarks/results/. No figure changes the status."""
    chosen = _PAGE.arguments()
    about = machine()
    rows = {}
    with tempfile.TemporaryDirectory(prefix="bench-home-") as home:
        for case in CASES:
            print(f"measuring {case.name}", file=sys.stderr, flush=True)
            rows[case.name] = _take(case, _QUICK_ROUNDS if chosen.quick else _ROUNDS, Path(home))
    _PAGE.publish(table(rows), about, chosen)
    return 0


def table(rows: dict[str, Row]) -> str:
    """Markdown: a row a language, medians, ours and the peer's against floor plus program."""
    lines = [
        "| language | mykernel | other kernel | floor | its program alone |",
        "| --- | --- | --- | --- | --- |",
    ]
    notes = []
    for name, row in rows.items():
        bound = median(row.floor) + median(row.bare) if row.floor and row.bare else None
        cells = [_cell(row.ours, bound), _cell(row.peer, bound)]
        cells += [_cell(row.floor, None), _cell(row.bare, None)]
        if row.peer:
            cells[1] += f", {OTHERS[name].name}"
        lines.append(f"| {language(name).display_name} | {' | '.join(cells)} |")
        notes += [f"- {name}: {note}" for note in row.notes]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _cell(values: Sequence[float], bound: float | None) -> str:
    if not values:
        return "-"
    middle = median(values)
    told = f"{middle:.2f} ms"
    return told if bound is None else f"{middle / bound:.2f} {TIMES} ({told})"


def _take(case: Case, rounds: int, home: Path) -> Row:
    """Measure one language, all things in turn. Blocks; ends what it started."""
    row, order = Row(), random.Random(2)
    try:
        program = str(language(case.name).find_toolchain().path)
    except ToolchainMissing as e:
        row.notes.append(f"not measured: {e}")
        return row
    with ExitStack() as stack:
        takings: list[tuple[list[float], Callable[[], float]]] = []

        def add(kernel: Kernel, values: list[float], shows: str) -> None:
            try:
                kernel.prepare()
                running = stack.enter_context(RunningKernel(kernel, home))
            except (NotInstalled, Unmeasurable) as e:
                row.notes.append(f"{kernel.name} was not measured: {e}")
            else:
                takings.append((values, lambda: _round_trip(running, case.cell, shows)))

        add(ours(case.name, noop=case.cell), row.ours, case.shows)
        add(FLOOR, row.floor, "")
        if case.name in OTHERS:
            add(OTHERS[case.name], row.peer, case.shows)
        bare = stack.enter_context(Bare([program, *case.options], case.prompt, home))
        takings.append((row.bare, lambda: bare.line(case.cell, case.shows)))
        failures: Counter[str] = Counter()
        for _ in range(rounds):
            for values, take in order.sample(takings, len(takings)):
                try:
                    take()
                    values += [take() * 1000 for _ in range(_IN_A_ROW)]
                except Unmeasurable as e:
                    failures[str(e)] += 1
    row.notes += [f"in {count} of {rounds} rounds, {why}" for why, count in failures.items()]
    return row


def _round_trip(running: RunningKernel, code: str, shows: str) -> float:
    """Seconds of one cell. Raises `Unmeasurable` when it did not show what it should."""
    ran = running.execute(code, _WITHIN)
    if not ran.printed(shows):
        raise Unmeasurable(f"{running.kernel.name} did not show {shows!r} before its idle")
    return ran.seconds


if __name__ == "__main__":
    sys.exit(main())
