"""The same directives in languages of each kind, beside what they have of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from frontend import FrontEnd
from toolchains import needs, needs_language

from mykernel import languages

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


# A cell that defines names, and what %who says of them.
DEFINING = {
    "python-repl": ("x = 3\ndef f(): pass", "f  function\nx  int\n"),
    "r": ("x <- 3; f <- function() 1", "f  function\nx  numeric\n"),
    "ruby": ("x = 3; def f = 1", "f  method\nx  variable\n"),
    "haskell": (
        "x = 'a'\nf :: Int -> Int\nf n = n\ndata T = A",
        "T  data\nf  Int -> Int\nx  Char\n",
    ),
    "gdb": ("set $x = 3\ndefine f\nend", "$x  variable\nf   command\n"),
    "tcl": ("set x 3; proc f {} {}", "f  procedure\nx  variable\n"),
    "common-lisp": ("(defvar *x* 3) (defun f () 1)", "*x*  instance\nf    function\n"),
    "octave": ("x = 3; function f(), end", "f  function\nx  double\n"),
    "php": ("$x = 3; function f() {}", "$x  int\nf   function\n"),
    "gnuplot": ("x = 3; f(y) = y", "f  function\nx  variable\n"),
    "guile": ("(define x 3)", "x  instance\n"),
    "javascript": (
        "const x = 3; function f() {}; class A {}; var y = [1]",
        "A  class\nf  function\nx  number\ny  array\n",
    ),
}


@pytest.mark.parametrize("language", DEFINING)
def test_folder_environment_and_names(
    start_kernel: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    about = languages.language(language)
    needs_language(language)
    monkeypatch.setenv("MY_TOKEN", "hunter2")
    kernel = start_kernel(language)

    def said(directive: str) -> str:
        result = kernel.execute(about.leader + directive)
        return result.evalue or result.stdout

    code, names = DEFINING[language]
    assert said("who") == "no name has been defined\n"
    assert kernel.execute(code).status == "ok"
    assert said("who") == names

    below = tmp_path / "it's `x` $HOME \\ \" é"
    below.mkdir()
    assert said(f"cd {below}") == f"{below}\n"
    # Where the language's own process is.
    assert said("!pwd") == f"{below}\n"
    assert "No such file" in said("cd nowhere")

    assert said("env MY_TOKEN") == "MY_TOKEN=<hidden>\n"
    assert "not set" in said("env nothing")
    value = "a 'b' \"c\" $HOME `x` \\ = é"
    if "setenv" in about.answers:
        assert said(f"env mine={value}") == said("env mine") == f"mine={value}\n"
        assert said("env empty=") == said("env empty") == "empty=\n"
        assert f"mine={value}\n" in said("env")
    else:
        assert "cannot change its environment" in said(f"env mine={value}")
    assert "hunter2" not in said("env")
    # Nothing of all this was the user's.
    assert said("who") == names

    assert "started anew" in said("restart")
    assert said("!pwd") == f"{below}\n"
    assert said("who") == "no name has been defined\n"
    assert ("not set" in said("env mine")) == ("setenv" not in about.answers)


@pytest.mark.parametrize("language", ["fish", "zsh"])
def test_folder_environment_and_names_of_a_shell(
    start_kernel: Start, tmp_path: Path, language: str
) -> None:
    needs(language, language)
    shell = start_kernel(language)
    assert shell.execute("#%who").stdout == "no name has been defined\n"
    mine = {"fish": "set x 3; function f; end; ls", "zsh": "x=3; f() { :; }; ls"}
    assert shell.execute(mine[language]).status == "ok"
    assert shell.execute("#%who").stdout == "f  function\nx  variable\n"
    below = tmp_path / "it's `x` $HOME \\ \" é"
    below.mkdir()
    assert shell.execute(f"#%cd {below}\npwd").stdout == f"{below}\n" * 2
    value = "a 'b' \"c\" $HOME `x` \\ = é"
    assert shell.execute(f"#%env mine={value}\nprintenv mine").stdout == f"mine={value}\n{value}\n"
    assert shell.execute("#%env empty=\n#%env empty").stdout == "empty=\n" * 2
    assert shell.execute("#%restart\n#%!pwd\n#%env mine").stdout.endswith(
        f"{below}\nmine={value}\n"
    )


def test_what_the_language_refuses_is_not_the_kernel_s_either(
    start_kernel: Start, tmp_path: Path
) -> None:
    python = start_kernel("python-repl")
    python.execute("import os\nos.chdir = None\nos.environ = {}\nos.environb = None")
    assert "'NoneType' object is not callable" in python.execute("%cd /").evalue
    assert "has no attribute" in python.execute("%env").evalue
    python.execute("del os.environ")
    assert "has no attribute" in python.execute("%env mine=1").evalue
    shown = python.execute("%restart\n%!pwd\n%env mine")
    assert f"\n{tmp_path}\n" in shown.stdout
    assert "mine is not set" in shown.evalue


def test_lua_says_what_it_cannot_do(start_kernel: Start) -> None:
    needs("lua5.4", "lua5.4")
    lua = start_kernel("lua")
    assert lua.execute("%cd /").evalue == "Lua has no %cd"
    assert lua.execute("%help cd").evalue == "Lua has no %cd"
    assert "%cd" not in lua.execute("%help").stdout
    assert "Lua cannot change its environment" in lua.execute("%env mine=1").evalue
    assert "not set" in lua.execute("%env mine").evalue
    assert "HOME=" in lua.execute("%env").stdout
    lua.execute("x = 3; function f() end")
    assert lua.execute("%who").stdout == "f  function\nx  number\n"


def test_a_language_that_says_nothing_of_itself_has_the_rest(
    start_kernel: Start, tmp_path: Path
) -> None:
    needs("lua5.4", "lua5.4")
    text = (files("mykernel.languages.repl") / "lua.toml").read_text()
    text = re.sub(r"(?ms)^\[directives\].*?^\[", "[", text)
    (tmp_path / "mine.toml").write_text(text.replace('name = "lua"', 'name = "mine"', 1))
    mine = start_kernel(str(tmp_path / "mine.toml"))
    for name in ("cd", "env", "who"):
        assert mine.execute(f"%{name}").evalue == f"Lua has no %{name}"
    assert mine.execute("%!pwd").stdout == f"{tmp_path}\n"
    assert "Wall time" in mine.execute("%time x = 3").stdout
    assert mine.execute("!pwd").ename == "SyntaxError"


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
    shown = sql.execute("%captured kept")
    displays = [*shown.of_type("execute_result"), *shown.of_type("display_data")]
    assert "1 of 2 rows" in displays[0]["data"]["text/plain"]
    assert "%rows N" in sql.execute("%help").stdout
    assert "did you mean %connect" in sql.execute("%conect x").evalue
    matches = sql.request("complete", code="%c", cursor_pos=2).content["matches"]
    assert {"%connect", "%config", "%chart"} <= set(matches)
    result = sql.execute(f"%connect sqlite:///{tmp_path}/a.db\n%time\nselect 1 as n")
    assert result.status == "ok", result.content
    assert "connected to" in result.stdout


@pytest.mark.parametrize(
    ("language", "program", "package"),
    [("sqlite", "sqlite3", "sqlite3"), ("duckdb", "duckdb", "PyPI's duckdb-cli")],
)
def test_sql_has_a_folder_tables_and_a_limit_of_rows(
    start_kernel: Start, tmp_path: Path, language: str, program: str, package: str
) -> None:
    if language == "sqlite":
        needs(program, package)
    sql = start_kernel(language)
    assert sql.execute("create table t (a int); create view v as select 1 as n").status == "ok"
    assert sql.execute("%who").stdout == "t  table\nv  view\n"
    below = tmp_path / 'it\'s "quoted" $HOME \\ é'
    below.mkdir()
    assert sql.execute(f"%cd {below}").stdout == f"{below}\n"
    assert sql.execute("!pwd").stdout == f"{below}\n"
    assert "HOME=" in sql.execute("%env").stdout
    assert "cannot change its environment" in sql.execute("%env mine=1").evalue
    assert sql.execute("%config row_limit=2").stdout == "row_limit = 2\n"
    (shown,) = sql.execute("select 1 as n union all select 2 union all select 3").of_type(
        "execute_result"
    )
    assert "showing 2 of 3 rows" in shown["data"]["text/plain"]


@pytest.mark.parametrize(("language", "head"), [("bash", "#%!"), ("lua", "!")])
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
