"""What Bash cells write, and what lives on from one to the next."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from frontend import FrontEnd, Message

from mykernel.languages.bash.delivery import ByFile

# Streams


def test_stdout_and_stderr_are_streams_of_their_own(shell: FrontEnd) -> None:
    result = shell.execute("echo out; echo err >&2")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_a_partial_line_comes_before_the_cell_ends(shell: FrontEnd, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    cell = shell.send("printf partial; read < gate; echo ' line'")
    shell.until_text(cell, "partial")
    # The cell waits until this is opened.
    (tmp_path / "gate").write_text("\n")
    assert shell.result(cell).stdout == "partial line\n"


def test_an_empty_line_comes_first_in_the_first_cell(bash: FrontEnd) -> None:
    assert bash.execute("echo; echo a").stdout == "\na\n"


@pytest.mark.parametrize("stream", [1, 2])
def test_output_without_a_last_newline_is_whole(shell: FrontEnd, stream: int) -> None:
    result = shell.execute(f"printf end >&{stream}")
    assert (result.stdout + result.stderr) == "end"


@pytest.mark.parametrize("descriptor", [0, 1, 2])
def test_isatty(shell: FrontEnd, descriptor: int) -> None:
    assert shell.execute(f"[[ -t {descriptor} ]]").status == "ok"


def test_dev_tty_is_the_cells_output(shell: FrontEnd) -> None:
    assert shell.execute("echo hello > /dev/tty").stdout == "hello\n"


def test_ls_colours(shell: FrontEnd) -> None:
    assert "\x1b[" in shell.execute("mkdir folder; ls --color=auto").stdout


def test_nothing_pages(shell: FrontEnd) -> None:
    """A pager would wait for a key."""
    shell.execute("git init -q; git config user.name a; git config user.email a@b.c")
    shell.execute("for i in {1..100}; do git commit -q --allow-empty -m $i; done")
    assert "100" in shell.execute("git log").stdout


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param("printf 'a\\nb\\r\\nc'", "a\nb\r\nc", id="line ends stay as they are"),
        pytest.param("printf '\\xff\\xfe ok'", "\ufffd\ufffd ok", id="bytes that are not UTF-8"),
        pytest.param("printf 'a\\0b'", "a\0b", id="NUL"),
        pytest.param("printf 'a\\tb'", "a\tb", id="tab"),
        pytest.param("echo 👩‍👩‍👧 e\u0301 ä 漢字", "👩‍👩‍👧 e\u0301 ä 漢字\n", id="unicode"),
        pytest.param(
            "printf '\\xf0\\x9f'; printf '\\x98\\x80'", "😀", id="code point in two writes"
        ),
        pytest.param("printf 'bash-5.2$ '", "bash-5.2$ ", id="prompt"),
        pytest.param("printf '\\e[31mred\\e[0m'", "\x1b[31mred\x1b[0m", id="colours"),
    ],
)
def test_output_is_what_was_written(shell: FrontEnd, code: str, text: str) -> None:
    result = shell.execute(f"{code}\n")
    assert (result.status, result.stdout) == ("ok", text)


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param("\\e]133;D;0\\a", id="end"),
        pytest.param("\\e]133;C\\a", id="begin"),
        pytest.param("\\e]133;D;k=0;i=1;n=1;s=0;x=;e=\\a", id="forgery"),
        pytest.param("\\e]133;R;k=0;value=x\\a", id="reply"),
        pytest.param("\\e]133;A\\e\\\\", id="prompt"),
    ],
)
def test_semantic_prompts_in_the_output_do_not_end_the_cell(shell: FrontEnd, mark: str) -> None:
    """They come from programs that run a shell of their own, and are for a terminal."""
    result = shell.execute(f"printf 'before {mark}after'; echo; (exit 3)", stop_on_error=False)
    assert (result.stdout, result.evalue[0]) == ("before after\n", "3")


@pytest.mark.parametrize("half", ["\\e", "\\e]", "\\e]133;", "\\e]133;D;k=", "\\e[3", "\\xf0"])
def test_half_of_a_sequence_swallows_nothing_of_the_next_cell(shell: FrontEnd, half: str) -> None:
    shell.execute(f"printf 'a{half}'; printf 'b{half}' >&2")
    result = shell.execute("echo next; echo err >&2")
    assert (result.stdout, result.stderr) == ("next\n", "err\n")


def test_a_line_of_1_mb_comes_whole(shell: FrontEnd) -> None:
    assert shell.execute("printf '%*s' 1000000 x").stdout == "x".rjust(1_000_000)


def test_many_lines_on_both_streams_keep_their_order(shell: FrontEnd) -> None:
    result = shell.execute("for i in {1..2000}; do echo o$i; echo e$i >&2; done")
    assert result.stdout == "".join(f"o{i}\n" for i in range(1, 2001))
    assert result.stderr == "".join(f"e{i}\n" for i in range(1, 2001))


# Code


@pytest.mark.parametrize("code", ["", " \n\t\n", "# comment", "\n# one\n  # two\n\n"])
def test_nothing_to_run_is_ok(shell: FrontEnd, code: str) -> None:
    result = shell.execute(code)
    assert (result.status, result.stdout, result.stderr) == ("ok", "", "")


def test_nothing_to_run_leaves_the_status(shell: FrontEnd) -> None:
    shell.execute("(exit 3)", stop_on_error=False)
    shell.execute("# comment")
    assert shell.execute("echo $?").stdout == "3\n"


def test_a_cell_that_begins_with_many_blank_lines_runs(shell: FrontEnd) -> None:
    """Time that doubles with each line would freeze the kernel for years."""
    assert shell.execute("\n \n# a\n" * 200 + "echo a").stdout == "a\n"


def test_a_cell_of_1_mb_runs(shell: FrontEnd) -> None:
    code = "x=0\n" + "((x += 1))\n" * 90_000
    assert len(code) > 900_000
    assert shell.execute(code + "echo $x").stdout == "90000\n"


def test_a_line_of_1_mb_runs(shell: FrontEnd) -> None:
    assert shell.execute(f"x={'a' * 1_000_000}; echo ${{#x}}").stdout == "1000000\n"


def test_a_nul_byte_in_the_code_is_a_clear_error(shell: FrontEnd) -> None:
    result = shell.execute("touch made\necho a\0b")
    assert (result.ename, "NUL" in result.evalue) == ("SyntaxError", True)
    assert shell.execute("ls").stdout == ""


def test_unicode_code_runs(shell: FrontEnd) -> None:
    assert shell.execute("groesse='👍 e\u0301'; echo \"$groesse\"").stdout == "👍 e\u0301\n"


def test_carriage_returns_are_part_of_the_code_as_bash_has_it(shell: FrontEnd) -> None:
    assert shell.execute("echo a\r\necho b\r\n").stdout == "a\r\nb\r\n"


def test_carriage_returns_break_blocks_as_bash_has_it(shell: FrontEnd) -> None:
    result = shell.execute("if true; then\r\necho b\r\nfi\r\n")
    assert result.ename == "SyntaxError"
    assert shell.execute("echo next").stdout == "next\n"


@pytest.mark.parametrize(
    ("code", "out"),
    [
        pytest.param("cat <<EOF\nin $x\nEOF", "in 5\n", id="here-document at the end"),
        pytest.param("cat <<'EOF'\n}\nEOF\necho b", "}\nb\n", id="brace in a here-document"),
        pytest.param("echo a # }", "a\n", id="comment at the end"),
        pytest.param("echo a \\\n  b", "a b\n", id="continued line"),
        pytest.param("echo a\\", "a\n", id="backslash at the end"),
        pytest.param("echo 'a\nb'", "a\nb\n", id="quotes over lines"),
        pytest.param("f() { echo $1; }\nf a", "a\n", id="function used at once"),
        pytest.param("alias hi='echo hello'\nhi", "hello\n", id="alias used at once"),
        pytest.param("shopt -s extglob\necho !(*)", "!(*)\n", id="extglob"),
        pytest.param("! false", "", id="negation"),
        pytest.param("echo $#", "0\n", id="no arguments"),
        pytest.param("\n\necho $LINENO", "3\n", id="line number"),
        pytest.param("set -- a b", "", id="sets arguments"),
        pytest.param("time true", "", id="keyword"),
        pytest.param("coproc cat; kill %%", "", id="coprocess"),
        pytest.param("[[ abc =~ b(.) ]] && echo ${BASH_REMATCH[1]}", "c\n", id="regex"),
        pytest.param("echo {a,b} $((2 ** 10)) $'\\x41'", "a b 1024 A\n", id="expansions"),
        pytest.param("select x in a b; do echo $x; break; done <<< 2", "b\n", id="select"),
    ],
)
def test_code_runs_as_in_a_terminal(shell: FrontEnd, code: str, out: str) -> None:
    shell.execute("x=5")
    result = shell.execute(code)
    assert (result.status, result.stdout) == ("ok", out)


# State

STATE: dict[str, tuple[str, str, str]] = {
    "variable": ("x=5", "echo $x", "5\n"),
    "exported variable": ("export x=5", "bash -c 'echo $x'", "5\n"),
    "array": ("x=(a 'b c')", "echo ${#x[@]} ${x[1]}", "2 b c\n"),
    "associative array": ("declare -A x=([k]=v)", "echo ${x[k]}", "v\n"),
    "integer attribute": ("declare -i x", "x=2+3; echo $x", "5\n"),
    "folder": ("cd /", "pwd", "/\n"),
    "folder stack": ("pushd / > /dev/null", "popd > /dev/null; dirs -p | wc -l", "1\n"),
    "function": ("f() { echo f $1; }", "f a", "f a\n"),
    "alias": ("alias hi='echo hello'", "hi", "hello\n"),
    "umask": ("umask 077", "umask", "0077\n"),
    "option": ("set -f", "echo *", "*\n"),
    "shopt": ("shopt -s nullglob", "echo no*file", "\n"),
    "trap": ("trap 'echo usr' USR1", "kill -USR1 $$", "usr\n"),
    "status": ("true; (exit 3)", "echo $?", "3\n"),
    "positional parameters": ("set -- a b", "echo $# $2", "2 b\n"),
    "descriptor": ("exec 5> file; echo a >&5", "echo b >&5; cat file", "a\nb\n"),
    "background job": ("(exit 4) & p=$!", "wait $p; echo $?", "4\n"),
    "job table": ("sleep 1000 &", "jobs -r | wc -l; kill %1", "1\n"),
    "process id": ("p=$$", "[[ $p == $$ ]]; echo $?", "0\n"),
    "limit": ("ulimit -c 0", "ulimit -c", "0\n"),
    "IFS": ("IFS=:", "x=a:b; set -- $x; echo $2", "b\n"),
}


@pytest.mark.parametrize(("first", "second", "out"), STATE.values(), ids=STATE)
def test_state_lives_on(shell: FrontEnd, first: str, second: str, out: str) -> None:
    shell.execute(first, stop_on_error=False)
    assert shell.execute(second).stdout == out


@pytest.mark.parametrize(
    "setting",
    [
        "set -x",
        "set -v",
        "trap 'echo $BASH_COMMAND' DEBUG",
        "trap 'echo $BASH_COMMAND' ERR",
    ],
)
@pytest.mark.parametrize("code", ["echo a", "(exit 3)", "exit 3"])
def test_what_runs_behind_a_cell_is_not_shown(shell: FrontEnd, setting: str, code: str) -> None:
    shell.execute(setting)
    first = shell.execute(f"{setting}; {code}", stop_on_error=False)
    second = shell.execute(f"{code}", stop_on_error=False)
    assert "__mk" not in first.stdout + first.stderr + second.stdout + second.stderr


def test_set_x_shows_a_cells_commands(shell: FrontEnd) -> None:
    shell.execute("set -x")
    assert "echo a\n" in shell.execute("echo a").stderr


def test_an_err_trap_runs_once_a_failure(shell: FrontEnd) -> None:
    shell.execute("trap 'echo failed' ERR")
    assert shell.execute("false; true").stdout == "failed\n"
    assert shell.execute("false").stdout == "failed\n"


@pytest.mark.parametrize("name", ["s", "action", "signal", "kind", "other", "file", "x", "i"])
def test_a_read_only_variable_may_have_any_name(shell: FrontEnd, name: str) -> None:
    shell.execute(f"readonly {name}=1")
    result = shell.execute(f"echo ${name}")
    assert (result.status, result.stdout, result.stderr) == ("ok", "1\n", "")


# Nothing that a cell sets keeps the next ones from running

SETTINGS = [
    "PS1='> '", "PS1='$(echo noise)'", "unset PS1", "readonly PS1", "PS0='noise'", "PS2=noise",
    "PS4='noise '", "PROMPT_COMMAND=true", "PROMPT_COMMAND=(true true)", "unset PROMPT_COMMAND",
    "readonly PROMPT_COMMAND", "PROMPT_COMMAND='PS1=x'", "unset PROMPT_COMMAND; trap : CHLD",
    "set -x", "set -v", "set -f", "set -u", "set -e", "set -C", "set -k", "set -a", "set -b",
    "set +m", "set -o posix", "set -T", "set -E", "set -H", "set -o history", "set -P", "set -o vi",
    "set -euo pipefail", "IFS=", "IFS=0123456789abcdef", "readonly IFS=:", "unset IFS",
    "LC_ALL=C", "PATH=", "unset HOME", "unset TERM", "unset BASH", "TIMEFORMAT=noise", "LANG=xx",
    "stty -echo", "stty raw", "stty -icanon", "stty -isig", "stty ocrnl", "stty rows 1 cols 1",
    "umask 777", "ulimit -n 70", "ulimit -f 1",
    "shopt -s failglob", "shopt -s nullglob", "shopt -s extdebug", "shopt -s lastpipe",
    "shopt -s xpg_echo", "shopt -u extglob", "shopt -u sourcepath", "shopt -u expand_aliases",
    "shopt -s nocasematch", "shopt -s compat44", "shopt -s inherit_errexit",
    "trap - EXIT", "trap '' EXIT", "trap - ERR", "trap '' INT", "trap - DEBUG", "trap : DEBUG",
    "trap : RETURN", "trap '' HUP TERM", "trap 'false' ERR", "trap : CHLD",
    "exec 3> file", "exec 2> file", "exec < /dev/null", "exec 0<&-", "exec 2>&-",
    "enable -n printf", "enable -n local",
    "alias printf=false local=false builtin=false", "alias .=false", "unalias -a",
    "set -- -e -u", "cd / && cd -", "mkdir gone && cd gone && rmdir ../gone",
    "hash -r", "disown -a", "reset", "tput smcup", "clear",
    "for fd in {3..255}; do eval \"exec $fd>&-\"; done",
]  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_next_cells_run_after(shell: FrontEnd, setting: str) -> None:
    shell.execute(setting, stop_on_error=False)
    assert shell.execute("echo next").stdout.endswith("next\n")
    failing = shell.execute("echo more; (exit 3)", stop_on_error=False)
    assert (failing.ename, failing.evalue[0]) == ("ExitStatus", "3")
    assert shell.execute("echo last").stdout.endswith("last\n")


@pytest.mark.parametrize(
    "setting",
    [
        *("unset PROMPT_COMMAND PS1", "readonly PROMPT_COMMAND PS1", "readonly PS0= PS2="),
        *("readonly PROMPT_COMMAND=:", "readonly PS1="),
    ],
)
def test_no_prompt_of_the_users_own_hides_where_a_cell_ends(shell: FrontEnd, setting: str) -> None:
    set_ = shell.execute(f"{setting}; echo set")
    assert (set_.status, set_.stdout, set_.stderr) == ("ok", "set\n", "")
    assert shell.execute("echo next").stdout == "next\n"


@pytest.mark.parametrize("time", range(4))
def test_an_interrupt_while_the_prompt_is_set_does_no_harm(shell: FrontEnd, time: int) -> None:
    shell.execute(
        "set -T; kept=1 n=0\n"
        "trap '[[ $BASH_COMMAND != PROMPT_COMMAND=* ]] || "
        f"((n++ != {time})) || kill -INT $$' DEBUG"
    )
    shell.request("complete", code="ec", cursor_pos=2)
    assert shell.execute("trap - DEBUG; echo next $kept").stdout == "next 1\n"


@pytest.mark.parametrize("time", [0, 1])
def test_a_shell_whose_reads_end_at_once_lives_on(shell: FrontEnd, time: int) -> None:
    shell.execute("kept=1; trap 'echo bye' EXIT")
    cell = shell.send(f"stty -icanon min 0 time {time}")
    shell.until_text(cell, "exit\n")  # as Bash says when it meets end-of-file
    shell.result(cell)
    result = shell.execute("echo next $kept; stty -a | grep -ow -e '-*icanon'; exit 3")
    assert (result.stdout, result.stderr) == ("next 1\nicanon\nbye\n", "")


@pytest.mark.parametrize(
    "name",
    [
        *("printf", "echo", "cd", "source", ".", "trap", "read", "local", "return"),
        *("unset", "exec", "eval", "set", "command", "declare", "shopt", "compgen", "alias"),
        *("complete", "umask", "exit", "test", "[", "true", "false", ":", "shift", "export"),
    ],
)
def test_the_next_cells_run_after_a_function_of_that_name(shell: FrontEnd, name: str) -> None:
    shell.execute(f"{name}() {{ touch called; }}")
    ran = shell.execute("x=$((6 * 7)); /bin/echo $x; /bin/ls")
    assert (ran.status, ran.stdout) == ("ok", "42\n")


def test_output_may_be_redirected_from_cell_to_cell(shell: FrontEnd) -> None:
    shell.execute("exec > file")
    assert shell.execute("echo hidden").stdout == ""
    assert shell.execute("exec > /dev/tty; cat file").stdout == "hidden\n"


def test_both_streams_may_be_redirected_and_a_failure_is_still_told(shell: FrontEnd) -> None:
    shell.execute("exec > file 2>&1")
    assert shell.execute("echo a; nonsense_").ename == "ExitStatus"


def test_a_typed_line_that_lost_its_beginning_leaves_nothing_open(tmp_path: Path) -> None:
    folder = tmp_path / "a $b {i} [c];&"
    folder.mkdir()
    delivery = ByFile(Path("bash"))
    delivery.folder = f"{folder}/"
    line = delivery.typed("In[7]", b"echo ran").replace("{i}", "1")
    for lost in range(len(line)):
        ran = subprocess.run(["bash", "-c", f"__mk_i=0\n{line[lost:]}"], capture_output=True)
        assert b"unexpected EOF" not in ran.stderr
        assert lost or ran.stdout == b"ran\n"


# Between cells


def test_a_background_jobs_output_goes_to_the_last_cell(shell: FrontEnd, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    cell = shell.send("{ read < gate; echo late; echo late too >&2; } & disown")
    shell.result(cell)
    (tmp_path / "gate").write_text("\n")
    shell.until_text(cell, "late\n")
    shell.until_text(cell, "late too\n")


def test_a_background_jobs_output_goes_to_the_cell_that_runs(
    shell: FrontEnd, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "gate")
    shell.execute("{ read < gate; echo late; } & p=$!")
    assert shell.execute("echo > gate; wait $p").stdout == "late\n"


def test_a_background_jobs_output_does_not_come_twice(shell: FrontEnd, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    cell = shell.send("{ read < gate; echo late; } & disown")
    shell.result(cell)
    (tmp_path / "gate").write_text("\n")
    shell.until_text(cell, "late\n")
    assert shell.execute("echo next").stdout == "next\n"


def test_silent_cells_change_state_and_write_nothing(shell: FrontEnd) -> None:
    streams: list[Message] = shell.execute("x=7; echo a", silent=True).of_type("stream")
    assert (streams, shell.execute("echo $x").stdout) == ([], "7\n")


# Start


def test_the_users_bashrc_is_read(start_home: Path, bash: FrontEnd) -> None:
    assert bash.execute("echo $from_bashrc").stdout == "yes\n"


@pytest.fixture
def start_home(_own_home: None) -> Path:
    home = Path(os.environ["HOME"])
    (home / ".bashrc").write_text(
        "from_bashrc=yes\nPS1='custom> '\nPROMPT_COMMAND='echo noise'\necho welcome\n"
        "HISTFILE=~/.kept\nset -o vi\nshopt -s histappend\nstty -ixon\n"
    )
    return home


def test_what_the_bashrc_writes_is_in_no_cell(start_home: Path, bash: FrontEnd) -> None:
    result = bash.execute("echo a")
    assert (result.stdout, result.stderr) == ("a\n", "")


def test_cells_are_not_put_into_the_users_own_history(start_home: Path, bash: FrontEnd) -> None:
    bash.execute("echo secret")
    bash.control("shutdown", restart=False)
    assert not any((start_home / name).exists() for name in (".kept", ".bash_history"))
