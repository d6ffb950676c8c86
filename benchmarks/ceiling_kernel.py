"""The ceiling: no more than what carries a cell's output from a pty to a client."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

_READ_SIZE = 1 << 16
# As mykernel gathers it. A message for each read of 4 KiB would make it a low ceiling.
_MESSAGE = 1 << 18
_LINGER = 1000


def main(connection_file: str) -> None:
    """Answer kernel_info, execute and shutdown requests. Blocks until the last."""
    info = json.loads(Path(connection_file).read_text())
    session = Session(key=info["key"].encode(), signature_scheme=info["signature_scheme"])
    context = zmq.Context()
    context.linger = _LINGER
    shell = _bind(context, zmq.ROUTER, info["shell_port"])
    control = _bind(context, zmq.ROUTER, info["control_port"])
    iopub = _bind(context, zmq.PUB, info["iopub_port"])
    poller = zmq.Poller()
    poller.register(shell, zmq.POLLIN)
    poller.register(control, zmq.POLLIN)
    serving = True
    while serving:
        for channel, _ in poller.poll():
            identities, request = session.recv(channel, mode=0)
            assert request is not None, "a message is there"
            kind = request["msg_type"]
            session.send(iopub, "status", {"execution_state": "busy"}, parent=request)
            if kind == "execute_request":
                for text in _output(request["content"]["code"]):
                    session.send(iopub, "stream", {"name": "stdout", "text": text}, parent=request)
            reply = {"status": "ok", "execution_count": 1, "restart": False}
            reply_kind = kind.replace("_request", "_reply")
            session.send(channel, reply_kind, reply, parent=request, ident=identities)
            session.send(iopub, "status", {"execution_state": "idle"}, parent=request)
            serving = kind != "shutdown_request"
    context.destroy(linger=_LINGER)


def _bind(context: zmq.Context[zmq.Socket[bytes]], kind: int, port: int) -> zmq.Socket[bytes]:
    channel = context.socket(kind)
    # A client that lags is waited for, and no message is dropped.
    channel.sndhwm = 0
    channel.bind(f"tcp://127.0.0.1:{port}")
    return channel


def _output(code: str) -> Iterator[str]:
    """What a shell writes on a terminal of its own, in pieces worth a message."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    gathered: list[str] = []
    size = 0
    for data in _read(code):
        gathered.append(decode(data))
        size += len(data)
        if size >= _MESSAGE:
            yield "".join(gathered)
            gathered, size = [], 0
    yield "".join(gathered) + decode(b"", True)


def _read(code: str) -> Iterator[bytes]:
    master, slave = os.openpty()
    attributes: list[Any] = termios.tcgetattr(slave)
    attributes[1] &= ~termios.ONLCR
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    child = subprocess.Popen(
        ["bash", "-c", code], stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    # The last of those who hold the slave has closed it: EIO on Linux, b"" elsewhere.
    with suppress(OSError):
        while data := os.read(master, _READ_SIZE):
            yield data
    os.close(master)
    child.wait()


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("-f") + 1])
