"""A language's TOML file: what is wrong with one is told with its line, and who may bring one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from jupyter_core.paths import jupyter_config_dir
from toolchains import needs

from mykernel import install, languages
from mykernel.errors import ToolchainMissing
from mykernel.languages import repl
from mykernel.languages.repl.schema import BadDescription

VERSION = "toolchain.version_pattern"
# Python's own REPL, and how little it takes.
MINE = r"""
name = "mine"
display_name = "Mine"
language_id = "python"
[language_info]
name = "python"
mimetype = "text/x-python"
file_extension = ".py"
[toolchain]
programs = ["python3"]
packages = { apt = "python3" }
[start]
argv = ["{program}", "-q", "-i", "{folder}/start.py"]
environment = { TERM = "dumb", PYTHON_BASIC_REPL = "1" }
[start.files]
"start.py" = '''
import sys
try:
    import readline
    readline.parse_and_bind("set enable-bracketed-paste off")
except ImportError:
    pass
number, status = 0, "0"

def mark(kind, fields):
    return "\33]133;" + kind + ";k={nonce};" + fields + "\7"

class Prompt:
    def __str__(self):
        return mark("D", "i=%d;s=%s" % (number, status))

def run(i, path):
    global number, status
    if i <= number:
        return
    number, status = i, "interrupted"
    sys.stdout.write(mark("C", "i=%d" % i))
    sys.stdout.flush()
    exec(compile(open(path).read(), path, "exec"), globals())
    status = "0"

sys.ps1 = Prompt()
'''
[cell]
run = 'run({i}, "{path}")'
[failure]
pattern = '^(?P<ename>\w+Error): (?P<evalue>.*)'
line = '{cell}", line (\d+)'
"""

# The same with its own prompts, which are texts.
FIXED = (
    MINE.partition("[start]")[0]
    + r"""
