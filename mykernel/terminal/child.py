"""One child process on two pseudo-terminals.

stdin and stdout are pexpect's pty, the controlling terminal; stderr is a second one, so
that it keeps a name of its own while `isatty(2)` holds. Both are read on the event loop.
A child whose stderr is merged has the first one alone.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pexpect

from mykernel.contract import StreamName
from mykernel.errors import ChildNotStarted
from mykernel.markers import Event, StreamDecoder, Text
from mykernel.terminal.foreground import Foreground, RelayedForeground, SeenForeground
from mykernel.terminal.guardian import end_session, stand_between
from mykernel.terminal.stdin import Reader, forget_input, unread, write_to_slave

# A pty hands out at most 4,095 bytes a read; so many reads before others get their turn.
_READ_SIZE = 1 << 16
_READS = 32
# Times that a program which asks the terminal is seen doing nothing before it gets no answer, and
# the seconds between two looks.
_REPLY_LOOKS = 20
_REPLY_PAUSE = 0.005
# Seconds that the child's last descendant has to go once the terminal is closed.
_END_GRACE = 3.0


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a child.

    folder: a private folder for the child's files, removed when it has ended.
    kept: whether it is removed only when the kernel has ended.
    rows, columns: of both terminals, in character cells.
    merged: whether stderr goes where stdout goes.
    error_variable: the environment variable that tells a child the path of the terminal
    for its stderr, which it then opens itself. "" for a child that is to find it open.
    relayed: whether the child may be a client (ssh) behind which the program itself runs,
    in a terminal that cannot be seen from here.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: str
    nonce: str
    rows: int
    columns: int
    kept: bool = False
    merged: bool = False
    error_variable: str = ""
    relayed: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended: by exit with a status, or by a signal (and then status is None)."""

    status: int | None
    signal: int | None

    def __str__(self) -> str:
        if self.signal is None:
            return f"exit status {self.status}"
        try:
            return signal.Signals(self.signal).name
        except ValueError:
            return f"signal {self.signal}"


