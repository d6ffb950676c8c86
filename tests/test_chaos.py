"""Kill the shell, the kernel or the client in every state: nothing hangs, and nothing is left.

Each case is a state and a blow. Where the kernel outlives the blow, every request has one
reply and one idle, and the next cell runs as it should; where it does not, no process and no
file of it is left.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import sys
import tempfile
import termios
import tty
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from frontend import PATIENCE, FrontEnd, launch_bash

# The first shell that finds ~/hold is held up in its start files, until a line comes.
HOLD = "if command rm ~/hold 2>/dev/null; then { echo >~/told; read -r _; } <>~/gate; fi\n"
PROBE = "echo $((6 * 7))"


@dataclass
class Scene:
    """A kernel with its home folder, and what has been sent to it in this case.

    cells: execute_requests whose end is still to come. others: other requests on "shell".
    home: has the fifos "told", by which a held shell says that it is, and "gate".
    """

    front_end: FrontEnd
    home: Path
    cells: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def private(self) -> list[Path]:
        """The private folders that there are."""
        return list(self.home.glob("mykernel-*"))

    @property
    def kernel(self) -> psutil.Process:
        return psutil.Process(self.front_end.pid)

    @property
    def guardian(self) -> psutil.Process:
        return self.kernel.children()[0]

    @property
    def shell(self) -> psutil.Process:
        return self.guardian.children()[0]

    def begin(self, code: str, **options: bool) -> None:
        """Send a cell, and wait until it has written "ready"."""
        self.cells.append(self.front_end.send(code, **options))
        self.front_end.until_text(self.cells[-1], "ready")

    def run(self, code: str) -> None:
        self.front_end.execute(code)

    def post(self, kind: str, **content: object) -> None:
        self.others.append(self.front_end.post("shell", f"{kind}_request", content))

    def held(self) -> None:
        """Wait until something says that it is held up."""
        (self.home / "told").read_text()

    def release(self) -> None:
        """Open the gate, if anybody waits there."""
        with suppress(OSError):
            fd = os.open(self.home / "gate", os.O_WRONLY | os.O_NONBLOCK)
            os.write(fd, b"\n")
            os.close(fd)


def cell(code: str, **options: bool) -> Callable[[Scene], None]:
    return lambda scene: scene.begin(code, **options)


def starting(scene: Scene) -> None:
    scene.run("kill -KILL $$")
    (scene.home / "hold").touch()
    scene.cells.append(scene.front_end.send("echo ready"))
    scene.held()


def waiting_for_input(scene: Scene) -> None:
    scene.cells.append(scene.front_end.send("read -r line", allow_stdin=True))
    scene.front_end.client.get_stdin_msg(timeout=PATIENCE)


def queued(scene: Scene) -> None:
    scene.begin("echo ready; sleep 1000")
    scene.cells.append(scene.front_end.send("echo behind", stop_on_error=False))
    scene.post("complete", code="ech", cursor_pos=3)


def completing(scene: Scene) -> None:
    scene.run("held() { { echo >~/told; read -r _; } <>~/gate; }; complete -F held held")
    scene.post("complete", code="held x", cursor_pos=6)
    scene.held()


def inspecting(scene: Scene) -> None:
    scene.run("man() { { echo >~/told; read -r _; } <>~/gate; }")
    scene.post("inspect", code="ls", cursor_pos=2, detail_level=0)
    scene.held()


def cell_behind_completion(scene: Scene) -> None:
    completing(scene)
    scene.cells.append(scene.front_end.send("echo behind"))


def cell_behind_snapshot(scene: Scene) -> None:
    scene.run("compgen() { { echo >~/told; builtin read -r _; } <>~/gate; }")
    scene.held()
    scene.cells.append(scene.front_end.send("echo ready; sleep 1000"))
    scene.front_end.until(scene.cells[-1], lambda message: message["msg_type"] == "status")


def asking_whether_complete(scene: Scene) -> None:
    for _ in range(5):
        scene.post("is_complete", code="for i in 1; do\n" * 100)


def interrupting(scene: Scene) -> None:
    scene.begin("trap '' INT; echo ready; sleep 1000")
    scene.front_end.interrupt()


STATES: dict[str, Callable[[Scene], None]] = {
    "idle": lambda _: None,
    "starting": starting,
    "loop": cell("echo ready; while :; do :; done"),
    "sleep": cell("echo ready; sleep 1000"),
    "short cells": cell("echo ready; for ((i = 0; i < 1000; i++)); do /bin/true; done"),
    "pipeline": cell("sleep 1000 | { echo ready; cat; }"),
    "flood": cell("yes ready"),
    "input": waiting_for_input,
    "stubborn": cell("(trap '' INT TERM; echo ready; exec sleep 1000)"),
    "raw": cell("stty raw -echo; echo ready; sleep 1000"),
    "stopped": cell("sh -c 'echo ready; sh -c \"kill -STOP \\$\\$; sleep 1000\"; true'"),
    "stdin closed": cell("exec 0<&-; echo ready; sleep 1000"),
    "queued": queued,
    "completing": completing,
    "cell behind completion": cell_behind_completion,
    "cell behind snapshot": cell_behind_snapshot,
    "inspecting": inspecting,
    "is complete": asking_whether_complete,
    "background": lambda scene: scene.run("sleep 1000 & setsid sleep 1000 &"),
    "interrupting": interrupting,
    "error": lambda scene: scene.run("no-such-command"),
}


def signal_shell(number: signal.Signals) -> Callable[[Scene], None]:
    return lambda scene: scene.shell.send_signal(number)


def interrupts(count: int, spacing: int = 0) -> Callable[[Scene], None]:
    """So many, with up to so many round trips to the kernel before each."""

    def blow(scene: Scene) -> None:
        chance = random.Random(f"{count} {spacing}")
        for _ in range(count):
            for _ in range(chance.randint(0, spacing)):
                scene.front_end.control("kernel_info")
            scene.front_end.interrupt()

    return blow


def vanish(scene: Scene) -> None:
    scene.front_end = scene.front_end.reconnected()
    scene.others.clear()
    scene.cells.clear()


def remove_folder(scene: Scene) -> None:
    for folder in scene.private:
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        folder.rmdir()


def wreck_modes(scene: Scene) -> None:
    # Bash keeps its terminal at 255, whatever a cell does to the others.
    for name in (f"/proc/{scene.shell.pid}/fd/255", scene.shell.environ()["__mk_error"]):
        with open(name, "rb+", buffering=0) as terminal:
            tty.setraw(terminal)


BLOWS: dict[str, Callable[[Scene], None]] = {
    "SIGKILL": signal_shell(signal.SIGKILL),
    "SIGTERM": signal_shell(signal.SIGTERM),
    "SIGHUP": signal_shell(signal.SIGHUP),
    "SIGSEGV": signal_shell(signal.SIGSEGV),
    "SIGSTOP": signal_shell(signal.SIGSTOP),
    "guardian killed": lambda scene: scene.guardian.kill(),
    "interrupt": interrupts(1),
    "interrupt twice": interrupts(2),
    "interrupts at random": interrupts(5, spacing=6),
    "SIGINT to the kernel": lambda scene: scene.kernel.send_signal(signal.SIGINT),
    "client vanishes": vanish,
    "folder removed": remove_folder,
    "modes wrecked": wreck_modes,
}


def shut_down(restart: bool) -> Callable[[Scene], None]:
    return lambda scene: scene.front_end.post("control", "shutdown_request", {"restart": restart})


def shutting_down(scene: Scene) -> None:
    scene.begin("trap '' HUP; echo ready; sleep 1000")
    shut_down(restart=False)(scene)


# Of a kernel that ends.
DYING: dict[str, Callable[[Scene], None]] = {"shutdown": shutting_down}

FATAL_BLOWS: dict[str, Callable[[Scene], None]] = {
    "SIGKILL": lambda scene: scene.kernel.kill(),
    "SIGTERM": lambda scene: scene.kernel.terminate(),
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The home folder of this module's kernels, and of their private folders."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / ".bashrc").write_text(HOLD)
        for fifo in ("told", "gate"):
            os.mkfifo(home / fifo)
        yield home


@pytest.fixture
def launched(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], FrontEnd]:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(home))
    return lambda: launch_bash(home)


@pytest.fixture(scope="module")
def _shared() -> Iterator[list[FrontEnd]]:
    started: list[FrontEnd] = []
    yield started
    for front_end in started:
        front_end.close()


@pytest.fixture
def scene(_shared: list[FrontEnd], home: Path, launched: Callable[[], FrontEnd]) -> Iterator[Scene]:
    """The kernel that the module's cases share, with a shell that has just started."""
    scene = Scene(_shared.pop() if _shared else launched(), home)
    scene.run(":")
    yield scene
    # A case that failed leaves its kernel in disorder, and the next one gets another.
    if scene.front_end.at_rest:
        _shared.append(scene.front_end)
    else:
        end(scene)


