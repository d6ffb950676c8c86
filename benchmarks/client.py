"""A kernel's process and a client to it, on raw zmq sockets.

jupyter_client's own client costs as much as a fast kernel; this one signs, sends,
and reads the headers alone, so that what is measured is the kernel. It blocks.
Source: the Jupyter messaging specification, "The Wire Protocol".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import zmq
from jupyter_client.connect import write_connection_file

from benchmarks import processes
from benchmarks.peers import ROOT, Kernel

_DELIMITER = b"<IDS|MSG>"
_START_WITHIN = 30.0
# Some of ipykernel's shutdowns stall; what is not gone by then is killed, and nothing lost.
_SHUTDOWN_WITHIN = 1.5


_CHANNELS = 5
# Below those that a system gives to connections: one that is being made again and again
# could take the port that a kernel is about to bind.
_PORTS = range(20_000, 32_000)
_OF_EXECUTE = {
    "silent": False,
    "store_history": True,
    "user_expressions": {},
    "allow_stdin": False,
    "stop_on_error": True,
}


class Unmeasurable(Exception):
    """A kernel could not be measured. The message is what the notes say of it.

    word: what the table says.
    """

    word = "failed"


class TimedOut(Unmeasurable):
    """It did not get there in time."""

    word = "timed out"


class NotOffered(Unmeasurable):
    """It lacks the feature."""

    word = "not offered"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came. at: when, in seconds of `perf_counter`."""

    at: float
    header: dict[str, Any]
    parent_header: bytes
    content: bytes

    @property
    def kind(self) -> str:
        """The `msg_type`."""
        return str(self.header["msg_type"])

    @property
    def parent(self) -> str:
        """Its parent's `msg_id`, "" when there is none."""
        return str(json.loads(self.parent_header).get("msg_id", ""))

    @property
    def is_output(self) -> bool:
        """Whether it carries what a cell wrote."""
        return self.kind in ("stream", "display_data", "execute_result")

    def text(self) -> str:
        """The text of a `stream`, a `display_data` or an `execute_result`, else ""."""
        content = json.loads(self.content)
        if self.kind == "stream":
            return str(content["text"])
        return str(content["data"].get("text/plain", "")) if self.is_output else ""


@dataclass(frozen=True, slots=True)
class Settled:
    """Some requests, of which each has its reply and its idle.

    done: when the last of these was in. replies: their contents, in the requests' order.
    """

    done: float
    replies: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """One cell. sent, done: when the request went out, and reply and idle were both in."""

    sent: float
    done: float
    output: tuple[Message, ...]

    def printed(self, text: str) -> bool:
        """Whether its output has this text. A fast answer without the output would be none."""
        return text in "".join(message.text() for message in self.output)

    @property
    def seconds(self) -> float:
        """From sending the request to having both reply and idle."""
        return self.done - self.sent


