"""The Jupyter messaging protocol, as it stands in jupyter_client 8.10.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from frontend import PATIENCE, FrontEnd, Message, Result
from jupyter_client.session import Session
from nbconvert.exporters import get_exporter
from pygments.lexers import get_lexer_by_name

from mykernel import __version__

Start = Callable[..., FrontEnd]


def states(result: Result) -> list[str]:
    return [c["execution_state"] for c in result.of_type("status")]


def statuses(results: list[Result]) -> list[str]:
    return [result.status for result in results]


def data(result: Result) -> dict[str, str]:
    """The user_expressions of a reply, as plain text."""
    values = result.content["user_expressions"]
    return {key: value["data"]["text/plain"] for key, value in values.items()}


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


class Gate:
    """A named pipe: a cell with `read < gate` waits until the test opens it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        os.mkfifo(path)

    def open(self) -> None:
        self._path.write_text("\n")


# A cell from busy to idle


def test_a_cell_is_busy_then_shown_then_run_then_idle(shell: FrontEnd) -> None:
    result = shell.execute("echo hello")
    assert [m["msg_type"] for m in result.iopub] == ["status", "execute_input", "stream", "status"]
    assert states(result) == ["busy", "idle"]


def test_execute_input_repeats_the_code_and_its_count(shell: FrontEnd) -> None:
    result = shell.execute("echo  'as typed'\n")
    count = result.content["execution_count"]
    assert result.of_type("execute_input") == [
        {"code": "echo  'as typed'\n", "execution_count": count}
    ]


def test_the_first_cell_is_number_one_and_the_next_is_two(bash: FrontEnd) -> None:
    assert [bash.execute(":").content["execution_count"] for _ in range(2)] == [1, 2]


def test_a_cell_that_fails_is_counted(shell: FrontEnd) -> None:
    count = shell.execute("false", stop_on_error=False).content["execution_count"]
    assert shell.execute(":").content["execution_count"] == count + 1


@pytest.mark.parametrize("options", [{"silent": True}, {"store_history": False}])
def test_what_is_not_stored_is_not_counted(shell: FrontEnd, options: dict[str, bool]) -> None:
    before = shell.execute(":").content["execution_count"]
    shell.execute(":", **options)
    assert shell.execute(":").content["execution_count"] == before + 1


@pytest.mark.parametrize("code", ["echo out; echo err >&2", "false", "echo '", "exit 3"])
def test_a_silent_cell_publishes_nothing_but_its_status(shell: FrontEnd, code: str) -> None:
    result = shell.execute(code, silent=True)
    assert [m["msg_type"] for m in result.iopub] == ["status", "status"]


def test_a_silent_cell_runs(shell: FrontEnd) -> None:
    shell.execute("x=5", silent=True)
    assert shell.execute("echo $x").stdout == "5\n"


def test_the_error_message_says_the_same_as_the_reply(shell: FrontEnd) -> None:
    result = shell.execute("(exit 3)")
    error = {key: result.content[key] for key in ("ename", "evalue", "traceback")}
    assert result.of_type("error") == [error]


def test_every_request_of_a_session_gets_one_reply_and_one_idle(bash: FrontEnd) -> None:
    """Counted over a session with all that may go wrong in one."""
    bash.execute("echo hello")
    bash.execute("")
    bash.execute("false")
    bash.execute("echo '")
    bash.execute("exit 3")
    bash.execute("kill -KILL $$")
    bash.execute("echo silent", silent=True)
    bash.execute("kill -KILL $$", silent=True)
    bash.execute("echo \0")
    bash.execute(":", user_expressions={"a": "$(exit 3)", "b": "${"})
    bash.request("complete", code="ech", cursor_pos=3)
    bash.request("complete", code="ech", cursor_pos=1000)
    bash.request("inspect", code="echo", cursor_pos=2, detail_level=0)
    bash.request("is_complete", code="if")
    bash.request("history", hist_access_type="tail", output=False, raw=True, n=3)
    bash.request("history", hist_access_type="nonsense", output=False, raw=True)
    bash.request("comm_info")
    bash.request("kernel_info")
    bash.request("connect")
    bash.request("interrupt")
    failing = [bash.send(code) for code in ["false", *["echo x"] * 20]]
    for msg_id in failing:
        bash.result(msg_id)
    # Answered last, so that nothing of the others is still to come.
    bash.request("kernel_info")
    assert {bash.replies[msg_id] for msg_id in bash.sent} == {1}
    assert {bash.idles[msg_id] for msg_id in bash.sent} == {1}


