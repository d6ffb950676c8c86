"""What zsh has beyond the contract."""

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
            argv = [sys.executable, "-m", "mykernel", "kernel", "zsh", "-f", "{connection_file}"]
            kernels.append(launch(argv, tmp_path_factory.mktemp("folder")))
        return kernels[0]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture
def zsh(_started, tmp_path: Path) -> FrontEnd:
    """A kernel that the tests share, with a new shell in tmp_path for each."""
    needs("zsh", "zsh")
    kernel = _started()
    kernel.execute("kill -KILL $$", store_history=False)
    kernel.execute(f"cd {shlex.quote(str(tmp_path))}", store_history=False)
    return kernel


def matches(kernel, code):
    return kernel.request("complete", code=code, cursor_pos=len(code)).content["matches"]


@pytest.mark.parametrize(
    ("code", "evalue", "line"),
    [
        ("true\nls /nosuch 2>/dev/null\n", "2 in line 2: ls /nosuch 2>/dev/null", 2),
        ("f() {\n  return 7\n}\nf", "7 in line 2: return 7", 2),
        ("true | (exit 5)", "5 in line 1: true | (exit 5)", 1),
        ("sh -c 'kill -SEGV $$' 2>/dev/null", "139 (SIGSEGV) in line 1", 1),
        ("true\necho ${nosuch:?is missing}", "nosuch: is missing", 2),
        ("true\necho *.nosuch", "no matches found: *.nosuch", 2),
        ("echo before\nif true; fi", "parse error near `fi'", 2),
    ],
)
def test_a_failing_cell_is_told_with_its_line(zsh, code, evalue, line):
    result = zsh.execute(code)
    assert result.status == "error"
    assert result.evalue.startswith(evalue)
    assert f"line {line}\x1b" in traceback(result)


@pytest.mark.parametrize("code", ["false; true", "false || true", "if false; then echo; fi", "# x"])
def test_only_the_last_command_counts(zsh, code):
    assert zsh.execute(code).status == "ok"


def test_the_status_lives_on(zsh):
    zsh.execute("(exit 6)")
    assert zsh.execute("echo $?").stdout == "6\n"


@pytest.mark.parametrize(
    "code",
    [
        "x=1\nexit 3",
        "x=1\nf() {\n  for i in 1 2; do exit 3; done\n}\nf\nx=2",
        "x=1\nset -e\n(exit 3)\nx=2",
        "x=1\nset -e\nf() {\n  (exit 3); x=2\n}\neval f\nx=2",
        "x=1\nprint 'exit 3\\nx=2' >lib.zsh\nsource ./lib.zsh\nx=2",
        "x=1\nsetopt err_exit\nprint '(exit 3)\\nx=2' >lib.zsh\nsource ./lib.zsh\nx=2",
    ],
)
def test_exit_ends_the_cell_and_not_the_shell(zsh, code):
    result = zsh.execute(code)
    assert result.evalue.startswith("3 in line ")
    assert "the shell and its variables live on" in result.evalue
    assert zsh.execute("echo $? $x").stdout == "3 1\n"


def test_exit_in_a_subshell_ends_that_alone(zsh):
    result = zsh.execute("(exit 3); echo $?; x=$(echo in; exit 4); echo $x $?")
    assert (result.status, result.stdout) == ("ok", "3\nin 4\n")


def test_set_e_lives_on(zsh):
    zsh.execute("set -e; false")
    result = zsh.execute("echo $options[errexit]; false; echo no")
    assert (result.stdout, result.status) == ("on\n", "error")


def test_what_a_cell_sets_lives_on(zsh, tmp_path: Path):
    zsh.execute("typeset x=1; arr=(a 'b c'); alias hi='echo hello'; setopt extended_glob; cd /")
    result = zsh.execute("hi; echo $x ${#arr} $arr[2]; pwd; [[ ab == (#i)AB ]] && echo ok")
    assert result.stdout == "hello\n1 2 b c\n/\nok\n"


