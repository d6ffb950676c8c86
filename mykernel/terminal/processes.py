"""The processes below one, and what they use, as /proc tells.

Source: proc(5) on /proc/PID/stat, /proc/PID/task/TID/children and /proc/PID/smaps_rollup.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")

HAS_PROC = sys.platform == "linux" and os.path.exists("/proc/self/stat")


@dataclass(frozen=True, slots=True)
class Process:
    """One process as it was when it was looked at.

    group: its process group. resident: bytes that it has in memory, shared ones included.
    """

    pid: int
    parent: int
    group: int
    name: str
    resident: int


def descendants(pid: int) -> list[Process]:
    """All processes below that one, parents before their children, the eldest first.

    Those that have ended and were not yet taken up are left out.
    """
    found, parents = [], [pid]
    for parent in parents:
        for child in _children(parent):
            process = _process(child)
            if process is not None:
                found.append(process)
                parents.append(child)
    return found


def kill(process: Process) -> bool:
    """SIGKILL to a process; whether that was allowed."""
    try:
        os.kill(process.pid, signal.SIGKILL)
    except PermissionError:
        return False
    except ProcessLookupError:
        pass
    return True


def kill_group(group: int) -> None:
    """SIGKILL to all of a process group at once: none of them can start another meanwhile."""
    # Of a group outside our PID namespace the number is 0, which would mean our own.
    with suppress(ProcessLookupError, PermissionError):
        if group > 1:
            os.killpg(group, signal.SIGKILL)


def share_of_memory(process: Process) -> int:
    """Bytes in memory, of which what n processes share counts as one nth for each (PSS).

    For a process that may not be looked into so closely, all that is resident.
    """
    with suppress(OSError, ValueError), open(f"/proc/{process.pid}/smaps_rollup", "rb") as file:
        for line in file:
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return process.resident


def folder_of(pid: int) -> str | None:
    """The process's current folder; None where that is not known."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None


def cpu_times(pid: int) -> tuple[float, float] | None:
    """Seconds in user and in system mode that the process and its ended children have used.

    None where that is not known. In steps of 10 ms.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    # From the third field of proc(5) on: utime, stime, cutime, cstime are 14 to 17.
    user, system, ended_user, ended_system = (int(field) / _TICKS for field in fields[11:15])
    return user + ended_user, system + ended_system


def time_used(pid: int) -> float:
    """Seconds of processor time that the process and all below it have used, 0 where not known."""
    pids = [pid, *(process.pid for process in descendants(pid))]
    return sum(sum(cpu_times(one) or ()) for one in pids)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    return found or ([] if _TELLS_CHILDREN else list(_all_children(pid)))


def _all_children(pid: int) -> Iterator[int]:
    for name in os.listdir("/proc"):
        if name.isdigit() and (process := _process(int(name))) and process.parent == pid:
            yield process.pid


def _process(pid: int) -> Process | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            head, _, tail = file.read().rpartition(b")")
    except OSError:
        return None
    # From the third field of proc(5) on; the second is the name, in parentheses.
    fields = tail.split()
    if fields[0] in (b"Z", b"X"):
        return None
    return Process(
        pid=pid,
        parent=int(fields[1]),
        group=int(fields[2]),
        name=head.partition(b"(")[2].decode("utf-8", "replace"),
        resident=int(fields[21]) * _PAGE,
    )


# Some kernels are built without it (CONFIG_PROC_CHILDREN).
_TELLS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")
