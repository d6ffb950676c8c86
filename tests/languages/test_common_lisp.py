"""What Common Lisp has beyond the contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from frontend import results, traceback
from toolchains import needs


@pytest.fixture(scope="module")
def _kernel(share_kernel):
    needs("sbcl", "sbcl")
    return share_kernel("common-lisp")


@pytest.fixture
def lisp(_kernel):
    """A kernel that the module's tests share."""
    yield _kernel
    assert results(_kernel.execute("(list 'in 'step)")) == ["(IN STEP)"]


@pytest.fixture
def own(start_kernel):
    """A kernel of the test's own, which it may ruin."""
    needs("sbcl", "sbcl")
    return start_kernel("common-lisp")


def cell(result):
    """The cell's name in messages."""
    return f"In[{result.content['execution_count']}]"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('(values 1 "a" \'b)', ['1\n"a"\nB']),
        ("(values)", []),
        ("1 2", ["2"]),
        ("(evenp 3)", ["NIL"]),
        ("; nothing", []),
    ],
)
def test_the_values_of_the_last_form_are_the_result(lisp, code, shown):
    assert results(lisp.execute(code)) == shown


def test_the_variables_of_the_prompt_are_the_users(lisp):
    lisp.execute("(+ 1 2)")
    lisp.execute("(values 5 6)")
    assert "HOME=" in lisp.execute("#%env").stdout
    assert results(lisp.execute("(list * ** / +)")) == ["(5 3 (5 6) (VALUES 5 6))"]


@pytest.mark.parametrize(
    ("code", "ename", "line"),
    [
        ("1\n(print 1))", "simple-reader-error", 2),
        ("1\n\n(car 2\n\n3", "end-of-file", 3),
        ("\n; why\nnosuch", "unbound-variable", 3),
        ("1\n(nosuch:name)", "simple-reader-package-error", 2),
        ("\n(error 'division-by-zero)", "division-by-zero", 2),
        (
            "(define-condition mine (error) ())\n(defun f ()\n  (list (error 'mine)))\n(f)",
            "mine",
            3,
        ),
        ("1\n(break)", "simple-condition", 2),
    ],
)
def test_an_error_is_named_by_its_condition(lisp, code, ename, line):
    result = lisp.execute(code)
    assert (result.status, result.ename) == ("error", ename)
    assert f"{cell(result)}, line {line}\x1b" in traceback(result)


def test_an_error_keeps_what_was_written_and_shows_the_users_calls_alone(lisp):
    code = '(defun f (x)\n  (+ 1 (car x)))\n(defun g ()\n  (+ 2 (f 3)))\n(format t "out")\n(1+ (g))'
    result = lisp.execute(code)
    assert (result.stdout, result.ename) == ("out", "type-error")
    calls = [line.strip() for line in traceback(result).split("\n") if " at " in line]
    assert calls == [f"f at {cell(result)}:2", f"g at {cell(result)}:4"]


def test_a_call_into_an_earlier_cell_names_both(lisp):
    first = lisp.execute("\n(defun f (x)\n  (+ 1 (car x)))")
    second = lisp.execute("1\n(1+ (f 3))")
    assert f"f at {cell(first)}:3" in traceback(second)
    assert f"{cell(second)}, line 2\x1b" in traceback(second)


def test_the_compiler_warns_with_lines(lisp):
    result = lisp.execute("(defun f (x)\n  (later 2)\n  (car 3))\n(defun later (x) x)")
    name = cell(result)
    assert result.stderr.startswith(f"{name}:1: style-warning: The variable X is defined but never")
    assert f"{name}:3: warning: Constant 3 conflicts with its asserted type LIST." in result.stderr
    assert "undefined" not in result.stderr


def test_what_the_compiler_calls_an_error_has_its_line(lisp):
    result = lisp.execute("(defun f ()\n  (go x))")
    assert result.stderr == f"{cell(result)}:2: error: attempt to GO to nonexistent tag: X\n"


def test_what_is_undefined_is_told_once(lisp):
    result = lisp.execute("(defun f ()\n  (nosuch))")
    told = "style-warning: undefined function: COMMON-LISP-USER::NOSUCH\n"
    assert result.stderr == f"{cell(result)}:2: {told}"


def test_warnings_about_other_files_do_not_name_the_cell(lisp, tmp_path):
    (tmp_path / "mine.lisp").write_text("(defun mine (x) 1)")
    result = lisp.execute(f'(load (compile-file "{tmp_path}/mine.lisp"))')
    assert "; file: " in result.stderr
    assert cell(result) not in result.stderr


def test_warnings_of_the_users_own(lisp):
    assert lisp.execute('(warn "care")').stderr == "WARNING: care\n"
    assert results(lisp.execute('(handler-case (warn "care") (warning () 5))')) == ["5"]