# User expressions


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$x", "5"),
        ("$((6 * 7))", "42"),
        ("$(echo hi)", "hi"),
        ("${y[@]}", "a b"),
        ("plain", "plain"),
        ('"$x"', '"5"'),
        ("two\nlines", "two\nlines"),
        ("", ""),
    ],
)
def test_a_user_expression_is_expanded(shell: FrontEnd, expression: str, value: str) -> None:
    result = shell.execute("x=5 y=(a b)", user_expressions={"it": expression})
    assert data(result) == {"it": value}


def test_a_user_expression_may_run_commands(shell: FrontEnd, tmp_path: Path) -> None:
    shell.execute("", user_expressions={"it": "$(touch made)"})
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize("expression", ["${unset?is missing}", "$((1 / 0))", "${", "$("])
def test_a_user_expression_that_fails_is_an_error_of_its_own(
    shell: FrontEnd, expression: str
) -> None:
    result = shell.execute("x=5", user_expressions={"bad": expression, "good": "$x"})
    bad = result.content["user_expressions"].pop("bad")
    assert (result.status, bad["status"], data(result)) == ("ok", "error", {"good": "5"})
    assert bad["ename"]
    assert bad["evalue"]


def test_user_expressions_leave_no_trace_in_the_streams(shell: FrontEnd) -> None:
    result = shell.execute("echo out", user_expressions={"it": "$(echo noise >&2; echo hi)"})
    assert (result.stdout, result.stderr) == ("out\n", "")


def test_a_cell_that_fails_has_no_user_expressions(shell: FrontEnd, tmp_path: Path) -> None:
    shell.execute("false", user_expressions={"it": "$(touch made)"})
    assert not (tmp_path / "made").exists()


# A queue of cells


def queue_behind(shell: FrontEnd, gate: Gate, first: str, **options: bool) -> list[Result]:
    """Run the first cell and 199 more that the kernel has received before it ends."""
    ids = [shell.send(f"read < gate; {first}", **options)]
    ids += [shell.send(f"echo {number}") for number in range(199)]
    # Overtakes the cells, so the kernel has them all.
    shell.request("kernel_info")
    gate.open()
    return [shell.result(msg_id) for msg_id in ids]


def test_200_queued_cells_run_in_order(shell: FrontEnd, gate: Gate) -> None:
    results = queue_behind(shell, gate, "true")
    assert [r.stdout for r in results[1:]] == [f"{number}\n" for number in range(199)]


def test_after_an_error_all_that_is_queued_is_aborted(shell: FrontEnd, gate: Gate) -> None:
    results = queue_behind(shell, gate, "false")
    assert statuses(results) == ["error", *["aborted"] * 199]


def test_an_aborted_cell_is_not_run(shell: FrontEnd, gate: Gate) -> None:
    results = queue_behind(shell, gate, "false")
    assert {r.stdout for r in results} == {""}


def test_without_stop_on_error_all_that_is_queued_runs(shell: FrontEnd, gate: Gate) -> None:
    results = queue_behind(shell, gate, "false", stop_on_error=False)
    assert statuses(results) == ["error", *["ok"] * 199]


def test_a_cell_sent_after_an_error_was_told_is_run(shell: FrontEnd) -> None:
    """Many times, since the reply and the end of the aborting are close together."""
    after = []
    for _ in range(50):
        shell.execute("false")
        after.append(shell.execute("echo ran").stdout)
    assert after == ["ran\n"] * 50


def test_a_queue_behind_a_shell_that_dies_is_answered(shell: FrontEnd, gate: Gate) -> None:
    results = queue_behind(shell, gate, "kill -KILL $$")
    assert statuses(results) == ["error", *["aborted"] * 199]


