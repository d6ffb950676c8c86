"""What SWI-Prolog has beyond the contract."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from frontend import launch, results, traceback
from toolchains import needs


@pytest.fixture
def prolog(_shared_kernels, tmp_path):
    """An SWI-Prolog kernel that the module's tests share."""
    needs("swipl", "swi-prolog-nox")
    if not _shared_kernels:
        argv = [sys.executable, "-m", "mykernel", "kernel", "prolog", "-f", "{connection_file}"]
        _shared_kernels.append(launch(argv, tmp_path))
    return _shared_kernels[-1]


@pytest.fixture
def new_prolog(start_kernel):
    needs("swipl", "swi-prolog-nox")
    return start_kernel("prolog")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("?- X = a, Y = \"b\", Z = 'C d'.", ["X = a,\nY = \"b\",\nZ = 'C d'."]),
        ("?- member(X, [1, 2]).", ["X = 1 ;\nX = 2."]),
        ("?- true.", ["true."]),
        ("?- fail.", ["false."]),
        ("?- X = Y.", ["X = Y."]),
        ("?- X = f(X).", ["X = f(X)."]),
        ("?- dif(X, a).", ["dif(X, a)."]),
        ("?- _X = 1, Y = 2. % comment", ["_X = 1,\nY = 2."]),
        ("?- !, X = 1 ; X = 2.", ["X = 1."]),
        (":- use_module(library(clpfd)).\n?- X #> 3, X #< 6.", ["X in 4..5."]),
        ("?- X = 1.\n% the end", ["X = 1."]),
        ("fact(1).", []),
        (":- true.", []),
        ("% nothing", []),
    ],
)
def test_the_answer_to_the_last_query_is_the_result(prolog, code, shown):
    result = prolog.execute(code)
    assert (results(result), result.stderr) == (shown, "")


def test_answers_to_the_queries_before_stand_in_the_output(prolog):
    result = prolog.execute("?- X = 1.\n?- write(out), nl.\n?- Y = 2.")
    assert (result.stdout, results(result)) == ("X = 1.\nout\ntrue.\n", ["Y = 2."])


def test_more_solutions_than_are_shown(new_prolog):
    shown = "".join(f"X = {n} ;\n" for n in range(1, 11))
    assert results(new_prolog.execute("?- between(1, inf, X).")) == [f"{shown}..."]
    new_prolog.execute(":- set_prolog_flag(mykernel_solutions, 1).")
    assert results(new_prolog.execute("?- between(1, inf, X).")) == ["X = 1 ;\n..."]
    assert results(new_prolog.execute("?- between(1, 1, X).")) == ["X = 1."]


def test_a_later_cell_replaces_a_predicate(prolog):
    prolog.execute("rep(1).\nother(1).\n:- dynamic dyn/1.\ndyn(1).")
    assert prolog.execute("rep(2).\nrep(3).\ndyn(2).").stderr == ""
    assert results(prolog.execute("?- rep(X).")) == ["X = 2 ;\nX = 3."]
    assert results(prolog.execute("?- dyn(X).")) == ["X = 2."]
    assert results(prolog.execute("?- other(X).")) == ["X = 1."]
    assert results(prolog.execute("rep(4).\n?- rep(X).")) == ["X = 4."]


def test_warnings_stand_on_stderr_with_their_line(prolog):
    result = prolog.execute("s(X).\n\nd(1).\ne(1).\nd(2).\n:- fail.\n?- d(X).")
    assert results(result) == ["X = 1 ;\nX = 2."]
    for told in (
        "]:1:\nWarning:    Singleton variables: [X]",
        "]:5:\nWarning:    Clauses of d/1 are not together",
        "]:6:\nWarning:    Goal (directive) failed: user:fail",
    ):
        assert told in result.stderr
    assert "mykernel" not in result.stderr


def test_who_forgets_that_a_query_begins_with_its_sign_is_told(prolog):
    told = prolog.execute("print_message_lines(a, b, c).").stderr
    assert "is built in, and this clause replaces it. A query begins with ?-" in told
    assert prolog.execute("write(hello).").ename == "permission_error"


