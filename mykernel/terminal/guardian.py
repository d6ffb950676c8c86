"""A small process between the kernel and the child, on Linux.

It is a fork of the kernel that never leaves this module. It adopts whatever the child's
descendants leave behind (daemons, `setsid`, `nohup`), and ends all of it when the child
ends or the kernel is gone, even by SIGKILL, when nobody else is left to do so. It ends
the way the child ended, so that the kernel's `waitpid` tells the child's own fate.

Source: prctl(2) PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG; proc_pid_stat(5), flags.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PF_EXITING = 4
_WATCHED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
# Seconds that the child has to end by itself, and then what it started.
_CHILD_GRACE = 0.3
_OTHERS_GRACE = 0.2

# Looked up before the fork: the fork of a process with threads should not load libraries.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def stand_between(kernel: int, folder: str, kept: bool) -> None:
    """Fork: the child returns from here and goes on to exec, the guardian never returns.

    kernel: the kernel's process id. folder: removed with everything in it at the end.
    kept: whether that is so only when the kernel is gone, too, which else removes it.
    Where the system has no subreapers, nothing happens and the caller is the child.
    """
    if _prctl is None:
        return
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    child = os.fork()
    if child == 0:
        # Without its guardian, nobody would end it.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _take_foreground()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        return
    try:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        os.closerange(0, _highest_descriptor())
        orphaned = os.getppid() != kernel
        status = None if orphaned else _wait(child)
        # Gone first: its absence tells the child that it is meant to end.
        _remove(folder, kept and _lives(kernel))
        if status is None:
            status = _end(child)
        _end_others()
        # Again, for what the child wrote there while it ended.
        _remove(folder, kept and _lives(kernel))
        _end_like(status)
    finally:
        os._exit(125)


def _take_foreground() -> None:
    """Have the keys' signals meant for the child alone: ^C would end the guardian.

    For a shell, too, which would do it by itself: when a signal ends one of its subshells, that
    gives the terminal back to the group that the shell was started in, at any time. Were it
    the guardian's, the shell could read no more.
    """
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
    os.tcsetpgrp(0, os.getpid())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTTOU])


def _lives(kernel: int) -> bool:
    """Whether the kernel has not begun to end.

    Of one with threads that is killed, the guardian hears before it has another parent.
    """
    try:
        with open(f"/proc/{kernel}/stat", "rb") as file:
            flags = int(file.read().rsplit(b")", 1)[1].split()[6])
    except OSError:
        return False
    return not flags & _PF_EXITING and os.getppid() == kernel


def _remove(folder: str, kept: bool) -> None:
    if not kept:
        shutil.rmtree(folder, ignore_errors=True)


def end_session(session: int) -> None:
    """Kill what is left in a session, after its guardian was killed and could not do it."""
    if _prctl is None:
        return
    for pid, _, in_session in _processes():
        if in_session == session:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _highest_descriptor() -> int:
    return int(min(1 << 20, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))


def _wait(child: int) -> int | None:
    """The child's wait status, or None when the guardian is told to end it."""
    while signal.sigwait(_WATCHED) == signal.SIGCHLD:
        status = _reap(child)
        if status is not None:
            return status
    return None


def _reap(child: int) -> int | None:
    """Take up all that has ended; the wait status of child when it is among them.

    A child that was stopped goes on: it has no terminal to be taken back to the foreground of.
    """
    found = None
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            if pid == 0:
                return found
            if pid == child and os.WIFSTOPPED(status):
                os.kill(child, signal.SIGCONT)
            elif pid == child:
                found = status
    except ChildProcessError:
        return found


def _end(child: int) -> int:
    """Hang up on the child as a closed terminal does, wait a little, then kill it."""
    os.kill(child, signal.SIGHUP)
    os.kill(child, signal.SIGCONT)
    until = time.monotonic() + _CHILD_GRACE
    while (left := until - time.monotonic()) > 0:
        signal.sigtimedwait(_WATCHED, left)
        status = _reap(child)
        if status is not None:
            return status
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _end_others() -> None:
    """End what the child left. Killing a process hands its own children to the guardian."""
    until = time.monotonic() + _OTHERS_GRACE
    _signal_children(signal.SIGHUP)
    _signal_children(signal.SIGTERM)
    while _has_children() and (left := until - time.monotonic()) > 0:
        signal.sigtimedwait(_WATCHED, left)
        _reap(0)
    while _has_children():
        _signal_children(signal.SIGKILL)
        signal.sigtimedwait(_WATCHED, 0.01)
        _reap(0)


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _signal_children(number: signal.Signals) -> None:
    me = os.getpid()
    for pid, parent, _ in _processes():
        if parent == me:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
                os.kill(pid, signal.SIGCONT)


def _processes() -> Iterator[tuple[int, int, int]]:
    """All processes: their number, their parent's, and their session's."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                _, parent, _, session = file.read().rsplit(b")", 1)[1].split()[:4]
        except (OSError, ValueError):
            continue
        yield int(name), int(parent), int(session)


def _end_like(status: int) -> None:
    if os.WIFSIGNALED(status):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))
