"""Whether somebody in the terminal waits for a person, seen from outside.

On Linux, a process of the foreground group that is blocked reading the terminal says so
in /proc. A program that polls the terminal counts only in non-canonical mode and without
a time-out: then it is a line editor at its prompt, while a server or a build would not
have changed the terminal's mode. Elsewhere there is a rule of thumb, see `Reader`.

Source: proc(5) on /proc/PID/syscall and /proc/PID/stat; termios(3).
"""

from __future__ import annotations

import fcntl
import os
import platform
import struct
import sys
import termios
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from mykernel.contract import StreamName

# Numbers of the calls that block, by machine; and which argument is the time-out, from 0.
_READS = {"x86_64": (0, 19), "aarch64": (63, 65)}
_POLLS = {
    "x86_64": {7: 2, 23: 4, 232: 3, 270: 4, 271: 2, 281: 3},
    "aarch64": {72: 4, 73: 2, 22: 3},
}
# Of these the ones that say what is polled by an array, by a set of bits, and beforehand.
_POLL = {"x86_64": (7, 271), "aarch64": (73,)}
_SELECT = {"x86_64": (23, 270), "aarch64": (72,)}
_EPOLL = {"x86_64": (232, 281), "aarch64": (22,)}
_EPOLLIN = 1
_MACHINE = platform.machine()
# Not on macOS, nor where a container or an old kernel shows less of it.
_HAS_PROC = _MACHINE in _READS and os.path.exists("/proc/self/syscall")
# The ioctl that tells a pty's number, on Linux on both machines.
_TIOCGPTN = 0x80045430
# How "no time-out" looks: a null pointer, or -1 in 32 or 64 bits.
_FOREVER = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Reader:
    """A process that waits for the terminal.

    pid: 0 when it is not known, because the system has no /proc: then something in the
    foreground has been quiet, and it is for the caller to look for a prompt.
    terminal: which one it reads; less and more read the one that stderr goes to.
    mode: "line" takes a line that the terminal has edited, "key" single characters,
    "editor" edits the line itself, as readline does.
    echo: whether the terminal shows what is typed; None when it cannot be asked.
    wakings: how often it has woken up, by which one that has not yet taken what was typed is
    told from one that waits for more.
    thread: which of its threads waits, as a folder of /proc; "" where that is not known.
    """

    pid: int
    mode: Literal["line", "key", "editor"]
    echo: bool | None
    terminal: StreamName = "stdout"
    wakings: int = 0
    thread: str = ""

    @property
    def password(self) -> bool:
        """Whether what is typed is not to be seen."""
        return not self.echo and self.mode != "editor"


def find_reader(masters: Mapping[StreamName, int], leader: int = 0) -> Reader | None:
    """Who waits for input on the terminals with these master descriptors. Does not block.

    leader: the process group of the program itself. Of its first process, no server or build,
    polling the terminal counts in canonical mode, too: R reads lines so. What is polled is
    looked at then, since psql waits for its server in the same way. All its threads count.
    """
    try:
        group = os.tcgetpgrp(masters["stdout"])
        modes = {name: _modes(fd) for name, fd in masters.items()}
    except (KeyError, OSError, termios.error):
        return None
    if not _HAS_PROC:
        here = modes["stdout"]
        return None if here.polls else Reader(0, "line" if here.canonical else "editor", here.echo)
    names = {_path(fd): name for name, fd in masters.items()}
    for pid, task in _tasks(_members(group, b"S")):
        how, name = _waits(task, names, modes, lines=pid == leader)
        if how == "read":
            mode: Literal["line", "key"] = "line" if modes[name].canonical else "key"
            return Reader(pid, mode, modes[name].echo, name, _wakings(task), task)
        # Other threads than the first are event loops as a rule, which poll for much else.
        if how == "poll" and (pid == leader or task == f"{pid}/task/{pid}"):
            here = modes[name]
            edits: Literal["line", "editor"] = "line" if here.canonical else "editor"
            return Reader(pid, edits, here.echo, name, _wakings(task), task)
    return None


@dataclass(frozen=True, slots=True)
class _Modes:
    """How a terminal is set. polls: reads end by themselves, as those of a program that polls."""

    canonical: bool
    echo: bool
    polls: bool


def _modes(master: int) -> _Modes:
    _, _, _, local, _, _, characters = termios.tcgetattr(master)
    canonical = bool(local & termios.ICANON)
    polls = not canonical and characters[termios.VMIN] in (0, b"\0")
    return _Modes(canonical, bool(local & termios.ECHO), polls)


def _path(master: int) -> str:
    number = fcntl.ioctl(master, _TIOCGPTN, bytes(4))
    return f"/dev/pts/{int.from_bytes(number, sys.byteorder)}"


def write_to_slave(master: int, data: bytes) -> None:
    """Have data come out of a terminal as if a program in it had written it. Does not block.

    Raises BlockingIOError when there is no room, and OSError where the slave is not known.
    """
    with _slave(master) as slave:
        os.write(slave, data)