def test_endless_recursion_is_an_error(lisp):
    result = lisp.execute("(defun f (x) (+ 1 (f x)))\n(f 1)")
    assert (result.status, "exhausted" in result.ename) == ("error", True)
    assert results(lisp.execute("(+ 1 1)")) == ["2"]


def test_an_error_in_a_thread_ends_the_thread_alone(lisp):
    thread = '(sb-thread:make-thread (lambda () (error "far")))'
    code = f"(values (sb-thread:join-thread {thread} :default 7))"
    result = lisp.execute(code)
    assert (results(result), result.stderr) == (["7"], "simple-error in a thread: far\n")


def test_an_interrupt_is_no_error_that_code_takes_for_its_own(lisp):
    lisp.execute("(defvar *cleaned* 0)")
    ready = '(progn (format t "ready~%") (sleep 600))'
    for _ in range(10):
        sent = lisp.send(f"(ignore-errors (unwind-protect {ready} (incf *cleaned*)))")
        lisp.until_text(sent, "ready")
        lisp.interrupt()
        result = lisp.result(sent)
        assert (result.ename, result.stdout) == ("KeyboardInterrupt", "ready\n")
    assert results(lisp.execute("*cleaned*")) == ["10"]


def test_an_interrupt_does_not_write_text_twice(lisp):
    for _ in range(50):
        sent = lisp.send('(format t "ready~%")\n(loop)')
        lisp.until_text(sent, "ready")
        lisp.interrupt()
        assert lisp.result(sent).stdout == "ready\n"


def test_a_package_of_the_users_own_stays(own):
    code = "(defpackage :mine (:use :cl))\n(in-package :mine)\n(defun f () 3)\n'x"
    assert results(own.execute(code)) == ["X"]
    assert results(own.execute("(list (f) 'x (package-name *package*))")) == ['(3 X "MINE")']
    own.execute("(setf *read-base* 16)")
    assert results(own.execute("(+ 10 0)")) == ["16"]


def test_redefinition(lisp):
    lisp.execute("(defun f () 1)\n(defun g () (f))")
    result = lisp.execute("(defun f () 2)\n(g)")
    assert (results(result), result.stderr) == (["2"], "")


def test_a_structure_may_be_changed_where_one_says_so(lisp):
    lisp.execute("(defstruct changed x)")
    assert "incompatibly" in lisp.execute("(defstruct changed x y)").evalue
    lisp.execute("(handler-bind ((error #'continue)) (defstruct changed x y))")
    assert results(lisp.execute("(changed-y (make-changed :y 3))")) == ["3"]


def test_what_is_declaimed_holds_for_the_cells_behind(own):
    own.execute("(declaim (optimize (debug 3)) (sb-ext:muffle-conditions style-warning))")
    quality = "(sb-c::policy-quality sb-c::*policy* 'debug)"
    result = own.execute(f"(let ((unused 1)) {quality})")
    assert (results(result), result.stderr) == (["3"], "")


def test_a_form_that_is_left_by_a_restart_is_an_error(lisp):
    result = lisp.execute("(print 1)\n(abort)\n(print 2)")
    assert (result.ename, result.stdout.strip()) == ("abort", "1")


def test_a_function_names_its_cell(lisp):
    result = lisp.execute("(lambda (x) x)")
    assert f'(LAMBDA (X) :IN "{cell(result)}")' in results(result)[0]


@pytest.mark.parametrize(
    "code",
    [
        "(close sb-sys:*stdin*) (close sb-sys:*stdout*) (close *standard-output*)",
        "(setf *standard-output* (make-broadcast-stream) *print-base* 2 *print-readably* t)",
        "(setf sb-ext:*invoke-debugger-hook* nil)",
        "(defpackage :gone) (in-package :gone)\n(cl:delete-package :gone)",
        "(delete-package *package*)",
        "(define-condition bad (error) () (:report (lambda (c s) (error c))))\n(error 'bad)",
        "(let ((x (list 1))) (error (princ-to-string 1) (setf (cdr x) x)))",
    ],
)
def test_what_a_cell_may_do_to_lisp(own, code):
    own.execute(code)
    assert own.execute("(cl:car 3)").ename == "type-error"
    assert len(results(own.execute("(cl:list)"))) == 1


def test_the_end_is_a_regular_one(own, tmp_path: Path):
    touch = f'(with-open-file (s "{tmp_path}/ended" :direction :output) 1)'
    own.execute(f"(push (lambda () {touch}) sb-ext:*exit-hooks*)")
    own.control("shutdown", restart=False)
    assert (tmp_path / "ended").exists()


def test_input_that_is_read_in_parts(lisp):
    result, asked = lisp.converse("(list (read) (read-line) (read-line))", ["a b", "(c"])
    assert (results(result), len(asked)) == (['(A "b" "(c")'], 2)