@pytest.mark.parametrize(
    ("code", "ename", "line", "told"),
    [
        ("a.\nf(X) :- g(X\nb.", "syntax_error", 2, "Syntax error: "),
        ("\n?- nosuch(1).", "existence_error", 2, "Unknown procedure: nosuch/1"),
        ("\n:- nosuch(1).", "existence_error", 2, "Unknown procedure: nosuch/1"),
        ("f(X) :-\n    X > a, true.\n?- f(1).", "type_error", 2, "f(1) at In["),
        ("\n?- throw(ball).", "ball", 2, "Unhandled exception: ball"),
        ("\n:- throw(ball).", "ball", 2, "Unhandled exception: ball"),
        ("?- X = 1.\n\n?- atom_length(X, Y).", "instantiation_error", 3, "sufficiently"),
        ("?- use_module(library(nosuch)).", "existence_error", 1, "does not exist"),
        ("r(X) :- r(Y), X is Y.\n?- r(_).", "resource_error", 2, "Stack limit"),
    ],
)
def test_an_error_tells_its_line(prolog, code, ename, line, told):
    result = prolog.execute(code)
    assert (result.status, result.ename, result.stderr) == ("error", ename, "")
    text = traceback(result)
    assert told in text
    assert f", line {line}\x1b" in text
    for ours in ("mykernel", "start.pl", "$wfs_call", "catch/3"):
        assert ours not in text


def test_an_error_keeps_what_came_before_and_goes_on_behind(prolog):
    result = prolog.execute("?- member(X, [1, 0]), write(X), nl, Y is 1 / X.\n?- write(on), nl.\n")
    assert result.ename == "evaluation_error"
    assert result.stdout == "1\n0\nX = Y, Y = 1 ;\non\ntrue.\n"


@pytest.mark.parametrize(
    "goal", ["sleep(600)", "repeat, fail", "repeat, catch(sleep(600), _, true), fail"]
)
@pytest.mark.parametrize("sign", ["?-", ":-"])
def test_interrupts_keep_the_state(prolog, sign, goal):
    prolog.execute("kept(42).")
    for _ in range(3):
        cell = prolog.send(f"{sign} write(ready), nl, {goal}.")
        prolog.until_text(cell, "ready")
        prolog.interrupt()
        assert prolog.result(cell).ename == "KeyboardInterrupt"
    assert results(prolog.execute("?- kept(X).")) == ["X = 42."]


def test_the_tracer_does_not_wait_for_anybody(prolog):
    prolog.execute("t(1).\nt(X) :- nosuch(X).")
    result = prolog.execute("?- trace, t(1).")
    assert "Call: " in result.stderr
    assert "t(1)" in result.stderr
    assert results(prolog.execute("?- t(1), !.")) == ["true."]
    prolog.execute("?- spy(t/1).")
    assert "Exit: " in prolog.execute("?- t(1), !.").stderr
    assert prolog.execute("?- nospyall, true.").status == "ok"
    assert prolog.execute("?- t(1), !.").stderr == ""


def test_terms_and_lines_are_asked_for(prolog):
    result, asked = prolog.converse("?- write('Term? '), read(X).", ["f(Y, Y)."])
    assert (results(result), asked[0]["prompt"]) == (["X = f(_A, _A)."], "Term? ")
    code = "?- read_line_to_string(user_input, X), get_char(Y)."
    result, asked = prolog.converse(code, ["a b.", "c"])
    assert (results(result), len(asked)) == (['X = "a b.",\nY = c.'], 2)
    assert results(prolog.execute("?- X = 1.")) == ["X = 1."]