# What the kernel says of itself


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_kernel_info_is_ok_on_both_channels(shell: FrontEnd, channel: str) -> None:
    send = {"shell": lambda: shell.request("kernel_info").content,
            "control": lambda: shell.control("kernel_info")["content"]}  # fmt: skip
    assert send[channel]()["status"] == "ok"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "bash"),
        ("mimetype", "text/x-sh"),
        ("file_extension", ".sh"),
        ("pygments_lexer", "bash"),
        ("codemirror_mode", "shell"),
        ("nbconvert_exporter", "script"),
    ],
)
def test_language_info(shell: FrontEnd, field: str, value: str) -> None:
    assert shell.request("kernel_info").content["language_info"][field] == value


def test_the_language_version_is_the_shells_own(shell: FrontEnd) -> None:
    version = shell.request("kernel_info").content["language_info"]["version"]
    assert shell.execute("echo $BASH_VERSION").stdout.startswith(version)


def test_pygments_has_the_lexer_that_kernel_info_names(shell: FrontEnd) -> None:
    info = shell.request("kernel_info").content["language_info"]
    assert get_lexer_by_name(info["pygments_lexer"]).name == "Bash"


def test_nbconvert_has_the_exporter_that_kernel_info_names(shell: FrontEnd) -> None:
    info = shell.request("kernel_info").content["language_info"]
    assert get_exporter(info["nbconvert_exporter"])


def test_kernel_info_claims_no_feature_that_is_not_there(shell: FrontEnd) -> None:
    info = shell.request("kernel_info").content
    assert (info["supported_features"], info.get("debugger", False)) == ([], False)


def test_kernel_info_names_the_implementation(shell: FrontEnd) -> None:
    info = shell.request("kernel_info").content
    assert (info["implementation"], info["implementation_version"]) == ("mykernel", __version__)


def test_the_banner_names_the_language_and_its_version(shell: FrontEnd) -> None:
    info = shell.request("kernel_info").content
    assert f"Bash {info['language_info']['version']}" in info["banner"]


def test_help_links_have_a_text_and_an_address(shell: FrontEnd) -> None:
    links = shell.request("kernel_info").content["help_links"]
    assert links
    assert all(link["text"] and link["url"].startswith("https://") for link in links)


def test_usage_names_the_kernels_process(shell: FrontEnd) -> None:
    usage = shell.control("usage")["content"]
    assert (usage["pid"], usage["hostname"]) == (shell.pid, socket.gethostname())


def test_usage_counts_the_memory_of_what_runs_in_the_shell(shell: FrontEnd) -> None:
    before = shell.control("usage")["content"]["kernel_memory"]
    shell.execute("x=$(printf '%*s' 50000000 '')")
    # The kernel itself may have given some back.
    assert shell.control("usage")["content"]["kernel_memory"] > before + 40_000_000


def test_connect_tells_the_ports(bash: FrontEnd) -> None:
    names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
    told = bash.request("connect").content
    assert {n: told.get(n) for n in names} == {n: getattr(bash.manager, n) for n in names}


def test_there_are_no_comms(shell: FrontEnd) -> None:
    assert shell.request("comm_info").content == {"status": "ok", "comms": {}}


def test_a_new_subscriber_is_welcomed(shell: FrontEnd) -> None:
    message = _first_on_iopub(shell)
    assert message["msg_type"] == "iopub_welcome"
    assert message["content"] == {"subscription": ""}


def test_the_welcome_comes_before_what_requests_publish(shell: FrontEnd) -> None:
    for n in range(400):
        requests = [shell.post("shell", "comm_info_request", {}) for _ in range(n % 8)]
        assert _first_on_iopub(shell)["msg_type"] == "iopub_welcome"
        for msg_id in requests:
            shell.result(msg_id)


def _first_on_iopub(front_end: FrontEnd) -> Message:
    """What a new subscriber gets first."""
    with front_end.manager.connect_iopub() as subscriber:
        assert subscriber.poll(PATIENCE * 1000)
        # A session of its own: the welcome reaches the other subscribers, too.
        session = Session(key=front_end.client.session.key)
        _, frames = session.feed_identities(subscriber.recv_multipart())
        message: Message = session.deserialize(frames)
    return message


