"""How Bash cells fail: what is told, and what lives on."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import psutil
import pytest
from frontend import PATIENCE, FrontEnd, Result


def plain(result: Result) -> str:
    """The traceback without its colours."""
    return re.sub("\x1b\\[[0-9;]*m", "", "\n".join(result.content["traceback"]))


# Statuses


def test_a_cell_whose_last_command_fails_is_an_error(shell: FrontEnd) -> None:
    result = shell.execute("echo a; (exit 3)")
    assert (result.status, result.ename, result.stdout) == ("error", "ExitStatus", "a\n")


def test_the_error_tells_the_status_and_the_line(shell: FrontEnd) -> None:
    assert shell.execute("true\n(exit 3)\n").evalue == "3 in line 2: (exit 3)"


def test_the_traceback_shows_the_line_and_those_around_it(shell: FrontEnd) -> None:
    text = plain(shell.execute("echo one\necho two\nfalse\n# four\n# five\n# six"))
    assert text.endswith(
        "      1 echo one\n      2 echo two\n----> 3 false\n      4 # four\n      5 # five"
    )


def test_the_traceback_names_the_cell_by_its_count(shell: FrontEnd) -> None:
    result = shell.execute("false")
    assert f"In[{result.content['execution_count']}], line 1" in plain(result)


@pytest.mark.parametrize(
    "code", ["false; true", "false | true", "! false", "false || true", "if false; then :; fi"]
)
def test_a_failure_that_is_not_the_last_status_is_none(shell: FrontEnd, code: str) -> None:
    assert shell.execute(code).status == "ok"


@pytest.mark.parametrize(
    ("code", "status", "line"),
    [
        ("false", 1, 1),
        ("[[ a == b ]]", 1, 1),
        ("(( 0 ))", 1, 1),
        ("\n\ngrep x /dev/null", 1, 3),
        ("false\n\n# a comment behind", 1, 1),
        ("true &&\nfalse", 1, 2),
        ("no_such_command", 127, 1),
        ("/dev/null", 126, 1),
        ("cd /no/such/folder", 1, 1),
        ("true\ncat < /no/such/file", 1, 2),
        ("f() {\n  false\n}\nf", 1, 4),
        ("f() { return 9; }\n\nf", 9, 3),
        ("(exit 255)", 255, 1),
        ("bash -c 'exit 7'", 7, 1),
        ("for i in 1 2; do\n  false\ndone", 1, 2),
        ("set -o pipefail; true\nfalse | true", 1, 2),
        ("eval 'false'", 1, 1),
    ],
)
def test_what_failed_is_told(shell: FrontEnd, code: str, status: int, line: int) -> None:
    evalue = shell.execute(code).evalue
    assert re.match(rf"{status}\b", evalue)
    assert f"in line {line}:" in evalue


@pytest.mark.parametrize("code", ["! true", "return 4", "echo ${x!}", "echo $((08))"])
def test_a_failure_without_a_known_line_is_told_all_the_same(shell: FrontEnd, code: str) -> None:
    result = shell.execute(f"{code}\n")
    assert (result.status, result.ename) == ("error", "ExitStatus")
    assert shell.execute("echo next").stdout == "next\n"


def test_return_at_the_top_ends_the_cell_with_that_status(shell: FrontEnd) -> None:
    result = shell.execute("echo a\nreturn 4\necho b")
    assert (result.stdout, result.evalue[0]) == ("a\n", "4")


@pytest.mark.parametrize("name", ["TERM", "KILL", "SEGV", "USR1", "PIPE", "ABRT"])
def test_a_program_ended_by_a_signal_names_it(shell: FrontEnd, name: str) -> None:
    result = shell.execute(f"sh -c 'kill -{name} $$'")
    assert f"SIG{name}" in result.evalue


def test_a_program_that_stops_itself_does_not_stop_the_cell(shell: FrontEnd) -> None:
    assert shell.execute("sh -c 'kill -STOP $$'; echo next; kill -9 %1").stdout == "next\n"


def test_messages_speak_of_the_cell_and_not_of_our_files(shell: FrontEnd) -> None:
    result = shell.execute("true\nno_such_command; cd /no/such; exec 5< /no/such; echo ${x!}")
    assert "no_such_command: command not found" in result.stderr
    assert "mykernel" not in result.stderr + plain(result)


# Exit, errexit: the cell ends, the shell lives

EXITS = {
    "exit": "exit 3; echo no",
    "exit in a function": "f() { exit 3; }; f; echo no",
    "exit in nested functions": "f() { exit 3; }; g() { f; }; g; echo no",
    "exit in a sourced file": "echo 'exit 3' > file; . ./file; echo no",
    "exit in eval": "eval 'exit 3'; echo no",
    "exit in a loop": "for i in 1 2; do exit 3; done; echo no",
    "exit in a trap": "trap 'exit 3' USR1; kill -USR1 $$; echo no",
    "errexit": "set -e; (exit 3); echo no",
    "errexit in a function": "set -e; f() { (exit 3); echo no; }; f; echo no",
    "errexit in nested functions": "set -e; f() { (exit 3); }; g() { f; echo no; }; g; echo no",
    "errexit in a pipeline": "set -eo pipefail; (exit 3) | cat; echo no",
    "errexit and nounset": "set -euo pipefail; (exit 3); echo no",
    "errexit in a sourced file": "set -e; echo '(exit 3)' > file; . ./file; echo no",
    "errexit in a substitution": "set -e; y=$(exit 3); echo no",
    "with an EXIT trap": "trap 'true' EXIT; exit 3; echo no",
    "with an ERR trap": "trap 'true' ERR; set -e; (exit 3); echo no",
    "with both": "trap 'true' EXIT; trap 'true' ERR; set -eE; f() { (exit 3); }; f; echo no",
    "with a failing EXIT trap": "trap 'false' EXIT; exit 3; echo no",
    "with an exit in an EXIT trap": "trap 'exit $?' EXIT; exit 3; echo no",
    "with redirected output": "exec 5>&1 > file; exit 3",
}


@pytest.mark.parametrize("code", EXITS.values(), ids=EXITS)
def test_the_cell_ends_as_an_error_that_says_so(shell: FrontEnd, code: str) -> None:
    result = shell.execute(code)
    assert (result.status, result.ename, result.stdout) == ("error", "ExitStatus", "")
    assert result.evalue.startswith("3")
    assert "live on" in result.evalue


@pytest.mark.parametrize("code", EXITS.values(), ids=EXITS)
def test_what_was_set_before_and_in_the_cell_lives_on(shell: FrontEnd, code: str) -> None:
    shell.execute("before=1; process=$$")
    shell.execute(f"within=2; {code}")
    result = shell.execute("set +eu; echo $before $within $(($$ == process)) > /dev/tty")
    assert (result.status, result.stdout) == ("ok", "1 2 1\n")


def test_an_unset_variable_under_nounset_ends_the_cell(shell: FrontEnd) -> None:
    result = shell.execute("set -euo pipefail; within=2; echo $unset; echo no")
    assert (result.status, result.stdout) == ("error", "")
    assert "unset: unbound variable" in result.stderr
    assert shell.execute("echo $within $-").stdout.startswith("2 ")


def test_an_exit_in_a_subshell_ends_the_subshell_alone(shell: FrontEnd) -> None:
    assert shell.execute("(exit 5); echo $?; x=$(exit 6); echo $?").stdout == "5\n6\n"


def test_exit_0_is_told_too_since_the_rest_has_not_run(shell: FrontEnd) -> None:
    result = shell.execute("exit 0\necho no")
    assert (result.status, result.evalue.split()[0]) == ("error", "0")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("true\nexit 3", 2),
        ("f() {\n  exit 3\n}\ntrue\nf", 5),
        ("set -e\ntrue\nfalse\ntrue", 3),
        ("set -e\nf() {\n  false\n}\nf", 5),
        ("set -u\n\necho $unset", 3),
    ],
)
def test_the_line_where_the_cell_ended_is_told(shell: FrontEnd, code: str, line: int) -> None:
    assert f"in line {line}:" in shell.execute(code).evalue


def test_an_exit_trap_runs_once_when_the_cell_exits(shell: FrontEnd) -> None:
    assert shell.execute("trap 'echo bye' EXIT; exit 3").stdout == "bye\n"
    assert shell.execute("exit 3", stop_on_error=False).stdout == ""


def test_after_an_exit_with_an_exit_trap_the_shell_is_no_childs_child(shell: FrontEnd) -> None:
    shell.execute("process=$$; trap 'true' EXIT; exit 3")
    shell.execute("exit 3", stop_on_error=False)
    assert shell.execute("echo $(($$ == process))").stdout == "1\n"
    assert shell.execute("kill -KILL $$").ename == "ShellDied"


def test_an_interrupt_that_meets_an_exit_costs_nothing(shell: FrontEnd, tmp_path: Path) -> None:
    """The shell that goes on with the variables takes so long to start that one surely meets it."""
    os.mkfifo(tmp_path / "gate")
    slow = tmp_path / "bash"
    slow.write_text('#!/bin/sh\necho starts >/dev/tty\nread _ <gate\nexec bash "$@"\n')
    slow.chmod(0o755)
    cell = shell.send("kept=1; BASH=$PWD/bash; exit 3")
    shell.until_text(cell, "starts")
    shell.interrupt()
    # Also for reading: where nobody lives who reads it, this is to fail, and not to wait.
    with open(tmp_path / "gate", "r+b", buffering=0) as gate:
        gate.write(b"\n")
        assert shell.result(cell).evalue.startswith("3 in line 1")
    assert shell.execute("echo $kept").stdout == "1\n"


def test_what_an_exit_trap_runs_can_be_interrupted(shell: FrontEnd) -> None:
    cell = shell.send("kept=1; trap 'echo waits; sleep 60' EXIT; exit 3")
    shell.until_text(cell, "waits")
    shell.interrupt()
    assert shell.result(cell).evalue.startswith("3 in line 1")
    assert shell.execute("echo $kept").stdout == "1\n"


def test_an_exit_trap_sees_the_status(shell: FrontEnd) -> None:
    assert shell.execute("trap 'echo $?' EXIT; exit 3").stdout == "3\n"


def test_an_exit_trap_of_a_subshell_is_the_subshells(shell: FrontEnd) -> None:
    assert shell.execute("(trap 'echo bye' EXIT; true); echo on").stdout == "bye\non\n"


LIVES: dict[str, tuple[str, str, str]] = {
    "variable": ("x='a  b\n$(touch made)'", 'echo "$x"', "a  b\n$(touch made)\n"),
    "array": ("x=(a 'b c' [7]=d)", 'echo "${!x[@]}" "${x[1]}"', "0 1 7 b c\n"),
    "associative array": ("declare -A x=(['a b']=c)", 'echo "${x[a b]}"', "c\n"),
    "empty array": ("x=()", "echo ${#x[@]} ${x[0]-unset}", "0 unset\n"),
    "exported": ("export x=5", "bash -c 'echo $x'", "5\n"),
    "not exported": ("x=5", "bash -c 'echo ${x-unset}'", "unset\n"),
    "read-only": ("readonly x=5", "(x=6) 2> /dev/null || echo $x", "5\n"),
    "integer": ("declare -i x=1", "x=2+3; echo $x", "5\n"),
    "lower case": ("declare -l x=A", "x=B; echo $x", "b\n"),
    "nameref": ("y=5; declare -n x=y", "x=6; echo $y", "6\n"),
    "declared but unset": ("declare x", "echo ${x-unset}", "unset\n"),
    "bytes that are no text": ("x=$'\\xff\\x01'", "printf '%s' \"$x\" | od -An -tx1", " ff 01\n"),
    "large": ("printf -v x '%*s' 1000000 y", "echo ${#x}", "1000000\n"),
    "function": ('f() { echo "$1"; }', "f 'a b'", "a b\n"),
    "exported function": ("f() { echo f; }; export -f f", "bash -c f", "f\n"),
    "alias": ("alias hi='echo \"hello  you\"'", "hi", "hello  you\n"),
    "folder": ("cd /", "pwd", "/\n"),
    "previous folder": ("cd /; cd /tmp", "cd -", "/\n"),
    "IFS": ("IFS=:", "x=a:b; set -- $x; echo $2", "b\n"),
    "umask": ("umask 027", "umask", "0027\n"),
    "set": ("set -f", "echo *", "*\n"),
    "pipefail": ("set -o pipefail", "false | true; echo $?", "1\n"),
    "shopt": ("shopt -s nullglob", "echo no*file", "\n"),
    "trap": ("trap 'echo usr' USR1", "kill -USR1 $$", "usr\n"),
    "ERR trap": ("trap 'echo failed' ERR", "false; true", "failed\n"),
    "positional parameters": ("set -- a 'b c'", 'echo $# "$2"', "2 b c\n"),
    "descriptor": ("exec 5> file", "echo a >&5; cat file", "a\n"),
    "status": (":", "echo $?", "3\n"),
    "background process": ("sleep 1000 & p=$!", "kill $p && echo killed", "killed\n"),
    "completion": ("complete -W 'a b' thing", "complete -p thing", "complete -W 'a b' thing\n"),
    "redirected output": ("exec 5>&1 > file", "echo a; cat file >&5", "a\n"),
    "folder stack": ("pushd / > /dev/null", "popd > /dev/null; dirs -p | wc -l", "1\n"),
    "limit": ("ulimit -c 0", "ulimit -c", "0\n"),
    "variable named as ours": ("s=1 line=2 kind=3", "echo $s $line $kind", "1 2 3\n"),
    "SECONDS": ("SECONDS=1000", "echo $((SECONDS >= 1000))", "1\n"),
}


@pytest.mark.parametrize(("state", "code", "out"), LIVES.values(), ids=LIVES)
def test_state_lives_on_after_exit(shell: FrontEnd, state: str, code: str, out: str) -> None:
    shell.execute(f"{state}\nexit 3", stop_on_error=False)
    result = shell.execute(code)
    assert (result.stdout, result.stderr) == (out, "")


# In a function Bash shows neither an ERR trap nor the shell's own positional parameters.
LIVES_IN_A_FUNCTION = {
    name: case for name, case in LIVES.items() if name not in ("ERR trap", "positional parameters")
}


@pytest.mark.parametrize(
    ("state", "code", "out"), LIVES_IN_A_FUNCTION.values(), ids=LIVES_IN_A_FUNCTION
)
def test_state_lives_on_after_exit_in_a_function(
    shell: FrontEnd, state: str, code: str, out: str
) -> None:
    shell.execute(f"{state}\nleave() {{ exit 3; }}\nleave", stop_on_error=False)
    result = shell.execute(code)
    assert (result.stdout, result.stderr) == (out, "")


def test_errexit_holds_for_the_next_cells_too(shell: FrontEnd) -> None:
    shell.execute("set -e; false", stop_on_error=False)
    result = shell.execute("echo a; false; echo no")
    assert (result.status, result.stdout) == ("error", "a\n")
    assert shell.execute("set +e; false; echo on").stdout == "on\n"


def test_a_hundred_exits_leave_the_shell_as_it_was(shell: FrontEnd) -> None:
    shell.execute("x=5; process=$$; level=$SHLVL")
    for _ in range(100):
        shell.execute("exit 1", stop_on_error=False)
    result = shell.execute(
        "echo $x $(($$ == process)) $((SHLVL - level)); ls -1 /proc/$$/fd | wc -l"
    )
    assert result.stdout.startswith("5 1 0\n")
    assert int(result.stdout.split()[-1]) < 15


# The shell dies

DEATHS = {
    "kill -KILL $$": "SIGKILL",
    "exec true": "exit status 0",
    "exec bash -c 'exit 7'": "exit status 7",
    "exec sh -c 'kill -TERM $$'": "SIGTERM",
    "kill -SEGV $$": "SIGSEGV",
    "kill -HUP $$": "SIGHUP",
    "{ kill -USR1 $$; } >/dev/null": "SIGUSR1",
}


@pytest.mark.parametrize(("code", "how"), DEATHS.items(), ids=DEATHS)
def test_a_shell_that_dies_is_an_error_that_says_how(shell: FrontEnd, code: str, how: str) -> None:
    result = shell.execute(f"x=5; {code}; echo no")
    assert (result.status, result.stdout) == ("error", "")
    assert how in result.evalue


@pytest.mark.parametrize("code", DEATHS)
def test_the_next_cell_runs_and_a_new_shell_is_told_of_once(shell: FrontEnd, code: str) -> None:
    """Or none is, when the shell lived on with what it knew."""
    shell.execute(f"x=5; {code}", stop_on_error=False)
    first, second = shell.execute("echo ${x-new}"), shell.execute("echo again")
    assert (first.status, second.stdout, second.stderr) == ("ok", "again\n", "")
    assert first.stdout == "5\n" or (first.stdout, "new" in first.stderr) == ("new\n", True)


def test_what_was_written_before_the_shell_died_is_shown(shell: FrontEnd) -> None:
    result = shell.execute("echo out; echo err >&2; kill -KILL $$")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_a_shell_that_dies_between_cells_is_told_of(shell: FrontEnd, tmp_path: Path) -> None:
    shell.execute("mkfifo gate; (read < gate; kill -KILL $$) & x=5")
    child = psutil.Process(int(shell.execute("echo $$").stdout))
    (tmp_path / "gate").write_text("\n")
    child.wait(PATIENCE)
    result = shell.execute("echo ${x-new}")
    assert (result.status, result.stdout, "SIGKILL" in result.stderr) == ("ok", "new\n", True)


@pytest.mark.parametrize("where", ["__mk_mark", "__mk_list_jobs"])
def test_streams_are_in_place_after_a_signal_meets_what_goes_on_between_cells(
    shell: FrontEnd, where: str
) -> None:
    """There the shell's own streams are redirected."""
    blow = f"[[ ${{FUNCNAME-}} != {where} ]] || {{ trap - DEBUG; kill -HUP $$; }}"
    shell.execute(f"set -T; trap {shlex.quote(blow)} DEBUG; sleep 1000 &", stop_on_error=False)
    after = shell.execute("set +T; trap - DEBUG; echo out; echo err >&2")
    assert (after.status, after.stdout) == ("ok", "out\n")
    assert after.stderr.endswith("err\n")