@pytest.fixture
def doomed(
    _shared: list[FrontEnd], home: Path, launched: Callable[[], FrontEnd]
) -> Iterator[Scene]:
    """A kernel of the case's own."""
    while _shared:  # what is left is looked for by the kernels' common home
        _shared.pop().close()
    scene = Scene(launched(), home)
    yield scene
    end(scene)


def end(scene: Scene) -> None:
    scene.front_end.close(now=True)
    for folder in scene.private:
        shutil.rmtree(folder)


def assert_answered_once(front_end: FrontEnd, sent: Iterable[str]) -> None:
    assert {msg_id: front_end.replies[msg_id] for msg_id in sent} == dict.fromkeys(sent, 1)
    assert {msg_id: front_end.idles[msg_id] for msg_id in sent} == dict.fromkeys(sent, 1)


# A stubborn program takes an interrupt 3 s to end, so it takes part where it adds something.
CASES = [
    (state, blow)
    for state in STATES
    for blow in BLOWS
    if state != "stubborn" or blow in ("SIGKILL", "SIGSTOP", "interrupt twice", "client vanishes")
]
# A kernel of their own for each takes 1 s.
FATAL_STATES = [
    "idle", "starting", "sleep", "flood", "input", "stubborn", "completing", "background",
]  # fmt: skip