class Terminal:
    """A child that runs. Methods belong to the event loop's thread; none blocks.

    receive gets each stream's events in order; ended is called once, after the last of
    them. Raises `ChildNotStarted` when the program cannot be executed.
    """

    def __init__(
        self,
        command: Command,
        receive: Callable[[StreamName, Event], None],
        ended: Callable[[Ending], None],
    ) -> None:
        self._receive = receive
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._unwritten = b""
        self._reply = ""
        self._paused = False
        self._fence = f"\x1b]133;F;k={command.nonce}\x07".encode()
        self._fences: dict[StreamName, asyncio.Future[None]] = {}
        self._ending: asyncio.Task[None] | None = None
        self._relayed = command.relayed
        self._error_slave: int | None = None
        self._unwritten_error = b""
        self._fds: dict[StreamName, int] = {}
        if not command.merged:
            self._fds["stderr"], self._error_slave = os.openpty()
            # The child opens it anew, and so does not share this.
            os.set_blocking(self._error_slave, False)
        try:
            self._child = self._spawn(command)
        except (OSError, pexpect.ExceptionPexpect) as e:
            for fd in (*self._fds.values(), self._error_slave):
                if fd is not None:
                    os.close(fd)
            raise ChildNotStarted(command.argv, "", str(e).strip().splitlines()[0]) from e
        self._fds["stdout"] = self._child.child_fd
        self._decoders = {name: StreamDecoder(command.nonce) for name in self._fds}
        modes = termios.tcgetattr(self._child.child_fd)
        modes[1] &= ~termios.ONLCR
        self._modes = dict.fromkeys(self._fds, modes)
        self._seen = SeenForeground(self._fds, self._child.pid, self.write, command.folder)
        # What a client asks at its start, such as a password, is noticed by the rule of thumb.
        self.foreground: Foreground = (
            RelayedForeground(self.write, seen=False) if self._relayed else self._seen
        )
        for name, fd in self._fds.items():
            os.set_blocking(fd, False)
            self._loop.add_reader(fd, self._readable, name)
        self._watch_end()

    def _watch_end(self) -> None:
        """Notice the end of the child itself: what it leaves may keep the terminal open."""
        self._exit = -1
        if sys.platform == "linux":
            with suppress(OSError):  # Linux before 5.3
                self._exit = os.pidfd_open(self._child.pid)
                self._loop.add_reader(self._exit, self.end)

    def _spawn(self, command: Command) -> pexpect.spawn:
        kernel = os.getpid()
        env = dict(command.env)
        error_name = ""
        if self._error_slave is not None:
            error_name = os.ttyname(self._error_slave)
            size = struct.pack("HHHH", command.rows, command.columns, 0, 0)
            fcntl.ioctl(self._error_slave, termios.TIOCSWINSZ, size)
            _clear_onlcr(self._error_slave)
        if command.error_variable:
            env[command.error_variable] = error_name

        def prepare() -> None:  # in the child, between fork and exec
            if error_name and not command.error_variable:
                fd = os.open(error_name, os.O_RDWR | os.O_NOCTTY)
                os.dup2(fd, 2)
                os.close(fd)
            _clear_onlcr(0)
            # Inherited ignored from Python and from Jupyter.
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            stand_between(kernel, command.folder, command.kept)

        child = pexpect.spawn(
            command.argv[0],
            list(command.argv[1:]),
            env=env,
            dimensions=(command.rows, command.columns),
            preexec_fn=prepare,
            timeout=None,
        )
        child.delaybeforesend = child.delayafterread = None
        child.ptyproc.delayafterclose = child.ptyproc.delayafterterminate = 0
        return child

    @property
    def guardian(self) -> int:
        """The process below which all that the child starts is found, on Linux."""
        return int(self._child.pid)

    def write(self, data: bytes) -> None:
        """Type data into the terminal, as fast as the child takes it."""
        idle = not self._unwritten
        self._unwritten += data
        if idle:
            self._writable()

    def _writable(self) -> None:
        fd = self._fds.get("stdout")
        if fd is None:
            return
        try:
            self._unwritten = self._unwritten[os.write(fd, self._unwritten) :]
        except BlockingIOError:
            pass
        except OSError:  # the child is gone; reading finds out
            self._unwritten = b""
        if self._unwritten:
            self._loop.add_writer(fd, self._writable)
        else:
            self._loop.remove_writer(fd)

    def write_behind_stderr(self, data: bytes) -> None:
        """Have data come out of stderr's terminal, behind all that the child wrote there so far."""
        self._unwritten_error += data
        self._error_writable()

    def _error_writable(self) -> None:
        fd = self._error_slave
        if fd is None:
            return
        with suppress(BlockingIOError):  # what there is has to be read first
            self._unwritten_error = self._unwritten_error[os.write(fd, self._unwritten_error) :]
        if self._unwritten_error:
            self._loop.add_writer(fd, self._error_writable)
        else:
            self._loop.remove_writer(fd)

    def settle(self, seen: bool) -> None:
        """The program is at its prompt.

        seen: whether the other side of a client tells who reads there.
        """
        self._seen.settle()
        if self._relayed and self._seen.draws:
            # At a prompt only a client has the terminal so: it has another one over there.
            self.foreground = RelayedForeground(self.write, seen)
        else:
            self.foreground = self._seen

    @property
    def leader(self) -> int:
        """The process group of the program itself, 0 until it is known."""
        return self._seen.leader

    def answer(self, reader: Reader, text: str) -> str:
        """Type text for that reader, and Enter where it takes lines. Returns the echo to come."""
        enter = {"line": "\n", "key": "" if text else "\n", "editor": "\r"}[reader.mode]
        fd = self._fds.get(reader.terminal)
        translated = fd is not None and termios.tcgetattr(fd)[1] & termios.ONLCR
        self._type(reader.terminal, (text + enter).encode("utf-8", "surrogateescape"))
        if not reader.echo and reader.mode != "editor":
            return ""
        return text + (enter and ("\r\n" if translated else "\n"))

    @property
    def typed_ahead(self) -> bool:
        """Whether something was typed, or is to be, that nobody has read yet."""
        with suppress(OSError):
            return bool(self._unwritten) or unread(self._child.child_fd) > 0
        return False

    def keep_modes(self) -> None:
        """Take the modes that stdout's terminal is in now for those that are restored."""
        with suppress(OSError, termios.error):
            self._modes["stdout"] = termios.tcgetattr(self._child.child_fd)

    def restore_modes(self) -> None:
        """Undo what programs have done to the terminal's modes (`stty raw`, an early death)."""
        self._reply = ""
        if self._relayed:
            return  # a client has set them for itself
        for name, fd in self._fds.items():
            if termios.tcgetattr(fd) != self._modes[name]:
                termios.tcsetattr(fd, termios.TCSANOW, self._modes[name])
        for fd in self._fds.values():
            # What was typed for a program that did not read it is not for the next one.
            with suppress(OSError, termios.error):
                forget_input(fd)

    def reply(self, text: str) -> None:
        """Answer a program's query, if it makes itself ready to read the answer."""
        self._reply += text
        self._offer_reply(_REPLY_LOOKS)

    def _offer_reply(self, looks: int) -> None:
        if self._reply and self.foreground.draws:
            self.write(self._reply.encode())
            self._reply = ""
        elif self._reply and looks:
            # Bash asks first and then changes the mode, however long it is kept from that.
            left = looks if self.foreground.busy else looks - 1
            self._loop.call_later(_REPLY_PAUSE, self._offer_reply, left)
        else:
            self._reply = ""

    async def caught_up(self) -> bool:
        """Whether all that the child wrote before this call has been received by the end of it.

        A mark of our own goes behind it, from the child's side of each terminal, and comes back.
        False while it is full or paused; True at once where that side cannot be found.
        """
        if self._paused:
            return False
        self._fences = {name: self._loop.create_future() for name in self._fds}
        try:
            for fd in self._fds.values():
                write_to_slave(fd, self._fence)
        except BlockingIOError:
            return False
        except OSError:
            return True
        await asyncio.gather(*self._fences.values())
        return True

    def _take(self, name: StreamName, event: Event) -> None:
        if isinstance(event, Text) or event.kind != "F":
            self._receive(name, event)
        elif (fence := self._fences.get(name)) is not None and not fence.done():
            fence.set_result(None)

    def pause(self) -> None:
        """Read no more until `resume`: the child waits when its terminal is full."""
        self._paused = True
        for fd in self._fds.values():
            self._loop.remove_reader(fd)

    def resume(self) -> None:
        """Read on."""
        self._paused = False
        for name, fd in self._fds.items():
            self._loop.add_reader(fd, self._readable, name)

    def end_input(self, reader: Reader) -> None:
        """Type end-of-file (^D) for that reader."""
        self._type(reader.terminal, b"\x04")

    def _type(self, name: StreamName, data: bytes) -> None:
        if name == "stdout":
            self.write(data)
        elif (fd := self._fds.get(name)) is not None:
            with suppress(OSError):  # full, or closed: a few keys are all that is typed there
                os.write(fd, data)

    def interrupt(self) -> str:
        """SIGINT to the foreground process group. Returns the echo to come."""
        self._unwritten = b""
        return self.foreground.interrupt()

    def interrupt_child(self) -> None:
        """SIGINT to the program itself, where it waits for another one in the foreground."""
        if self.foreground.program():
            with suppress(ProcessLookupError):
                os.killpg(self.leader, signal.SIGINT)

    def end(self) -> None:
        """Begin to end the child and all that it started. `ended` is called when it is done."""
        self._ending = self._ending or self._loop.create_task(self._reap())

    async def _reap(self) -> None:
        if self._exit >= 0:
            self._loop.remove_reader(self._exit)
            os.close(self._exit)
        with suppress(ProcessLookupError):
            os.kill(self._child.pid, signal.SIGTERM if sys.platform == "linux" else signal.SIGHUP)
        kill = self._loop.call_later(_END_GRACE, self._kill)
        await self._loop.run_in_executor(None, self._child.wait)
        kill.cancel()
        end_session(self._child.pid)
        for name in list(self._fds):
            self._drain(name)
            self._close(name)
        if self._error_slave is not None:
            self._loop.remove_writer(self._error_slave)
            os.close(self._error_slave)
            self._error_slave = None
        self._child.close(force=False)
        self._ended(Ending(self._child.exitstatus, self._child.signalstatus))

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._child.pid, signal.SIGKILL)

    def _readable(self, name: StreamName) -> None:
        data, closed = self._read(name, _READS)
        for event in self._decoders[name].feed(data):
            self._take(name, event)
        if closed:
            # The terminal hangs up when the last process that had it open is gone.
            self._loop.remove_reader(self._fds[name])
            if name == "stdout":
                self.end()

    def _drain(self, name: StreamName) -> None:
        """Take what was written before the end."""
        data, _ = self._read(name, 1 << 10)
        for event in (*self._decoders[name].feed(data), *self._decoders[name].close()):
            self._take(name, event)

    def _read(self, name: StreamName, most: int) -> tuple[bytes, bool]:
        """What there is to read, in at most so many reads, and whether the terminal is closed."""
        chunks: list[bytes] = []
        try:
            for _ in range(most):
                chunk = os.read(self._fds[name], _READ_SIZE)
                if not chunk:
                    return b"".join(chunks), True
                chunks.append(chunk)
        except BlockingIOError:
            pass
        except OSError:  # EIO: nobody has the other side open
            return b"".join(chunks), True
        return b"".join(chunks), False

    def _close(self, name: StreamName) -> None:
        fd = self._fds.pop(name)
        self._loop.remove_reader(fd)
        self._loop.remove_writer(fd)
        if name == "stderr":  # the other one is pexpect's to close
            os.close(fd)
        else:
            # Nobody can be seen there any more, and what is written goes nowhere.
            self.foreground = RelayedForeground(self.write, seen=True)


def _clear_onlcr(fd: int) -> None:
    r"""Let "\n" go out as it is. Turning "\r\n" back chunk by chunk would corrupt output."""
    attributes = termios.tcgetattr(fd)
    attributes[1] &= ~termios.ONLCR
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
