"""How the value of a Go cell's last expression is shown."""

from __future__ import annotations

import base64
import json
import re
import struct
from html.parser import HTMLParser
from typing import Any

import pytest
from frontend import FrontEnd, Result

HTML = "text/html"
PLAIN = "text/plain"
NIL = "runtime error: invalid memory address or nil pointer dereference"
RESOURCE = "application/vnd.dataresource+json"


@pytest.fixture(scope="module")
def go(go: FrontEnd) -> FrontEnd:
    assert go.execute(TYPES).status == "ok"
    return go


TYPES = """
type Person struct { Name string; age int; Home *Place }
type Place struct { City string; Tags []string }
type Chain struct { V int; Next *Chain }
type Loud struct{ A int }
func (l Loud) String() string { return fmt.Sprint("loud ", l.A) }
type Broken struct{ A int }
func (b Broken) String() string { panic("boom") }
type BrokenInt int
func (BrokenInt) String() string { panic("boom") }
type Faulty int
func (Faulty) MIMEBundle() map[string]any { panic(io.EOF) }
type Wrong int
func (Wrong) MIMEBundle() map[string]any { return map[string]any{"text/html": 5} }
type Missing struct{ image.Image }
"""


def bundle(result: Result) -> dict[str, Any]:
    assert result.status == "ok", result.content
    (shown,) = result.of_type("execute_result")
    return dict(shown["data"])


def plain(go: FrontEnd, code: str) -> str:
    result = go.execute(code)
    assert result.stderr == ""
    return str(bundle(result)[PLAIN])


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('Person{"Ann", 1, nil}', 'Person{Name: "Ann", age: 1, Home: nil}'),
        ('&Place{"Rome", nil}', '&Place{City: "Rome", Tags: nil}'),
        ('[]string{"a b", "c"}', '[]string{"a b", "c"}'),
        ("map[string][]int{`b`: {1}, `a`: nil}", 'map[string][]int{"a": nil, "b": {1}}'),
        (
            "[]any{1, int8(2), 'x', nil, Loud{3}, &Place{}}",
            '[]any{1, int8(2), int32(120), nil, loud 3, &Place{City: "", Tags: nil}}',
        ),
        ("struct{ E error; T time.Duration }{io.EOF, 2e9}.E", "EOF"),
        ("[]error{io.EOF, nil}", '[]error{error("EOF"), nil}'),
        ("[]time.Duration{1, 2e9}", "[]time.Duration{1ns, 2s}"),
        ("(*Place)(nil)", "(*Place)(nil)"),
        ("[]int(nil)", "[]int(nil)"),
        (
            "[]any{true, uint8(1), float32(0.1), 1e6, 1i, uintptr(2)}",
            "[]any{true, uint8(1), float32(0.1), 1e+06, (0+1i), uintptr(2)}",
        ),
        ("strings.ToUpper", "func(string) string {…}"),
        ("make(chan int, 3)", "chan int (0 of 3)"),
        ("[]byte{0, 255}", "[]byte{0x00, 0xff}"),
        (r'"\xff\x1b]133;J"', r'"\xff\x1b]133;J"'),
        ("[]Place{}", "[]Place{}"),
        ("image.NewUniform(color.Black)", "&image.Uniform{C: color.Gray16{Y: 0}}"),
        ("image.Rect(0, 0, 1, 2)", "(0,0)-(1,2)"),
        ("map[float64]int{math.NaN(): 1, 2: 3}", "map[float64]int{NaN: 1, 2: 3}"),
    ],
)
def test_a_value_is_shown_as_go_would_have_it(go: FrontEnd, code: str, shown: str):
    assert plain(go, code) == shown


def test_what_is_too_wide_for_a_line_stands_on_several(go: FrontEnd):
    code = (
        'Person{"Ann", 1, &Place{"Rome", '
        "[]string{strings.Repeat(`a`, 30), strings.Repeat(`b`, 30), `c`, `d`}}}"
    )
    assert plain(go, code) == (
        'Person{\n    Name: "Ann",\n    age:  1,\n    Home: &Place{\n        City: "Rome",\n'
        f'        Tags: []string{{\n            "{"a" * 30}", "{"b" * 30}",\n'
        '            "c", "d",\n        },\n    },\n}'
    )


def test_a_value_that_holds_itself_ends(go: FrontEnd):
    """Of a pointer and a map; they are not kept, so that this is about what is shown alone."""
    code = "func() *Chain { c := &Chain{V: 1}; c.Next = c; return c }()"
    assert plain(go, code) == "&Chain{V: 1, Next: (*Chain above)}"
    code = "func() any { m := map[string]any{}; m[`me`] = m; return m }()"
    assert plain(go, code) == 'map[string]any{"me": (map[string]any above)}'


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("make([]int, 20<<20)", "\n    … 20,970,520 more\n}"),
        ("strings.Repeat(`é`, 50<<20)", '"… (104,837,600 more bytes)'),
        ("make([]byte, 100<<20)", "\n    … 104,857,344 more\n}"),
        ("make([][100000]int, 10)[:0:0]", "[][100000]int{}"),
        (
            "func() any { m := map[int]int{}; for i := range 200_000 { m[i] = i }; return m }()",
            "\n    … 199,000 more\n}",
        ),
    ],
)
def test_of_what_is_large_some_is_shown_and_the_rest_told(go: FrontEnd, code: str, end: str):
    shown = plain(go, code)
    assert shown.endswith(end)
    assert len(shown) < 30_000


