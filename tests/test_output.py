"""Floods, progress and full-screen programs, from real programs to iopub."""

from __future__ import annotations

import psutil
import pytest
from toolchains import needs

REDRAWN = r"""
python3 -c '
import sys
for percent in range(0, 101, 20):
    if percent:
        sys.stdout.write("\x1b[2A")
    for name in "ab":
        sys.stdout.write(f"\r{name}: {percent}%\x1b[K\n")
    sys.stdout.flush()
'
"""


def kept(result) -> str:
    """What a notebook keeps of a cell's text."""
    parts: list[str] = []
    displays: dict[str, int] = {}
    for message in result.iopub:
        content = message["content"]
        if message["msg_type"] == "clear_output":
            parts.clear()
        elif message["msg_type"] == "stream":
            parts.append(content["text"])
        elif message["msg_type"] in ("display_data", "update_display_data"):
            text = content["data"]["text/plain"]
            display_id = content["transient"]["display_id"]
            if message["msg_type"] == "display_data":
                displays[display_id] = len(parts)
                parts.append(text)
            else:
                parts[displays[display_id]] = text
    return "".join(parts)


def test_progress_that_moves_the_cursor_is_kept_as_its_last_state(bash):
    result = bash.execute(f"echo before; {REDRAWN}")
    assert kept(result) == "before\na: 100%\nb: 100%\n"


def test_a_hundred_megabytes_arrive_whole(bash):
    result = bash.execute("seq -f '%.0f is a line of the output that is not to be lost' 1700000")
    assert result.stdout == "".join(
        f"{i} is a line of the output that is not to be lost\n" for i in range(1, 1_700_001)
    )


def test_memory_stays_flat_and_interrupt_works_while_a_program_floods(bash):
    kernel = psutil.Process(bash.pid)
    bash.execute("seq 100000")
    before = kernel.memory_info().rss
    msg_id = bash.send("yes")
    seen = 0

    def enough(message) -> bool:
        nonlocal seen
        seen += len(message["content"].get("text", ""))
        message["content"]["text"] = ""  # the test's own memory
        return seen > 200_000_000

    bash.until(msg_id, enough)
    assert kernel.memory_info().rss - before < 20_000_000
    bash.interrupt()
    assert bash.result(msg_id).content["ename"] == "KeyboardInterrupt"
    assert bash.execute("echo next").stdout == "next\n"


def test_a_person_is_spared_the_middle_of_a_flood(bash, monkeypatch):
    result = bash.execute("seq 1000000", allow_stdin=True)
    assert len(result.stdout + result.stderr) < 600_000
    (path,) = {word for word in result.stderr.split() if "mykernel-output-" in word}
    with open(path.rstrip("]")) as file:
        assert file.read() == "".join(f"{i}\n" for i in range(1, 1_000_001))


@pytest.mark.parametrize(
    ("program", "package", "code"),
    [
        ("vim", "vim-tiny", "vim -u NONE"),
        ("less", "less", "less /etc/services"),
        ("top", "procps", "top"),
    ],
)
def test_a_full_screen_program_is_ended_with_a_message(bash, program, package, code):
    if program == "vim":
        code = code.replace("vim", needs("vim.tiny", package).name)
    else:
        needs(program, package)
    result = bash.execute(f"{code}; echo after")
    assert "wants the whole screen" in result.stderr
    assert "after\n" in result.stdout
    assert "\x1b[" not in result.stdout
    assert bash.execute("stty -a | grep -o ' icanon'; echo next").stdout == " icanon\nnext\n"


def test_a_program_that_asks_where_the_cursor_is_gets_an_answer(bash):
    code = (
        "import os, sys, tty; tty.setcbreak(0); sys.stdout.write('\\x1b[6n');"
        "sys.stdout.flush(); print(os.read(0, 20))"
    )
    assert bash.execute(f'python3 -c "{code}"').stdout == "b'\\x1b[1;1R'\n"


def test_pagers_are_off(bash):
    needs("git", "git")
    bash.execute("git init -q .; git -c user.name=a -c user.email=b commit -q --allow-empty -m m")
    assert " m\n" in bash.execute("git log --oneline").stdout


def test_columns_are_those_of_the_terminal(start_kernel):
    kernel = start_kernel("bash", "--columns", "61", "--rows", "12")
    assert kernel.execute("stty size; echo $COLUMNS").stdout == "12 61\n61\n"
