"""Interrupt ends whatever a cell runs; what it took is said, and state is kept where it can be."""

from __future__ import annotations

import pytest

KEPT = "the shell and its variables live on"


def interrupted(bash, code: str, marker: str = "ready"):
    """Run code, interrupt it when it has written the marker, and return its result."""
    bash.execute("kept=1")
    msg_id = bash.send(code)
    bash.until_text(msg_id, marker)
    bash.interrupt()
    return bash.result(msg_id)


@pytest.mark.parametrize(
    "code",
    [
        "echo ready; sleep 60",
        "echo ready; sleep 60 | cat",
        "echo ready; while true; do :; done",
        "echo ready; while true; do sleep 0.01; done",
        "echo ready; wait $(sleep 60)",
        "sleep 60 & echo ready; wait",
        "python3 -c 'print(\"ready\", flush=True); import time; time.sleep(60)'",
        "f() { g; }; g() { echo ready; sleep 60; }; f",
        "(echo ready; sleep 60)",
        "x=$(echo ready >&2; sleep 60)",
        "setsid -w bash -c 'echo ready; sleep 60'",
        "echo ready; yes >/dev/null",
        "stty raw -echo; echo ready; cat; true",
        "exec 0<&- 1>&2; echo ready; sleep 60",
    ],
)
def test_interrupt_keeps_the_state(bash, code):
    result = interrupted(bash, code)
    assert result.content["ename"] == "KeyboardInterrupt"
    assert result.content["evalue"] == f"interrupted; {KEPT}"
    assert bash.execute("exec >/dev/tty; echo $kept").stdout == "1\n"


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("trap '' INT; echo ready; sleep 60", "killed sleep (SIGTERM)"),
        ("(trap '' INT TERM; echo ready; exec sleep 60)", "killed sleep (SIGKILL)"),
    ],
)
def test_a_program_that_takes_no_hint_is_killed_and_that_is_said(bash, code, step):
    result = interrupted(bash, code)
    assert step in result.content["evalue"]
    assert result.content["evalue"].endswith(KEPT)
    assert bash.execute("trap - INT; echo $kept").stdout == "1\n"


def test_a_shell_that_does_not_answer_is_started_anew(bash):
    result = interrupted(bash, "trap '' INT; echo ready; while true; do :; done")
    assert result.content["ename"] == "ShellDied"
    assert "it did not answer, and was ended" in result.content["evalue"]
    after = bash.execute("echo new$kept")
    assert after.stdout == "new\n"
    assert "This is a new one" in after.stderr


def test_a_job_that_stops_itself_gives_the_shell_back(bash):
    result = bash.execute("bash -c 'kill -STOP $$'")
    assert "SIGSTOP" in result.content["evalue"]
    assert bash.execute("kill -KILL %1; echo next").stdout == "next\n"


def test_a_second_interrupt_does_no_harm(bash):
    msg_id = bash.send("trap 'echo caught' INT; echo ready; sleep 60; sleep 60")
    bash.until_text(msg_id, "ready")
    bash.interrupt()
    bash.interrupt()
    assert bash.result(msg_id).content["ename"] == "KeyboardInterrupt"
    assert bash.execute("trap - INT; echo next").stdout == "next\n"


def test_the_echo_of_ctrl_c_is_not_output(bash):
    result = interrupted(bash, "echo ready; sleep 60")
    assert (result.stdout, result.stderr) == ("ready\n", "")
