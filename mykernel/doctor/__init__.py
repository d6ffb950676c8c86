"""`python -m mykernel doctor`: look at everything that a kernel needs, and say how to mend it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from mykernel.doctor import environment, jupyter, live, toolchains
from mykernel.doctor.finding import Finding


def main(argv: Sequence[str] | None = None) -> int:
    """Check, print, and return 1 when anything is wrong, else 0; warnings are not wrong.

    argv: the arguments after `doctor`; those of this process when None. Blocks while the
    kernels are tried out, at most half a minute for each.
    """
    parser = argparse.ArgumentParser(
        prog="python -m mykernel doctor",
        description="Check Python, toolchains, Jupyter, kernelspecs and PATH, and try each kernel.",
        epilog="Exit status: 1 when anything is wrong, else 0.",
    )
    parser.add_argument("--json", action="store_true", help="write JSON, for programs to read")
    asked = parser.parse_args(argv)
    findings = []
    for finding in examine():
        findings.append(finding)
        if not asked.json:
            _print(finding)
    count = Counter(finding.status for finding in findings)
    if asked.json:
        checks = [asdict(finding) for finding in findings]
        print(json.dumps({"wrong": count["wrong"], "warnings": count["warning"], "checks": checks}))
    else:
        print(_summary(count["wrong"], count["warning"]))
    return 1 if count["wrong"] else 0


def examine() -> Iterator[Finding]:
    """All checks, each made when it is asked for."""
    yield from environment.python()
    yield from environment.dependencies()
    yield from toolchains.found()
    yield from toolchains.optional_tools()
    yield from environment.scripts_on_path()
    yield from environment.runtime_folder()
    yield from jupyter.here()
    yield from jupyter.on_path()
    yield from jupyter.kernelspecs_work()
    yield from jupyter.hidden_kernelspecs()
    yield from live.kernels_answer()


def _print(finding: Finding) -> None:
    print(f"{finding.status:<8} {finding.subject}: {finding.detail}", flush=True)
    if finding.fix:
        print(f"         fix: {finding.fix}", flush=True)


def _summary(wrong: int, warnings: int) -> str:
    if not wrong and not warnings:
        return "All is well."
    if not wrong:
        return f"Nothing is wrong. There {_number(warnings, 'warning')} to look at."
    also = f", and there {_number(warnings, 'warning')}" if warnings else ""
    verb = "is" if wrong == 1 else "are"
    return f"{wrong} of these {verb} wrong{also}; what to do stands below each."


def _number(count: int, noun: str) -> str:
    return f"is 1 {noun}" if count == 1 else f"are {count} {noun}s"