def test_modules_operators_flags_and_grammars_live_on(new_prolog):
    new_prolog.execute(":- op(700, xfx, ===>).\n:- set_prolog_flag(double_quotes, codes).")
    new_prolog.execute('hello --> "hi", " ", name.\nname --> "bob".\nrule(a ===> b).')
    assert results(new_prolog.execute('?- phrase(hello, "hi bob").')) == ["true."]
    assert results(new_prolog.execute("?- rule(A ===> B).")) == ["A = a,\nB = b."]
    new_prolog.execute(
        ":- module(mine, [open_one/1]).\nopen_one(X) :- hidden_one(X).\nhidden_one(1)."
    )
    assert results(new_prolog.execute("?- open_one(X).")) == ["X = 1."]
    assert new_prolog.execute("?- hidden(X).").ename == "existence_error"
    new_prolog.execute("term_expansion(twice(X), [once(X), again(X)]).")
    new_prolog.execute("twice(1).")
    assert results(new_prolog.execute("?- again(X).")) == ["X = 1."]


def test_a_cell_of_10000_clauses(prolog):
    clauses = "\n".join(f"n({n})." for n in range(10_000))
    assert results(prolog.execute(f"{clauses}\n?- n(9999).")) == ["true."]


def test_big_output_comes_whole(prolog):
    code = "?- forall(between(1, 20000, X), (write(X), nl))."
    assert prolog.execute(code).stdout == "".join(f"{n}\n" for n in range(1, 20_001))


def test_halt_ends_it(new_prolog):
    assert "exit status 3" in new_prolog.execute(":- halt(3).").evalue


def test_tab_and_shift_tab_run_nothing(prolog, tmp_path: Path):
    touch = f"open('{tmp_path}/ran', write, S), close(S)"
    prolog.execute(
        f"user:portray(_) :- {touch}, fail.\ntrap(X) :- {touch}, X = 1.\n"
        f"user:goal_expansion(trapped, true) :- {touch}.\n:- dynamic held/1.\nheld(f(x))."
    )
    (tmp_path / "ran").unlink(missing_ok=True)
    for code in ("trap", "trap/1", "held", "user:trap", "trapped", "append/3"):
        for end in range(1, len(code) + 1):
            prolog.request("complete", code=code, cursor_pos=end)
            prolog.request("inspect", code=code, cursor_pos=end, detail_level=1)
    for code in (f"?- {touch}.", f":- {touch}.", f":- initialization(({touch})).", "a :- trapped."):
        assert prolog.request("is_complete", code=code).status == "complete"
    assert not (tmp_path / "ran").exists()
    prolog.execute("?- abolish(user:portray/1), abolish(user:goal_expansion/2).")


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("my_pr", "my_predicate"),
        ("my_at", "my_atom"),
        ("user:my_pr", "user:my_predicate"),
        ("findal", "findall"),
        ("aggregate_al", "aggregate_all"),
        (":- use_module(library(clpf", "clpfd"),
        ("p(Element, List) :- member(Ele", "Element"),
    ],
)
def test_completion_knows_predicates_atoms_and_variables(prolog, code, match):
    prolog.execute("my_predicate(my_atom).")
    assert match in prolog.request("complete", code=code, cursor_pos=len(code)).content["matches"]


def test_inspection_shows_properties_source_and_help(prolog):
    prolog.execute(
        ":- dynamic num/1.\nnum(1).\nlen([], 0).\nlen([_|T], N) :-\n  len(T, M),\n  N is M + 1.\n"
    )

    def told(code, detail_level=0):
        request = {"code": code, "cursor_pos": 1, "detail_level": detail_level}
        return prolog.request("inspect", **request).content["data"]["text/plain"]

    assert told("num(X)").startswith("num/1, dynamic: 1 clause\ndefined in In[")
    assert told("len(X, Y)", 1).endswith(
        "]:3\n\nlen([], 0).\nlen([_|T], N) :-\n  len(T, M),\n  N is M + 1."
    )
    assert "List1AndList2" in told("append/3")
    assert told("atom_length/2").startswith("atom_length/2: built in") or "Length" in told(
        "atom_length/2"
    )


def test_the_users_start_up_file(start_kernel, monkeypatch, tmp_path: Path):
    needs("swipl", "swi-prolog-nox")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "swi-prolog").mkdir()
    (tmp_path / "swi-prolog/init.pl").write_text("mine(42).")
    assert results(start_kernel("prolog").execute("?- mine(X).")) == ["X = 42."]
    without = start_kernel("prolog", "--no-startup-files")
    assert without.execute("?- mine(X).").ename == "existence_error"