@pytest.mark.parametrize(("state", "blow"), CASES)
def test_the_kernel_outlives_a_blow_and_answers_everything_once(
    scene: Scene, state: str, blow: str
) -> None:
    STATES[state](scene)
    BLOWS[blow](scene)
    scene.release()
    front_end = scene.front_end
    front_end.interrupt()
    for msg_id in (*scene.cells, *scene.others):
        front_end.result(msg_id)
    probe = front_end.execute(PROBE)
    if (blow, probe.ename) == ("SIGINT to the kernel", "KeyboardInterrupt"):
        # Nothing tells when a process takes its signal up.
        probe = front_end.execute(PROBE)
    if probe.status == "aborted" or probe.ename == "ShellDied":
        # It came before the end of a vanished client's cell, or met a shell that was dying.
        probe = front_end.execute(PROBE)
    assert (probe.status, probe.stdout) == ("ok", "42\n")
    front_end.execute("kill -KILL $$")
    assert (scene.kernel.children(), scene.private) == ([], [])
    front_end.request("kernel_info")
    assert_answered_once(front_end, front_end.sent)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no guardian")
def test_a_cell_runs_though_a_program_has_thrown_away_what_was_typed_for_it(scene: Scene) -> None:
    """As top does in the background when it is stopped; here while nobody can have read it."""
    # Bash keeps its terminal at 255. The guardian has what was stopped go on.
    with open(f"/proc/{scene.shell.pid}/fd/255", "rb", buffering=0) as terminal:
        stopped = scene.guardian, scene.shell
        for process in stopped:
            process.suspend()
        cell = scene.front_end.send(PROBE)
        while not int.from_bytes(fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)), sys.byteorder):
            pass
        termios.tcflush(terminal, termios.TCIFLUSH)
        for process in stopped:
            process.resume()
    assert scene.front_end.result(cell).stdout == "42\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no guardian")
@pytest.mark.parametrize("blow", FATAL_BLOWS)
@pytest.mark.parametrize("state", [*FATAL_STATES, *DYING])
def test_nothing_is_left_of_a_kernel_that_does_not_outlive_a_blow(
    doomed: Scene, state: str, blow: str
) -> None:
    (STATES | DYING)[state](doomed)
    processes = [doomed.kernel, *doomed.kernel.children(recursive=True)]
    FATAL_BLOWS[blow](doomed)
    _, alive = psutil.wait_procs(processes, PATIENCE)
    assert (alive, doomed.private) == ([], [])


@pytest.mark.parametrize("state", FATAL_STATES)
def test_a_shutdown_answers_everything_once(doomed: Scene, state: str) -> None:
    STATES[state](doomed)
    shut_down(restart=len(state) % 2 == 0)(doomed)
    for msg_id in (*doomed.cells, *doomed.others):
        doomed.front_end.result(msg_id)
    doomed.kernel.wait(PATIENCE)
    assert_answered_once(doomed.front_end, [*doomed.cells, *doomed.others])