class RunningKernel:
    """A fresh kernel process that has run its first cell. A context manager that ends it.

    home: the folder that it gets for HOME.
    ports: for shell, iopub, stdin, control and hb. Those who start several at once choose
        them before.
    first_cell_seconds: from launching the process to reply and idle of its first cell.
    Raises `Unmeasurable` when it does not get there.
    """

    def __init__(self, kernel: Kernel, home: Path, ports: Sequence[int] = ()) -> None:
        self.kernel = kernel
        self.home = home
        self._folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self._session = uuid4().hex
        self._context = zmq.Context()
        self._poller = zmq.Poller()
        self._log = (self._folder / "log").open("wb")
        path = str(self._folder / "kernel.json")
        # The kernel binds later than we connect; the default of 100 ms would be measured.
        # Several at once would keep the machine busy with it.
        self._reconnect_after = 20 if ports else 2
        shell, iopub, stdin, control, hb = ports or free_ports(1)[0]
        _, info = write_connection_file(
            path,
            shell_port=shell,
            iopub_port=iopub,
            stdin_port=stdin,
            control_port=control,
            hb_port=hb,
            key=uuid4().hex.encode(),
        )
        self._key = str(info["key"]).encode()
        self._shell = self._connect(zmq.DEALER, int(info["shell_port"]))
        self._control = self._connect(zmq.DEALER, int(info["control_port"]))
        self._iopub = self._connect(zmq.SUB, int(info["iopub_port"]))
        for channel in (self._shell, self._iopub):
            self._poller.register(channel, zmq.POLLIN)
        launched = perf_counter()
        self._process = subprocess.Popen(
            [a.replace("{connection_file}", path) for a in kernel.argv],
            cwd=ROOT,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._meet(launched + _START_WITHIN)
            self.first_cell_seconds = self.execute(kernel.noop, _START_WITHIN).done - launched
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> RunningKernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The kernel's own process, whose tree is all that it started."""
        return self._process.pid

    def execute(self, code: str, within: float) -> Ran:
        """Run a cell that should end well.

        within: seconds. Past them, or when the cell fails or the kernel ends, `Unmeasurable`.
        """
        sent, request = self.begin(code)
        output: list[Message] = []
        settled = self.settle([request], within, output.append)
        check(settled)
        return Ran(sent, settled.done, tuple(output))

    def begin(self, code: str) -> tuple[float, str]:
        """Send an `execute_request`. Returns when, and its `msg_id`."""
        return self.ask("execute_request", {"code": code, **_OF_EXECUTE})

    def ask(self, kind: str, content: dict[str, Any]) -> tuple[float, str]:
        """Send a request on shell. Returns when, and its `msg_id`."""
        return self._send(self._shell, kind, content)

    def interrupt(self) -> float:
        """Interrupt as the kernel's spec has it. Returns when."""
        if self.kernel.interrupt_mode == "message":
            return self._send(self._control, "interrupt_request", {})[0]
        sent = perf_counter()
        # To the whole group, as jupyter_client's LocalProvisioner does.
        os.killpg(self.pid, signal.SIGINT)
        return sent

    def settle(
        self,
        requests: Sequence[str],
        within: float,
        sink: Callable[[Message], object] = lambda _: None,
    ) -> Settled:
        """Wait until each of these has its reply and its idle.

        within: seconds. Past them, `TimedOut`; `Unmeasurable` when the kernel ends.
        sink: takes their output as it comes.
        """
        said_before = self._log_size()
        busy = set(requests)
        replies: dict[str, dict[str, Any]] = {}
        for message in self.arrivals(perf_counter() + within):
            parent = message.parent
            if message.is_output and parent in requests:
                sink(message)
            elif message.kind == "status" and parent in busy:
                if json.loads(message.content)["execution_state"] == "idle":
                    busy.remove(parent)
            elif message.kind.endswith("_reply"):
                replies[parent] = json.loads(message.content)
            if not busy and replies.keys() >= set(requests):
                return Settled(message.at, tuple(replies[r] for r in requests))
        raise TimedOut(f"timed out after {within:.0f} s{self._said(said_before)}")

    def arrivals(self, deadline: float) -> Iterator[Message]:
        """Messages of shell and iopub as they come, until the deadline."""
        while (left := deadline - perf_counter()) > 0:
            for channel, _ in self._poller.poll(int(min(left, 1.0) * 1000)):
                yield _parsed(channel.recv_multipart())
            if self._process.poll() is not None:
                raise Unmeasurable(f"ended with status {self._process.returncode}{self._said()}")

    def close(self, within: float = _SHUTDOWN_WITHIN) -> None:
        """Ask it to shut down, and kill what is left after so many seconds."""
        started = processes.tree(self.pid)
        if self._process.poll() is None:
            self._send(self._control, "shutdown_request", {"restart": False})
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                started = [*started, *processes.tree(self.pid)]
        processes.kill(started)
        self._process.wait()
        self._context.destroy(linger=0)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _connect(self, kind: int, port: int) -> zmq.Socket[bytes]:
        connected = self._context.socket(kind)
        connected.linger = 0
        # No message is dropped on our side, whatever a kernel pours out.
        connected.rcvhwm = 0
        connected.sndhwm = 0
        connected.reconnect_ivl = self._reconnect_after
        if kind == zmq.SUB:
            connected.subscribe(b"")
        connected.connect(f"tcp://127.0.0.1:{port}")
        return connected

    def _meet(self, deadline: float) -> None:
        """Ask for kernel_info until iopub speaks too: it may subscribe later than shell."""
        heard: set[str] = set()
        self._send(self._shell, "kernel_info_request", {})
        for message in self.arrivals(deadline):
            heard.add(message.kind)
            if "kernel_info_reply" in heard and len(heard) > 1:
                return
            if message.kind == "kernel_info_reply" and not self._iopub.poll(20):
                self._send(self._shell, "kernel_info_request", {})
        raise TimedOut(f"timed out at its start{self._said()}")

    def _send(
        self, channel: zmq.Socket[bytes], kind: str, content: dict[str, Any]
    ) -> tuple[float, str]:
        request = uuid4().hex
        header = {
            "msg_id": request,
            "msg_type": kind,
            "username": "bench",
            "session": self._session,
            "date": datetime.now(timezone.utc).isoformat(),
            "version": "5.3",
        }
        parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
        signature = hmac.new(self._key, b"".join(parts), hashlib.sha256).hexdigest()
        frames = [_DELIMITER, signature.encode(), *parts]
        sent = perf_counter()
        channel.send_multipart(frames)
        return sent, request

    def _log_size(self) -> int:
        return os.fstat(self._log.fileno()).st_size

    def _said(self, since: int = 0) -> str:
        """The last line of its log, when there is more of it than so many bytes."""
        log = (self._folder / "log").read_bytes()[since:]
        lines = log.decode(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""


def free_ports(kernels: int) -> list[list[int]]:
    """A port for each channel of so many kernels, no two the same."""
    ports: list[int] = []
    with ExitStack() as held:
        for port in random.sample(_PORTS, len(_PORTS)):
            if len(ports) == kernels * _CHANNELS:
                break
            with suppress(OSError):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
                ports.append(port)
    return [ports[start::kernels] for start in range(kernels)]


def check(settled: Settled) -> None:
    """Raise `Unmeasurable` when one of the replies is not ok."""
    for content in settled.replies:
        if content["status"] != "ok":
            raise Unmeasurable(f"the cell failed: {content.get('ename')} {content.get('evalue')}")


def _parsed(frames: list[bytes]) -> Message:
    at = perf_counter()
    start = frames.index(_DELIMITER)
    _, header, parent, _, content = frames[start + 1 : start + 6]
    return Message(at, json.loads(header), parent, content)


def _environment(home: Path) -> dict[str, str]:
    """A home of the run's own, so that nobody's startup files and settings are measured."""
    ours = ("JUPYTER_", "JPY_", "IPYTHON", "PYTHON", "XDG_", "BASH_ENV")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    # Kernels watch this pid and end with it.
    return {**kept, "HOME": str(home), "JPY_PARENT_PID": str(os.getpid())}
