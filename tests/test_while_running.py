"""What can be known while a cell runs is answered while it runs."""

from __future__ import annotations

import os

import pytest

SETUP = "secret_word=1; secret_function() { :; }; alias secret_alias=ls; mkdir -p 'a folder'"


@pytest.fixture
def busy(bash):
    """A kernel whose cell runs, after one that has defined names and settled."""
    bash.execute(SETUP)
    # The names are noted once the shell is idle; that they are is what the stand-in shows.
    while not bash.request("complete", code="secret_f", cursor_pos=8).content["matches"]:
        pass
    msg_id = bash.send("cd 'a folder'; touch inside; echo ready; sleep 60")
    bash.until_text(msg_id, "ready")
    yield bash
    bash.interrupt()
    assert bash.result(msg_id).content["ename"] == "KeyboardInterrupt"


def matches(front_end, code: str) -> list[str]:
    return front_end.request("complete", code=code, cursor_pos=len(code)).content["matches"]


@pytest.mark.parametrize(
    ("code", "match"), [("ech", "echo"), ("ls insi", "inside"), ("echo $HOM", "HOME")]
)
def test_completion_knows_what_the_machine_has(busy, code, match):
    assert match in matches(busy, code)


def test_each_request_has_busy_and_idle_of_its_own(busy):
    result = busy.request("complete", code="ech", cursor_pos=3)
    states = [m["execution_state"] for m in result.of_type("status")]
    assert states == ["busy", "idle"]


def test_inspection_answers(busy):
    content = busy.request("inspect", code="cd", cursor_pos=2, detail_level=0).content
    assert "Change the shell working directory" in content["data"]["text/plain"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("is_complete", {"code": "if true"}),
        ("history", {"hist_access_type": "tail", "n": 1, "output": False, "raw": True}),
        ("comm_info", {}),
        ("kernel_info", {}),
    ],
)
def test_other_questions_are_answered(busy, kind, content):
    assert busy.request(kind, **content).content


def test_the_names_of_the_last_idle_moment_are_known(bash):
    bash.execute(SETUP)
    folder = bash.execute("echo $__mk_dir").stdout.strip()
    # Idle until the snapshot is there: the shell is asked no question meanwhile.
    from pathlib import Path

    while "secret_function" not in (
        Path(folder, "snapshot").read_text() if Path(folder, "snapshot").exists() else ""
    ):
        pass
    msg_id = bash.send("echo ready; sleep 60")
    bash.until_text(msg_id, "ready")
    assert matches(bash, "secret_") == ["secret_alias", "secret_function"]
    assert matches(bash, "echo $secret_") == ["secret_word"]
    plain = bash.request("inspect", code="secret_function", cursor_pos=3, detail_level=0).content
    assert "secret_function ()" in plain["data"]["text/plain"]
    bash.interrupt()
    bash.result(msg_id)


def test_a_comm_that_nobody_listens_to_is_closed(bash):
    message = bash.client.session.msg(
        "comm_open", {"comm_id": "c1", "target_name": "nobody", "data": {}}
    )
    bash.client.shell_channel.send(message)
    closed = bash.until(message["header"]["msg_id"], lambda m: m["msg_type"] == "comm_close")
    assert closed["content"]["comm_id"] == "c1"


def test_a_subshell_is_refused_with_a_reply(bash):
    assert bash.control("create_subshell")["content"]["status"] == "error"


def test_a_question_does_not_wait_for_a_cell_that_has_not_begun(bash, tmp_path):
    bash.execute("mkfifo gate; _slow() { read -r <gate; }; complete -F _slow slow")
    completion = bash.post("shell", "complete_request", {"code": "slow ", "cursor_pos": 5})
    cell = bash.send("until [[ -e go ]]; do sleep 0.01; done")
    assert bash.request("kernel_info").status == "ok"
    gate = os.open(tmp_path / "gate", os.O_RDWR)
    os.write(gate, b"\n")
    bash.result(completion)
    os.close(gate)
    (tmp_path / "go").touch()
    assert bash.result(cell).status == "ok"