def test_the_heartbeat_echoes_while_a_cell_runs(shell: FrontEnd, gate: Gate) -> None:
    cell = shell.send("echo begun; read < gate")
    shell.until_text(cell, "begun")
    with shell.manager.connect_hb() as heartbeat:
        heartbeat.send(b"ping")
        assert heartbeat.poll(PATIENCE * 1000)
        assert heartbeat.recv() == b"ping"
    gate.open()
    shell.result(cell)


# Questions while a cell runs

QUESTIONS: dict[str, Message] = {
    "complete": {"code": "ech", "cursor_pos": 3},
    "inspect": {"code": "echo", "cursor_pos": 3, "detail_level": 0},
    "is_complete": {"code": "if true"},
    "history": {"hist_access_type": "tail", "output": False, "raw": True, "n": 1},
    "kernel_info": {},
    "comm_info": {},
    "connect": {},
}


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_question_is_answered_while_a_cell_runs(shell: FrontEnd, gate: Gate, kind: str) -> None:
    cell = shell.send("echo begun; read < gate")
    shell.until_text(cell, "begun")
    answer = shell.request(kind, **QUESTIONS[kind])
    assert (shell.replies[cell], answer.status == "ok" or kind == "is_complete") == (0, True)
    assert states(answer) == ["busy", "idle"]
    gate.open()
    assert shell.result(cell).status == "ok"


def test_a_question_leaves_the_kernel_busy_while_a_cell_runs(shell: FrontEnd, gate: Gate) -> None:
    """Front ends show the status that came last."""
    cell = shell.send("echo begun; read < gate")
    shell.until_text(cell, "begun")
    shell.request("kernel_info")
    # On control only, where no status of the cell's is published.
    shell.control("usage")
    gate.open()
    assert states(shell.result(cell)) == ["busy", "busy", "idle"]


@pytest.mark.parametrize("kind", ["complete", "inspect", "is_complete"])
@pytest.mark.parametrize("cursor_pos", [-1, 10_000])
def test_a_cursor_outside_of_the_code_gets_its_answer(
    shell: FrontEnd, kind: str, cursor_pos: int
) -> None:
    assert shell.request(kind, code="echo", cursor_pos=cursor_pos, detail_level=0).content


# Interrupt

INTERRUPTS: dict[str, Callable[[FrontEnd], object]] = {
    "message on control": lambda front_end: front_end.control("interrupt"),
    "message on shell": lambda front_end: front_end.request("interrupt"),
    "SIGINT": lambda front_end: os.kill(front_end.pid, signal.SIGINT),
}


# Says by itself that it runs, since Bash loses a ^C that comes between fork and exec.
SLEEP = "bash -c 'echo begun; exec sleep 60'"


@pytest.mark.parametrize("way", INTERRUPTS)
def test_an_interrupt_ends_the_cell(shell: FrontEnd, way: str) -> None:
    cell = shell.send(f"{SLEEP}; echo not reached")
    shell.until_text(cell, "begun")
    INTERRUPTS[way](shell)
    result = shell.result(cell)
    assert (result.status, result.ename) == ("error", "KeyboardInterrupt")
    assert "not reached" not in result.stdout


@pytest.mark.parametrize("way", INTERRUPTS)
def test_an_interrupt_keeps_the_state(shell: FrontEnd, way: str) -> None:
    shell.execute("x=5")
    cell = shell.send(f"y=6; {SLEEP}")
    shell.until_text(cell, "begun")
    INTERRUPTS[way](shell)
    shell.result(cell)
    assert shell.execute("echo $x $y").stdout == "5 6\n"


