"""Fixtures that start the real kernel and talk to it as front ends do."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from frontend import FrontEnd, launch
from postgres import Server


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept for faster starts is shared by all tests, of all workers, and by nobody else."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    # But for what Go has compiled of std, which is the same for all, and takes half a minute.
    go = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "go-build")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOCACHE", os.environ.get("GOCACHE") or str(go))
        environment.setenv("XDG_CACHE_HOME", str(shared / "cache"))
        environment.setenv("MYKERNEL_GOPLS", "")  # whoever has one
        yield


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's ~/.bashrc or Jupyter folders, or writes to them."""
    home = tmp_path_factory.mktemp("home")
    for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH", "BASH_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(home / "jupyter"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(home / "runtime"))


@pytest.fixture
def start_kernel(tmp_path: Path) -> Iterator[Callable[..., FrontEnd]]:
    """Starts kernels, which end with the test. Arguments: the language, then more for it."""
    started: list[FrontEnd] = []

    def start(
        language: str = "bash", *arguments: str, cwd: Path = tmp_path, **manager: Any
    ) -> FrontEnd:
        argv = [sys.executable, "-m", "mykernel", "kernel", language, *arguments]
        front_end = launch([*argv, "-f", "{connection_file}"], cwd, **manager)
        started.append(front_end)
        return front_end

    yield start
    for front_end in started:
        front_end.close()


@pytest.fixture
def bash(start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    """A Bash kernel that is ready."""
    return start_kernel("bash")


@pytest.fixture(scope="module")
def _shared_kernels() -> Iterator[list[FrontEnd]]:
    started: list[FrontEnd] = []
    yield started
    for front_end in started:
        front_end.close()


@pytest.fixture
def shell(_shared_kernels: list[FrontEnd], tmp_path: Path) -> FrontEnd:
    """A Bash kernel that the module's tests share, with a new shell in tmp_path for each.

    Takes 30 ms where a kernel takes 1 s. For tests that leave the kernel itself as it was.
    """
    if not _shared_kernels or not _renewed(_shared_kernels[-1]):
        argv = [sys.executable, "-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"]
        _shared_kernels.append(launch(argv, tmp_path))
    front_end = _shared_kernels[-1]
    front_end.execute(f"cd {shlex.quote(str(tmp_path))}", store_history=False)
    return front_end


def _renewed(front_end: FrontEnd) -> bool:
    """Whether the shell could be put away; not so when a test has left it broken or at work."""
    if not front_end.at_rest:
        return False
    return "SIGKILL" in front_end.execute("kill -KILL $$", store_history=False).evalue


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server that the tests share."""
    server = Server()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_url(postgres: Server) -> str:
    """Where it is, with the password."""
    return postgres.url
