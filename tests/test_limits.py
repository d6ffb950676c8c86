"""Limits: off by default; who goes over one gets an error that says which, and state is kept."""

from __future__ import annotations

from collections.abc import Callable

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
    assert "was ended; the next cell runs in a new shell" in result.evalue
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
