"""What Ruby has beyond the contract."""

from __future__ import annotations

import pytest
from toolchains import needs

TRAP = """
class Trap
  def value = puts("ran")
  def inspect = puts("ran")
  def class = puts("ran")
  def method_missing(...) = puts("ran")
  def self.name = puts("ran")
end
trap = Trap.new
"""


@pytest.fixture
def ruby(start_kernel):
    needs("irb", "ruby")
    return start_kernel("ruby")


def test_tab_and_shift_tab_run_nothing(ruby):
    assert ruby.execute(TRAP).status == "ok"
    for code, match in (("trap.va", "trap.value"), ("Trap.n", "Trap.name")):
        found = ruby.request("complete", code=code, cursor_pos=len(code))
        assert (match in found.content["matches"], found.stdout) == (True, "")
    found = ruby.request("complete", code="trap.value.", cursor_pos=11)
    assert (found.content["matches"], found.stdout) == ([], "")
    for code in ("trap", "trap.value", "Trap", "Trap.name"):
        found = ruby.request("inspect", code=code, cursor_pos=len(code), detail_level=1)
        assert (found.content["found"], found.stdout) == (True, ""), code


@pytest.mark.parametrize("code", ["x = 6", "def f; end", "class A; end", "nil", "puts"])
def test_what_has_no_value_of_its_own_has_no_result(ruby, code):
    assert ruby.execute(code).of_type("execute_result") == []


def test_a_result_does_not_tell_the_private_folder(ruby):
    shown = ruby.execute("__FILE__").of_type("execute_result")
    assert shown[0]["data"]["text/plain"] == '"In[1]"'


def test_an_error_tells_the_calls_and_the_cause(ruby):
    code = "begin\n  Integer('x')\nrescue\n  raise IOError, 'late'\nend"
    result = ruby.execute(code)
    assert (result.ename, result.evalue) == ("IOError", "late")
    told = "\n".join(result.of_type("error")[0]["traceback"])
    assert "caused by ArgumentError" in told
    assert "start.rb" not in told


def test_exit_ends_it(ruby):
    assert "the next cell runs in a new one" in ruby.execute("exit 3").evalue


def test_inspection_shows_the_source(ruby):
    ruby.execute("def twice(n)\n  n * 2\nend")
    found = ruby.request("inspect", code="twice", cursor_pos=2, detail_level=1)
    assert "n * 2\nend" in found.content["data"]["text/plain"]
