"""What Python's own REPL has beyond the contract."""

from __future__ import annotations

import sys

import pytest
from toolchains import needs

TRAP = """
class Trap:
    value = property(lambda self: print("ran"))
    def __getattr__(self, name): print("ran")
    def __dir__(self): print("ran"); return []
    def __repr__(self): print("ran"); return "trap"
    def method(self, one=1): pass
trap = Trap()
def held(default=trap): pass
"""


@pytest.fixture
def python(start_kernel):
    needs("python3", "python3")
    return start_kernel("python-repl")


def test_tab_and_shift_tab_run_nothing(python):
    assert python.execute(TRAP).status == "ok"
    matches = {}
    for code in ("trap.", "trap.value.", "trap.method.", "trap.nothing."):
        found = python.request("complete", code=code, cursor_pos=len(code))
        assert found.stdout == ""
        matches[code] = found.content["matches"]
    assert {"trap.method", "trap.value"} <= set(matches["trap."])
    assert matches["trap.value."] == matches["trap.nothing."] == []
    for code in ("trap", "trap.value", "trap.method", "held"):
        found = python.request("inspect", code=code, cursor_pos=len(code), detail_level=0)
        assert (found.content["found"], found.stdout) == (True, "")
    assert "held(default=...)" in found.content["data"]["text/plain"]


def test_a_result_has_the_forms_that_its_class_gives(python):
    python.execute("class Bold:\n    def _repr_html_(self): return '<b>bold</b>'")
    (shown,) = python.execute("Bold()").of_type("execute_result")
    assert shown["data"]["text/html"] == "<b>bold</b>"
    assert "Bold object" in shown["data"]["text/plain"]
    assert python.execute("None").of_type("execute_result") == []
    assert python.execute("6 * 7").of_type("execute_result")[0]["data"] == {"text/plain": "42"}
    assert python.execute("print(_)").stdout == "42\n"


@pytest.mark.parametrize(
    ("code", "ename", "evalue"),
    [
        ("raise KeyError('a')", "KeyError", "'a'"),
        ("raise ValueError('one\\ntwo: three')", "ValueError", "one"),
        ("try:\n    1 / 0\nexcept Exception:\n    raise OSError('late')", "OSError", "late"),
        ("import json\njson.loads('{')", "JSONDecodeError", "Expecting property name"),
        ("assert False", "AssertionError", ""),
    ],
)
def test_an_error_is_named(python, code, ename, evalue):
    result = python.execute(code)
    assert result.ename == ename
    assert evalue in result.evalue
    assert "start.py" not in "".join(result.of_type("error")[0]["traceback"])


def test_a_future_holds_in_later_cells(python):
    python.execute("from __future__ import annotations")
    python.execute("def f(x: nosuchname): pass")
    assert python.execute("f.__annotations__['x']").of_type("execute_result")[0]["data"] == {
        "text/plain": "'nosuchname'"
    }


def test_exit_ends_it(python):
    assert "the next cell runs in a new one" in python.execute("exit(3)").evalue


def test_modules_come_from_the_notebooks_folder(python, tmp_path):
    (tmp_path / "mine.py").write_text("print('mine')")
    (tmp_path / "ast.py").write_text("print('not this one')")
    assert python.execute("import mine").stdout == "mine\n"


def test_a_cell_may_give_the_names_of_builtins_another_meaning(python):
    names = "compile dict exec frozenset globals isinstance len list open print repr set str type"
    assert python.execute(" = ".join([*names.split(), "None"])).status == "ok"
    (result,) = python.execute("6 * 7").of_type("execute_result")
    assert result["data"]["text/plain"] == "42"
    assert python.execute("1 / 0").ename == "ZeroDivisionError"
    assert "Traceback" not in python.execute("1 / 0").stderr
    assert python.request("is_complete", code="if x:").content["status"] == "incomplete"
    assert "open" in python.request("complete", code="op", cursor_pos=2).content["matches"]
    assert python.execute("%cd /\n%env HOME\n%who op").stdout.endswith("open  NoneType\n")


@pytest.mark.skipif(sys.platform != "linux", reason="who reads is seen on Linux alone")
@pytest.mark.parametrize(
    "awaited",
    [
        "import threading\nt = threading.Thread(target=read)\nt.start()\nt.join()",
        "import select\ne = select.epoll()\ne.register(0, select.EPOLLIN)\n_ = e.poll()\nread()",
    ],
    ids=["thread", "epoll"],
)
def test_input_is_asked_for_however_it_is_awaited(python, awaited):
    python.execute("import os\nfound = []\ndef read(): found.append(os.read(0, 9))")
    result, asked = python.converse(f"{awaited}\nfound", ["Bob"])
    assert (result.of_type("execute_result")[0]["data"]["text/plain"], len(asked)) == (
        "[b'Bob\\n']",
        1,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="who reads is seen on Linux alone")
def test_an_event_loop_that_waits_for_something_else_is_no_question(python):
    code = (
        "import os, select, threading, tty\ntty.setcbreak(0)\nr, w = os.pipe()\n"
        "e = select.epoll()\ne.register(r, select.EPOLLIN)\n"
        "threading.Timer(0.5, os.write, (w, b'x')).start()\n_ = e.poll()\nprint('done')"
    )
    result = python.execute(code)
    assert (result.ename, result.stdout) == ("", "done\n")


def test_a_debugger_that_takes_an_interrupt_for_itself_is_left(python):
    python.execute("kept = 41")
    result, asked = python.converse("breakpoint()\nprint('more')", [None])
    assert result.status == "error"
    assert "more" not in result.stdout
    assert [one["prompt"] for one in asked] == ["(Pdb) "]
    assert python.execute("print(kept + 1)").stdout == "42\n"
