"""What wants a whole terminal, or asks it something, neither hangs nor reaches the notebook."""

from __future__ import annotations

import re
from contextlib import suppress

import psutil
import pytest
from frontend import PATIENCE
from pictures import SGR, kept
from toolchains import needs

# How a program makes the terminal ready and takes what it answers; where it is not sure that there
# is an answer, at most half a second long.
ASK = r"""
modes=$(stty -g); stty raw -echo min {} time {}
printf '{}'; answer=$(dd bs=100 count=1 2>/dev/null)
stty "$modes"; printf '%q\n' "$answer"
"""


def assert_in_step(kernel) -> None:
    """The session goes on, and its terminal is as it was."""
    modes = kernel.execute("stty -a | grep -ow -e '[-]*icanon' -e '[-]*echo' -e '[-]*isig'").stdout
    assert modes.split() == ["isig", "icanon", "echo"]


def assert_plain(text: str) -> None:
    """Nothing of a control sequence is left but colours; line ends may have a "\\r"."""
    assert not re.search("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]", SGR.sub("", text))


@pytest.mark.parametrize("person", [True, False])
@pytest.mark.parametrize(
    ("program", "package", "code"),
    [
        ("vim.tiny", "vim-tiny", "vim.tiny -u NONE f"),
        ("nano", "nano", "nano f"),
        ("less", "less", "less /etc/passwd"),
        ("top", "procps", "top"),
        ("htop", "htop", "htop"),
        ("watch", "procps", "watch date"),
        ("man", "man-db", "MANPAGER=less man ls"),
        ("python3", "python3", "python3 -c 'import curses; curses.wrapper(lambda s: s.getch())'"),
    ],
)
def test_a_full_screen_program_is_ended_with_a_message(shell, program, package, code, person):
    needs(program, package)
    result, asked = (
        shell.converse(f"{code}; echo after", []) if person else (shell.execute(code), [])
    )
    assert "wants the whole screen, which a notebook does not have" in result.stderr
    assert asked == []
    assert ("after" in kept(result)) is person
    assert_plain(kept(result))
    assert_in_step(shell)


# Dies without giving the screen back.
DIES = r"""bash -c "trap '' TERM; printf '\e[?1049hdrawn'; kill -KILL \$\$" """.strip()


def test_one_that_dies_without_giving_the_screen_back_hides_nothing_that_follows(shell):
    result = shell.execute(f"{DIES}; echo after")
    assert "drawn" not in kept(result)
    assert "after\n" in kept(result)


def all_at_once(shell, code: str) -> str:
    """A cell's code, such that the kernel gets what it writes in one piece, after its end."""
    return f"kill -STOP {shell.pid}; {code}; kill -CONT {shell.pid}"


def test_one_that_has_died_before_it_is_noticed_hides_nothing_that_follows(shell):
    result = shell.execute(all_at_once(shell, f"{DIES}; echo after"))
    assert "drawn" not in kept(result)
    assert "after\n" in kept(result)


@pytest.mark.parametrize(
    "code",
    [f"f() {{ {DIES}; echo after; }}; f", r"printf '\e[?1049hafter\n'"],
    ids=["a function", "the shell itself"],
)
def test_where_nobody_tells_of_the_end_nothing_is_hidden_either(shell, code):
    """Nothing says where the text of the one begins and that of the other ends."""
    result = shell.execute(all_at_once(shell, code))
    assert "after\n" in kept(result)
    assert "wants the whole screen" in result.stderr


def test_what_runs_after_one_that_has_died_is_not_ended_in_its_place(shell):
    code = f"kill -STOP {shell.pid}; {DIES}; (kill -CONT {shell.pid}; read -r x; echo got $x)"
    result, asked = shell.converse(code, ["it"])
    assert len(asked) == 1
    assert "got it\n" in kept(result)


def test_a_pager_that_is_slower_to_end_than_its_parent_draws_in_no_other_cell(shell, tmp_path):
    (tmp_path / "pager").write_text(
        "trap 'while kill -0 $PPID; do :; done; printf \"\\e[HLEFT\\e[?1049l\"; exit' TERM\n"
        "printf '\\e[?1049h'\n"
        "while :; do :; done 2>/dev/null\n"
    )
    (tmp_path / "parent").write_text("trap exit TERM; bash pager 2>/dev/null & wait\n")
    first, second = shell.execute("bash parent"), shell.execute("echo next")
    assert "wants the whole screen" in first.stderr
    assert "LEFT" not in kept(first)
    assert kept(second) == "next\n"


def test_a_pager_that_does_not_end_is_ended_with_its_parents_cell(shell, tmp_path):
    """It would draw in some later one."""
    (tmp_path / "pager").write_text(
        "trap '' TERM; echo $$ >pid; printf '\\e[?1049h'\nwhile :; do :; done\n"
    )
    (tmp_path / "parent").write_text("trap exit TERM; bash pager & wait\n")
    assert "wants the whole screen" in shell.execute("bash parent").stderr
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int((tmp_path / "pid").read_text())).wait(PATIENCE)