@pytest.mark.parametrize("way", INTERRUPTS)
def test_an_interrupt_while_nothing_runs_does_nothing(shell: FrontEnd, way: str) -> None:
    shell.execute("x=5")
    INTERRUPTS[way](shell)
    # A signal has no reply; behind this one it has been taken.
    shell.request("kernel_info")
    result = shell.execute("echo $x")
    assert (result.status, result.stdout, result.stderr) == ("ok", "5\n", "")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("echo begun; while :; do :; done", id="loop of builtins"),
        pytest.param("while :; do echo begun; done", id="loop that writes"),
        pytest.param(f"{SLEEP} | cat", id="pipeline"),
        pytest.param("x=$(echo begun >&2; exec sleep 60)", id="command substitution"),
        pytest.param("(echo begun; sleep 60; sleep 60)", id="subshell"),
        pytest.param("sleep 60 & echo begun; wait", id="wait"),
        pytest.param(f"f() {{ {SLEEP}; f; }}; f", id="function"),
        pytest.param(f"stty -isig; {SLEEP}", id="terminal without ISIG"),
        pytest.param(f"set +m; {SLEEP}", id="no job control"),
        pytest.param(f"set -e; {SLEEP}", id="errexit"),
    ],
)
def test_an_interrupt_ends(shell: FrontEnd, code: str) -> None:
    cell = shell.send(f"{code}; echo not reached")
    shell.until_text(cell, "begun")
    shell.interrupt()
    result = shell.result(cell)
    assert (result.status, "not reached" in result.stdout) == ("error", False)
    assert shell.execute("echo next").stdout == "next\n"


def test_an_interrupt_right_at_a_cells_beginning_ends_it(shell: FrontEnd) -> None:
    """Many times, since a line that is being typed must not be torn."""
    for _ in range(10):
        cell = shell.send("sleep 60")
        shell.until(cell, lambda m: m["msg_type"] == "execute_input")
        shell.interrupt()
        assert shell.result(cell).ename == "KeyboardInterrupt"


def test_an_interrupt_while_a_new_shell_is_started_ends_the_cell(shell: FrontEnd) -> None:
    shell.execute("kill -KILL $$")
    cell = shell.send("sleep 60")
    shell.until(cell, lambda m: m["msg_type"] == "execute_input")
    shell.interrupt()
    assert shell.result(cell).ename == "KeyboardInterrupt"


def test_an_interrupt_aborts_what_is_queued(shell: FrontEnd) -> None:
    ids = [shell.send(SLEEP), shell.send("echo queued")]
    shell.until_text(ids[0], "begun")
    shell.interrupt()
    assert statuses([shell.result(msg_id) for msg_id in ids]) == ["error", "aborted"]


def test_a_trap_on_int_runs_and_the_cell_goes_on(shell: FrontEnd) -> None:
    cell = shell.send("trap done=1 INT; echo begun; until [[ ${done-} ]]; do :; done; echo on")
    shell.until_text(cell, "begun")
    shell.interrupt()
    result = shell.result(cell)
    assert (result.status, result.stdout.endswith("on\n")) == ("ok", True)


def test_a_program_that_handles_the_interrupt_decides_how_the_cell_ends(shell: FrontEnd) -> None:
    trap = "trap 'exit 0' INT; echo begun; while :; do :; done"
    cell = shell.send(f'bash -c "{trap}"; echo status $?')
    shell.until_text(cell, "begun")
    shell.interrupt()
    result = shell.result(cell)
    assert (result.status, result.stdout.endswith("status 0\n")) == ("ok", True)


# What no front end should send


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_an_unknown_message_type_is_let_pass(shell: FrontEnd, channel: str) -> None:
    unknown = shell.post(channel, "no_such_request", {})
    assert shell.execute("echo alive").stdout == "alive\n"
    assert shell.idles[unknown] == 1


MALFORMED: dict[str, list[bytes]] = {
    "one frame": [b"garbage"],
    "nothing behind the delimiter": [b"<IDS|MSG>"],
    "bad signature": [b"<IDS|MSG>", b"0" * 64, b"{}", b"{}", b"{}", b"{}"],
    "no JSON": [b"<IDS|MSG>", b"", b"\xff", b"(", b"{}", b"{}"],
}


