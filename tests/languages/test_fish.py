"""What fish has beyond the contract."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch, traceback
from toolchains import needs


@pytest.fixture(scope="module")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], FrontEnd]]:
    kernels: list[FrontEnd] = []

    def start() -> FrontEnd:
        if not kernels:
            argv = [sys.executable, "-m", "mykernel", "kernel", "fish", "-f", "{connection_file}"]
            kernels.append(launch(argv, tmp_path_factory.mktemp("folder")))
        return kernels[0]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture
def fish(_started, tmp_path: Path) -> FrontEnd:
    """A kernel that the tests share, with a new shell in tmp_path for each."""
    needs("fish", "fish")
    kernel = _started()
    kernel.execute("exec /bin/true", store_history=False)
    kernel.execute(f"cd {shlex.quote(str(tmp_path))}", store_history=False)
    return kernel


def drawn(result):
    """What a cell shows whose text has moved the cursor."""
    return result.of_type("display_data")[-1]["data"]["text/plain"]


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "line"),
    [
        ("true\nls /nosuch 2>/dev/null\n", "ExitStatus", "2 in line 2: ls /nosuch 2>/dev/null", 2),
        ("true | sh -c 'exit 5' # so", "ExitStatus", "5 in line 1: true | sh -c 'exit 5'", 1),
        ("sh -c 'kill -SEGV $$' 2>/dev/null", "ExitStatus", "139 (SIGSEGV) in line 1", 1),
        ("echo\nno_such_command", "Error", "Unknown command: no_such_command", 2),
        ("function f\n  no_such_command\nend\nf", "Error", "Unknown command: no_such", 2),
        ("true\necho *.nosuch", "Error", "No matches for wildcard '*.nosuch'", 2),
        ("echo no\nif true; fi", "SyntaxError", "Missing end to balance this if", 2),
        ("echo no\necho )", "SyntaxError", "Unexpected ')' for unopened parenthesis (line 2)", 2),
        ("echo no\necho a |", "SyntaxError", "Expected a command, but found end", 2),
    ],
)
def test_a_failing_cell_is_told_with_its_line(fish, code, ename, evalue, line):
    result = fish.execute(code)
    assert (result.status, result.ename) == ("error", ename)
    assert result.evalue.startswith(evalue)
    assert f"line {line}\x1b" in traceback(result)
    assert "no\n" not in result.stdout
    assert "agent.fish" not in result.stderr


@pytest.mark.parametrize("code", ["false; true", "false; or true", "# x", "sleep 0 &", "set x 1"])
def test_only_the_last_command_counts(fish, code):
    fish.execute("false")
    assert fish.execute(code).status == "ok"


@pytest.mark.parametrize(
    "code",
    [
        "set x 1\nexit 3",
        "set x 1\nfunction f\n  for i in 1 2; exit 3; end\nend\nf\nset x 2",
        "set x 1\necho 'exit 3; set x 2' >lib.fish\nsource lib.fish\nset x 2",
        "set x 1\nif true; exit 3; end; set x 2",
        "set x 1\necho (exit 3)\nset x 2",
    ],
)
def test_exit_ends_the_cell_and_not_the_shell(fish, code):
    result = fish.execute(code)
    assert result.evalue.startswith("3 in line ")
    assert "the shell and its variables live on" in result.evalue
    assert fish.execute("echo $x").stdout == "1\n"


def test_what_a_cell_sets_lives_on(fish):
    fish.execute("set x 1; set arr a 'b c'; alias hi 'echo hello'; cd /; function f; pwd; end")
    assert fish.execute("hi; echo $x (count $arr) $arr[2]; f").stdout == "hello\n1 2 b c\n/\n"


@pytest.mark.parametrize(
    "setting",
    [
        "function fish_prompt; echo mine; end; function fish_title; echo title; end",
        "function fish_prompt_hook --on-event fish_prompt; echo hook; end",
        "functions --erase fish_prompt exit",
        "fish_vi_key_bindings",
        "bind --erase --all; abbr --add source echo",
        "set -gx PATH /nosuch",
        "function printf; end; function test_it; end; alias command=echo",
        "stty sane; stty -echo",
    ],
)
def test_no_setting_breaks_the_next_cells(fish, setting):
    fish.execute(setting)
    result = fish.execute("echo first")
    assert (result.status, result.stdout, result.stderr) == ("ok", "first\n", "")
    assert fish.execute("exit 4").evalue.startswith("4 in line 1")
    assert fish.execute("echo again").stdout == "again\n"


@pytest.mark.parametrize(
    "code",
    [
        "echo ready; sleep 60; echo no",
        "echo ready; while true; end; echo no",
        "echo ready; sleep 60 | cat; echo no",
        "function f; echo ready; sleep 60; echo no; end; f; echo no",
        "echo ready; set x (sleep 60); echo no",
    ],
)
def test_an_interrupt_ends_the_cell_and_keeps_the_state(fish, code):
    fish.execute("set x 1")
    cell = fish.send(code)
    fish.until_text(cell, "ready")
    fish.interrupt()
    result = fish.result(cell)
    assert (result.ename, result.stdout) == ("KeyboardInterrupt", "ready\n")
    assert fish.execute("echo $x").stdout == "1\n"


@pytest.mark.parametrize(
    ("code", "answers", "prompt", "shown"),
    [
        ("read -P 'Name? ' n; echo hi $n", ["Bob"], "Name? ", "Name? Bob\nhi Bob\n"),
        (
            "read -s -P 'Password: ' p; echo $p",
            ["secret"],
            "Password: ",
            "Password: ●●●●●●\nsecret\n",
        ),
        (
            "set_color normal; for i in 1 2; read -P '? ' l; end; echo $l",
            ["a", "b c"],
            "? ",
            "? b c\nb c\n",
        ),
    ],
)
def test_read_asks(fish, code, answers, prompt, shown):
    result, asked = fish.converse(code, answers)
    question = {"prompt": prompt, "password": prompt == "Password: "}
    assert asked == [question] * len(answers)
    assert drawn(result).endswith(shown)


def test_a_background_job_writes_to_its_cell(fish, tmp_path: Path):
    os.mkfifo(tmp_path / "go")
    cell = fish.send("cat go &")
    fish.result(cell)
    assert fish.execute("echo another").stdout == "another\n"
    (tmp_path / "go").write_text("late\n")
    fish.until_text(cell, "late")


def test_tab_and_shift_tab_run_nothing(fish, tmp_path: Path):
    fish.execute(f"function touch_it; touch {tmp_path}/ran; end")
    fish.execute("function on_cd --on-variable PWD; touch_it; end")
    for code in (
        "(touch ran)", "(echo (touch ran)) a", "(touch ran)/", "and $(touch ran) ",
        "cat (touch ran)/", "cat $(touch ran)", 'echo "$(touch ran)"', "cat (touch ran | psub)",
        "echo $x[(touch ran)]", "cd /", "make ", "eval touch ran; ", "touch_it", "touch_it ",
        "sudo touch_it ", "echo (touch_it", "begin; touch ran; end; ec",
    ):  # fmt: skip
        for end in (len(code) - 1, len(code)):
            fish.request("complete", code=code, cursor_pos=end)
            fish.request("inspect", code=code, cursor_pos=end, detail_level=1)
        fish.request("is_complete", code=code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "completed"),
    [
        ("echo $my_v", "echo $my_variable"),
        ("my_f", "my_function"),
        ("echo a; my_f", "echo a; my_function"),
        ("echo (my_f", "echo (my_function"),
        ("cat pl", "cat plain.txt"),
        ("cat my\\ f", "cat my\\ file.txt"),
        ('cat "my f', 'cat "my file.txt"'),
        ("cat ./su", "cat ./sub/"),
        ("cat <pl", "cat <plain.txt"),
        ("cat $PWD/pl", "cat $PWD/plain.txt"),
        ("ls --colo", "ls --color"),
        ("set -x my_v", "set -x my_variable"),
    ],
)
def test_completion(fish, tmp_path: Path, code, completed):
    for name in ("plain.txt", "my file.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    fish.execute("set my_variable 1; function my_function; end")
    found = fish.request("complete", code=code, cursor_pos=len(code)).content
    assert completed in [code[: found["cursor_start"]] + match for match in found["matches"]]
    assert not any("__mk_" in match for match in found["matches"])


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("my_variable", "$my_variable[1]: |1|"),
        ("my_function", "function my_function\n    echo hi"),
        ("set", "set is a builtin"),
    ],
)
def test_inspection(fish, code, text):
    fish.execute("set my_variable 1; function my_function\n    echo hi\nend")
    found = fish.request("inspect", code=code, cursor_pos=1, detail_level=0).content
    assert text in found["data"]["text/plain"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", "complete"),
        ('echo "abc', "incomplete"),
        ("echo (ls", "incomplete"),
        ("echo a \\", "incomplete"),
        ("echo a |", "incomplete"),
        ("if true\n  echo\nend", "complete"),
        ("switch x\n  case a", "incomplete"),
        ('echo a # "b', "complete"),
        ("echo a\n)", "invalid"),
        ('end\necho "x', "invalid"),
    ],
)
def test_whether_code_is_complete(fish, code, status):
    assert fish.request("is_complete", code=code).status == status


def test_the_users_start_up_files(start_kernel, monkeypatch, tmp_path: Path):
    needs("fish", "fish")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    folder = tmp_path / ".config" / "fish"
    folder.mkdir(parents=True)
    (folder / "config.fish").write_text(
        "set mine 42\nfunction fish_greeting; echo greeting; end\nfish_vi_key_bindings\n"
        "function fish_prompt; echo 'mine> '; end\nbind \\cj 'echo bound'\n"
    )
    kernel = start_kernel("fish")
    assert kernel.execute("echo $mine").stdout == "42\n"
    assert kernel.execute("echo again").stdout == "again\n"
    kernel = start_kernel("fish", "--no-startup-files")
    result = kernel.execute("set -q mine; or echo none; type -t ls")
    assert (result.stdout, result.stderr) == ("none\nfunction\n", "")
    assert not list(tmp_path.rglob("fish_history"))