def commits(shell) -> None:
    needs("git", "git")
    commit = "git -c user.name=a -c user.email=b commit -q --allow-empty -m"
    shell.execute(f"git init -q .; for i in {{1..50}}; do {commit} m$i; done")


def test_a_long_log_is_not_paged(shell):
    commits(shell)
    result = shell.execute("git log")
    assert kept(result).count("    m") == 50
    assert_plain(kept(result))


def test_a_pager_that_is_asked_for_can_be_left(shell):
    """Git has it use no alternate screen: it is a program that waits for a key."""
    commits(shell)
    needs("less", "less")
    result, asked = shell.converse("GIT_PAGER=less git log; echo after", ["q"])
    assert len(asked) == 1
    assert "after\n" in kept(result)
    assert_in_step(shell)


def test_a_pager_that_nobody_can_leave_is_ended(shell):
    """To it end-of-file is a command like others, and ^C none."""
    commits(shell)
    needs("less", "less")
    assert shell.execute("GIT_PAGER=less git log").ename == "StdinNotImplementedError"
    assert_in_step(shell)


def test_more_takes_its_keys_from_where_stderr_goes(shell):
    needs("more", "util-linux")
    result, asked = shell.converse("seq 100 | more; echo after", ["q"])
    assert [question["prompt"] for question in asked] == ["--More--"]
    assert kept(result).split() == [*map(str, range(1, 24)), "after"]
    assert_in_step(shell)


@pytest.mark.parametrize("code", ["clear", "tput clear"])
def test_clearing_the_screen_leaves_what_comes_after(shell, code):
    needs("tput", "ncurses-bin")
    result = shell.execute(f"echo before; {code}; echo after")
    assert kept(result).strip() == "after"
    assert_in_step(shell)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (r"\e[5n", r"$'\E[0n'"),
        (r"\e[6n", r"$'\E[1;1R'"),
        (r"\e[c", r"$'\E[?1;2c'"),
        (r"\e[>c", r"$'\E[>0;0;0c'"),
        # No answer, as from a terminal that does not know them.
        (r"\e]11;?\e\\", "''"),
        (r"\e]4;1;?\a", "''"),
        (r"\e[18t", "''"),
        (r"\e[>q", "''"),
        (r"\e[?2026$p", "''"),
        (r"\eP+q544e\e\\", "''"),
    ],
)
@pytest.mark.parametrize("person", [True, False])
def test_a_query_gets_its_answer_or_none(shell, query, answer, person):
    minimum, tenths = (0, 5) if answer == "''" else (1, 0)
    code = ASK.format(minimum, tenths, query)
    result, asked = shell.converse(code, []) if person else (shell.execute(code), [])
    assert asked == []
    assert kept(result) == f"{answer}\n"
    assert_in_step(shell)


@pytest.mark.parametrize("timeout", ["", "-t 60"])
@pytest.mark.parametrize("busy", ["", "for ((i = 0; i < 200000; i++)); do :; done;"])
def test_bash_gets_to_know_where_the_cursor_is(shell, timeout, busy):
    """It asks before it makes the terminal ready for the answer, however long that takes."""
    ask = rf"printf '\e[6n'; {busy} IFS='[;' read -rs -d R {timeout} _ y x"
    result = shell.execute(f"{ask}; echo $y:$x")
    assert result.stdout == "1:1\n"


def test_an_answer_that_nobody_takes_is_not_run(shell):
    assert kept(shell.execute(r"printf '\e[6n'; echo one")) == "one\n"
    assert kept(shell.execute("echo two")) == "two\n"


@pytest.mark.parametrize(
    "sequence",
    [
        r"\e[?2004h",
        r"\e[?1000;1002;1006h",
        r"\e]0;a title\a",
        r"\e]52;c;aGk=\a",
        r"\e]8;;file:///\e\\",
        r"\e[?25l",
        r"\e[?1h\e=",
        r"\e(0\e(B",
        r"\e[4 q",
        r"\e[>4;1m",
        r"\e[22;0;0t",
    ],
)
@pytest.mark.parametrize("stream", [1, 2])
def test_a_sequence_for_the_terminal_does_not_reach_the_notebook(shell, sequence, stream):
    assert kept(shell.execute(f"printf 'a{sequence}b\\n' >&{stream}")) == "ab\n"


def test_the_size_is_told_in_each_way(shell):
    needs("tput", "ncurses-bin")
    result = shell.execute("stty size; stty size <&2; tput cols; tput lines; echo $COLUMNS $LINES")
    assert result.stdout == "24 80\n24 80\n80\n24\n80 24\n"