def test_kill_term_does_not_end_an_interactive_shell(shell: FrontEnd) -> None:
    assert shell.execute("kill -TERM $$; echo on").stdout == "on\n"


# Syntax

UNFINISHED = [
    "echo 'a", 'echo "a', "echo `a", "echo $(a", "echo ${a", "echo $((1 +", "((1 +", "[[ a",
    "cat <<X\ntext", "cat <<'X'\ntext\nY", "if true; then", "if true; then echo; else",
    "while true; do", "for i in a b; do\necho", "for i in", "case x in", "case x in a) echo;",
    "f() {", "{ echo", "( echo", "echo a |", "echo a &&", "echo a ||", "a=(1 2",
    "select x in a; do", "until false; do",
]  # fmt: skip
INVALID = [
    "fi", "done", "esac", "}", ")", "};{", "echo a; }; echo b; {", "}; echo b; {", "}\n{ :",
    "echo )", "| a", "if; then", "<", "a <<", "&& a", "f() echo", ";;", "do", "then",
    "echo a & && b", "[[ a b ]]", "case x in esac esac", "echo $(fi)", "EOF\n}\nfi",
]  # fmt: skip


@pytest.mark.parametrize("code", UNFINISHED + INVALID)
def test_a_syntax_error_is_told_and_nothing_of_the_cell_has_run(shell: FrontEnd, code: str) -> None:
    result = shell.execute(f"touch made; x=6\n{code}")
    assert (result.status, result.ename) == ("error", "SyntaxError")
    assert "mykernel" not in result.evalue + result.stderr
    assert "__mk" not in result.evalue + result.stderr
    after = shell.execute("ls; echo ${x-unset}")
    assert (after.status, after.stdout, after.stderr) == ("ok", "unset\n", "")