[start]
argv = ["{program}", "-q", "-i"]
environment = { TERM = "dumb", PYTHON_BASIC_REPL = "1", PYTHON_COLORS = "0" }
[prompt]
texts = [">>> ", "... "]
run = 'print(end="\33]133;D;k={nonce};i={i};s=1\7", flush=True)'
[cell]
run = 'print(end="\33]133;C;k={nonce};i={i}\7"); exec(open("{path}").read()); \
print(end="\33]133;D;k={nonce};i={i};s=0\7", flush=True)'
[failure]
pattern = '^(?P<ename>\w+Error): (?P<evalue>.*)'
line = '"<string>", line (\d+)'
"""
).replace("\\\n", "")
# A program without a prompt, that cannot read a file.
TYPED = r"""
name = "mine"
display_name = "Mine"
language_id = "bc"
[language_info]
name = "bc"
mimetype = "text/x-bc"
file_extension = ".bc"
[toolchain]
programs = ["bc"]
packages = { apt = "bc" }
[start]
argv = ["{program}", "-q"]
environment = { TERM = "dumb", BC_LINE_LENGTH = "0" }
[prompt]
texts = [""]
run = "print \"\u0016\u001B]133;D;k={nonce};i={i};s=0\u0016\u0007\""
[cell]
run = "print \"\u0016\u001B]133;C;k={nonce};i={i}\u0016\u0007\""
[failure]
sign = '^\(standard_in\)|^Runtime error'
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "begins", "key", "reason"),
    [
        ("[cell]\nrun", "[cell]\nrum", "rum", "cell.rum", "no such key; did you mean run?"),
        ('[toolchain]\nprograms', '[toolchain]\nprogram', "program", "toolchain.program", "did"),
        ('["python3"]', '"python3"', "program", "toolchain.programs", "a list of strings"),
        ('["python3"]', "[3]", "program", "toolchain.programs", "a string is wanted, not 3"),
        ('["python3"]', "[]", "program", "toolchain.programs", "it is empty"),
        ("[cell]", "[cell]\ninterrupts_child = 1", "int", "cell.interrupts_child", "true or false"),
        ('name = "mine"', 'name = "My Own"', "name", "name", "begins with a-z"),
        ('display_name = "Mine"', "", "", "", "the key display_name is missing"),
        ('file_extension = ".py"', "file_extension = py", "file_ext", "", "Invalid value"),
        ("{i}, ", "", "run =", "cell.run", "{i} is missing"),
        ('"{path}")', '"{path}", {cell})', "run =", "cell.run", "there is no place {cell}"),
        ("packages", "version_pattern='x'\npackages", "version_p", VERSION, "group"),
        ("packages", "version_pattern='('\npackages", "version_p", VERSION, "regular"),
        ("[cell]", "[cels]", "[cels", "cels", "did you mean cell?"),
        ('"start.py"', '"a/start.py"', '"a/start', "start.files.a/start.py", "without a folder"),
        ("[cell]", "[directives]\nleader='!'\n[cell]", "leader", "directives.leader", 'or "#%"'),
        ("[cell]", "[directives]\nshell = '$'\n[cell]", "shell", "directives.shell", '"" or "!"'),
        ("[cell]", "[directives]\ncd = 'x'\n[cell]", "cd", "directives.cd", "{path} is missing"),
        ("[cell]", "[directives]\nsetenv = 'x'\n[cell]", "set", "directives.setenv", "{path} is"),
        ("[cell]", "[directives]\nwhos = 'x'\n[cell]", "whos", "directives.whos", "did you mean"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_key(
    tmp_path: Path, old: str, new: str, begins: str, key: str, reason: str
) -> None:
    assert MINE.count(old) == 1, "the sample has changed"
    text = MINE.replace(old, new)
    lines = [n for n, text in enumerate(text.split("\n"), 1) if begins and text.startswith(begins)]
    path = written(tmp_path, text)
    with pytest.raises(BadDescription) as raised:
        repl.load(path)
    line = lines[0] if lines else 0
    assert bool(lines) == bool(begins)
    assert (raised.value.line, raised.value.key) == (line, key)
    assert reason in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "begins", "key", "reason"),
    [
        ('[">>> ", "... "]', "[]", "texts", "prompt.texts", 'shows no prompt has [""]'),
        ('[">>> ", "... "]', '">>> "', "texts", "prompt.texts", "a list of strings"),
        (";i={i};s=1", "", "run", "prompt.run", "{i} is missing"),
        (";i={i};s=1", ";i={i};s={status}", "run", "prompt.run", "no place {status}; there is: {f"),
        ('line = \'"<', 'sign = "["\nline = \'"<', "sign", "failure.sign", "no regular expression"),
    ],
)  # fmt: skip
def test_a_mistake_about_fixed_prompts_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, begins: str, key: str, reason: str
) -> None:
    assert FIXED.count(old) == 1, "the sample has changed"
    text = FIXED.replace(old, new)
    lines = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith(begins)]
    with pytest.raises(BadDescription) as raised:
        repl.load(written(tmp_path, text))
    assert (raised.value.line, raised.value.key) == (lines[0], key)
    assert reason in str(raised.value)


@pytest.mark.parametrize("option", ["-q", "-S"])
def test_a_cell_comes_to_its_end_where_the_prompt_is_a_text(
    start_kernel, tmp_path: Path, option: str
) -> None:
    """With -S Python has no line editor, and the prompt is on stderr."""
    kernel = start_kernel(str(written(tmp_path, FIXED.replace('"-i"]', f'"-i", "{option}"]'))))
    assert kernel.execute("x = 41").status == "ok"
    assert kernel.execute("print(x + 1)").stdout == "42\n"
    failed = kernel.execute("print(end='half')\n1 / 0\nprint('never')")
    assert (failed.ename, failed.evalue) == ("ZeroDivisionError", "division by zero")
    assert failed.stdout == "half", "the prompt is no output"
    assert any("In[3], line 2" in one for one in failed.content["traceback"])
    cell = kernel.send("print('ready', flush=True)\nwhile True: pass")
    kernel.until_text(cell, "ready")
    kernel.interrupt()
    result = kernel.result(cell)
    assert (result.ename, result.stdout) == ("KeyboardInterrupt", "ready\n")
    assert kernel.execute("print(x + 1)").stdout == "42\n"


