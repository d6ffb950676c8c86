"""A process with all that it started: which they are, what they hold, ending them.

Linux is read from /proc; elsewhere `ps` is asked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MEMORY_KIND = "PSS" if sys.platform == "linux" else "RSS"


@dataclass(frozen=True, slots=True)
class Process:
    """One row of the process table. started: tells a reused pid from the old one."""

    pid: int
    parent: int
    started: str


def tree(pid: int) -> list[Process]:
    """The process and all its descendants that live now, itself first."""
    table = _table()
    found = [p for p in table if p.pid == pid]
    for process in found:
        found.extend(p for p in table if p.parent == process.pid)
    return found


def memory(processes: list[Process]) -> int:
    """What they hold together, in bytes: PSS on Linux, elsewhere RSS.

    PSS counts a page that n processes share as 1/n in each. Source: proc(5), smaps_rollup.
    """
    return sum(_held(p.pid) for p in processes)


def resident(pid: int) -> int:
    """The RSS of one process, in bytes. Linux alone; elsewhere 0."""
    return _status(pid, "VmRSS")


def peak(pid: int) -> int:
    """The highest RSS of one process since `forget_peak`, in bytes. Linux alone; elsewhere 0."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """Let `peak` begin anew. Source: proc(5), /proc/pid/clear_refs, value 5."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def kill(processes: list[Process]) -> None:
    """SIGKILL to those that still live. Does not wait for them to be gone."""
    living = set(_table())
    started = {(p.pid, p.started) for p in living}
    for process in processes:
        if (process.pid, process.started) in started:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def _table() -> list[Process]:
    if sys.platform == "linux":
        return [p for entry in Path("/proc").glob("[0-9]*") if (p := _from_proc(entry))]
    rows = _ps("-A", "-o", "pid=,ppid=,lstart=")
    return [Process(int(r[0]), int(r[1]), " ".join(r[2:])) for r in rows]


def _from_proc(entry: Path) -> Process | None:
    try:
        stat = (entry / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in parentheses and may hold any character; see proc(5).
    fields = stat.rpartition(")")[2].split()
    if fields[0] == "Z":
        return None
    return Process(int(entry.name), int(fields[1]), fields[19])


def _held(pid: int) -> int:
    if sys.platform != "linux":
        return sum(int(r[0]) * 1024 for r in _ps("-o", "rss=", "-p", str(pid)))
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(ln.split()[1]) * 1024 for ln in rollup.splitlines() if ln.startswith("Pss:"))


def _status(pid: int, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(ln.split()[1]) * 1024 for ln in lines if ln.startswith(f"{field}:"))


def _ps(*arguments: str) -> list[list[str]]:
    answer = subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False)
    return [line.split() for line in answer.stdout.splitlines() if line.strip()]
