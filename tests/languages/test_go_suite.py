"""Go cells of the hard kinds come out as Go has it, in one session, and leave it in step.

The cells are data, in go_suite_cells.py.
"""

from __future__ import annotations

import re

import pytest
from frontend import FrontEnd, Result
from go_suite_cells import CASES, Case

SGR = re.compile("\x1b\\[[0-9;]*m")
# What is told of cells that a later one has outdated is not what is looked at here.
STALE = re.compile(r"mykernel: In\[\d+\] used .*\n")


@pytest.fixture(scope="module")
def go(go: FrontEnd) -> FrontEnd:
    go.execute("fmt.Print()")
    return go


def test_there_are_enough_of_them_and_each_has_its_name():
    names = [case.name for case in CASES]
    assert len(names) >= 120
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cell_comes_out_as_go_has_it(go: FrontEnd, case: Case):
    for code in case.cells[:-1]:
        before = go.execute(code)
        said = STALE.sub("", before.stderr)
        assert (before.ename, said) == ("", ""), (before.evalue, code)
    result = go.execute(case.cells[-1])
    assert (result.ename, result.stdout) == (case.ename, case.stdout), told(result)
    assert like(result.stderr, case.stderr), told(result)
    assert case.evalue in result.evalue, told(result)
    if case.shown:
        (error,) = result.of_type("error")
        assert case.shown in SGR.sub("", "\n".join(error["traceback"])), told(result)


def like(text: str, expected: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def told(result: Result) -> str:
    return f"{result.ename}: {result.evalue}\n{result.stderr}"