def test_what_looks_like_a_fixed_prompt_ends_nothing(start_kernel, tmp_path: Path) -> None:
    kernel = start_kernel(str(written(tmp_path, FIXED)))
    code = "import time\nprint(end='>>> ', flush=True)\ntime.sleep(0.5)\nprint('more')"
    assert kernel.execute(code).stdout == ">>> more\n"
    assert kernel.execute("print(end='>>> ')").stdout == ">>> "
    result, asked = kernel.converse("print(input('Name >> '))", ["Bob"])
    assert [one["prompt"] for one in asked] == ["Name >> "]
    assert result.stdout.endswith("Bob\n")
    # A question in the very words of the prompt is answered wrongly; it harms its cell alone.
    result, asked = kernel.converse("x = input('>>> ')\nprint('on')\ninput('Name? ')", ["Bob"])
    assert [one["prompt"] for one in asked] == ["Name? "]
    assert result.stdout.startswith("on\n"), "the output behind it is lost"
    assert kernel.execute("print('hello')").stdout == "hello\n"


def test_a_program_in_a_cell_may_have_the_same_prompt(start_kernel, tmp_path: Path) -> None:
    kernel = start_kernel(str(written(tmp_path, FIXED)))
    code = "subprocess.run([sys.executable, '-c', 'print(input(\">>> \"))'])"
    result, asked = kernel.converse(f"import subprocess, sys\n{code}", ["Bob"])
    assert [one["prompt"] for one in asked] == [">>> "]
    assert result.stdout.endswith("Bob\n")


def test_what_may_become_a_prompt_is_shown_while_the_cell_sleeps(
    start_kernel, tmp_path: Path
) -> None:
    kernel = start_kernel(str(written(tmp_path, FIXED)))
    cell = kernel.send("import time\nprint(end='50 % >>', flush=True)\ntime.sleep(600)")
    kernel.until_text(cell, "50 % >>")
    kernel.interrupt()
    assert kernel.result(cell).ename == "KeyboardInterrupt"


def test_a_prompt_may_hold_a_number(start_kernel, tmp_path: Path) -> None:
    numbered = """
["start".files]
"start.py" = '''
import sys
class Prompt:
    count = 0
    def __str__(self):
        self.count += 1
        return "[%d] " % self.count
sys.ps1 = Prompt()
'''
"""
    text = FIXED.replace('"-i"]', '"-i", "{folder}/start.py"]').replace('">>> "', '"[{n}] "')
    kernel = start_kernel(str(written(tmp_path, text + numbered)))
    assert kernel.execute("1 / 0").ename == "ZeroDivisionError"
    result = kernel.execute("print(end='[1] [')\n1 / 0")
    assert (result.ename, result.stdout) == ("ZeroDivisionError", "[1] [")


def test_fixed_prompts_are_found_behind_a_launcher(start_kernel, tmp_path: Path) -> None:
    """Behind it nobody is seen to read until the first mark has come."""
    kernel = start_kernel(str(written(tmp_path, FIXED)), "--launcher", "env")
    assert kernel.execute("print('hello')").stdout == "hello\n"


def test_a_cell_is_typed_line_by_line_where_there_is_no_other_way(
    start_kernel, tmp_path: Path
) -> None:
    needs("bc", "bc")
    kernel = start_kernel(str(written(tmp_path, TYPED)))
    assert kernel.execute("define f(n) {\n\tauto k\n  return n + 1\n}\n{i=6}").stdout == ""
    assert kernel.execute("f(i)\ni * 7").stdout == "7\n42\n"
    failed = kernel.execute("1\n1 / 0\n2")
    assert (failed.status, failed.stdout) == ("error", "1\n"), "what follows is not typed"
    assert failed.evalue.endswith("Divide by zero")
    assert any("In[3], line 2" in one for one in failed.content["traceback"])
    cell = kernel.send('print "ready\n"\nwhile (1) { }\nprint "never\n"')
    kernel.until_text(cell, "ready")
    kernel.interrupt()
    assert kernel.result(cell).ename == "KeyboardInterrupt"
    assert kernel.execute("i").stdout == "6\n"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadDescription, match="No such file"):
        languages.language(str(tmp_path / "none.toml"))


