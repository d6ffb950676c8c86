"""What the figures were taken on: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.peers import ROOT, Kernel

_ASK_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"


def machine() -> dict[str, str]:
    """The machine and the commit, as lines of a report."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "Python": platform.python_version(),
        "bash": _first_line("bash", "--version"),
        "load before": load(),
    }


def load() -> str:
    """The load average of the last minute."""
    return f"{os.getloadavg()[0]:.2f}"


def versions(kernels: Iterable[Kernel]) -> dict[str, str]:
    """By kernel name: the versions of what it is made of, in its own environment."""
    return {kernel.name: ", ".join(_versions(kernel)) for kernel in kernels}


def _versions(kernel: Kernel) -> Iterable[str]:
    for name in kernel.distributions:
        yield f"{name} {_first_line(str(kernel.python), '-c', _ASK_VERSION, name)}"


def _commit() -> str:
    commit = _first_line("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    changed = _first_line("git", "-C", str(ROOT), "status", "--porcelain")
    return f"{commit} with changes" if changed else commit


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _first_line(*argv: str) -> str:
    """The first line that a command prints, "" when it fails or is missing."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (done.stdout.splitlines() or [""])[0]