@pytest.mark.parametrize("channel", ["shell", "control"])
@pytest.mark.parametrize("frames", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("running", [False, True], ids=["idle", "while a cell runs"])
def test_a_malformed_message_is_let_pass(
    shell: FrontEnd, gate: Gate, channel: str, frames: list[bytes], running: bool
) -> None:
    cell = shell.send("echo begun; read < gate") if running else ""
    if running:
        shell.until_text(cell, "begun")
    getattr(shell.client, f"{channel}_channel").socket.send_multipart(frames)
    shell.control("kernel_info")
    shell.request("kernel_info")
    if running:
        gate.open()
        assert shell.result(cell).status == "ok"
    assert shell.execute("echo alive").stdout == "alive\n"


@pytest.mark.parametrize("running", [False, True], ids=["idle", "while a cell runs"])
def test_a_header_without_a_type_is_let_pass(shell: FrontEnd, gate: Gate, running: bool) -> None:
    cell = shell.send("echo begun; read < gate") if running else ""
    if running:
        shell.until_text(cell, "begun")
    message = shell.client.session.msg("kernel_info_request", {})
    del message["header"]["msg_type"], message["msg_type"]
    shell.client.session.send(shell.client.shell_channel.socket, message)
    if running:
        gate.open()
        assert shell.result(cell).status == "ok"
    assert shell.execute("echo alive").stdout == "alive\n"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("execute", {}),
        ("execute", {"code": 5}),
        ("execute", {"code": ":", "user_expressions": {"a": 5}}),
        ("complete", {}),
        ("complete", {"code": "ech", "cursor_pos": "3"}),
        ("inspect", {"code": "ech"}),
        ("is_complete", {}),
        ("history", {"no": "such field"}),
    ],
)
def test_a_request_with_wrong_content_comes_to_an_idle(
    shell: FrontEnd, kind: str, content: Message
) -> None:
    wrong = shell.post("shell", f"{kind}_request", content)
    shell.until(wrong, lambda m: m["content"].get("execution_state") == "idle")
    assert shell.execute("echo alive").stdout == "alive\n"


def test_half_of_a_surrogate_pair_in_the_code_gets_a_reply(bash: FrontEnd) -> None:
    """JavaScript's strings may hold one, and JSON carries it."""
    bash.client.session.pack = lambda content: json.dumps(content, default=str).encode()
    result = bash.execute("echo \ud83d")
    assert result.reply["msg_type"] == "execute_reply"


# The end, and a new beginning


def test_shutdown_is_replied_on_control(bash: FrontEnd) -> None:
    reply = bash.control("shutdown", restart=False)
    assert (reply["msg_type"], reply["content"]) == (
        "shutdown_reply",
        {"status": "ok", "restart": False},
    )


def test_shutdown_is_broadcast_on_iopub(bash: FrontEnd) -> None:
    request = bash.post("control", "shutdown_request", {"restart": True})
    broadcast = bash.until(request, lambda m: m["msg_type"] == "shutdown_reply")
    assert broadcast["content"] == {"status": "ok", "restart": True}


def test_the_process_ends_after_shutdown_with_status_0(bash: FrontEnd) -> None:
    bash.control("shutdown", restart=False)
    assert psutil.Process(bash.pid).wait(PATIENCE) == 0


def test_a_cell_that_runs_at_shutdown_gets_its_reply(bash: FrontEnd) -> None:
    ids = [bash.send(SLEEP), bash.send("echo queued")]
    bash.until_text(ids[0], "begun")
    bash.control("shutdown", restart=False)
    assert statuses([bash.result(msg_id) for msg_id in ids]) == ["error", "aborted"]


def restart(front_end: FrontEnd) -> None:
    front_end.manager.restart_kernel()
    front_end.client.wait_for_ready(timeout=PATIENCE)


def test_restart_gives_a_new_shell(bash: FrontEnd, tmp_path: Path) -> None:
    bash.execute("x=5; cd /")
    restart(bash)
    assert bash.execute("echo ${x-unset} $PWD").stdout == f"unset {tmp_path}\n"


def test_restart_counts_from_one_again(bash: FrontEnd) -> None:
    bash.execute(":")
    restart(bash)
    assert bash.execute(":").content["execution_count"] == 1


def test_restart_ends_a_cell_that_does_not_end(bash: FrontEnd) -> None:
    cell = bash.send("trap '' INT TERM HUP; echo begun; while :; do :; done")
    bash.until_text(cell, "begun")
    restart(bash)
    assert bash.execute("echo new").stdout == "new\n"


def test_two_front_ends_share_a_kernel(start_kernel: Start) -> None:
    first = start_kernel()
    client = first.manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    second = FrontEnd(first.manager, client)
    first.execute("x=5")
    assert second.execute("echo $x").stdout == "5\n"
    client.stop_channels()
