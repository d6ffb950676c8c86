"""What a Go cell can ask of what cells have left: %ls, %rm, %reset, %show, %stale."""

from __future__ import annotations

import pytest
from frontend import FrontEnd, Result, results
from hypothesis import given
from hypothesis import strategies as st

from mykernel.drivers.head import parted


@pytest.fixture
def go(go: FrontEnd) -> FrontEnd:
    """A kernel that remembers nothing, and tells of stale cells."""
    assert go.execute("%reset\n%stale on").status == "ok"
    return go


def run(go: FrontEnd, *cells: str) -> Result:
    """The last one's result. The others have to end well."""
    for cell in cells[:-1]:
        before = go.execute(cell)
        assert before.status == "ok", before.content
    return go.execute(cells[-1])


def lines(result: Result) -> list[list[str]]:
    """The words of each line of stdout, but those that place it."""
    assert result.status == "ok", result.content
    return [line.split() for line in result.stdout.splitlines()]


DECLARED = """type Point struct{ x, y int }
func (p Point) Sum() int { return p.x + p.y }
const (
	first = iota
	second
)
import str "strings"
func plus(a, b int) int { return a + b }
total := plus(1, 2)"""


def test_ls_shows_what_is_remembered_and_where_it_stands(go):
    said = run(go, DECLARED, "%ls")
    name = said.stdout.split("\n")[0].split()[1].partition(":")[0]
    shown = {line[0].rstrip(","): line for line in lines(said)}
    assert shown["Point"][1:4] == [f"{name}:1", "type", "Point"]
    assert shown["Point.Sum"][1] == f"{name}:2"
    assert shown["first"][:2] == ["first,", "second"]
    assert shown["plus"][1:4] == [f"{name}:8", "func", "plus(a,"]
    assert shown["total"][1:] == [f"{name}:9", "var", "total", "int"]


def test_ls_names_packages_as_code_does(go):
    shown = lines(run(go, "var when []time.Time\nvar by map[string]*big.Int", "%ls"))
    types = {line[0]: line[-1] for line in shown}
    assert types == {"when": "[]time.Time", "by": "map[string]*big.Int"}


def test_ls_shows_what_begins_as_it_says(go):
    assert [line[0] for line in lines(run(go, DECLARED, "%ls p"))] == ["plus"]
    assert run(go, "%ls none").stdout == "no declaration that begins with none is remembered\n"


def test_what_was_removed_is_not_there(go):
    assert run(go, DECLARED, "%rm plus\nplus(1, 2)").ename == "CompileError"
    assert results(run(go, "total")) == ["3"]


def test_a_removed_name_may_be_something_else(go):
    assert results(run(go, DECLARED, "%rm plus total", "plus := 5", "plus")) == ["5"]


def test_with_a_type_go_its_methods_and_variables(go):
    said = run(go, DECLARED, "p := Point{1, 2}", "%rm Point")
    assert said.stdout == "with them went Point.Sum, p\n"
    assert run(go, "p").ename == "CompileError"
    assert results(run(go, "type Point int\nPoint(4)")) == ["4"]


def test_one_constant_of_a_group_can_be_removed(go):
    assert results(run(go, DECLARED, "%rm first", "second")) == ["1"]
    assert run(go, "first").ename == "CompileError"


def test_rm_of_what_is_not_there_removes_nothing(go):
    result = run(go, DECLARED, "%rm total pluss")
    assert (result.ename, "did you mean plus?" in result.evalue) == ("DirectiveError", True)
    assert results(run(go, "total")) == ["3"]
    assert "wants names" in run(go, "%rm").evalue


def test_reset_forgets_all(go):
    assert run(go, DECLARED, "%reset", "%ls").stdout == "no declaration is remembered\n"
    assert run(go, "total").ename == "CompileError"


def test_a_cell_below_runs_after_its_directives(go):
    assert results(run(go, DECLARED, "%rm total\n\n%ls none\ntotal := 7\ntotal")) == ["7"]


def test_places_in_a_cell_stay_below_a_directive(go):
    result = run(go, "x := 1", "%rm x\ny := 2\n  nothing()")
    assert ":3:3: undefined: nothing" in result.evalue


