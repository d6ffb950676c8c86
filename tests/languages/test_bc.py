"""What bc has beyond the contract."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch
from toolchains import needs


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    needs("bc", "bc")
    argv = [sys.executable, "-m", "mykernel", "kernel", "bc", "-f", "{connection_file}"]
    front_end = launch(argv, tmp_path_factory.mktemp("bc"))
    yield front_end
    front_end.close()


@pytest.fixture
def bc(shared: FrontEnd) -> FrontEnd:
    shared.execute("x = 41")
    return shared


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1\n2", "1\n2\n"),
        ("2^300", f"{2**300}\n"),
        ("x # the end", "41\n"),
        ("# alone", ""),
        ("/* of\nlines */ 5", "5\n"),
        ('"of\nlines\n"', "of\nlines\n"),
        ('print "a\tb"', "a\tb"),
        ("define f(n) {\n  if (n < 2) return n\n  return f(n - 1) + f(n - 2)\n}\nf(15)", "610\n"),
    ],
)
def test_what_is_written_comes_as_it_is(bc, code, said) -> None:
    result = bc.execute(code)
    assert (result.status, result.stdout, result.stderr) == ("ok", said, "")


@pytest.mark.parametrize(
    ("code", "evalue", "line"),
    [
        ("1\nnosuch(1)\n3", "Function nosuch not defined.", 2),
        ("1\nx = ; x\n3", "syntax error", 2),
        ("1\n2 2\n3", "syntax error", 2),
    ],
)
def test_an_error_has_its_line_and_ends_the_cell(bc, code, evalue, line) -> None:
    result = bc.execute(code)
    assert (result.status, result.evalue, result.stdout) == ("error", evalue, "1\n")
    assert f", line {line}" in "\n".join(result.content["traceback"])
    assert bc.execute("x").stdout == "41\n"


@pytest.mark.parametrize(
    "code",
    [
        "define g(n) {\n  return 1",
        "if (1) {\nif (1) {\nx = 1",
        'x\n"open',
        "/* open",
        'if (1) { print "open',
        "while (1) {\n/*",
    ],
)
def test_what_is_left_open_is_an_error_and_not_run(bc, code) -> None:
    result = bc.execute(code)
    assert result.status == "error"
    assert "k=" not in result.stdout + result.stderr, "what was typed to end it is seen"
    assert bc.execute("x").stdout == "41\n"


def test_read_asks(bc) -> None:
    result, asked = bc.converse("y = read()\ny + 1", ["41"])
    assert (result.status, len(asked)) == ("ok", 1)
    assert result.stdout.endswith("42\n")


def test_read_ends_where_nobody_is_asked(bc) -> None:
    assert bc.execute("y = read()").ename == "StdinNotImplementedError"
    assert bc.execute("x").stdout == "41\n"


def test_read_can_be_interrupted(bc) -> None:
    result, _ = bc.converse("y = read()", [None])
    assert result.ename == "KeyboardInterrupt"
    assert bc.execute("x").stdout == "41\n"
    result, asked = bc.converse("read() + 1", ["41"])
    assert (result.status, len(asked)) == ("ok", 1)
    assert result.stdout.endswith("42\n")


@pytest.mark.parametrize("own", [True, False])
def test_arguments_of_ones_own_can_be_left_out(
    start_kernel, tmp_path: Path, monkeypatch, own
) -> None:
    needs("bc", "bc")
    (tmp_path / "mine.bc").write_text("mine = 1\n")
    monkeypatch.setenv("BC_ENV_ARGS", str(tmp_path / "mine.bc"))
    kernel = start_kernel("bc", *([] if own else ["--no-startup-files"]))
    assert kernel.execute("mine").stdout == f"{own:d}\n"