@pytest.mark.parametrize(
    ("code", "line"), [("fi", 1), ("true\nfi", 2), ("true\n\necho )", 3), ("true\necho 'a", 2)]
)
def test_a_syntax_error_names_its_line(shell: FrontEnd, code: str, line: int) -> None:
    assert f"line {line}" in shell.execute(code).evalue


def test_a_syntax_error_shows_the_line(shell: FrontEnd) -> None:
    assert "----> 2 fi" in plain(shell.execute("true\nfi\ntrue"))


def test_a_syntax_error_keeps_the_status_away_from_errexit(shell: FrontEnd) -> None:
    shell.execute("set -e; x=5")
    shell.execute("fi", stop_on_error=False)
    assert shell.execute("echo $x").stdout == "5\n"


def test_a_syntax_error_within_an_alias_cell_hangs_nothing(shell: FrontEnd) -> None:
    """Such a cell is read line by line, since what it sets counts for the lines after it."""
    assert shell.execute("alias a=b\nfi").ename == "SyntaxError"
    assert shell.execute("echo next").stdout == "next\n"


def test_a_read_only_variable_that_is_assigned_ends_the_cell(shell: FrontEnd) -> None:
    result = shell.execute("readonly r=1\nr=2\necho no")
    assert (result.status, result.stdout) == ("error", "")
    assert "r: readonly variable" in result.stderr
    assert shell.execute("echo $r").stdout == "1\n"
