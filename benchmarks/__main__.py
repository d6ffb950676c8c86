"""`python -m benchmarks`: measure, print the table, write it to benchmarks/results/."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from benchmarks import answers, crowds, interruption, latency, memory, output
from benchmarks.machine import load, machine, versions
from benchmarks.peers import ROOT, Kernel, NotInstalled, kernels
from benchmarks.readme import BEGIN, END, NoPlace, with_table
from benchmarks.report import Report
from benchmarks.rounds import Run

MEASURES = (
    *latency.MEASURES,
    *output.MEASURES,
    *memory.MEASURES,
    *interruption.MEASURES,
    *answers.MEASURES,
    *crowds.MEASURES,
)
_README = ROOT / "README.md"


def main() -> int:
    """Run what was asked for. Returns the exit status, which no figure changes."""
    signal.signal(signal.SIGTERM, _leave)
    chosen = _arguments()
    measures = [m for m in MEASURES if m.name in chosen.only]
    present, absent = _prepare([k for k in kernels() if k.name in chosen.kernels])
    about = machine()
    with tempfile.TemporaryDirectory(prefix="bench-home-") as home:
        results = Run(measures, present, chosen.quick, Path(home), _say).take()
    report = Report(
        command=shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        machine={**about, "load after": load()},
        versions=versions(present),
        absent=absent,
        kernels=present,
        measures=measures,
        results=results,
    )
    # A part must not pass for the whole.
    written = [*report.write(chosen.output, "latest" if chosen.whole else "partial")]
    if chosen.update_readme:
        _README.write_text(with_table(_README.read_text(), report.markdown()))
        written.append(_README)
    print(report.text(), "", *written, sep="\n")
    return 0


def _arguments() -> argparse.Namespace:
    names = [kernel.name for kernel in kernels()]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument(
        "--only",
        action="append",
        choices=[m.name for m in MEASURES],
        help="take this measure alone; may be given again for one more",
    )
    parser.add_argument(
        "--kernels", type=_Listed(names), default=names, help=f"some of: {','.join(names)}"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).parent / "results",
        help="the folder for latest.json and latest.md (partial.* when narrowed)",
    )
    parser.add_argument(
        "--update-readme",
        action="store_true",
        help=f"put the table into README.md, between its lines {BEGIN} and {END}",
    )
    chosen = parser.parse_args()
    chosen.only = chosen.only or [m.name for m in MEASURES]
    chosen.whole = len(set(chosen.only)) == len(MEASURES) and set(chosen.kernels) == set(names)
    if chosen.update_readme:
        _check_readme(parser, chosen.whole)
    return chosen


def _check_readme(parser: argparse.ArgumentParser, whole: bool) -> None:
    """Before minutes of measuring rather than after."""
    if not whole:
        parser.error("--update-readme takes all measures and kernels, not a part of them")
    try:
        with_table(_README.read_text(), "")
    except (NoPlace, OSError) as reason:
        parser.error(f"{_README.name}: {reason}")


class _Listed:
    """An argparse type: names from a list, with commas between."""

    def __init__(self, known: list[str]) -> None:
        self._known = known

    def __call__(self, text: str) -> list[str]:
        names = text.split(",")
        if unknown := [name for name in names if name not in self._known]:
            raise argparse.ArgumentTypeError(f"no kernel {unknown[0]!r} among {self._known}")
        return names


def _prepare(wanted: list[Kernel]) -> tuple[list[Kernel], dict[str, str]]:
    """Those whose environment is there or could be made, and why others could not."""
    present, absent = [], {}
    for kernel in wanted:
        _say(f"environment of {kernel.name}")
        try:
            kernel.prepare()
        except NotInstalled as reason:
            absent[kernel.name] = str(reason)
        else:
            present.append(kernel)
    return present, absent


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _leave(number: int, _: FrameType | None) -> None:
    """Leave through the context managers that end the kernels."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
