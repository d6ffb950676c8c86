"""The same directives in languages of each kind, beside what they have of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from frontend import FrontEnd
from toolchains import needs

Start = Callable[..., FrontEnd]


@pytest.mark.parametrize(
    ("language", "program", "package", "code", "shown"),
    [
        ("lua", "lua5.4", "lua5.4", "x = 5\nx", "5"),
        ("python-repl", "python3", "python3", "x = 5\nx", "5"),
        ("javascript", "node", "nodejs", "x = 5\nx", "5"),
        ("sqlite", "sqlite3", "sqlite3", "\nselect 2 + 3 as n", "5"),
    ],
)
def test_time_shows_the_result_above_it(
    start_kernel: Start, language: str, program: str, package: str, code: str, shown: str
) -> None:
    needs(program, package)
    kernel = start_kernel(language)
    result = kernel.execute(f"%time\n{code}")
    assert result.status == "ok", result.content
    assert "Wall time: " in result.stdout
    displays = [*result.of_type("execute_result"), *result.of_type("display_data")]
    assert any(shown in one["data"].get("text/plain", "") for one in displays)
    assert kernel.execute("%nonsense").ename == "DirectiveError"
    assert kernel.execute(f"%restart\n{code}").status == "ok"


def test_ruby_keeps_its_percent(start_kernel: Start) -> None:
    needs("irb", "ruby")
    ruby = start_kernel("ruby")
    result = ruby.execute("%w[a b].join('-')")
    assert result.of_type("execute_result")[0]["data"]["text/plain"] == '"a-b"'
    assert "Wall time: " in ruby.execute("#%time 1 + 1").stdout


def test_sql_has_its_own_among_them(start_kernel: Start, tmp_path: Path) -> None:
    needs("sqlite3", "sqlite3")
    sql = start_kernel("sqlite")
    code = "%time\n%rows 1\n%%capture kept\nselect 1 as n union all select 2"
    result = sql.execute(code)
    assert result.status == "ok", result.content
    assert result.of_type("execute_result") + result.of_type("display_data") == []
    shown = sql.execute("%show kept")
    displays = [*shown.of_type("execute_result"), *shown.of_type("display_data")]
    assert "1 of 2 rows" in displays[0]["data"]["text/plain"]
    assert "%rows N" in sql.execute("%help").stdout
    assert "did you mean %connect" in sql.execute("%conect x").evalue
    matches = sql.request("complete", code="%c", cursor_pos=2).content["matches"]
    assert {"%connect", "%config", "%chart"} <= set(matches)
    result = sql.execute(f"%connect sqlite:///{tmp_path}/a.db\n%time\nselect 1 as n")
    assert result.status == "ok", result.content
    assert "connected to" in result.stdout


@pytest.mark.parametrize(("language", "head"), [("bash", "#%!"), ("lua", "%!")])
def test_a_shell_command(start_kernel: Start, language: str, head: str) -> None:
    kernel = start_kernel(language)
    result = kernel.execute(f"{head}echo out; echo err >&2; stty size")
    assert (result.stdout, result.stderr) == ("out\n24 80\n", "err\n"), result.content
    failed = kernel.execute(f"{head} exit 3")
    assert failed.status == "error"
    assert "exit status 3" in failed.evalue
    assert "sh: " in kernel.execute(f"{head}if").stderr
    assert kernel.execute(f"{head}").ename == "DirectiveError"
    result, asked = kernel.converse(f"{head}printf 'name: '; read x; echo \"<$x>\"", ["me"])
    assert "<me>" in result.stdout
    assert asked[0]["prompt"] == "name: "
    assert kernel.execute(f"{head}read x || echo end").ename


def test_a_shell_command_is_interrupted(start_kernel: Start) -> None:
    bash = start_kernel("bash")
    bash.execute("x=3")
    msg_id = bash.send("#%!echo begun; sleep 1000\necho not this")
    bash.until_text(msg_id, "begun")
    bash.interrupt()
    result = bash.result(msg_id)
    assert result.ename == "KeyboardInterrupt"
    assert "not this" not in result.stdout
    assert bash.execute("echo $x").stdout == "3\n"


def test_a_shell_command_runs_in_the_folder_of_the_language(
    start_kernel: Start, tmp_path: Path
) -> None:
    (tmp_path / "it's $HOME").mkdir()
    bash = start_kernel("bash")
    bash.execute("cd it*")
    assert bash.execute("#%!pwd").stdout == f"{tmp_path}/it's $HOME\n"
