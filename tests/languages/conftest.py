"""Kernels that tests share, and those of databases, each with its database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch
from postgres import Server
from toolchains import needs_language


@pytest.fixture(scope="module")
def share_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., FrontEnd]]:
    """Starts kernels that the module's tests share. They read no start-up files."""
    started: list[FrontEnd] = []

    def start(language: str, folder: Path | None = None) -> FrontEnd:
        argv = [sys.executable, "-m", "mykernel", "kernel", language, "--no-startup-files"]
        folder = folder or tmp_path_factory.mktemp("notebook")
        started.append(launch([*argv, "-f", "{connection_file}"], folder))
        return started[-1]

    yield start
    for front_end in started:
        front_end.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook's of a kernel that the module's tests share."""
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def go(share_kernel: Callable[..., FrontEnd], folder: Path) -> FrontEnd:
    """A kernel that the module's tests share. What they declare lives on from one to the next."""
    needs_language("go")
    return share_kernel("go", folder)


@pytest.fixture
def start_sql(
    start_kernel: Callable[..., FrontEnd], request: pytest.FixtureRequest
) -> Callable[..., FrontEnd]:
    """Starts a database's kernel, by its name. PostgreSQL's is connected to the server."""

    def start(name: str, *arguments: str) -> FrontEnd:
        needs_language(name)
        if name != "postgresql":
            return start_kernel(name, *arguments)
        server: Server = request.getfixturevalue("postgres")
        monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setenv("PGPASSWORD", "correct horse")
        kernel = start_kernel(name, f"--database={server.bare_url}", *arguments)
        kernel.execute("drop schema public cascade; create schema public", store_history=False)
        return kernel

    return start


@pytest.fixture(params=["duckdb", "postgresql", "sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sql(start_sql: Callable[..., FrontEnd], database: str) -> FrontEnd:
    """The kernel of each database in turn, which is empty."""
    return start_sql(database)
