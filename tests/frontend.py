"""A front end for tests: sends requests, and keeps every message that comes of them."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client import localinterfaces
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

Message = dict[str, Any]
# Seconds within which anything that is awaited here comes on the slowest machine.
PATIENCE = 60


@dataclass
class Result:
    """What one request came to: its reply, and its iopub messages from busy to idle."""

    reply: Message
    iopub: list[Message] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.reply["content"]["status"])

    @property
    def content(self) -> Message:
        content: Message = self.reply["content"]
        return content

    @property
    def ename(self) -> str:
        """The error's name, "" where there is none."""
        return str(self.content.get("ename", ""))

    @property
    def evalue(self) -> str:
        """What the error says, "" where there is none."""
        return str(self.content.get("evalue", ""))

    def of_type(self, kind: str) -> list[Message]:
        return [m["content"] for m in self.iopub if m["msg_type"] == kind]

    def stream(self, name: str) -> str:
        return "".join(c["text"] for c in self.of_type("stream") if c["name"] == name)

    @property
    def stdout(self) -> str:
        return self.stream("stdout")

    @property
    def stderr(self) -> str:
        return self.stream("stderr")


class FrontEnd:
    """One client of one kernel. Waits for events; raises queue.Empty when none comes."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        # msg_ids of requests sent here, and how many replies and idles have come to each.
        self.sent: list[str] = []
        self.replies: Counter[str] = Counter()
        self.idles: Counter[str] = Counter()
        self._replies: dict[str, Message] = {}
        self._iopub: dict[str, list[Message]] = {}

    @property
    def pid(self) -> int:
        """The kernel's process id."""
        return int(self.manager.provisioner.pid)

    def execute(self, code: str, **options: Any) -> Result:
        """Run a cell to its end."""
        return self.result(self.send(code, **options))

    def send(self, code: str, **options: Any) -> str:
        """Send a cell without waiting; returns the request's msg_id."""
        options.setdefault("allow_stdin", False)
        self.sent.append(str(self.client.execute(code, **options)))
        return self.sent[-1]

    def post(self, channel: str, msg_type: str, content: Message) -> str:
        """Send any message on "shell" or "control" without waiting; returns its msg_id."""
        message = self.client.session.msg(msg_type, content)
        getattr(self.client, f"{channel}_channel").send(message)
        self.sent.append(str(message["header"]["msg_id"]))
        return self.sent[-1]

    def request(self, kind: str, **content: Any) -> Result:
        """Send any request on the shell channel and wait for its reply and its idle."""
        return self.result(self.post("shell", f"{kind}_request", content))

    def control(self, kind: str, **content: Any) -> Message:
        """Send a request on the control channel and wait for its reply."""
        msg_id = self.post("control", f"{kind}_request", content)
        return self._reply(self.client.get_control_msg, msg_id)

    @property
    def at_rest(self) -> bool:
        """Whether every request that was sent here has had its reply."""
        return all(self.replies[msg_id] for msg_id in self.sent)

    def result(self, msg_id: str) -> Result:
        """Wait for a request's reply and for all of its iopub messages, idle included."""
        reply = self._reply(self.client.get_shell_msg, msg_id)
        self.until(msg_id, _is_idle)
        return Result(reply, self._iopub.pop(msg_id))

    def until(self, msg_id: str, wanted: Callable[[Message], bool]) -> Message:
        """The first iopub message of that request, past or to come, which is wanted."""
        for message in self._iopub.setdefault(msg_id, []):
            if wanted(message):
                return message
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            parent = message["parent_header"].get("msg_id", "")
            self.idles[parent] += _is_idle(message)
            self._iopub.setdefault(parent, []).append(message)
            if parent == msg_id and wanted(message):
                return message

    def until_text(self, msg_id: str, text: str) -> None:
        """Wait until the streams of that request, put together, contain the text."""
        seen: list[str] = []

        def wanted(message: Message) -> bool:
            if message["msg_type"] == "stream":
                seen.append(message["content"]["text"])
            return text in "".join(seen)

        self.until(msg_id, wanted)

    def converse(self, code: str, answers: Sequence[str | None]) -> tuple[Result, list[Message]]:
        """Run a cell, giving one answer to each input_request; None interrupts instead.

        Returns the result and the contents of the requests.
        """
        left, asked = list(answers), []
        msg_id = self.send(code, allow_stdin=True)
        sockets = self.client.iopub_channel.socket, self.client.stdin_channel.socket
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        while not any(_is_idle(m) for m in self._iopub.get(msg_id, [])):
            ready = dict(poller.poll(PATIENCE * 1000))
            assert ready, "neither output nor a question came"
            if sockets[1] in ready:
                asked.append(self.client.get_stdin_msg(timeout=PATIENCE)["content"])
                answer = left.pop(0)
                if answer is None:
                    self.interrupt()
                else:
                    self.client.input(answer)
            if sockets[0] in ready:
                message = self.client.get_iopub_msg(timeout=PATIENCE)
                parent = message["parent_header"]["msg_id"]
                self.idles[parent] += _is_idle(message)
                self._iopub.setdefault(parent, []).append(message)
        return self.result(msg_id), asked

    def interrupt(self) -> Message:
        """The interrupt_request on the control channel, and its reply."""
        return self.control("interrupt")

    def reconnected(self) -> FrontEnd:
        """Vanish without a word, and come back as another client of the same kernel."""
        self.client.stop_channels()
        client: BlockingKernelClient = self.manager.blocking_client()
        client.start_channels()
        # A kernel that is busy writing leaves no pause, which wait_for_ready would wait for.
        while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "iopub_welcome":
            pass
        return FrontEnd(self.manager, client)

    def close(self, now: bool = False) -> None:
        """Shut the kernel down, as far as it still runs. now: by SIGKILL."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=now)
        self.manager.cleanup_resources()

    def _reply(self, receive: Callable[..., Message], msg_id: str) -> Message:
        while msg_id not in self._replies:
            message = receive(timeout=PATIENCE)
            parent = message["parent_header"].get("msg_id", "")
            self.replies[parent] += 1
            self._replies[parent] = message
        return self._replies.pop(msg_id)


def launch(argv: list[str], cwd: Path, **manager_options: Any) -> FrontEnd:
    """Start a kernel by its argv, without a kernelspec on the Jupyter path."""
    manager = KernelManager(**{**_address(), **manager_options})
    manager._kernel_spec = KernelSpec(
        argv=argv,
        display_name="test",
        language="test",
        interrupt_mode="message",
        metadata={"supported_encryption": ["curve"]},
    )
    manager.start_kernel(cwd=str(cwd))
    client: BlockingKernelClient = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return FrontEnd(manager, client)


def _address() -> dict[str, str]:
    """An address of the test process's own, where all of 127.0.0.0/8 is this machine.

    Between jupyter_client's choice of ports and the kernel's, nobody else takes them there.
    """
    if sys.platform != "linux":
        return {}
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    address = f"127.0.0.{2 + number}"
    if address not in localinterfaces.local_ips():
        localinterfaces.LOCAL_IPS.append(address)
    return {"ip": address}


def launch_bash(cwd: Path) -> FrontEnd:
    """Start a Bash kernel."""
    return launch(
        [sys.executable, "-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"], cwd
    )


def _is_idle(message: Message) -> bool:
    content = message["content"]
    return bool(message["msg_type"] == "status" and content["execution_state"] == "idle")


def results(result: Result) -> list[str]:
    """The text of each result of a cell that has run."""
    assert result.status == "ok", result.content
    return [one["data"]["text/plain"] for one in result.of_type("execute_result")]


def traceback(result: Result) -> str:
    """What is shown of a cell's error."""
    return "\n".join(result.of_type("error")[0]["traceback"])


__all__ = [
    "PATIENCE",
    "FrontEnd",
    "Message",
    "Result",
    "launch",
    "launch_bash",
    "results",
    "traceback",
]
