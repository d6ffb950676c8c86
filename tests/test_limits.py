"""Limits: off by default; who goes over one gets an error that says which, and state is kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from frontend import PATIENCE, FrontEnd

Start = Callable[..., FrontEnd]
KEPT = "the shell and its variables live on"


# Time


@pytest.fixture
def timed(start_kernel: Start) -> FrontEnd:
    kernel = start_kernel("bash", "--cell-timeout", "1")
    kernel.execute("kept=1")
    return kernel


def test_a_cell_that_takes_too_long_is_interrupted_and_the_error_says_so(timed: FrontEnd) -> None:
    result = timed.execute("echo begun\nsleep 60\necho after")
    assert result.stdout == "begun\n"
    assert result.ename == "CellTimeoutError"
    assert result.evalue == (
        "the cell took more than 1 s, the limit set by --cell-timeout; interrupted; " + KEPT
    )
    [error] = result.of_type("error")
    assert result.evalue in error["traceback"][0]
    assert timed.execute("echo $kept").stdout == "1\n"


def test_a_program_that_takes_no_hint_is_killed_by_the_time_out(timed: FrontEnd) -> None:
    result = timed.execute("(trap '' INT TERM; exec sleep 60)")
    assert result.ename == "CellTimeoutError"
    assert f"killed sleep (SIGTERM); killed sleep (SIGKILL); {KEPT}" in result.evalue
    assert timed.execute("echo $kept").stdout == "1\n"


def test_a_shell_that_does_not_answer_the_time_out_is_started_anew(timed: FrontEnd) -> None:
    result = timed.execute("trap '' INT; while :; do :; done")
    assert result.ename == "CellTimeoutError"
    assert "was ended; the next cell runs in a new one" in result.evalue
    assert timed.execute("echo new$kept").stdout == "new\n"


def test_a_program_that_ends_well_when_interrupted_has_timed_out_all_the_same(
    timed: FrontEnd,
) -> None:
    code = "try:\n  import time; time.sleep(60)\nexcept KeyboardInterrupt: print('bye')"
    result = timed.execute(f'python3 -c "{code}"')
    assert (result.stdout, result.ename) == ("bye\n", "CellTimeoutError")
    assert "it then ended by itself, and its state is kept" in result.evalue


def test_cells_within_the_time_are_left_alone(timed: FrontEnd) -> None:
    for number in range(20):
        result = timed.execute(f"sleep 0.1; echo {number}")
        assert (result.status, result.stdout) == ("ok", f"{number}\n")


def test_cells_that_end_when_the_time_does_leave_the_session_in_step(timed: FrontEnd) -> None:
    for wait in ("0.985", "0.99", "0.995", "1", "1.005"):
        assert timed.execute(f"sleep {wait}").ename in ("", "CellTimeoutError")
        result = timed.execute(f"echo {wait} $kept")
        assert (result.status, result.stdout) == ("ok", f"{wait} 1\n")


def test_the_time_in_which_the_user_is_asked_does_not_count(
    timed: FrontEnd, start_kernel: Start
) -> None:
    cell = timed.send('read -p "name? " x; echo $x; sleep 60', allow_stdin=True)
    assert timed.client.get_stdin_msg(timeout=PATIENCE)["content"]["prompt"] == "name? "
    # By another kernel's clock, so much time has passed.
    assert start_kernel("bash", "--cell-timeout", "1").execute("sleep 60").ename
    timed.client.input("answer")
    result = timed.result(cell)
    assert result.stdout.endswith("answer\n")
    assert result.ename == "CellTimeoutError"


def test_cells_behind_one_that_timed_out_are_aborted(timed: FrontEnd) -> None:
    sent = [timed.send(code) for code in ("sleep 60", "echo a", "echo b")]
    assert [timed.result(cell).status for cell in sent] == ["error", "aborted", "aborted"]
    assert timed.execute("echo next").stdout == "next\n"


def test_each_of_the_user_expressions_is_timed(timed: FrontEnd) -> None:
    asked = {"a": "$(sleep 60)", "b": "$kept", "c": "$(sleep 60)", "d": "2"}
    found = timed.execute(":", user_expressions=asked).content["user_expressions"]
    assert [found[key].get("ename") for key in asked] == ["CellTimeoutError", None] * 2
    assert found["b"]["data"]["text/plain"] == "1"
    assert timed.execute("echo $kept").stdout == "1\n"


# Processes and memory, of all that the session runs together

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="processes are watched in /proc")
# A fork bomb with an end: 2 ** 8 - 1 shells and 2 ** 7 processes at most, for 20 s at most.
BOMB = """
bomb() {
    if (( $1 < 7 )); then bomb $(( $1 + 1 )) & bomb $(( $1 + 1 )) & wait; else sleep 20; fi
}
"""
HOG = 'python3 -c \'import time; x = b"x" * {}; print("full", flush=True); time.sleep(60)\''


@pytest.fixture
def few(start_kernel: Start) -> FrontEnd:
    kernel = start_kernel("bash", "--process-limit", "40")
    kernel.execute("kept=1" + BOMB)
    return kernel


@pytest.fixture
def small(start_kernel: Start) -> FrontEnd:
    kernel = start_kernel("bash", "--memory-limit", "300")
    kernel.execute("kept=1")
    return kernel


@needs_proc
def test_a_fork_bomb_is_killed_and_the_error_says_so(few: FrontEnd) -> None:
    server = int(few.execute("sleep 1000 & echo $!").stdout)
    result = few.execute("bomb 0")
    assert result.ename == "ProcessLimitError"
    assert "processes ran, and --process-limit=40 is set; killed " in result.evalue
    assert result.evalue.endswith(KEPT)
    assert "mykernel.install bash --process-limit=" in "\n".join(result.content["traceback"])
    assert psutil.pid_exists(server)
    assert few.execute("echo $kept | cat").stdout == "1\n"


@needs_proc
def test_a_bomb_of_processes_in_sessions_of_their_own_is_killed(few: FrontEnd) -> None:
    result = few.execute("for n in {1..100}; do setsid sleep 20 & done; wait")
    assert result.ename == "ProcessLimitError"
    assert few.execute("echo $kept | cat").stdout == "1\n"


@needs_proc
def test_a_loop_of_the_shell_itself_that_starts_processes_is_interrupted(few: FrontEnd) -> None:
    result = few.execute("for n in {1..300}; do sleep 20 & done 2>/dev/null; while :; do :; done")
    assert result.ename == "ProcessLimitError"
    assert few.execute("echo $kept | cat").stdout == "1\n"


@needs_proc
def test_a_bomb_between_cells_is_told_of_at_the_next_one(few: FrontEnd, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    bomb = psutil.Process(int(few.execute("{ read < gate; bomb 0; } & echo $!").stdout))
    (tmp_path / "gate").write_text("\n")
    bomb.wait(PATIENCE)
    result = few.execute("echo $kept")
    assert (result.status, result.stdout) == ("ok", "1\n")
    assert "mykernel: " in result.stderr
    assert "--process-limit=40 is set; killed " in result.stderr
    assert "--process-limit" not in few.execute("echo again").stderr


@needs_proc
def test_what_stays_below_the_limits_is_left_alone(start_kernel: Start) -> None:
    kernel = start_kernel("bash", "--process-limit", "40", "--memory-limit", "300")
    assert kernel.execute("for n in {1..30}; do sleep 0.3 & done; wait").status == "ok"
    # What processes share counts once: six times 100 MB are 100 MB.
    code = (
        "import os, time; x = b'x' * 100_000_000; os.fork() and os.fork(); os.fork();"
        "time.sleep(0.5); print('done')"
    )
    result = kernel.execute(f'python3 -c "{code}"; wait; sleep 0.2')
    assert (result.status, "done" in result.stdout) == ("ok", True)
    assert kernel.execute("echo next").stderr == ""


@needs_proc
def test_a_program_that_uses_too_much_memory_is_killed_and_the_error_says_so(
    small: FrontEnd,
) -> None:
    result = small.execute(f"{HOG.format(400_000_000)}\necho after")
    assert result.ename == "MemoryLimitError"
    assert "MB of memory were in use, and --memory-limit=300 is set; killed python3" in (
        result.evalue
    )
    assert result.evalue.endswith(KEPT)
    assert small.execute("echo $kept").stdout == "1\n"


@needs_proc
def test_memory_counts_for_all_processes_together(small: FrontEnd) -> None:
    first = int(small.execute(f"{HOG.format(120_000_000)} & echo $!").stdout.split()[0])
    result = small.execute(HOG.format(220_000_000))
    assert result.ename == "MemoryLimitError"
    # The largest is killed, not the latest or the first.
    assert psutil.pid_exists(first)


@needs_proc
def test_a_shell_that_alone_uses_too_much_memory_is_ended(small: FrontEnd) -> None:
    result = small.execute("x=$(head -c 400000000 /dev/zero | tr '\\0' x); echo done")
    assert result.ename == "MemoryLimitError"
    assert "the shell was ended; the next cell runs in a new one" in result.evalue
    assert small.execute("echo new$kept").stdout == "new\n"


@needs_proc
def test_a_stopped_job_stays_stopped_when_others_are_killed(few: FrontEnd) -> None:
    stopped = psutil.Process(int(few.execute("sleep 1000 & kill -STOP $!; echo $!").stdout))
    assert few.execute("bomb 0").ename == "ProcessLimitError"
    few.execute("echo next")
    assert stopped.status() == psutil.STATUS_STOPPED