@pytest.mark.parametrize(
    "setting",
    [
        "emulate sh",
        "emulate ksh",
        "setopt ksh_arrays sh_word_split no_unset warn_create_global no_clobber; IFS=/",
        "precmd_functions=(); PS1='> '; setopt prompt_cr prompt_sp",
        "precmd() { echo mine }; preexec() { echo mine }",
        "exec </dev/null",
        "unsetopt bare_glob_qual multios; setopt cshjunkie_loops noglob",
        "TRAPZERR() { : }; unset PS1 RPS1; alias builtin=false print=false",
        "trap - ZERR; unset precmd_functions; set -u",
    ],
)
def test_no_setting_breaks_the_next_cells(zsh, setting):
    zsh.execute(setting)
    result = zsh.execute("echo first")
    assert (result.status, result.stdout, result.stderr) == ("ok", "first\n", "")
    assert zsh.execute("(exit 4)").evalue.startswith("4")
    assert zsh.execute("echo again").stdout == "again\n"


def test_redirections_of_the_shell_do_not_hide_the_end_of_a_cell(zsh):
    zsh.execute("exec >/dev/null 2>&1")
    assert zsh.execute("echo unseen").status == "ok"
    zsh.execute("exec >/dev/tty")
    assert zsh.execute("echo seen").stdout == "seen\n"


@pytest.mark.parametrize(
    "code",
    [
        "echo ready; sleep 60; echo no",
        "echo ready; while true; do :; done",
        "echo ready; sleep 60 | cat; echo no",
        "f() { echo ready; cat /dev/zero >/dev/null }; f; echo no",
        "echo ready; (sleep 60); echo no",
    ],
)
def test_an_interrupt_ends_the_cell_and_keeps_the_state(zsh, code):
    zsh.execute("x=1")
    cell = zsh.send(code)
    zsh.until_text(cell, "ready")
    zsh.interrupt()
    result = zsh.result(cell)
    assert (result.ename, result.stdout) == ("KeyboardInterrupt", "ready\n")
    assert zsh.execute("echo $x").stdout == "1\n"


@pytest.mark.parametrize(
    ("code", "answers", "asked", "stdout"),
    [
        ('repeat 2; do read l; echo "<$l>"; done', ["a b", "q"], "", "<a b>\n<q>\n"),
        ("read -s 'p?Password: '; echo; echo $p", ["secret"], "Password: ", "\nsecret\n"),
        ("read -k 1 'k?key '; echo; echo $k", ["y"], "key ", "\ny\n"),
        ("select x in a b; do echo $x; break; done", ["2"], "?# ", "b\n"),
        ("python3 -c 'print(input(\"? \"))'", ["yes"], "? ", "yes\n"),
    ],
)
def test_whatever_reads_the_terminal_is_given_an_answer(zsh, code, answers, asked, stdout):
    result, questions = zsh.converse(code, answers)
    assert [(q["prompt"], q["password"]) for q in questions] == [
        (asked, asked == "Password: ")
    ] * len(answers)
    assert result.stdout.replace(asked, "") == stdout


def test_a_background_job_writes_to_its_cell(zsh, tmp_path: Path):
    os.mkfifo(tmp_path / "go")
    cell = zsh.send("{ read line <go; echo $line } &")
    zsh.result(cell)
    assert zsh.execute("echo another").stdout == "another\n"
    (tmp_path / "go").write_text("late\n")
    zsh.until_text(cell, "late\n")


def test_a_full_screen_program_is_ended(zsh):
    needs("vi", "vim-tiny")
    result = zsh.execute("vi; echo after")
    assert "wants the whole screen" in result.stderr
    assert result.stdout.endswith("after\n")


