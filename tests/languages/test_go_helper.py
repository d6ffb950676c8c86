"""What a Go session has outlives the helper that builds and runs its cells."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from frontend import FrontEnd, launch, results
from toolchains import needs_language

from mykernel.languages.go.toolchain import find_toolchain

ARGV = [sys.executable, "-m", "mykernel", "kernel", "go", "-f", "{connection_file}"]
# Go, but that it hangs when it is asked with these flags, and tells so.
HANGS = """#!/bin/sh
case "$*" in *-tags=hangs*) echo > '{fifo}'; exec sleep 1000;; esac
exec '{go}' "$@"
"""


@pytest.fixture(scope="module")
def _kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    needs_language("go")
    front_end = launch(ARGV, tmp_path_factory.mktemp("notebook"))
    yield front_end
    front_end.close()


@pytest.fixture
def go(_kernel: FrontEnd) -> FrontEnd:
    """A kernel that the module's tests share, and that remembers nothing."""
    assert _kernel.execute('%reset\n%args --\n%goflags ""').status == "ok"
    return _kernel


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """Can be read when the toolchain of `own` hangs."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@pytest.fixture
def own(
    start_kernel: Callable[..., FrontEnd],
    fifo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> FrontEnd:
    """A kernel with a toolchain and a helper of its own."""
    needs_language("go")
    real = find_toolchain().path
    cache = subprocess.run([real, "env", "GOCACHE"], capture_output=True, text=True, check=True)
    monkeypatch.setenv("GOCACHE", cache.stdout.strip())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    program = tmp_path / "bin" / "go"
    program.parent.mkdir()
    program.write_text(HANGS.format(fifo=fifo, go=real))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return start_kernel("go")


def helper(go: FrontEnd) -> psutil.Process:
    return psutil.Process(int(results(go.execute("os.Getppid()"))[0]))


def folder(process: psutil.Process) -> Path:
    """The one for the session's values."""
    return Path(process.environ()["MYKERNEL_DIR"])


STATE = """%args one two
%goflags -tags=fancy
import upper "strings"
type Point struct{ X, Y int }
points := map[string]*Point{"a": {1, 2}}
func (p Point) Sum() int { return p.X + p.Y }
"""
SHOWN = """//go:build fancy
points["a"].X++
where, _ := os.Getwd()
fmt.Println(points["a"].Sum(), os.Args[1:], upper.ToUpper(os.Getenv("FROM")), where)"""


def test_all_lives_on_when_the_helper_is_killed(go: FrontEnd, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert go.execute(f"%cd {elsewhere}\n%env FROM=here").status == "ok"
    assert go.execute(STATE).status == "ok"
    killed = helper(go)
    killed.kill()
    result = go.execute(SHOWN)
    assert result.stdout == f"4 [one two] HERE {elsewhere}\n"
    assert result.stderr == "mykernel: Go's helper had ended (SIGKILL) and was started anew\n"
    assert helper(go) != killed
    assert go.execute(SHOWN).stdout.startswith("5 ")


def test_a_cell_whose_helper_is_killed_leaves_the_values_of_before(go: FrontEnd):
    assert go.execute("n := 1").status == "ok"
    process = helper(go)
    cell = go.send("n = 2\nfmt.Println(`on`)\ntime.Sleep(time.Hour)")
    go.until_text(cell, "on\n")
    process.kill()
    result = go.result(cell)
    assert result.ename == "GoDied"
    assert result.evalue.startswith("Go's helper ended (SIGKILL), and the cell with it; ")
    after = go.execute("n")
    assert (results(after), after.stderr) == (["1"], "")


def test_tab_comes_back_when_the_helper_was_killed(go: FrontEnd):
    assert go.execute("numbers := []int{1}").status == "ok"

    def offered() -> list[str]:
        reply = go.request("complete", code="numb", cursor_pos=4)
        assert reply.status == "ok"
        return list(reply.content["matches"])

    helper(go).kill()
    assert any(offered() == ["numbers"] for _ in range(20))
    assert results(go.execute("numbers")) == ["[]int{1}"]


def test_restart_clears_all_the_same(go: FrontEnd):
    assert go.execute(STATE).status == "ok"
    helper(go).kill()
    assert go.execute("%restart").status == "ok"
    assert go.execute("%ls").stdout == "no declaration is remembered\n"
    assert go.execute("%goflags").stdout == "%goflags\n"


def test_the_values_are_gone_when_the_kernel_has_ended(tmp_path: Path):
    needs_language("go")
    kernel = launch(ARGV, tmp_path)
    helper(kernel).kill()
    values = folder(helper(kernel))
    assert values.is_dir()
    kernel.close()
    assert not values.exists()


def test_the_values_are_gone_when_the_kernel_is_killed(start_kernel: Callable[..., FrontEnd]):
    needs_language("go")
    kernel = start_kernel("go")
    helper(kernel).kill()
    process = helper(kernel)
    values, guardian = folder(process), process.parent()
    os.kill(kernel.pid, signal.SIGKILL)
    guardian.wait(60)
    assert not values.exists()


def test_without_the_folder_of_values_cells_run_all_the_same(go: FrontEnd):
    assert go.execute("n, m := 1, 2").status == "ok"
    process = helper(go)
    values = folder(process)
    # At once, as one who is at it may write there.
    elsewhere = values.rename(values.with_name(f"{values.name}-removed"))
    shutil.rmtree(elsewhere, ignore_errors=True)
    result = go.execute("m = 5\nn + m")
    assert results(result) == ["5"]
    assert "was removed, and the values of variables with it" in result.stderr
    assert results(go.execute("m")) == ["5"]


def test_a_cell_whose_helper_is_killed_before_it_runs_says_so(own: FrontEnd, fifo: Path):
    assert own.execute("n := 1").status == "ok"
    process = helper(own)
    cell = own.send("%goflags -tags=hangs\nn = 2")
    fifo.read_text()
    process.kill()
    result = own.result(cell)
    assert result.ename == "GoDied"
    assert "before the cell ran" in result.evalue
    after = own.execute("n")
    assert (results(after), after.stderr) == (["1"], "")
    assert own.execute("%goflags").stdout == "%goflags\n"


@pytest.fixture
def broken(own: FrontEnd, tmp_path: Path) -> Callable[[], None]:
    """Has each helper that is started die at once; what it returns ends that."""
    assert own.execute("n := 1").status == "ok"
    (program,) = tmp_path.glob("cache/mykernel/go/helper-*/bin")
    kept = program.rename(program.with_name("kept"))
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    program.chmod(0o700)
    return lambda: kept.replace(program) and None


def test_a_helper_that_dies_at_each_start_is_an_error(own: FrontEnd, broken: Callable[[], None]):
    helper(own).kill()
    for _ in range(2):
        result = own.execute("n")
        assert (result.ename, "SIGKILL" in result.evalue) == ("GoNotStarted", True)
        assert "Run the cell again" in "".join(result.content["traceback"])
    assert own.request("complete", code="n", cursor_pos=1).content["matches"] == []
    broken()
    assert results(own.execute("n")) == ["1"]
