"""The same kernel over TCP, over Unix sockets, and encrypted with CurveZMQ over both."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
import zmq
from frontend import PATIENCE, FrontEnd
from zmq.utils.monitor import recv_monitor_message

Start = Callable[..., FrontEnd]
CURVE = {"transport_encryption": "required"}
TRANSPORTS: dict[str, dict[str, Any]] = {
    "tcp": {"transport": "tcp"},
    "ipc": {"transport": "ipc"},
    "tcp with curve": {"transport": "tcp", **CURVE},
    "ipc with curve": {"transport": "ipc", **CURVE},
}


@pytest.fixture
def socket_path() -> Iterator[str]:
    """Absolute, since jupyter_client's own default is relative, and short: 107 bytes is all."""
    with tempfile.TemporaryDirectory(prefix="mk", dir="/tmp") as folder:
        yield f"{folder}/kernel"


@pytest.fixture(params=TRANSPORTS)
def front_end(request: pytest.FixtureRequest, start_kernel: Start, socket_path: str) -> FrontEnd:
    options = TRANSPORTS[request.param]
    if options["transport"] == "ipc":
        options = {**options, "ip": socket_path}
    return start_kernel("bash", **options)


def test_all_channels_work(front_end: FrontEnd) -> None:
    """One kernel a transport, since each takes a second to start."""
    streams = front_end.execute("echo out; echo err >&2")
    assert (streams.status, streams.stdout, streams.stderr) == ("ok", "out\n", "err\n")

    assert "echo" in front_end.request("complete", code="ech", cursor_pos=3).content["matches"]

    cell = front_end.send("bash -c 'echo begun; exec sleep 60'")
    front_end.until_text(cell, "begun")
    front_end.interrupt()
    assert front_end.result(cell).ename == "KeyboardInterrupt"

    with front_end.manager.connect_hb() as heartbeat:
        heartbeat.send(b"ping")
        assert heartbeat.poll(PATIENCE * 1000)

    kernel = psutil.Process(front_end.pid)
    assert front_end.control("shutdown", restart=False)["content"]["status"] == "ok"
    assert kernel.wait(PATIENCE) == 0


def test_encryption_is_really_on(start_kernel: Start) -> None:
    front_end = start_kernel("bash", **CURVE)
    assert front_end.client.shell_channel.socket.mechanism == zmq.CURVE


HANDSHAKE_ENDS = {
    zmq.EVENT_HANDSHAKE_SUCCEEDED,
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
}


def connect_without_keys(subscriber: Any, address: str) -> int:
    """Connect and wait until that has come about or been turned away; returns the event."""
    with subscriber.get_monitor_socket() as monitor:
        subscriber.connect(address)
        while monitor.poll(PATIENCE * 1000):
            event = int(recv_monitor_message(monitor)["event"])
            if event in HANDSHAKE_ENDS:
                break
        subscriber.disable_monitor()
    return event


@pytest.mark.parametrize(("options", "hears"), [({}, True), (CURVE, False)], ids=["plain", "curve"])
def test_without_the_keys_nobody_hears_of_a_cell(
    start_kernel: Start, options: dict[str, str], hears: bool
) -> None:
    front_end = start_kernel("bash", **options)
    manager = front_end.manager
    with zmq.Context() as context, context.socket(zmq.SUB) as eavesdropper:
        eavesdropper.subscribe(b"")
        connect_without_keys(eavesdropper, f"tcp://{manager.ip}:{manager.iopub_port}")
        # Twice: the first may pass before the kernel has heard of a subscription.
        front_end.execute("echo secret")
        front_end.execute("echo secret")
        assert bool(eavesdropper.poll(PATIENCE * 1000 if hears else 0)) is hears


def test_without_the_keys_nobody_runs_a_cell(start_kernel: Start) -> None:
    front_end = start_kernel("bash", **CURVE)
    manager = front_end.manager
    with zmq.Context() as context, context.socket(zmq.DEALER) as intruder:
        intruder.linger = 0
        event = connect_without_keys(intruder, f"tcp://{manager.ip}:{manager.shell_port}")
        assert event != zmq.EVENT_HANDSHAKE_SUCCEEDED
