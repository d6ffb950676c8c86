"""Try the kernels out as a front end does: start each, run a cell, and stop it."""

from __future__ import annotations

import queue
import tempfile
import time
from collections.abc import Iterator
from typing import IO, Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import KernelManager

from mykernel import kernelspecs
from mykernel.doctor.finding import Finding
from mykernel.doctor.jupyter import reinstallation
from mykernel.kernelspecs import InstalledSpec

_PATIENCE = 30.0  # seconds, for a kernel to start and for its cell to end
_SAID = "hello from the doctor"
# A language that is not named here is asked for its `kernel_info` alone.
_CELL = {"bash": f"echo {_SAID}"}


def kernels_answer() -> Iterator[Finding]:
    """Start each kernelspec of ours that Jupyter would take."""
    first: dict[str, InstalledSpec] = {}
    for spec in kernelspecs.installed():
        first.setdefault(spec.name, spec)
    for spec in first.values():
        # What is missing has had its line already.
        if spec.argv and spec.interpreter_exists:
            yield _tried(spec)


def _tried(spec: InstalledSpec) -> Finding:
    subject = f"Live kernel {spec.name}"
    manager = KernelManager(kernel_name=spec.name)
    with tempfile.TemporaryFile() as stderr:
        started = time.perf_counter()
        try:
            manager.start_kernel(stderr=stderr)
            _run_a_cell(manager, _CELL.get(spec.language, ""))
            took = (time.perf_counter() - started) * 1000
        except (RuntimeError, TimeoutError, OSError, queue.Empty, NoSuchKernel) as error:
            reason = f"{str(error) or type(error).__name__}{_last_words(stderr)}"
            fix = f"{reinstallation(spec)}, and if that does not help, report this line"
            return Finding("wrong", subject, f"no answer: {reason}", fix)
        finally:
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
        return Finding("ok", subject, f"answered {took:.0f} ms after its start")


def _run_a_cell(manager: KernelManager, code: str) -> None:
    """Raises RuntimeError, TimeoutError or queue.Empty when the kernel does not do as it should."""
    client: BlockingKernelClient = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=_PATIENCE)
        if code:
            _expect_hello(client, code)
    finally:
        client.stop_channels()


def _expect_hello(client: BlockingKernelClient, code: str) -> None:
    said: list[str] = []

    def listen(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])

    reply = client.execute_interactive(
        code, store_history=False, allow_stdin=False, timeout=_PATIENCE, output_hook=listen
    )
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{code!r} ended in {reply['content'].get('evalue', 'an error')}")
    if "".join(said).strip() != _SAID:
        raise RuntimeError(f"{code!r} wrote {''.join(said)!r}")


def _last_words(stderr: IO[bytes]) -> str:
    """What the kernel wrote last to its stderr, as the tail of a sentence."""
    stderr.seek(0)
    lines = stderr.read().decode(errors="replace").strip().splitlines()
    return f"; it wrote: {lines[-1]}" if lines else ""