def test_long_texts_within_a_value_are_cut_together(go: FrontEnd):
    shown = plain(go, "slices.Repeat([]string{strings.Repeat(`x`, 2000)}, 1000)")
    assert '"… (1,000 more bytes),' in shown
    assert re.search(r"\n    … 90\d more\n}$", shown)
    assert len(shown) < 110_000


def test_a_long_chain_is_cut(go: FrontEnd):
    code = "func() (c *Chain) { for i := range 100_000 { c = &Chain{i, c} }; return }()"
    shown = plain(go, code)
    assert shown.startswith("&Chain{\n    V:    99999,\n    Next: &Chain{")
    assert len(shown) < 5000
    assert "…" in shown


class Table(HTMLParser):
    """Texts of a table's cells, by rows, and the tags that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if "p" not in self.tags and data.strip():
            self.rows[-1][-1] += data


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        (
            '[]Person{{"<b>&", 1, nil}, {"Bo", 2, &Place{"Oslo", []string{"x"}}}}',
            [
                ["Name", "age", "Home"],
                ["<b>&", "1", "nil"],
                ["Bo", "2", '&Place{City: "Oslo", Tags: []string{"x"}}'],
            ],
        ),
        (
            '[2]*Place{nil, {"Oslo", nil}}',
            [["City", "Tags"], ["", ""], ["Oslo", "nil"]],
        ),
        (
            "map[string]Chain{`z`: {V: 1}, `a`: {}}",
            [["key", "V", "Next"], ["a", "0", "nil"], ["z", "1", "nil"]],
        ),
        (
            "[]map[string]any{{`b`: 1, `a`: `x`}, {`c`: []int{1}}}",
            [["a", "b", "c"], ["x", "1", ""], ["", "", "[]int{1}"]],
        ),
        ("[][]float64{{1, 2.5}, {3}}", [["0", "1"], ["1", "2.5"], ["3", ""]]),
        (
            "[]struct{ Place; When time.Time }{{When: time.Unix(0, 0).UTC()}}",
            [["City", "Tags", "When"], ["", "nil", "1970-01-01 00:00:00 +0000 UTC"]],
        ),
    ],
)
def test_rows_are_a_table(go: FrontEnd, code: str, rows: list[list[str]]):
    shown = bundle(go.execute(code))
    table = Table(shown[HTML])
    assert table.rows == rows
    assert "b" not in table.tags
    assert shown[PLAIN].split("\n")[0].split(" | ")[0].strip() == rows[0][0]
    fields = [field["name"] for field in shown[RESOURCE]["schema"]["fields"]]
    assert fields == rows[0]


@pytest.mark.parametrize("code", ["[]Loud{{1}, {2}}", "[][]byte{[]byte(`a`)}", "[]any{1, 2}"])
def test_what_says_itself_or_is_no_row_is_no_table(go: FrontEnd, code: str):
    assert set(bundle(go.execute(code))) == {PLAIN}


def test_a_table_of_many_rows_says_how_many_it_shows(go: FrontEnd):
    shown = bundle(go.execute("make([]Chain, 1_234_567)"))
    assert shown[HTML].endswith("<p>showing 1,000 of 1,234,567 rows</p>")
    assert shown[PLAIN].endswith("\n(showing 1,000 of 1,234,567 rows)")
    assert len(shown[RESOURCE]["data"]) == 1000
    shown = bundle(go.execute("make([][300]int, 900)"))
    assert shown[PLAIN].endswith("\n(showing 401 of 900 rows, 50 of 300 columns)")


def test_a_table_has_values_that_json_keeps(go: FrontEnd):
    code = (
        "[]struct{ I int64; F float64; B bool; D time.Duration; T time.Time }"
        "{{1<<60, math.NaN(), true, 1e9, time.Unix(0, 0).UTC()}, {5, 1.5, false, 0, time.Time{}}}"
    )
    found = bundle(go.execute(code))[RESOURCE]
    kinds = [one["type"] for one in found["schema"]["fields"]]
    assert kinds == ["integer", "number", "boolean", "string", "datetime"]
    assert found["data"] == [
        {"I": str(1 << 60), "F": "NaN", "B": True, "D": "1s", "T": "1970-01-01T00:00:00Z"},
        {"I": 5, "F": 1.5, "B": False, "D": "0s", "T": "0001-01-01T00:00:00Z"},
    ]
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("code", "size", "text"),
    [
        ("image.NewRGBA(image.Rect(0, 0, 30, 20))", (30, 20), "*image.RGBA 30\u00d720"),
        (
            "func() any { return *image.NewGray(image.Rect(0, 0, 5, 6)) }()",
            (5, 6),
            "image.Gray 5\u00d76",
        ),
        (
            "image.NewGray(image.Rect(0, 0, 30000, 20000))",
            (3333, 2222),
            "*image.Gray 30000\u00d720000, shown as 3333\u00d72222",
        ),
    ],
)
def test_an_image_is_a_picture(go: FrontEnd, code: str, size: tuple[int, int], text: str):
    shown = bundle(go.execute(code))
    assert struct.unpack(">II", base64.b64decode(shown["image/png"])[16:24]) == size
    assert shown[PLAIN] == text


@pytest.mark.parametrize(
    ("signature", "answer", "shown"),
    [
        (
            "map[string]any",
            '{"text/html": "<i>", "application/json": []int{1}, "image/png": []byte{1}}',
            {HTML: "<i>", "application/json": [1], "image/png": "AQ==", PLAIN: "Rich{A: 0}"},
        ),
        (
            "map[string]string",
            '{"text/plain": "own \\xff", "application/geo+json": "[1]"}',
            {PLAIN: "own �", "application/geo+json": [1]},
        ),
    ],
)
def test_a_value_with_mimebundle_shows_itself(go: FrontEnd, signature, answer, shown):
    code = f"type Rich struct{{ A int }}\nfunc (r *Rich) MIMEBundle() {signature} {{ return "
    result = go.execute(code + f"{signature}{answer} }}\nRich{{}}")
    assert bundle(result) == shown
    assert result.stderr == ""


def test_mimebundle_may_have_metadata(go: FrontEnd):
    code = """
