"""Whether somebody in the terminal waits for a person, seen from outside.

On Linux, a process of the foreground group that is blocked reading the terminal says so
in /proc. A program that polls the terminal counts only in non-canonical mode and without
a time-out: then it is a line editor at its prompt, while a server or a build would not
have changed the terminal's mode. Elsewhere there is a rule of thumb, see `Reader`.

Source: proc(5) on /proc/PID/syscall and /proc/PID/stat; termios(3).
"""

from __future__ import annotations

import os
import platform
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

# Numbers of the calls that block, by machine; and which argument is the time-out, from 0.
_READS = {"x86_64": (0, 19), "aarch64": (63, 65)}
_POLLS = {
    "x86_64": {7: 2, 23: 4, 232: 3, 270: 4, 271: 2, 281: 3},
    "aarch64": {72: 4, 73: 2, 22: 3},
}
_MACHINE = platform.machine()
_HAS_PROC = sys.platform == "linux" and _MACHINE in _READS
# How "no time-out" looks: a null pointer, or -1 in 32 or 64 bits.
_FOREVER = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Reader:
    """A process that waits for the terminal.

    pid: 0 when it is not known, because the system has no /proc: then something in the
    foreground has been quiet, and it is for the caller to look for a prompt.
    mode: "line" takes a line that the terminal has edited, "key" single characters,
    "editor" edits the line itself, as readline does.
    echo: whether the terminal shows what is typed.
    """

    pid: int
    mode: Literal["line", "key", "editor"]
    echo: bool

    @property
    def password(self) -> bool:
        """Whether what is typed is not to be seen."""
        return not self.echo and self.mode != "editor"


def find_reader(master: int) -> Reader | None:
    """Who waits for input on the terminal with that master descriptor. Does not block."""
    try:
        group = os.tcgetpgrp(master)
        local = termios.tcgetattr(master)[3]
    except (OSError, termios.error):
        return None
    echo, canonical = bool(local & termios.ECHO), bool(local & termios.ICANON)
    if not _HAS_PROC:
        return Reader(0, "line" if canonical else "editor", echo)
    for pid in _members(group, b"S"):
        how = _waits(pid, canonical, echo)
        if how == "read":
            return Reader(pid, "line" if canonical else "key", echo)
        if how == "poll":
            return Reader(pid, "editor", echo)
    return None


def is_busy(master: int) -> bool:
    """Whether a process of the foreground group runs, or waits for a processor or a disk.

    False where that is not known. Does not block.
    """
    if not _HAS_PROC:
        return False
    try:
        return any(_members(os.tcgetpgrp(master), b"RD"))
    except OSError:
        return False


def process_name(pid: int) -> str:
    """The name of a process; its number where the system does not tell names."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return f"process {pid}"


def _members(group: int, states: bytes) -> Iterator[int]:
    """The processes of a process group that are in one of these states."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                state, _, in_group = file.read().rsplit(b")", 1)[1].split()[:3]
        except (OSError, ValueError):
            continue
        if int(in_group) == group and state in states:
            yield int(name)


def _waits(pid: int, canonical: bool, echo: bool) -> Literal["read", "poll", None]:
    try:
        with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
            number, *arguments = file.read().split()
    except PermissionError:
        # Another user's, such as sudo's; one that turned the echo off asks for a password.
        return "read" if canonical and not echo else None
    except OSError:
        return None
    if not number.isdigit():
        return None
    values = [int(argument, 16) for argument in arguments]
    if int(number) in _READS[_MACHINE]:
        return "read" if _is_terminal(pid, values[0]) else None
    timeout = _POLLS[_MACHINE].get(int(number))
    if timeout is None or canonical or values[timeout] not in _FOREVER:
        return None
    return "poll"


def _is_terminal(pid: int, fd: int) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/fd/{fd}").startswith(("/dev/pts/", "/dev/tty"))
    except OSError:
        return False
