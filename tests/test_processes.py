"""No process and no file of a kernel's is left behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from frontend import PATIENCE, FrontEnd

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lets a process adopt its descendants' orphans"
)

# What users leave running. LEFT tells its process id and stays.
LEFT = "sh -c 'echo $$ > told; exec sleep 1000'"
LEFTOVERS = {
    "background": f"{LEFT} &",
    "disowned": f"{LEFT} & disown",
    "nohup": f"nohup {LEFT} > /dev/null 2>&1 &",
    "setsid": f"setsid {LEFT} &",
    "daemon": f"(setsid {LEFT} < /dev/null > /dev/null 2>&1 &)",
    "ignores TERM and HUP": f"(trap '' TERM HUP INT QUIT; exec {LEFT}) &",
    "stopped": f"{LEFT} & stop=1",
    "stopped, ignores TERM and HUP": f"(trap '' TERM HUP; exec {LEFT}) & stop=1",
    "without environment": f"env -i {LEFT} &",
    "without terminal": f"{LEFT} < /dev/null > /dev/null 2>&1 61>&- 62>&- &",
}


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the kernels of a test put their private folders."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def leave(front_end: FrontEnd, how: str) -> psutil.Process:
    """Start a leftover, and wait until it runs."""
    result = front_end.execute(
        f"stop=; mkfifo -m 600 told; {how}\n"
        "read pid < told; rm told\n"
        "[[ ! $stop ]] || kill -STOP $pid\n"
        "echo $pid\n"
    )
    return psutil.Process(int(result.stdout))


def remaining(processes: dict[str, psutil.Process], timeout: float) -> set[str]:
    """The names of those that still run after so many seconds."""
    _, alive = psutil.wait_procs(list(processes.values()), timeout)
    return {name for name, process in processes.items() if process in alive}


def of_kernel(front_end: FrontEnd) -> dict[str, psutil.Process]:
    """The kernel and all that it has started, with a leftover of each kind."""
    leftovers = {name: leave(front_end, how) for name, how in LEFTOVERS.items()}
    kernel = psutil.Process(front_end.pid)
    others = {f"{p.name()} {p.pid}": p for p in kernel.children(recursive=True)}
    return {"kernel": kernel, **others, **leftovers}


def test_leftovers_live_while_the_kernel_does(shell: FrontEnd) -> None:
    """Without this, the tests below would show nothing."""
    processes = of_kernel(shell)
    shell.execute(":")
    assert remaining(processes, 0) == set(processes)


def shut_down(front_end: FrontEnd) -> None:
    front_end.control("shutdown", restart=False)


ENDS: dict[str, Callable[[FrontEnd], None]] = {
    "shutdown": shut_down,
    "restart": lambda front_end: front_end.manager.restart_kernel(),
    "restart now": lambda front_end: front_end.manager.restart_kernel(now=True),
    "SIGTERM": lambda front_end: os.kill(front_end.pid, signal.SIGTERM),
    "SIGKILL": lambda front_end: os.kill(front_end.pid, signal.SIGKILL),
}


@pytest.fixture
def bash(private: Path, start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    return start_kernel("bash")


@pytest.mark.parametrize("way", ENDS)
def test_no_process_and_no_file_is_left(bash: FrontEnd, private: Path, way: str) -> None:
    [folder] = private.glob("mykernel-*")
    processes = of_kernel(bash)
    ENDS[way](bash)
    assert (remaining(processes, PATIENCE), folder.exists()) == (set(), False)


def test_nothing_runs_any_more_when_the_kernels_process_has_ended(bash: FrontEnd) -> None:
    """After an orderly shutdown, that is: front ends may start the next kernel at once."""
    processes = of_kernel(bash)
    kernel = processes.pop("kernel")
    bash.control("shutdown", restart=False)
    kernel.wait(PATIENCE)
    assert remaining(processes, 0) == set()


def test_a_running_cell_ends_with_the_kernel(bash: FrontEnd) -> None:
    cell = bash.send("trap '' HUP TERM; echo begun; while :; do :; done")
    bash.until_text(cell, "begun")
    processes = {str(p.pid): p for p in psutil.Process(bash.pid).children(recursive=True)}
    os.kill(bash.pid, signal.SIGKILL)
    assert remaining(processes, PATIENCE) == set()


def test_what_a_shell_started_ends_with_the_shell(shell: FrontEnd) -> None:
    leftovers = {name: leave(shell, how) for name, how in LEFTOVERS.items()}
    shell.execute("kill -KILL $$")
    assert remaining(leftovers, PATIENCE) == set()


def test_a_background_job_outlives_a_cell_that_exits(shell: FrontEnd) -> None:
    job = leave(shell, LEFTOVERS["background"])
    shell.execute("exit 3")
    shell.execute(":")
    assert remaining({"job": job}, 0) == {"job"}


def test_each_shell_has_a_private_folder_for_its_lifetime(bash: FrontEnd, private: Path) -> None:
    [first] = private.glob("mykernel-*")
    assert first.stat().st_mode & 0o777 == 0o700
    bash.execute("kill -KILL $$")
    bash.execute(":")
    [second] = private.glob("mykernel-*")
    assert second != first


def test_cells_and_queries_leave_no_descriptor_open_in_the_kernel(shell: FrontEnd) -> None:
    def use() -> int:
        shell.execute("echo; false")
        shell.execute("exit 1")
        shell.execute("kill -KILL $$")
        shell.request("complete", code="git che", cursor_pos=7)
        shell.request("inspect", code="ls", cursor_pos=2, detail_level=0)
        shell.request("is_complete", code="if")
        shell.request("history", hist_access_type="tail", output=False, raw=True, n=3)
        shell.execute(":")
        return int(psutil.Process(shell.pid).num_fds())

    assert use() == use() == use()


def test_a_kernel_ends_with_the_process_that_started_it(tmp_path: Path, private: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], stdout=subprocess.PIPE, cwd=tmp_path, text=True
    )
    with starter:
        assert starter.stdout is not None
        kernel = psutil.Process(int(starter.stdout.readline()))
        processes = {str(p.pid): p for p in [kernel, *kernel.children(recursive=True)]}
        starter.kill()
    assert remaining(processes, PATIENCE) == set()


STARTER = """
import sys
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
manager = KernelManager()
argv = [sys.executable, "-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"]
manager._kernel_spec = KernelSpec(argv=argv)
manager.start_kernel()
client = manager.blocking_client()
client.start_channels()
client.wait_for_ready()
client.execute_interactive(":")
print(manager.provisioner.pid, flush=True)
sys.stdin.read()
"""