def test_a_prompt_is_seen_before_its_answer_is_read(lisp):
    result, asked = lisp.converse('(princ "Name? ") (list (read-line))', ["Bob"])
    assert (results(result), asked[0]["prompt"]) == (['("Bob")'], "Name? ")


def test_big_output_comes_whole(lisp):
    code = '(dotimes (i 20000) (format t "~D~%" i))'
    assert lisp.execute(code).stdout == "".join(f"{n}\n" for n in range(20_000))


def test_a_cell_of_10000_lines(lisp):
    lines = "\n".join(f"(defparameter *x{n}* {n})" for n in range(10_000))
    assert results(lisp.execute(f"{lines}\n(+ *x0* *x9999*)")) == ["9999"]


@pytest.mark.parametrize("code", ["(exit)", "(sb-ext:quit)"])
def test_exit_ends_it(own, code):
    assert "exit status 0" in own.execute(code).evalue


def test_tab_and_shift_tab_run_nothing(own, tmp_path: Path):
    touch = f'(with-open-file (s "{tmp_path}/ran" :direction :output) 1)'
    own.execute(
        f"(defclass trap () ())\n(defmethod print-object ((t1 trap) s) {touch})\n"
        f"(defvar *trap* (make-instance 'trap))\n(defun later () {touch})\n"
        f"(define-symbol-macro sym (progn {touch}))\n(defmacro mac () {touch} 1)\n"
        f"(set-macro-character #\\? (lambda (s c) {touch}))\n(defun read-later () ?)"
    )
    (tmp_path / "ran").unlink(missing_ok=True)
    codes = (
        "*trap*",
        "(later)",
        "(mac)",
        "sym",
        "read-later",
        "?",
        f"#.{touch}",
        "(in-package :x)",
    )
    for code in codes:
        for end in range(1, len(code) + 1):
            own.request("complete", code=code, cursor_pos=end)
            own.request("inspect", code=code, cursor_pos=end, detail_level=1)
        assert own.request("is_complete", code=code).status == "complete"
    assert not (tmp_path / "ran").exists()
    # Nor does it intern what is not there yet.
    own.request("is_complete", code="(neverseen)")
    assert results(own.execute('(find-symbol "NEVERSEEN")')) == ["NIL\nNIL"]


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("sb-ext:*posix", "sb-ext:*posix-argv*"),
        ("sb-impl::eval-t", "sb-impl::eval-tlf"),
        (":external-f", ":external-format"),
        ("multiple-value-b", "multiple-value-bind"),
        ("sb-ext", "sb-ext:"),
    ],
)
def test_completion(lisp, code, match):
    assert match in lisp.request("complete", code=code, cursor_pos=len(code)).content["matches"]


def test_inspection_shows_the_source(lisp):
    ran = lisp.execute("1\n(defun twice (n)\n  (* n 2))\n2")
    found = lisp.request("inspect", code="(twice 3)", cursor_pos=3, detail_level=1)
    text = found.content["data"]["text/plain"]
    assert text.startswith("function (twice n)")
    assert text.endswith(f"defined in {cell(ran)}, line 2\n\n(defun twice (n)\n  (* n 2))")
    found = lisp.request("inspect", code="*print-base*", cursor_pos=3, detail_level=0)
    assert "variable *print-base*: 10" in found.content["data"]["text/plain"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ('"abc', "incomplete"),
        ("#| a", "incomplete"),
        ("'", "incomplete"),
        ("#\\(", "complete"),
        ("(a) ; (b", "complete"),
        ("`(a ,@b)", "complete"),
        ("(nosuch:name)", "complete"),
        ("#<a>", "invalid"),
    ],
)
def test_whether_code_is_complete(lisp, code, status):
    assert lisp.request("is_complete", code=code).status == status


def test_the_users_start_up_file(start_kernel, monkeypatch, tmp_path: Path):
    needs("sbcl", "sbcl")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".sbclrc").write_text("(defvar *mine* 42)")
    assert results(start_kernel("common-lisp").execute("*mine*")) == ["42"]
    kernel = start_kernel("common-lisp", "--no-startup-files")
    assert kernel.execute("*mine*").ename == "unbound-variable"


def test_a_start_up_file_that_fails_is_told_by_the_first_cell(start_kernel, monkeypatch, tmp_path):
    needs("sbcl", "sbcl")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".sbclrc").write_text("(defvar *mine* 42) (car 3)")
    kernel = start_kernel("common-lisp")
    result = kernel.execute("*mine*")
    assert (results(result), ".sbclrc: type-error: " in result.stderr) == (["42"], True)
    assert kernel.execute("*mine*").stderr == ""