def test_tab_and_shift_tab_run_nothing(zsh, tmp_path: Path):
    zsh.execute(f"touch_it() {{ touch {tmp_path}/ran }}; chpwd() {{ touch_it }}")
    for code in (
        "$(touch ran)", "cat $(touch ran)/", "`touch ran`", 'echo "$(touch ran)"', "touch_it ",
        "cat <(touch ran)", "${(e):-$(touch ran)}", "echo $x[$(touch ran)]", "cd /", "~touch_it",
        "cat *(e:touch_it:)", "touch_it", "echo $((ran[$(touch ran)]))/",
    ):  # fmt: skip
        for end in (len(code) // 2, len(code) - 1, len(code)):
            zsh.request("complete", code=code, cursor_pos=end)
            zsh.request("inspect", code=code, cursor_pos=end, detail_level=1)
        zsh.request("is_complete", code=code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("echo $my_a", "my_array"),
        ("echo ${#my_a", "my_array"),
        ("my_al", "my_alias"),
        ("echo a; if my_f", "my_function"),
        ("x=$(my_f", "my_function"),
        ("setopt extended_g", "extended_glob"),
        ("cat pl", "plain.txt"),
        ("cat my", "my\\ file.txt"),
        ('cat "my f', "file.txt"),
        ("cat ./su", "./sub/"),
        ("cat <pl", "plain.txt"),
        ('cat "$FOLDER/pl', "FOLDER/plain.txt"),
        ("cat ${FOLDER}/pl", "/plain.txt"),
        ("x=pl", "plain.txt"),
        ("cat it", "it\\'s"),
    ],
)
def test_completion(zsh, tmp_path: Path, code, match):
    for name in ("plain.txt", "my file.txt", "it's"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    zsh.execute("my_array=(1 2); alias my_alias=ls; my_function() { : }; FOLDER=$PWD")
    assert match.replace("extended_glob", "extendedglob") in matches(
        zsh, code.replace("extended_g", "extendedg")
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("my_array", "typeset -g -a my_array=( 1 2 )"),
        ("my_alias", "my_alias is an alias for ls"),
        ("my_function", "my_function () {\n\techo hi\n}"),
        ("setopt", "setopt is a shell builtin"),
        ("if", "if is a reserved word"),
    ],
)
def test_inspection(zsh, code, text):
    zsh.execute("my_array=(1 2); alias my_alias=ls; my_function() { echo hi }")
    found = zsh.request("inspect", code=code, cursor_pos=1, detail_level=0).content
    assert text in found["data"]["text/plain"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", "complete"),
        ('echo "abc', "incomplete"),
        ("cat <<E\nhi", "incomplete"),
        ("cat <<E\nhi\nE", "complete"),
        ("echo a \\", "incomplete"),
        ("echo a &&", "incomplete"),
        ("if true\nthen\n  echo\nfi", "complete"),
        ("case x in\n  a) echo;;", "incomplete"),
        ('echo a # "b', "complete"),
        ('echo "# %> \n"', "complete"),
        ("a=(1\n2", "incomplete"),
        ("echo a\n)", "invalid"),
        ('done\necho "x', "invalid"),
    ],
)
def test_whether_code_is_complete(zsh, code, status):
    assert zsh.request("is_complete", code=code).status == status


def test_the_users_start_up_files(start_kernel, monkeypatch, tmp_path: Path):
    needs("zsh", "zsh")
    folder = tmp_path / "dots"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ZDOTDIR", raising=False)
    (tmp_path / ".zshenv").write_text(f"ZDOTDIR={folder}\n")
    (folder / ".zshrc").write_text(
        "typeset mine=42\nsetopt prompt_subst\nPROMPT='$(echo prompt)> ' RPROMPT=right\n"
        "HISTFILE=~/.history\nprecmd() { echo hook }\n: ${nosuch:?ends this file}\n"
    )
    kernel = start_kernel("zsh")
    assert kernel.execute("echo $mine $ZDOTDIR").stdout == f"42 {folder}\n"
    assert kernel.execute("echo again").stdout == "again\n"
    kernel = start_kernel("zsh", "--no-startup-files")
    assert kernel.execute("echo ${mine-none} ${ZDOTDIR-none}").stdout == "none none\n"
    assert not (tmp_path / ".history").exists()
