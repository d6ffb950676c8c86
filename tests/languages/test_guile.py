"""What Guile has beyond the contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from frontend import results, traceback
from toolchains import needs


@pytest.fixture
def guile(start_kernel):
    needs("guile-3.0", "guile-3.0")
    return start_kernel("guile")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('(values 1 "a" \'b)', ['1\n"a"\nb']),
        ("(values)", []),
        ("1 2", ["2"]),
        ("'()", ["()"]),
        ("(define x 1)", []),
        ("(if #f #f)", []),
        ("(display 1)", []),
        ("; nothing", []),
    ],
)
def test_the_values_of_the_last_form_are_the_result(guile, code, shown):
    assert results(guile.execute(code)) == shown


@pytest.mark.parametrize(
    ("code", "ename", "line"),
    [
        ("1\n(if)", "syntax-error", 2),
        ("1\n(car 2", "read-error", 2),
        ("\n(nosuch 1)", "unbound-variable", 2),
        ("(define (f)\n  (throw 'my-key 1))\n(f)", "my-key", 2),
        # A call at the end of a procedure takes its place.
        ("(define (f)\n  (raise-exception 5))\n\n(f)", "%exception", 4),
    ],
)
def test_an_error_is_named_by_its_key(guile, code, ename, line):
    result = guile.execute(code)
    assert (result.status, result.ename) == ("error", ename)
    assert f"In[1], line {line}\x1b" in traceback(result)


def test_an_error_keeps_what_was_written_and_shows_the_cells_calls_alone(guile):
    code = '(define (f x)\n  (+ 1 (car x)))\n(define (g)\n  (+ 2 (f 3)))\n(display "out")\n(g)'
    result = guile.execute(code)
    assert (result.stdout, result.ename) == ("out", "wrong-type-arg")
    calls = [line.strip() for line in traceback(result).split("\n") if " at " in line]
    assert [call.split(":")[0] + call.split(":")[1] for call in calls] == [
        "f at In[1]2",
        "g at In[1]4",
    ]


def test_endless_recursion_is_an_error(guile):
    result = guile.execute("(define (f x) (+ 1 (f x)))\n(f 1)")
    assert (result.status, result.ename) == ("error", "stack-overflow")
    assert results(guile.execute("(+ 1 1)")) == ["2"]


def test_a_sleep_is_interrupted_each_time_with_the_state_kept(guile):
    assert results(guile.execute("(define x 41)")) == []
    for _ in range(10):
        cell = guile.send('(display "ready\\n")\n(sleep 600)')
        guile.until_text(cell, "ready")
        guile.interrupt()
        assert guile.result(cell).ename == "KeyboardInterrupt"
    assert results(guile.execute("(+ x 1)")) == ["42"]


def test_more_forms_than_guile_can_hold_compiled(guile):
    """It ends with "Too many root sets" when there are some 1,900."""
    cell = "\n".join(["(define (f x) (+ x 1))"] * 2500)
    assert results(guile.execute(f"{cell}\n(f 41)")) == ["42"]
    assert results(guile.execute("(define (f x) (+ x 2))\n(f 40)")) == ["42"]


def test_a_cell_of_10000_lines(guile):
    lines = "\n".join(f"(define x{n} {n})" for n in range(10_000))
    assert results(guile.execute(f"{lines}\n(+ x0 x9999)")) == ["9999"]


def test_big_output_comes_whole(guile):
    code = "(do ((i 0 (+ i 1))) ((= i 20000)) (display i) (newline))"
    assert guile.execute(code).stdout == "".join(f"{n}\n" for n in range(20_000))


def test_modules_and_macros_live_on(guile):
    guile.execute("(use-modules (srfi srfi-1))\n(define-syntax-rule (twice e) (begin e e))")
    assert guile.execute("(twice (display (last '(1 2))))").stdout == "22"
    guile.execute("(define-module (mine))\n(define secret 7)")
    assert results(guile.execute("(list secret (module-name (current-module)))")) == ["(7 (mine))"]


def test_redefinition(guile):
    guile.execute("(define (f) 1)\n(define (g) (f))")
    assert results(guile.execute("(define (f) 2)\n(g)")) == ["2"]


def test_each_line_of_input_is_asked_for(guile):
    code = "(use-modules (ice-9 rdelim))\n(list (read-line) (read-line))"
    result, asked = guile.converse(code, ["a b", "(c"])
    assert (results(result), len(asked)) == (['("a b" "(c")'], 2)


def test_tab_and_shift_tab_run_nothing(guile, tmp_path: Path):
    touch = f'(call-with-output-file "{tmp_path}/ran" (lambda (p) 1))'
    guile.execute(
        "(use-modules (oop goops))\n(define-class <trap> ())\n"
        f"(define-method (write (t <trap>) port) {touch})\n"
        f"(define trap (make <trap>))\n(define-syntax syn (lambda (x) {touch} #'1))\n"
        f"(define (later) {touch})\n(read-hash-extend #\\? (lambda (c p) {touch}))"
    )
    for code in ("trap", "(later)", "(syn)", "#?"):
        for end in range(1, len(code) + 1):
            guile.request("complete", code=code, cursor_pos=end)
            guile.request("inspect", code=code, cursor_pos=end, detail_level=1)
        guile.request("is_complete", code=code)
    assert not (tmp_path / "ran").exists()
    assert guile.request("complete", code="la", cursor_pos=2).content["matches"][0] == "lambda"


def test_inspection_shows_the_source(guile):
    guile.execute("1\n(define (twice n)\n  (* n 2))\n2")
    found = guile.request("inspect", code="(twice 3)", cursor_pos=3, detail_level=1)
    text = found.content["data"]["text/plain"]
    assert text.startswith("(twice n)")
    assert text.endswith("defined in In[1], line 2\n\n(define (twice n)\n  (* n 2))")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ('"abc', "incomplete"),
        ("#| a", "incomplete"),
        ("(a #;(b)", "incomplete"),
        ("'", "incomplete"),
        ("(a) ; (b", "complete"),
        ("(a]", "invalid"),
        ("#\\nosuch", "invalid"),
    ],
)
def test_whether_code_is_complete(guile, code, status):
    assert guile.request("is_complete", code=code).status == status


def test_the_users_start_up_file(start_kernel, monkeypatch, tmp_path: Path):
    needs("guile-3.0", "guile-3.0")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".guile").write_text("(define mine 42)")
    assert results(start_kernel("guile").execute("mine")) == ["42"]
    assert start_kernel("guile", "--no-startup-files").execute("mine").ename == "unbound-variable"
