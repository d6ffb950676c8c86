"""What Octave has beyond the contract."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch, results, traceback
from toolchains import needs


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    needs("octave-cli", "octave")
    argv = [sys.executable, "-m", "mykernel", "kernel", "octave", "--no-startup-files"]
    front_end = launch([*argv, "-f", "{connection_file}"], tmp_path_factory.mktemp("octave"))
    yield front_end
    front_end.close()


@pytest.fixture
def octave(shared: FrontEnd) -> FrontEnd:
    """A kernel that the module's tests share, without the variables and figures of the others."""
    shared.execute("close all; clear all; format", store_history=False)
    return shared


@pytest.mark.parametrize(
    ("code", "stdout", "shown"),
    [
        ("42", "", ["ans = 42"]),
        ("x = 5  % five", "", ["x = 5"]),
        ("x = 5; x'", "", ["ans = 5"]),
        ("x = 5;", "", []),
        ("1\n2", "ans = 1\n", ["ans = 2"]),
        ("a = 1, disp(2)", "a = 1\n2\n", []),
        ("[a, b] = deal(1, 2)", "", ["a = 1\nb = 2"]),
        ("c = {1, 2}; c{:}", "", ["ans = 1\nans = 2"]),
        ("if true, 3, end", "ans = 3\n", []),
        ("y = ['a;b' ... c\n 'd']", "", ["y = a;bd"]),
        ("function f(x), x, end\nf(4); 5", "x = 4\n", ["ans = 5"]),
        ("x = 1;\r\nx + 1\r\n", "", ["ans = 2"]),
        ("evalc('7')", "ans = ans = 7\n\n", []),
        ("% nothing\n#{\n8\n#}", "", []),
        ("disp(1)", "1\n", []),
    ],
)
def test_what_the_last_statement_displays_is_the_result(octave, code, stdout, shown):
    result = octave.execute(code)
    assert (results(result), result.stdout, result.stderr) == (shown, stdout, "")


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "line"),
    [
        ("x = 1;\nnosuch + x", "Octave:undefined-function", "'nosuch' undefined", 2),
        ("disp(1)\n\nx = = 2", "ParseError", "syntax error", 3),
        ("try, error('a'), end\nerror('b')", "error", "b", 2),
        ("f = @(x) x(3);\n\nf(1)", "Octave:index-out-of-bounds", "x(3): out of bound", 1),
    ],
)
def test_an_error_has_its_identifier_and_its_line(octave, code, ename, evalue, line):
    result = octave.execute(code)
    assert (result.ename, result.stdout) == (ename, "")
    assert result.evalue.startswith(evalue)
    assert f", line {line}\x1b" in traceback(result)


def test_an_error_shows_the_calls_of_the_cell_alone(octave):
    functions = "function g(x)\n  error('My:id', 'boom %d', x);\nend\nfunction f()\n  g(3);\nend\n"
    code = f"{functions}printf('out'); f()"
    result = octave.execute(code)
    assert (result.stdout, result.ename, result.evalue) == ("out", "My:id", "boom 3")
    calls = [line.strip().rpartition(",")[0] for line in traceback(result).split("\n")[-3:]]
    assert [call.partition(" at ")[0] for call in calls] == ["g", "f", calls[2]]
    assert calls[2].endswith(", line 7")


def test_a_warning_names_no_call_of_ours(octave):
    result = octave.execute("warning('careful')")
    assert result.stderr.startswith("warning: careful\n")
    assert "__my" not in result.stderr
    assert "__mk" not in result.stderr


def test_interrupts_keep_the_state_and_run_the_cleanup(octave):
    octave.execute("x = 41;")
    for code in ("pause(600)", "while true, end", "a = rand(2000); while true, a * a; end"):
        cell = octave.send(
            f"unwind_protect, disp('ready'), {code}, unwind_protect_cleanup, disp('off'), end"
        )
        octave.until_text(cell, "ready")
        octave.interrupt()
        result = octave.result(cell)
        assert (result.ename, result.stdout) == ("KeyboardInterrupt", "ready\noff\n")
    assert results(octave.execute("x + 1")) == ["ans = 42"]


def pictures(result):
    found = [one["data"]["image/png"] for one in result.of_type("display_data")]
    assert all(base64.b64decode(one).startswith(b"\x89PNG") for one in found)
    return len(found)


def test_figures_are_shown_when_they_have_changed(octave):
    needs("gnuplot", "gnuplot-nox")
    result = octave.execute("plot(1:3); figure; bar(1:3);")
    assert (pictures(result), result.stdout, result.stderr) == (2, "", "")
    assert pictures(octave.execute("x = 1;")) == 0
    assert pictures(octave.execute("figure(1); xlabel('seconds');")) == 1
    drawn = octave.execute("title('t'); drawnow; pause(0.01); error('late')")
    assert (pictures(drawn), drawn.stdout, drawn.evalue) == (1, "", "late")
    assert pictures(octave.execute("close all; plot(1); close")) == 0


def test_input_is_asked_for_line_by_line(octave):
    loop = "while true, s = input('more? ', 's'); if isempty(s), break, end, disp(s), end"
    code = f"{loop}\nn = input('n? ')"
    result, asked = octave.converse(code, ["a b", "", "3 * 4"])
    assert [one["prompt"] for one in asked] == ["more? ", "more? ", "n? "]
    assert (result.stdout, results(result)) == ("a b\n", ["n = 12"])


def test_keyboard_and_pause_ask(octave):
    result, asked = octave.converse("x = 1;\nkeyboard\nx\npause", ["x = 7;", "dbcont", ""])
    assert [one["prompt"] for one in asked] == ["keyboard> "] * 2 + ["Press Enter to go on "]
    assert result.stdout == "x = 7\n"