def test_show_shows_a_program_and_runs_nothing(go):
    said = run(go, DECLARED, '%show\nfmt.Println("ran", plus(1, 1))').stdout
    assert "func plus(a, b int) int" in said
    assert 'fmt.Println("ran", plus(1, 1))' in said
    assert "Point" not in said
    assert "/*line" not in said


def test_show_alone_shows_the_program_that_ran_last(go):
    assert '"strange"' in run(go, 'y := "strange"\n_ = y', "%show").stdout


def test_what_show_shows_leaves_nothing(go):
    assert run(go, "%show\nz := 1", "z").ename == "CompileError"


def test_a_cell_that_used_what_is_changed_is_named_once(go):
    used = run(go, DECLARED, "plus(2, 2)")
    number = used.content["execution_count"]
    changed = go.execute("func plus(a, b int) int { return a - b }")
    now = changed.content["execution_count"]
    assert f"In[{number}] used plus, which In[{now}] has changed; run it again" in changed.stderr
    assert go.execute("func plus(a, b int) int { return a * b }").stderr == ""


def test_what_a_cell_reaches_by_way_of_others_counts(go):
    used = run(go, DECLARED, "func more() int { return plus(1, 1) }", "more()")
    number = used.content["execution_count"]
    assert f"In[{number}] used plus" in run(go, "func plus(a, b int) int { return 0 }").stderr


def test_the_same_declaration_again_changes_nothing(go):
    assert run(go, DECLARED, "plus(2, 2)", DECLARED).stderr == ""


def test_a_cell_that_is_run_again_is_not_named_twice(go):
    run(go, DECLARED, "plus(2, 2)", "plus(2, 2)")
    assert run(go, "func plus(a, b int) int { return 0 }").stderr.count("In[") == 2


def test_values_may_change(go):
    assert run(go, DECLARED, "total + 1", "total = 9", "total := 8").stderr == ""


def test_nothing_is_told_when_it_is_turned_off(go):
    run(go, "%stale off", DECLARED, "plus(2, 2)")
    assert run(go, "func plus(a, b int) int { return 0 }").stderr == ""
    assert run(go, "%stale").stdout == "%stale off\n"
    assert run(go, "%stale maybe").ename == "DirectiveError"


def matches(go: FrontEnd, code: str) -> list[str]:
    found = go.request("complete", code=code, cursor_pos=len(code)).content["matches"]
    return [str(one) for one in found]


def shown(go: FrontEnd, code: str, cursor_pos: int) -> str:
    reply = go.request("inspect", code=code, cursor_pos=cursor_pos, detail_level=0)
    return str(reply.content["data"]["text/plain"])


def test_tab_knows_what_can_be_removed(go):
    run(go, DECLARED)
    assert matches(go, "%rm total Po") == ["Point", "Point.Sum"]
    assert matches(go, "%stale o") == ["off", "on"]


def test_tab_and_shift_tab_see_the_code_below_a_directive(go):
    run(go, DECLARED)
    assert matches(go, "%rm total\ntot") == ["total"]
    assert "func plus" in shown(go, "%ls\nplus", 6)
    assert "forget these" in shown(go, "%rm total", 2)


@pytest.mark.parametrize(
    ("code", "status"),
    [("%rm x", "complete"), ("%ls\n", "complete"), ("%rm x\nfunc f() {", "incomplete")],
)
def test_a_directive_may_be_all_of_a_cell(go, code, status):
    assert go.request("is_complete", code=code).status == status


@given(st.text(alphabet="%ab \n\t", max_size=30))
def test_parted_code_keeps_all_offsets(code):
    lines, left = parted(code)
    assert len(left) == len(code)
    assert [i for i, c in enumerate(left) if c == "\n"] == [
        i for i, c in enumerate(code) if c == "\n"
    ]
    assert not left[: lines[-1].end].strip() if lines else left == code


@given(st.lists(st.sampled_from(["%a b", "%%c", " %d", "", "x"]), max_size=6))
def test_directives_end_at_the_first_line_of_code(cell):
    lines, left = parted("\n".join(cell))
    head = cell[: cell.index("x")] if "x" in cell else cell
    assert [line.name for line in lines] == [one.split()[0] for one in head if one.strip()]
    assert left.strip().startswith("x") == ("x" in cell)
