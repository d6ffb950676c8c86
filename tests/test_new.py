"""`python -m mykernel new`, given real REPLs: what it finds, and that its file works as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from toolchains import needs

from mykernel import cli, install
from mykernel.languages.repl.schema import read


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


LUA = (
    "lua5.4 lua5.4 -i",
    {"texts": ("> ", ">> "), "load": 'dofile("{path}")', "sign": "", "quit": "os.exit()"},
    {
        "hello": "print('hello')",
        "set": "x = 41",
        "get": "print(x + 1)",
    },
    "print('a')\nerror('oops')",
    "print('ready') while true do end",
)
PYTHON = (
    "python3 python3 -q",
    {
        "texts": (">>> ", "... "),
        "load": 'exec(compile(open("{path}")',
        "sign": "",
        "quit": "quit()",
    },
    {
        "hello": "print('hello')",
        "set": "x = 41",
        "get": "print(x + 1)",
    },
    "print('a')\n1 / 0",
    "print('ready')\nwhile True: pass",
)
TCL = (
    "tcl tclsh",
    {"texts": ("% ",), "load": "source {{path}}", "sign": "", "quit": "exit"},
    {
        "hello": "puts hello",
        "set": "set x 41",
        "get": "puts [expr {$x + 1}]",
    },
    "puts a\nnosuch",
    "",  # ^C ends it
)
BC = (
    "bc bc -q",
    {"texts": ("",), "load": "", "sign": "Runtime", "quit": "quit"},
    {
        "hello": 'print "hello\\n"',
        "set": "x = 41",
        "get": "x + 1",
    },
    'print "a\\n"\n1 / 0',
    'print "ready\\n"\nwhile (1) { }',
)
SQLITE = (
    "sqlite3 sqlite3",
    {"texts": ("sqlite> ", "   ...> "), "load": "", "sign": "Parse", "quit": ".quit"},
    {
        "hello": "select\n'hello';",
        "set": "create table t as select 41 x;",
        "get": "select x + 1\nfrom t;",
        "line": 2,
    },
    "select 'a';\nselect nosuch;",
    "select 'ready';\nwith recursive c as (select 1 x union select x+1 from c) select * from c;",
)


@pytest.mark.parametrize(
    "case", [LUA, PYTHON, TCL, BC, SQLITE], ids=lambda case: case[0].split()[1]
)
def test_a_repl_is_found_out_and_its_cells_run(case, start_kernel, tmp_path: Path) -> None:
    command, facts, cells, wrong, endless = case
    package, program, *arguments = command.split()
    needs(program, package)
    assert cli.main(["new", "mylang", "--", program, *arguments]) == 0

    about = read(tmp_path / "mylang.toml")
    assert about.prompt is not None
    assert about.quit is not None
    assert about.prompt.texts == facts["texts"]
    assert about.quit.run == facts["quit"]
    assert facts["load"] in about.cell.run
    assert facts["sign"] in about.failure.sign
    assert bool(facts["sign"]) == bool(about.failure.sign)
    assert install.main(["./mylang.toml", "--prefix", str(tmp_path / "there")]) == 0

    kernel = start_kernel("./mylang.toml")
    assert kernel.execute(cells["hello"]).stdout.split() == ["hello"]
    assert kernel.execute(cells["set"]).status == "ok"
    assert kernel.execute(cells["get"]).stdout.split() == ["42"]
    failed = kernel.execute(wrong)
    assert (failed.status, failed.stdout.split()) == ("error", ["a"])
    if endless:
        cell = kernel.send(endless)
        kernel.until_text(cell, "ready")
        kernel.interrupt()
        assert kernel.result(cell).ename == "KeyboardInterrupt"
    assert kernel.execute(cells["get"]).stdout.split() == ["42"], "the state is kept"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["no-such-program"], "no-such-program was not found on PATH"),
        (["true"], "it ended at once (exit status 0)"),
        (["sh", "-c", "echo sorry; exit 3"], "exit status 3); is there an option for reading a"),
        (["sh", "-c", "echo sorry; exit 3"], "'sorry'"),
        (["cat"], "it shows no prompt, and none of the lines that print"),
        (["sh", "-c", "while printf 'mine> '; read -r line; do :; done"], "its prompt is 'mine> '"),
    ],
)
def test_what_is_no_repl_is_told(command, reason, tmp_path: Path, capsys) -> None:
    assert cli.main(["new", "mylang", "--", *command]) == 1
    assert reason in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_line_that_prints_can_be_told(tmp_path: Path, capsys) -> None:
    """Of a REPL that knows nothing but `utter`, and prompts with a number."""
    (tmp_path / "repl.sh").write_text(
        'n=0\nwhile n=$((n+1)); printf "[%d] " $n; read -r verb text; do\n'
        '  if [ "$verb" = utter ]; then printf "%b\\n" "$text"; fi\n'
        '  if [ "$verb" = leave ]; then exit; fi\ndone\n'
    )
    command = ["sh", "repl.sh"]
    assert cli.main(["new", "mylang", "--print", "utter {text}", "--", *command]) == 0
    about = read(tmp_path / "mylang.toml")
    assert about.prompt is not None
    assert about.prompt.texts == ("[{n}] ",)
    assert ";n=1" in about.cell.run
    text = (tmp_path / "mylang.toml").read_text()
    assert "# Not found: by what an error is known" in text
    assert "# Not found: the line that ends it" in text


def test_a_file_that_exists_is_left_alone(tmp_path: Path, capsys) -> None:
    (tmp_path / "mylang.toml").write_text("mine")
    assert cli.main(["new", "mylang", "--", "sh"]) == 1
    assert "mylang.toml exists" in capsys.readouterr().err
    assert (tmp_path / "mylang.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["mylang"], "the command that starts the REPL comes behind --"),
        (["My Lang", "--", "sh"], "a name begins with a-z"),
        (["mylang", "--print", "say it", "--", "sh"], "the line has {text}"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_told(arguments, reason, capsys) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(["new", *arguments])
    assert raised.value.code == 2
    assert reason in capsys.readouterr().err
