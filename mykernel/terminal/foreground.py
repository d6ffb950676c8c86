"""What runs in a terminal's foreground: who reads there, and how it is made to end.

There are two kinds. Of a terminal that the child itself is in, the system tells the
processes. Behind a client that relays another terminal (ssh, docker exec), keys reach the
foreground and nothing else does.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from mykernel.contract import StreamName
from mykernel.terminal.stdin import Reader, find_reader, is_busy, process_name

# Linux's ioctl on a master that signals the foreground process group, whosever it is.
# Source: asm-generic/ioctls.h, _IOW('T', 0x36, int); termios does not have it.
_TIOCSIG = 0x40045436
# The keys of a terminal that stand for signals, as it is set up when new (termios(3)).
_KEYS = {signal.SIGINT: "^C", signal.SIGTERM: "^\\", signal.SIGKILL: "^Z"}


class Foreground(Protocol):
    """None of its methods blocks; processes that are gone are no error."""

    @property
    def draws(self) -> bool:
        """Whether a program is known to take each key as it is typed (non-canonical mode)."""

    @property
    def busy(self) -> bool:
        """Whether a program is known to run, or to be about to, and so may yet wait."""

    @property
    def group(self) -> int | None:
        """The process group that runs, 0 when it is the child's own; None when it is not known."""

    def reader(self) -> Reader | None:
        """Who waits for a person to type, if anybody does."""

    def told(self, reader: Reader | None) -> None:
        """Take note of what the program itself says, or what the other side has seen there."""

    def answered(self, reader: Reader | None) -> None:
        """That reader is given what it waits for: it is not heard of until it has taken it."""

    def lives(self, group: int, /) -> bool:
        """Whether a process of that group is known to live."""

    def program(self) -> str:
        """The name of what runs, "" when it is the child itself or not known."""

    def interrupt(self) -> str:
        """SIGINT, as ^C does in a terminal. Returns the echo to come."""

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the foreground process group, as far as that can be done."""

    def stop(self, number: signal.Signals) -> str:
        """Have what runs end by a signal, unless it is the child. Returns what was done."""

    def dismiss(self) -> str:
        """Have a full-screen program give the screen back. Returns what became of it."""


class SeenForeground:
    """A `Foreground` of this system.

    fds: the terminals' master descriptors, by the stream that comes there.
    leader: the process group of the program itself, 0 until `settle` is called.
    guardian: a process group that never gets a signal: the guardian's, which has the
    terminal before the child does.
    folder: the child's private folder. While it holds the file `renewal`, the child executes itself
    anew, and is spared SIGINT: what ran has ended, and what is half there would be lost.
    """

    def __init__(
        self,
        fds: Mapping[StreamName, int],
        guardian: int,
        write: Callable[[bytes], None],
        folder: str,
    ) -> None:
        self._fds = fds
        self._fd = fds["stdout"]
        self._guardian = guardian
        self._write = write
        self._renewal = os.path.join(folder, "renewal")
        self.leader = 0
        # Whether the program tells when it reads, and who it last said does.
        self._tells = False
        self._told: Reader | None = None
        self._answered: Reader | None = None

    def settle(self) -> None:
        """The program is at its prompt, and so in the foreground itself."""
        with suppress(OSError):
            self.leader = os.tcgetpgrp(self._fd)

    @property
    def draws(self) -> bool:
        return not termios.tcgetattr(self._fd)[3] & termios.ICANON

    @property
    def busy(self) -> bool:
        return is_busy(self._fd)

    @property
    def group(self) -> int | None:
        with suppress(OSError):
            group = os.tcgetpgrp(self._fd)
            return 0 if group == self.leader else group
        return None

    def reader(self) -> Reader | None:
        # Who waits for much else too, in an event loop, is not seen to wait for a person.
        if seen := find_reader(self._fds, 0 if self._tells else self.leader):
            return None if seen.wakings and seen == self._answered else seen
        return None if self._told == self._answered or self.program() else self._told

    def told(self, reader: Reader | None) -> None:
        self._told, self._tells = reader, True

    def answered(self, reader: Reader | None) -> None:
        self._answered = reader

    def lives(self, group: int) -> bool:
        try:
            os.killpg(group, 0)
        except OSError:
            return False
        return True

    def program(self) -> str:
        group = self.group
        return process_name(group) if group else ""

    def interrupt(self) -> str:
        """It has been sent when this returns.

        A ^C that is typed takes effect some time later, maybe on what runs next, and throws
        away output (a mark, say) that was not read yet. Where there is nothing else, it is typed.
        """
        if self._spared(signal.SIGINT):
            return ""
        if sys.platform == "linux":
            with suppress(OSError):
                # By the terminal: this reaches processes of other users too, such as sudo's.
                fcntl.ioctl(self._fd, _TIOCSIG, signal.SIGINT)
                return ""
        if termios.tcgetattr(self._fd)[3] & termios.ISIG:
            self._write(b"\x03")
            return "^C"
        self.send(signal.SIGINT)
        return ""

    def send(self, number: signal.Signals) -> None:
        with suppress(OSError):
            group = os.tcgetpgrp(self._fd)
            if group != self._guardian and not self._spared(number):
                os.killpg(group, number)

    def _spared(self, number: signal.Signals) -> bool:
        return number == signal.SIGINT and os.path.exists(self._renewal)

    def stop(self, number: signal.Signals) -> str:
        name = self.program()
        if name:
            self.send(number)
            self.send(signal.SIGCONT)
        return f"killed {name} ({number.name})" if name else ""

    def dismiss(self) -> str:
        # The child itself may have written the sequence; nothing is to be ended then.
        return "ended" if self.stop(signal.SIGTERM) else "not given any"


class RelayedForeground:
    """A `Foreground` on the other side of a client.

    seen: whether the other side tells who reads; else `reader` is a rule of thumb.
    """

    def __init__(self, write: Callable[[bytes], None], seen: bool) -> None:
        self._write = write
        self._seen = seen
        self._reader: Reader | None = None
        self._answered: Reader | None = None

    @property
    def draws(self) -> bool:
        return False

    @property
    def busy(self) -> bool:
        return False

    @property
    def group(self) -> int | None:
        return None

    def reader(self) -> Reader | None:
        if not self._seen:
            return Reader(0, "editor", None)
        return None if self._reader == self._answered else self._reader

    def told(self, reader: Reader | None) -> None:
        self._reader = reader

    def answered(self, reader: Reader | None) -> None:
        self._answered = reader

    def lives(self, _group: int) -> bool:
        return False

    def program(self) -> str:
        return ""

    def interrupt(self) -> str:
        self.send(signal.SIGINT)
        return _KEYS[signal.SIGINT]

    def send(self, number: signal.Signals) -> None:
        if key := _KEYS.get(number):
            self._write(bytes([ord(key[1]) & 0x1F]))

    def stop(self, number: signal.Signals) -> str:
        self.send(number)
        return f"typed {_KEYS[number]}"

    def dismiss(self) -> str:
        # Such programs take other keys for themselves, but give way to this one.
        self.send(signal.SIGKILL)
        return "put to sleep (^Z)"
