"""What Maxima has beyond the contract."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch
from toolchains import needs


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    needs("maxima", "maxima maxima-share")
    argv = [sys.executable, "-m", "mykernel", "kernel", "maxima", "-f", "{connection_file}"]
    front_end = launch(argv, tmp_path_factory.mktemp("maxima"))
    yield front_end
    front_end.close()


@pytest.fixture
def maxima(shared: FrontEnd) -> FrontEnd:
    """One whose x is 41, and all else as at the start."""
    assert shared.execute("kill(all)$ x: 41$").status == "ok"
    return shared


def results(result):
    assert result.status == "ok", result.content
    return [one["data"] for one in result.of_type("execute_result")]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("1 + 1", "2"),
        ("x + 1;", "42"),
        ("x; /* the end */", "41"),
        ("a: 1$ a + 1", "2"),
        ('"ä 漢字"', "ä 漢字"),
        ("f(n) := if n < 2\n  then n\n  else f(n - 1) + f(n - 2)$\nf(15)", "610"),
        ("%pi", "%pi"),
        ("for i: 1 thru 2 do i", "done"),
    ],
)
def test_the_last_value_is_the_result(maxima, code, text):
    result = maxima.execute(code)
    assert [one["text/plain"] for one in results(result)] == [text]
    assert (result.stdout, result.stderr) == ("", "")


@pytest.mark.parametrize("code", ["x$", "/* nothing */", "f(n) := n$"])
def test_what_is_not_displayed_is_no_result(maxima, code):
    assert results(maxima.execute(code)) == []


def test_a_result_is_latex_too(maxima):
    (shown,) = results(maxima.execute("expand((a + b)^2)"))
    assert shown["text/latex"] == "$$b^2+2\\,a\\,b+a^2$$"
    assert shown["text/plain"] == " 2            2\nb  + 2 a b + a"


def test_values_before_the_last_are_printed_with_their_labels(maxima):
    result = maxima.execute("6 * 7;\n8$\n9;")
    assert [one["text/plain"] for one in results(result)] == ["9"]
    label, value = result.stdout.split()
    assert value == "42"
    (shown,) = results(maxima.execute(label.strip("()")))
    assert shown["text/plain"] == "42"


@pytest.mark.parametrize(
    ("code", "evalue", "line"),
    [
        ("print(1)$\n1/0$\nprint(2)$", "expt: undefined: 0 to a negative exponent.", 2),
        ("print(1)$\n1 2;\nprint(2)$", "incorrect syntax: 2 is not an infix operator", 2),
        ('print(1)$\n/* of\nlines */ error("no", x)$\nprint(2)$', "no 41", 3),
        ("print(1)$\nthrow(x)$", "throw: not within 'catch'; expression: 41", 2),
        ("print(1)$\ng(n) := 1 + g(n + 1)$\ng(1)$", "", 3),
    ],
)
def test_an_error_has_its_line_and_ends_the_cell(maxima, code, evalue, line):
    result = maxima.execute(code)
    assert (result.status, result.stdout) == ("error", "1 \n")
    assert result.evalue.startswith(evalue)
    shown = "\n".join(result.content["traceback"])
    assert f", line {line}" in shown
    assert "mykernel-" not in shown
    assert results(maxima.execute("x"))[0]["text/plain"] == "41"


def test_an_error_leaves_local_names_as_they_were(maxima):
    assert maxima.execute("block([x: 5], 1/0)").status == "error"
    assert results(maxima.execute("x"))[0]["text/plain"] == "41"


def test_lisp_is_run(maxima):
    assert maxima.execute(':lisp (format t "hello~%")').stdout.startswith("hello\n")


def test_read_and_questions_of_maxima_ask(maxima):
    result, asked = maxima.converse("y: read()$ print(y + 1)$", ["41;"])
    assert len(asked) == 1
    assert result.stdout.endswith("42 \n")
    result, asked = maxima.converse("integrate(exp(-c * t), t, 0, inf)", ["pos;"])
    assert len(asked) == 1
    assert results(result)[0]["text/latex"] == "$${{1}\\over{c}}$$"


def test_tab_and_shift_tab_evaluate_nothing(maxima, tmp_path: Path):
    there = tmp_path / "there"
    maxima.execute(f'my_danger() := (system("touch {there}"), 1)$')
    found = maxima.request("complete", code="my_danger().my_da", cursor_pos=17).content
    assert found["matches"] == ["my_danger"]
    shown = maxima.request("inspect", code="my_danger()", cursor_pos=3, detail_level=1).content
    assert "my_danger():=" in shown["data"]["text/plain"]
    maxima.request("is_complete", code="my_danger()")
    assert not there.exists()


def test_directives_reach_maxima(maxima, tmp_path: Path):
    maxima.execute("f(n) := n$")
    assert maxima.execute("#%who").stdout.split() == ["f", "function", "x"]
    assert maxima.execute(f"#%cd {tmp_path}").status == "ok"
    assert maxima.execute('system("pwd")$').stdout.strip() == str(tmp_path)
    assert maxima.execute(f"#%cd {tmp_path}/none").status == "error"
    assert "HOME=" in maxima.execute("#%env").stdout


@pytest.mark.parametrize("own", [True, False])
def test_start_up_files_can_be_left_out(start_kernel, tmp_path, monkeypatch, own):
    needs("maxima", "maxima maxima-share")
    (tmp_path / ".maxima").mkdir()
    (tmp_path / ".maxima/maxima-init.mac").write_text("mine: 7$\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    kernel = start_kernel("maxima", *([] if own else ["--no-startup-files"]))
    (shown,) = results(kernel.execute("mine"))
    assert shown["text/plain"] == ("7" if own else "mine")
