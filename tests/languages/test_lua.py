"""What Lua has beyond the contract."""

from __future__ import annotations

import pytest
from frontend import results
from toolchains import needs


@pytest.fixture
def lua(start_kernel):
    needs("lua5.4", "lua5.4")
    return start_kernel("lua")


def test_a_cell_may_give_the_names_of_libraries_another_meaning(lua):
    names = "assert, debug, getmetatable, io, ipairs, load, math, next, os, rawget, string, table"
    assert lua.execute(f"{names}, tostring, type, xpcall, mine = 1").status == "ok"
    (result,) = lua.execute("6 * 7").of_type("execute_result")
    assert result["data"]["text/plain"] == "42"
    assert lua.execute("nothing()").evalue.startswith("In[3]:1: attempt to call a nil value")
    assert lua.request("is_complete", code="if x then").content["status"] == "incomplete"
    assert "assert" in lua.request("complete", code="ass", cursor_pos=3).content["matches"]
    assert "HOME=" in lua.execute("%env").stdout
    lua.execute("mine = {}")
    assert lua.execute("%who").stdout == "mine  table\n"


def test_an_interrupted_read_leaves_nothing_in_the_output(lua):
    """Lua goes on reading at ^C: what is typed for it to read is no output."""
    for _ in range(3):
        result, _ = lua.converse("x = io.read()", [None])
        assert (result.ename, result.stdout) == ("KeyboardInterrupt", "")


@pytest.mark.parametrize("code", ["io.read('a')", "io.read(5)", "for _ in io.lines() do end"])
def test_reading_more_than_a_line_is_interrupted(lua, code):
    lua.execute("kept = 41")
    result, asked = lua.converse(f"{code} print('more')", [None])
    assert (result.ename, result.stdout, len(asked)) == ("KeyboardInterrupt", "", 1)
    assert results(lua.execute("kept + 1")) == ["42"]