type Meta int
func (Meta) MIMEBundle() (data, metadata map[string]any) {
    return map[string]any{"text/html": "x"}, map[string]any{"text/html": map[string]int{"w": 1}}
}
Meta(1)
"""
    (shown,) = go.execute(code).of_type("execute_result")
    assert shown["metadata"] == {HTML: {"w": 1}}


def test_methods_for_single_forms_are_called(go: FrontEnd):
    """The names are those of gophernotes."""
    code = """
type Forms int
func (Forms) HTML() string { return "<b>" }
func (Forms) Markdown() string { return "*m*" }
func (Forms) Latex() string { return "$x$" }
func (Forms) SVG() string { return "<svg/>" }
func (Forms) PNG() []byte { return []byte{1} }
Forms(7)
"""
    assert bundle(go.execute(code)) == {
        HTML: "<b>",
        "text/markdown": "*m*",
        "text/latex": "$x$",
        "image/svg+xml": "<svg/>",
        "image/png": "AQ==",
        PLAIN: "7",
    }


@pytest.mark.parametrize(
    ("code", "said", "text"),
    [
        ("Broken{1}", "String() of Broken panicked: boom", "Broken{A: 1}"),
        ("[]Broken{{1}, {2}}", "String() of Broken panicked: boom", "[]Broken{{A: 1}, {A: 2}}"),
        ("BrokenInt(1)", "String() of BrokenInt panicked: boom", "1"),
        ("Faulty(1)", "MIMEBundle() of Faulty panicked: EOF", "1"),
        (
            "Wrong(1)",
            "MIMEBundle() of Wrong: what is shown as text/html is a string or []byte, not int",
            "1",
        ),
        (
            "Missing{}",
            f"At() of Missing panicked: {NIL}",
            "Missing{Image: nil}",
        ),
    ],
)
def test_a_fault_in_a_method_is_told_and_does_no_harm(go: FrontEnd, code, said, text):
    result = go.execute(code)
    assert result.stderr == f"mykernel: {said}\n"
    assert bundle(result)[PLAIN] == text


def test_several_values_stand_below_each_other(go: FrontEnd):
    code = "func both() (int, []Place, error) { return 1, []Place{{`<Oslo>`, nil}}, nil }\nboth()"
    shown = bundle(go.execute(code))
    assert shown[PLAIN].split("\n")[:2] == ["1", "City   | Tags"]
    assert shown[HTML].startswith('<pre>1</pre>\n<table class="dataframe">')
    assert "&lt;Oslo&gt;" in shown[HTML]
    assert plain(go, "strconv.Atoi(`x`)") == '0\nstrconv.Atoi: parsing "x": invalid syntax'


def test_a_result_stands_behind_what_the_cell_has_printed(go: FrontEnd):
    result = go.execute('fmt.Print("before"); 5')
    kinds = [
        one["msg_type"] for one in result.iopub if one["msg_type"] in ("stream", "execute_result")
    ]
    assert kinds == ["stream", "execute_result"]


def test_png_is_linked_where_images_are_known_alone(go: FrontEnd):
    """To link it takes a tenth of the time of a cell."""
    assert "mykernel/picture" not in go.execute("%show\n1").stdout
    assert "mykernel/picture" in go.execute("%show\nimage.Point{}").stdout