def forget_input(master: int) -> None:
    """Throw away what was typed and not read. Raises OSError where the slave is not known."""
    with _slave(master) as slave:
        termios.tcflush(slave, termios.TCIFLUSH)


def unread(master: int) -> int:
    """Bytes that were typed and not read, of whole lines where the terminal edits lines.

    Raises OSError where the slave is not known.
    """
    with _slave(master) as slave:
        return int.from_bytes(fcntl.ioctl(slave, termios.FIONREAD, bytes(4)), sys.byteorder)


@contextmanager
def _slave(master: int) -> Iterator[int]:
    slave = os.open(_path(master), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield slave
    finally:
        os.close(slave)


def _wakings(task: str) -> int:
    """How often a thread has stopped waiting for something; 0 where that is not told."""
    with suppress(OSError), open(f"/proc/{task}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("voluntary_ctxt_switches:"):
                return int(line.split()[1])
    return 0


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
    """The processes of a process group that are in one of these states, its leader first.

    Often that one is all that is asked for, and to look at all processes takes milliseconds.
    """
    for pid in _processes(group):
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                state, _, in_group = file.read().rsplit(b")", 1)[1].split()[:3]
        except (OSError, ValueError):
            continue
        if int(in_group) == group and state in states:
            yield pid


def _processes(first: int) -> Iterator[int]:
    yield first
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != first:
            yield int(name)


def _tasks(pids: Iterable[int]) -> Iterator[tuple[int, str]]:
    """The threads of these processes, as folders of /proc: Java's first one never reads."""
    for pid in pids:
        with suppress(OSError):
            for thread in sorted(os.listdir(f"/proc/{pid}/task"), key=int):
                yield pid, f"{pid}/task/{thread}"


def _waits(
    task: str, names: Mapping[str, StreamName], modes: Mapping[StreamName, _Modes], lines: bool
) -> tuple[Literal["read", "poll", None], StreamName]:
    """Whether a thread waits for a person, and for input from which terminal.

    lines: whether it may poll for them.
    """
    here = modes["stdout"]
    try:
        with open(f"/proc/{task}/syscall", encoding="ascii") as file:
            number, *arguments = file.read().split()
    except PermissionError:
        # Another user's, such as sudo's; one that turned the echo off asks for a password.
        return ("read" if here.canonical and not here.echo else None), "stdout"
    except OSError:
        return None, "stdout"
    if not number.isdigit():
        return None, "stdout"
    values = [int(argument, 16) for argument in arguments]
    if int(number) in _READS[_MACHINE]:
        name = _terminal(task, values[0], names)
        return (None, "stdout") if name is None or modes[name].polls else ("read", name)
    timeout = _POLLS[_MACHINE].get(int(number))
    if timeout is None or here.polls or values[timeout] not in _FOREVER:
        return None, "stdout"
    person = _polls_terminal(task, int(number), values, names) if lines else not here.canonical
    return ("poll" if person else None), "stdout"


def _polls_terminal(
    task: str, call: int, arguments: list[int], names: Mapping[str, StreamName]
) -> bool:
    """Whether the terminal is among what is polled; where that cannot be read, it is not."""
    try:
        if call in _EPOLL[_MACHINE]:
            polled = list(_watched(task, arguments[0]))
        else:
            polled = _polled(task, call, arguments)
    except (OSError, OverflowError, struct.error):
        return False
    return any(_terminal(task, fd, names) for fd in polled)


def _polled(task: str, call: int, arguments: list[int]) -> list[int]:
    """The descriptors of a poll or a select."""
    with open(f"/proc/{task}/mem", "rb", buffering=0) as memory:
        if call in _POLL[_MACHINE]:
            address, count = arguments[:2]
            # struct pollfd: a descriptor of 4 bytes, and two masks of 2.
            memory.seek(address)
            return [fd for fd, _ in struct.iter_unpack("=i4s", memory.read(8 * count))]
        if call in _SELECT[_MACHINE]:
            count, address = arguments[:2]
            memory.seek(address)
            bits = int.from_bytes(memory.read((count + 7) // 8), sys.byteorder)
            return [fd for fd in range(count) if bits >> fd & 1]
    return []


def _watched(task: str, epoll: int) -> Iterator[int]:
    """The descriptors from which that epoll descriptor awaits input."""
    with open(f"/proc/{task}/fdinfo/{epoll}", encoding="ascii") as file:
        for line in file:
            if line.startswith("tfd:"):
                _, fd, _, events, *_ = line.split()
                if int(events, 16) & _EPOLLIN:
                    yield int(fd)


def _terminal(task: str, fd: int, names: Mapping[str, StreamName]) -> StreamName | None:
    """Which of the terminals a thread has open under that descriptor."""
    try:
        path = os.readlink(f"/proc/{task}/fd/{fd}")
    except OSError:
        return None
    return "stdout" if path == "/dev/tty" else names.get(path)
