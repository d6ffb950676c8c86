"""Start a kernel from ipykernel's own parts, without IPKernelApp and IPython's application.

All sockets but the heartbeat's and iopub's live on the main event loop: fewer threads for
a message to pass through, and nothing that has to be shared between them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread
from ipykernel.parentpoller import ParentPollerUnix
from jupyter_client.connect import write_connection_file
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session, json_packer
from tornado.ioloop import IOLoop
from zmq.eventloop.zmqstream import ZMQStream

from mykernel import options
from mykernel.contract import Toolchain
from mykernel.errors import MykernelError
from mykernel.kernel import MyKernel
from mykernel.languages import language

# Milliseconds that closing sockets wait for messages to go out.
_LINGER = 1000
# Messages that wait for a client, and milliseconds until a client is taken to hang.
_IOPUB_QUEUE = 64
_HANGING = 20_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a connection file says.

    ports: by channel name; keys: CurveZMQ's public and secret key (Z85), or None.
    """

    transport: str
    ip: str
    ports: dict[str, int]
    key: bytes
    signature_scheme: str
    keys: tuple[bytes, bytes] | None

    def address(self, channel: str) -> str:
        separator = ":" if self.transport == "tcp" else "-"
        return f"{self.transport}://{self.ip}{separator}{self.ports[channel]}"


class _WelcomingFirst(IOPubThread):  # type: ignore[misc]  # Any, see pyproject.toml
    """Sends a subscriber nothing before its iopub_welcome.

    Else the subscription would hold once the socket hears of it, and whatever is sent until this
    thread looks would go out first. Source: zmq_setsockopt(3), ZMQ_XPUB_MANUAL.
    """

    def _handle_subscription(self, frames: list[bytes]) -> None:
        for frame in frames:
            option = zmq.SUBSCRIBE if frame[0] else zmq.UNSUBSCRIBE
            self.socket.setsockopt(option, frame[1:])
        super()._handle_subscription(frames)

    def _really_send(self, *args: Any, **kwargs: Any) -> None:
        super()._really_send(*args, **kwargs)
        # A subscription that came meanwhile wakes nobody up any more. Source: zmq_getsockopt(3),
        # ZMQ_FD, which is edge-triggered.
        while not self.closed and self.socket.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            self._handle_subscription(self.socket.recv_multipart(zmq.NOBLOCK))


def main(argv: list[str]) -> int:
    """`python -m mykernel kernel LANGUAGE -f CONNECTION_FILE`: serve until shut down."""
    arguments = _parse(argv)
    logging.basicConfig(
        level=logging.DEBUG if arguments.debug else logging.WARNING,
        format="[mykernel] %(levelname)s %(name)s: %(message)s",
    )
    try:
        what = language(arguments.language)
        told = options.given(arguments)
        # Behind a launcher it is found on the other side's PATH.
        toolchain = Toolchain(Path(what.program), "") if told.launcher else what.find_toolchain()
    except MykernelError as e:
        print(f"mykernel: {e}", file=sys.stderr)
        return 1
    path = arguments.connection_file
    if path is None:
        path, _ = write_connection_file()
        print(f"To connect: jupyter console --existing {path}", file=sys.stderr)
    _serve(
        _endpoint(path),
        language=what,
        toolchain=toolchain,
        options=told,
    )
    return 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mykernel kernel", description="Start a kernel. Jupyter does this for you."
    )
    parser.add_argument("language")
    parser.add_argument("-f", dest="connection_file", help="made and named when absent")
    parser.add_argument("--debug", action="store_true", help="log wire traffic to stderr")
    options.add_to(parser)
    return parser.parse_args(argv)


def _endpoint(path: str) -> Endpoint:
    with open(path, encoding="utf-8") as file:
        said: dict[str, Any] = json.load(file)
    public, secret = said.get("curve_publickey"), said.get("curve_secretkey")
    channels = ("shell", "control", "stdin", "iopub", "hb")
    return Endpoint(
        transport=said.get("transport", "tcp"),
        ip=said["ip"],
        ports={channel: int(said[f"{channel}_port"]) for channel in channels},
        key=said.get("key", "").encode(),
        signature_scheme=said.get("signature_scheme", "hmac-sha256"),
        keys=(public.encode(), secret.encode()) if public and secret else None,
    )


def _serve(endpoint: Endpoint, **kernel_options: Any) -> None:
    # Until the kernel listens for it, an early interrupt must not end the process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.set_event_loop(asyncio.new_event_loop())
    loop = IOLoop.current()
    context = zmq.Context()
    session = Session(
        key=endpoint.key, signature_scheme=endpoint.signature_scheme, username="kernel"
    )
    session.pack = _pack
    sockets = {c: _bind(context, zmq.ROUTER, endpoint, c) for c in ("shell", "control", "stdin")}
    iopub = _WelcomingFirst(_bind(context, zmq.XPUB, endpoint, "iopub"), session=session)
    iopub.start()
    heartbeat = _heartbeat(endpoint)
    _watch_parent()
    kernel = MyKernel(
        session=session,
        shell_stream=ZMQStream(sockets["shell"]),
        control_stream=ZMQStream(sockets["control"]),
        stdin_socket=sockets["stdin"],
        iopub_thread=iopub,
        iopub_socket=iopub.background_socket,
        log=logging.getLogger("mykernel.kernel"),
        **kernel_options,
    )
    kernel.record_ports({f"{channel}_port": port for channel, port in endpoint.ports.items()})
    kernel.start()
    try:
        loop.start()
    finally:
        heartbeat.context.term()
        iopub.stop()
        iopub.close()
        for socket in sockets.values():
            socket.close()
        context.term()


def _pack(content: object) -> bytes:
    """JSON as UTF-8; half a surrogate pair, which JavaScript's strings may hold, as an escape."""
    try:
        return json_packer(content)
    except UnicodeEncodeError:
        return json.dumps(content, default=json_default, allow_nan=False).encode("ascii")


def _bind(
    context: zmq.Context[Any], kind: int, endpoint: Endpoint, channel: str
) -> zmq.Socket[Any]:
    socket: zmq.Socket[Any] = context.socket(kind)
    socket.linger = _LINGER
    # Nothing is thrown away when a client is slower than the kernel.
    socket.sndhwm = 0
    if kind == zmq.XPUB:
        # A slow client holds the kernel up instead, so that memory stays flat; one that hangs
        # for so many milliseconds loses messages.
        socket.sndhwm = _IOPUB_QUEUE
        socket.xpub_nodrop = 1
        # Each subscription is told to us, and holds from when we say so.
        socket.setsockopt(zmq.XPUB_MANUAL, 1)
        socket.sndtimeo = _HANGING
    else:
        # A client that comes back under its old identity takes the connection over.
        socket.router_handover = 1
    if endpoint.keys is not None:
        socket.curve_publickey, socket.curve_secretkey = endpoint.keys
        socket.curve_server = True
    socket.bind(endpoint.address(channel))
    return socket


def _heartbeat(endpoint: Endpoint) -> Heartbeat:
    public, secret = endpoint.keys or (None, None)
    heartbeat = Heartbeat(
        zmq.Context(),
        (endpoint.transport, endpoint.ip, endpoint.ports["hb"]),
        curve_publickey=public,
        curve_secretkey=secret,
    )
    heartbeat.start()
    return heartbeat


def _watch_parent() -> None:
    """End with the process that started the kernel, when it asked for that."""
    parent = int(os.environ.get("JPY_PARENT_PID") or 0)
    if parent > 1:
        ParentPollerUnix(parent_pid=parent).start()
