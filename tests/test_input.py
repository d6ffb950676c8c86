"""Programs that wait for the terminal make the front end ask, though nobody announced it."""

from __future__ import annotations

import pytest
from toolchains import needs

PYTHON = "python3 -c '{}'"


@pytest.mark.parametrize(
    ("code", "answers", "prompts", "printed"),
    [
        ("read -p 'name? ' x; echo got $x", ["bob"], ["name? "], "got bob"),
        ("read -n1 -p 'key? ' x; echo got $x", ["y"], ["key? "], "got y"),
        ("read a; read b; echo $a-$b", ["1", "2"], ["", ""], "1-2"),
        ("select x in a b; do break; done; echo chose $x", ["2"], ["#? "], "chose b"),
        ("cat | tr a-z A-Z", ["hello", "\x04"], ["", ""], "HELLO"),
        (PYTHON.format('print("hi", input("n? "))'), ["Ann"], ["n? "], "hi Ann"),
        (PYTHON.format('import readline; print("hi", input("n? "))'), ["Ann"], ["n? "], "hi Ann"),
        ("read -p 'ünï? ' x; echo got $x", ["naïve \N{GRINNING FACE}"], ["ünï? "], "got naïve"),
    ],
)
def test_a_program_that_waits_asks_the_front_end(bash, code, answers, prompts, printed):
    result, asked = bash.converse(code, answers)
    assert [question["prompt"] for question in asked] == prompts
    assert [question["password"] for question in asked] == [False] * len(prompts)
    assert printed in result.stdout
    assert result.status == "ok"
    # The front end shows the prompt with its question, and need not show it twice.
    assert not any(prompt and prompt in result.stdout + result.stderr for prompt in prompts)


@pytest.mark.parametrize(
    "code",
    [
        "read -s -p 'pw? ' x; echo ${#x}",
        PYTHON.format('import getpass; print(len(getpass.getpass("pw? ")))'),
    ],
)
def test_what_is_not_to_be_seen_is_asked_for_as_a_password(bash, code):
    result, asked = bash.converse(code, ["secret"])
    assert asked == [{"prompt": "pw? ", "password": True}]
    assert "6\n" in result.stdout
    assert "secret" not in result.stdout


def test_the_echo_of_an_answer_is_not_output(bash):
    result, _ = bash.converse("read x; echo done", ["bob"])
    assert result.stdout == "done\n"


@pytest.mark.parametrize(
    "then", ["sleep 600", "while :; do :; done", "cat fifo", "sleep 600 & wait"]
)
def test_an_unfinished_line_that_is_no_prompt_is_shown(bash, then):
    msg_id = bash.send(f"mkfifo fifo; printf half; {then}", allow_stdin=True)
    bash.until_text(msg_id, "half")
    bash.interrupt()
    assert bash.result(msg_id).ename == "KeyboardInterrupt"


def test_an_unfinished_line_is_not_lost_at_the_end(bash):
    result = bash.execute("printf one; printf two >&2; printf three")
    assert (result.stdout, result.stderr) == ("onethree", "two")


def test_where_nobody_can_be_asked_the_prompt_is_shown(bash):
    assert bash.execute("read -p 'name? ' x").stderr == "name? "


@pytest.mark.parametrize(("program", "package"), [("bc", "bc"), ("python3", "python3")])
def test_a_repl_in_a_cell_can_be_talked_to(bash, program, package):
    needs(program, package)
    result, asked = bash.converse(f"{program} -q", ["6*7", "\x04"])
    assert "42\n" in result.stdout
    assert len(asked) == 2


def test_input_that_nobody_read_is_not_run_as_a_command(bash):
    bash.converse("read -n1 x", ["ytouch evil"])
    assert bash.execute("ls; echo $x").stdout == "y\n"


def test_interrupt_while_a_program_waits_leaves_the_shell_usable(bash):
    bash.execute("kept=1")
    result, _ = bash.converse("read x", [None])
    assert result.content["ename"] == "KeyboardInterrupt"
    assert bash.execute("echo $kept").stdout == "1\n"


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(bash):
    bash.converse("read x", [None])
    bash.client.input("stale")
    result, _ = bash.converse("read x; echo got $x", ["fresh"])
    assert "got fresh" in result.stdout


@pytest.mark.parametrize("code", ["read x", "cat", "python3 -q", "read -n1 x", "cat | cat; cat"])
def test_where_nobody_can_be_asked_the_cell_ends_as_an_error(bash, code):
    result = bash.execute(code, allow_stdin=False)
    assert result.content["ename"] == "StdinNotImplementedError"
    assert bash.execute("echo next").stdout == "next\n"


@pytest.mark.parametrize(
    "code",
    [
        "sleep 0.7",
        "sleep 0.7 | cat",
        "python3 -c 'import time; time.sleep(0.7)'",
        PYTHON.format(
            "import select, sys; [select.select([sys.stdin], [], [], 0.1) for _ in range(7)]"
        ),
        "for i in 1 2 3 4 5 6 7; do sleep 0.1; done",
        "sleep 0.7 & wait",
    ],
)
def test_a_program_that_is_busy_or_sleeps_is_not_asked_for(bash, code):
    result, asked = bash.converse(code, [])
    assert asked == []
    assert result.status == "ok"