def test_a_language_may_be_a_file_anywhere(start_kernel, tmp_path: Path) -> None:
    path = written(tmp_path, MINE)
    kernel = start_kernel(str(path))
    assert kernel.execute("x = 6 * 7").status == "ok"
    assert kernel.execute("print(x)").stdout == "42\n"
    failed = kernel.execute("1 / 0")
    assert (failed.ename, failed.evalue) == ("ZeroDivisionError", "division by zero")
    assert 'File "In[3]", line 1' in failed.stderr
    assert any("In[3], line 1" in one for one in failed.content["traceback"])


def test_a_file_says_what_directives_do(start_kernel, tmp_path: Path) -> None:
    keys = """
    [directives]
    leader = "#%"
    cd = '__import__("os").chdir(open("{path}").read())'
    who = 'open("{folder}/answer", "w").write("x\\tint")'
    """
    kernel = start_kernel(str(written(tmp_path, MINE + dedent(keys))))
    assert kernel.execute("#%who").stdout == "x  int\n"
    assert kernel.execute("#%cd ..\n#%!pwd").stdout == f"{tmp_path.parent}\n" * 2
    assert kernel.execute("#%env").evalue == "Mine has no #%env"
    assert "SyntaxError" in kernel.execute("%who").ename


def test_a_file_in_jupyters_config_folder_is_a_language(tmp_path: Path, start_kernel) -> None:
    folder = Path(jupyter_config_dir(), "mykernel")
    folder.mkdir(parents=True)
    written(folder, MINE)
    assert "mine" in languages.installed_unasked()
    assert start_kernel("mine").execute("print('hello')").stdout == "hello\n"


def test_install_names_the_file_in_the_kernelspec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, MINE)
    monkeypatch.chdir(tmp_path)
    assert install.main(["./mine.toml", "--prefix", str(tmp_path / "there")]) == 0
    spec = tmp_path / "there/share/jupyter/kernels/mykernel-mine/kernel.json"
    argv = json.loads(spec.read_text())["argv"]
    assert argv[:5] == [sys.executable, "-m", "mykernel", "kernel", str(tmp_path / "mine.toml")]


def test_install_refuses_a_file_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, MINE.replace("[cell]", "[cels]"))
    with pytest.raises(SystemExit):
        install.main([str(path), "--prefix", str(tmp_path)])
    assert f"{path}, line 44: cels: there is no such key" in capsys.readouterr().err


def test_install_takes_what_is_shipped_as_data_only_when_it_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs("lua5.4", "lua5.4")
    assert install.main(["--prefix", str(tmp_path)]) == 0
    kernels = tmp_path / "share/jupyter/kernels"
    assert sorted(path.name for path in kernels.iterdir()) == ["mykernel-bash"]
    assert " lua" in capsys.readouterr().out
    assert install.main(["lua", "--prefix", str(tmp_path)]) == 0
    assert (kernels / "mykernel-lua/logo-svg.svg").exists()


def test_a_missing_interpreter_names_its_packages(tmp_path: Path) -> None:
    path = written(tmp_path, MINE.replace('["python3"]', '["no-such-python"]'))
    with pytest.raises(ToolchainMissing, match="apt install python3"):
        languages.language(str(path)).find_toolchain()


def test_an_interpreter_that_does_not_start_is_told_in_the_cell(start_kernel, tmp_path) -> None:
    path = written(tmp_path, MINE.replace('"-q", "-i"', '"--no-such-option"'))
    failed = start_kernel(str(path)).execute("1")
    assert failed.ename == "ReplNotStarted"
    assert "no-such-option" in failed.evalue
