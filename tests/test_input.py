"""Programs that wait for the terminal make the front end ask, though nobody announced it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch
from toolchains import missing, needs

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
        (
            # The program's first thread does not read itself.
            PYTHON.format(
                'import threading; t = threading.Thread(target=lambda: print("hi", input("n? ")));'
                " t.start(); t.join()"
            ),
            ["Ann"],
            ["n? "],
            "hi Ann",
        ),
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


def test_a_line_that_grows_without_end_is_shown(bash):
    msg_id = bash.send("while :; do printf x; done", allow_stdin=True)
    bash.until_text(msg_id, "x" * 2000)
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


def test_ssh_keygen_asks_for_a_passphrase_twice(bash):
    needs("ssh-keygen", "openssh-client")
    result, asked = bash.converse("ssh-keygen -t ed25519 -f key", ["a phrase", "a phrase"])
    assert [question["password"] for question in asked] == [True, True]
    assert asked[0]["prompt"].startswith("Enter passphrase")
    assert result.status == "ok"
    assert "a phrase" not in result.stdout
    _, asked = bash.converse("ssh-keygen -t ed25519 -f key", ["n"])
    assert asked == [{"prompt": "Overwrite (y/n)? ", "password": False}]


def test_sudo_asks_for_the_password(bash):
    """On /dev/tty. Root would not be asked, and no account is changed for this."""
    needs("sudo", "sudo")
    as_nobody = f"{needs('runuser', 'util-linux')} -u nobody -- " if os.getuid() == 0 else ""
    if not as_nobody and bash.execute("sudo -k -n true").status == "ok":
        missing("sudo asks this user for no password: run this as root or with a password")
    result, asked = bash.converse(f"{as_nobody}sudo -k true", ["\x04"])
    assert [question["password"] for question in asked] == [True]
    assert asked[0]["prompt"].startswith("[sudo] password for ")
    assert result.status == "error"


@pytest.mark.parametrize(
    "code",
    [
        "bash -c 'read -p \"sure? \" x </dev/tty; echo $x' | cat",
        "echo data | (read -p 'sure? ' x </dev/tty; echo $x)",
        PYTHON.format(
            'f = open("/dev/tty", "r+b", 0); f.write(b"sure? "); print(f.readline().decode())'
        ),
        "read -u 2 -p 'sure? ' x; echo $x",
    ],
)
def test_a_program_may_read_another_descriptor_of_the_terminal(bash, code):
    result, asked = bash.converse(code, ["yes"])
    assert asked == [{"prompt": "sure? ", "password": False}]
    assert result.stdout.split() == ["yes"]


@pytest.mark.parametrize(
    "code",
    [
        "for (( i = 0; i < 300000; i++ )); do :; done",
        "python3 -m http.server --bind 127.0.0.1 0 & sleep 0.5; kill %1; wait",
        PYTHON.format(
            'import socket; s = socket.create_server(("", 0)); s.settimeout(0.5); s.accept()'
        )
        + " 2>/dev/null || true",
        "tail -f /dev/null | cat & sleep 0.5; kill %1",
        "sleep 0.3 | sleep 0.5",
        "read -t 0.5 x || true",
        "printf 'working '; sleep 0.5; echo done",
        "(stty -icanon min 0 time 5; cat; stty icanon)",
    ],
)
def test_what_works_or_polls_is_left_alone(bash, code):
    result, asked = bash.converse(code, [])
    assert (asked, result.status) == ([], "ok")


@pytest.fixture
def without_proc(_own_home: None, tmp_path: Path) -> Iterator[FrontEnd]:
    """A kernel for which there is no /proc, as on macOS: it lies under an empty folder."""
    hide = 'mount -t tmpfs none /proc && exec "$@"'
    rights = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    unshare = [str(needs("unshare", "util-linux")), *rights, "--mount", "sh", "-c", hide, "sh"]
    kernel = [sys.executable, "-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"]
    started = launch([*unshare, *kernel], tmp_path)
    yield started
    started.close()


def test_without_proc_a_prompt_and_quiet_make_a_question(without_proc):
    assert without_proc.execute("ls /proc").stdout == ""
    code = "read -p 'name? ' x; read -s -p 'word? ' y; echo; echo $x $y"
    result, asked = without_proc.converse(code, ["bob", "secret"])
    assert asked == [
        {"prompt": "name? ", "password": False},
        {"prompt": "word? ", "password": True},
    ]
    assert result.stdout.split() == ["bob", "secret"]


def test_without_proc_what_sleeps_without_a_prompt_is_left_alone(without_proc):
    result, asked = without_proc.converse("echo working; sleep 2; echo done", [])
    assert (asked, result.stdout) == ([], "working\ndone\n")


def test_without_proc_nothing_hangs_where_nobody_can_be_asked(without_proc):
    assert without_proc.execute("read -p 'name? ' x").ename == "StdinNotImplementedError"
    assert without_proc.execute("echo next").stdout == "next\n"
