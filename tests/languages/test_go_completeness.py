"""Whether a Go cell is whole, and what its next line begins with."""

from __future__ import annotations

import pytest
from frontend import FrontEnd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def go(go: FrontEnd) -> FrontEnd:
    go.execute("fmt.Print()")
    return go


def status(go: FrontEnd, code: str) -> str:
    return go.request("is_complete", code=code).status


@pytest.mark.parametrize(
    "code",
    [
        "",
        "// all of it",
        "x := 1",
        "x := 1 // and no more",
        "type T struct{ A, B int }",
        "func f[T any](x T) T {\n\treturn x\n}",
        'package main\n\nimport (\n\t"fmt"\n)\n\nfunc main() {\n\tfmt.Println()\n}',
        "outer:\nfor {\n\tbreak outer\n}",
        "var (\n\ta = 1\n\tb = `\n`\n)",
        "x := []int{\n\t1,\n}",
        "go func() {}()",
        "/* a\nb */ x := 1",
        "switch x := 1; {\ncase x > 1:\ndefault:\n}",
        "if true {\n} else {\n}",
        "strings.\n\tToUpper(`a`)",
        "func(\n) {}()",
        "return",
        "%time\nx := 1",
    ],
)
def test_whole_cells_are_complete(go: FrontEnd, code: str):
    assert status(go, code) == "complete"


@pytest.mark.parametrize(
    ("code", "indent"),
    [
        ("func f() {", "\t"),
        ("func f() {\n\tif x {", "\t\t"),
        ("func f() {\n\tif x {\n\t\ty()", "\t\t"),
        ("func f() {\n\tif x {\n\t\ty()\n\t}", "\t"),
        ("func f() { // why", "\t"),
        ("func f() {\n    if x {", "        "),
        ("f(1,", "\t"),
        ("f(\n\t1,", "\t"),
        ("import (", "\t"),
        ("switch x {", "\t"),
        ("switch x {\ncase 1:", "\t"),
        ("x := 1 +", "\t"),
        ("x := 1 +\n\t2 +", "\t"),
        ("x :=", "\t"),
        ("x.", "\t"),
        ("if a &&", "\t"),
        ("func", "\t"),
        ("else_ := func() {\n\tx()\n\n", "\t"),
        ("x := `a", ""),
        ("\tx := `a", ""),
        ("/* a", ""),
        ("{", "\t"),
        ("if x { y(", "\t"),
    ],
)
def test_what_has_to_go_on_is_incomplete(go: FrontEnd, code: str, indent: str):
    answer = go.request("is_complete", code=code).content
    assert (answer["status"], answer["indent"]) == ("incomplete", indent)


@pytest.mark.parametrize(
    "code",
    [
        "}",
        ")",
        '"a',
        "x y z",
        "x y z\nfunc f() {",
        "3 := 4 5",
        "func 1() {}",
        "'ab",
        "if {}",
    ],
)
def test_what_nothing_can_mend_is_invalid(go: FrontEnd, code: str):
    assert status(go, code) == "invalid"


NAMES = st.sampled_from(["a", "x1", "é", "fmt.Sprint", "s.t"])
EXPRESSIONS = st.recursive(
    NAMES | st.sampled_from(["1", '"("', "`{\n}`", "'}'", "[]int{1,\n2}", "func() {\n}"]),
    lambda inner: (
        st.builds("f({},\n{})".format, inner, inner)
        | st.builds("({} +\n{})".format, inner, inner)
        | st.builds("T{{\n{},\n}}".format, inner)
    ),
    max_leaves=4,
)
STATEMENTS = st.recursive(
    st.builds("x := {}".format, EXPRESSIONS)
    | st.builds("f({}) // {{".format, EXPRESSIONS)
    | st.sampled_from(["x++", "/* {\n */ y--", "return", "var (\n\tz int\n)", "a, b = b,\n\ta"]),
    lambda inner: (
        st.builds("if a {{\n{}\n}} else {{\n{}\n}}".format, inner, inner)
        | st.builds("for i := 0; i < 3; i++ {{\n{}\n}}".format, inner)
        | st.builds("switch x {{\ncase 1:\n{}\ndefault:\n}}".format, inner)
        | st.builds("go func() {{\n{}\n}}()".format, inner)
        | st.builds("{}\n{}".format, inner, inner)
    ),
    max_leaves=4,
)
PARTS = (
    STATEMENTS
    | st.builds("func (t *T) m(\n\ta int,\n) (int, error) {{\n{}\n}}".format, STATEMENTS)
    | st.sampled_from(['type T struct {\n\tA int `json:"a"`\n}', "const (\n\tA = iota\n\tB\n)"])
)


@SETTINGS
@given(cell=st.lists(PARTS, min_size=1, max_size=3).map("\n\n".join))
def test_no_beginning_of_a_cell_is_invalid(go: FrontEnd, cell: str):
    assert status(go, cell) == "complete"
    lines = cell.split("\n")
    for count in range(len(lines)):
        assert status(go, "\n".join(lines[:count])) != "invalid", lines[:count]


WORDS = st.sampled_from(
    [
        *"{}()[].`\"':;,*",
        ":=",
        "//",
        "/*",
        "<-",
        "func",
        "type",
        "case",
        "import",
        "for",
        "struct",
        "x",
        "fmt",
        "1.",
        "é",
        "😀",
        "\0",
        "\n",
        "\t",
    ]
)


@SETTINGS
@given(words=st.lists(WORDS | st.text(max_size=3), max_size=12), data=st.data())
def test_no_text_is_too_much_for_a_question(go: FrontEnd, words: list[str], data: st.DataObject):
    code = "".join(words)
    at = data.draw(st.integers(0, len(code)))
    assert status(go, code) in ("complete", "incomplete", "invalid")
    for kind, more in (("complete", {}), ("inspect", {"detail_level": 1})):
        answer = go.request(kind, code=code, cursor_pos=at, **more).content
        assert answer["status"] == "ok"
        if kind == "complete":
            assert answer["cursor_start"] <= answer["cursor_end"] == at