def test_the_end_of_input_costs_no_state(octave):
    octave.execute("x = 41;")
    for code in ("input('x? ')", "keyboard", "pause"):
        assert octave.execute(code).ename == "StdinNotImplementedError"
    result = octave.execute("x + 1")
    assert (results(result), result.stderr) == (["ans = 42"], "")


@pytest.mark.parametrize(
    "code",
    [
        "clear all",
        "clear -all functions",
        "restoredefaultpath;",
        "PS1('octave> ')",
        "more on",
        "function fputs(varargin), end\nfunction fflush(varargin), end",
        "function disp(varargin), end",
    ],
)
def test_what_a_cell_does_to_octave_ends_with_it(octave, code):
    assert octave.execute(code).status == "ok"
    result = octave.execute("6 * 7")
    assert (results(result), result.stdout, result.stderr) == (["ans = 42"], "", "")


def test_no_warning_is_ours(octave):
    octave.execute("state = warning(); warning('on', 'all')")
    octave.request("is_complete", code="if [1, 'a'")
    told = octave.execute("x = {1, [2, 3], 'a'};\nerror('late')").stderr
    octave.execute("warning(state)")
    assert "__mk" not in told


def test_octave_is_told_of_no_other_cell_than_the_one_that_runs(octave):
    for code in ("1;", "error('no')", "sum(strncmp({autoload().function}, 'In[', 3))"):
        result = octave.execute(code)
    assert results(result) == ["ans = 1"]


def test_long_things(octave):
    lines = "\n".join(f"x{n} = {n};" for n in range(10_000))
    assert results(octave.execute(f"{lines}\nx0 + x9999")) == ["ans = 9999"]
    assert results(octave.execute(f"numel('{'a' * 100_000}')")) == ["ans = 100000"]
    result = octave.execute("for i = 1:20000, printf('%d\\n', i); end")
    assert result.stdout == "".join(f"{n}\n" for n in range(1, 20_001))


def test_endless_recursion_is_an_error(octave):
    result = octave.execute("function f(n)\n  f(n + 1);\nend\nf(1)")
    assert "max_recursion_depth" in result.evalue
    assert "In[" in traceback(result)


def test_redefinition(octave):
    octave.execute("function r = f(), r = 1; end\nfunction r = g(), r = f(); end")
    assert results(octave.execute("function r = f(), r = 2; end\ng()")) == ["ans = 2"]


def test_tab_and_shift_tab_run_nothing(octave, tmp_path: Path):
    touch = f"fclose(fopen('{tmp_path}/ran', 'w'));"
    octave.execute(f"function trap(varargin), {touch} end\ns.alpha.beta = @trap;")
    for code in (
        "trap",
        "trap(1)",
        "s.alpha.beta",
        "s.alpha.be",
        f"{touch}",
        f"if 1, {touch}\nend",
        "end\ntrap()",
    ):
        for end in range(1, len(code) + 1):
            octave.request("complete", code=code, cursor_pos=end)
            octave.request("inspect", code=code, cursor_pos=end, detail_level=1)
        octave.request("is_complete", code=code)
    assert not (tmp_path / "ran").exists()


def test_a_question_leaves_ans_alone(octave):
    octave.execute("41; a.b = 1;")
    for code in ("a", "a.b", "strtri"):
        octave.request("complete", code=code, cursor_pos=len(code))
        octave.request("inspect", code=code, cursor_pos=1, detail_level=1)
    assert results(octave.execute("ans + 1")) == ["ans = 42"]


def test_fields_are_completed(octave):
    octave.execute("s.alpha.beta = 1;")
    for code, match in (("s.al", "s.alpha"), ("s.alpha.", "s.alpha.beta")):
        found = octave.request("complete", code=code, cursor_pos=len(code)).content
        assert found["matches"] == [match]


def test_inspection_shows_help_source_and_values(octave):
    octave.execute("function r = twice(n)\n  % Twice as much.\n  r = 2 * n;\nend\nx = [1 2; 3 4];")
    for code, level, texts in (
        ("twice(3)", 1, ("r = twice (n)", "Twice as much.", "r = 2 * n;")),
        ("x", 0, ("x: double, 2x2", "3   4")),
        ("strtrim", 0, ("Remove leading and trailing whitespace",)),
        ("for", 0, ("Begin a for loop",)),
    ):
        found = octave.request("inspect", code=code, cursor_pos=1, detail_level=level)
        assert all(text in found.content["data"]["text/plain"] for text in texts), code


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("x = [1 2", "incomplete"),
        ("x = 1 + ...", "incomplete"),
        ("if x\n  y = 3;", "incomplete"),
        ("function f()\n  x = 1;", "incomplete"),
        ("do\n  x++;", "incomplete"),
        ("unwind_protect\n  x", "incomplete"),
        ("#{\nblock", "incomplete"),
        ("#{\nblock\n#}\nx = 1;", "complete"),
        ("x = {1, 2}{end}", "complete"),
        ("a' * b'; x = [a' b'];", "complete"),
        ("disp('it''s (') % (", "complete"),
        ("end", "invalid"),
        ("x = )", "invalid"),
    ],
)
def test_whether_code_is_complete(octave, code, status):
    assert octave.request("is_complete", code=code).status == status


def test_the_users_start_up_file(start_kernel, monkeypatch, tmp_path: Path):
    needs("octave-cli", "octave")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".octaverc").write_text("mine = 42;")
    assert results(start_kernel("octave").execute("mine")) == ["mine = 42"]
    assert start_kernel("octave", "--no-startup-files").execute("mine").status == "error"
