"""What Tab and Shift-Tab know of Go, in a real helper behind a real kernel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from frontend import FrontEnd

# The place of the cursor in the code of a question.
CURSOR = "┃"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook's, with a module of the user's."""
    path = tmp_path_factory.mktemp("notebook")
    (path / "go.mod").write_text("module example.org/fleet\n\ngo 1.24\n")
    (path / "harbour").mkdir()
    (path / "harbour" / "harbour.go").write_text(
        "// Package harbour is where boats are.\npackage harbour\n\n"
        "// Berth is one place.\ntype Berth struct {\n\tNumber int // from 1\n\tfree bool\n}\n\n"
        "// Moor takes a place.\nfunc Moor(name string) *Berth { return &Berth{} }\n"
    )
    return path


@pytest.fixture
def go(go: FrontEnd) -> Iterator[FrontEnd]:
    """A kernel that the module's tests share. What they declare lives on from one to the next."""
    yield go
    after = go.execute("fmt.Print()", store_history=False)
    assert (after.status, after.stderr) == ("ok", "")


def ask(go: FrontEnd, kind: str, code: str, **more: Any) -> dict[str, Any]:
    """The answer on code in which the cursor is marked; without a mark it is at the end."""
    before, _, after = code.partition(CURSOR)
    content = go.request(kind, code=before + after, cursor_pos=len(before), **more).content
    assert content["status"] == "ok", content
    return content


def matches(go: FrontEnd, code: str) -> list[str]:
    return list(ask(go, "complete", code)["matches"])


def inspected(go: FrontEnd, code: str, detail_level: int = 0) -> str:
    found = ask(go, "inspect", code, detail_level=detail_level)
    return str(found["data"]["text/plain"]) if found["found"] else ""


def declare(go: FrontEnd, code: str) -> None:
    result = go.execute(code)
    assert (result.status, result.stderr) == ("ok", ""), result.content


SHAPES = """
type point struct{ X, Y int }
func (p *point) Move(dx int) {}
type circle struct {
    point
    Radius float64
    name string
}
func (c circle) Area() float64 { return 0 }
"""


@pytest.mark.parametrize(
    ("code", "found", "missing"),
    [
        # Members of packages, imported or not.
        ("strings.Spl", {"Split", "SplitN"}, {"Contains"}),
        ("strings.tou", {"ToUpper"}, set()),
        ('import str "strings"\nstr.Rep', {"Repeat"}, set()),
        ("rand.", {"Intn"}, set()),
        ("var x time.Du", {"Duration"}, {"Now"}),
        ("filepath.Jo", {"Join"}, set()),
        # Of values.
        ("when := time.Now()\nwhen.Ad", {"Add", "AddDate"}, set()),
        ("time.Now().Ad", {"Add"}, set()),
        ("strings.NewReader(`a`).Re", {"Read", "ReadByte"}, {"Len"}),
        ("m := map[string]time.Time{}\nm[`a`].For", {"Format"}, set()),
        ("p := &struct{ A, B int }{}\np.", {"A", "B"}, set()),
        ("var w io.Writer\nw.", {"Write"}, set()),
        ("type N[T any] struct{ V T }\nvar n N[time.Duration]\nn.V.Hou", {"Hours"}, set()),
        ("func f(r *strings.Reader) {\n\tr.Re", {"Read"}, set()),
        ("for _, s := range []time.Month{} {\n\ts.Str", {"String"}, set()),
        ("switch v := any(1).(type) {\ncase time.Time:\n\tv.Ad", {"Add"}, set()),
        (SHAPES + "var c circle\nc.", {"Area", "Move", "Radius", "X", "name", "point"}, set()),
        (SHAPES + "new(circle).point.", {"X", "Move"}, {"Radius"}),
        # Fields in literals.
        (SHAPES + "circle{Rad", {"Radius"}, set()),
        (SHAPES + "circle{\n\tRadius: 1,\n\t┃\n}\ny := 1", {"name", "point"}, {"Radius", "y"}),
        (SHAPES + "&circle{point: point{┃", {"X", "Y"}, {"Radius"}),
        (SHAPES + "[]*circle{{Na", {"name"}, set()),
        # Names in scope.
        ("localName := 1\nfmt.Println(localN", {"localName"}, set()),
        ("fmt.Println(later┃)\nlaterOn := 1", set(), {"laterOn"}),
        ("func f(first int) {\n\tif fir", {"first"}, set()),
        ("if found := 1; fou", {"found"}, set()),
        ("func later() {}\nfunc f() { lat", {"later"}, set()),
        ("level := 1\nfunc f() { lev", {"level"}, set()),
        ("func f[Elem any](x Ele", {"Elem"}, set()),
        ("conti", {"continue"}, set()),
        ("x := fun", {"func"}, {"for"}),
        ("appe", {"append"}, set()),
        ("js", {"json"}, set()),
        ("var x st", {"string", "strings", "struct"}, set()),
        ("func f(a ma", {"map"}, {"make"}),
        # In code that is broken.
        ("a := strings.Fields(`a`\nb := 3 +\nstrings.Rep", {"Repeat"}, set()),
        ("func f() int {\n\tif true {\n\ts := time.Now()\n\ts.Ad", {"Add"}, set()),
        ("func f() {\n\tx := strings.Map(`a`\n\t) y\n\ttime.No┃\n}", {"Now"}, set()),
        ("}\nfmt.Prin", {"Println"}, set()),
        (")\nx := 1\nfmt.Prin┃\nfunc (", {"Println"}, set()),
        ("x := nosuch(\n\ntime.No┃\ny := 2", {"Now"}, set()),
        ("when := time.Now()\nwhen.┃\nfmt.Println(when)", {"Add"}, set()),
        # Beyond the Basic Multilingual Plane.
        ("s := `😀😀`; strings.Rep┃(s)", {"Repeat"}, set()),
        # Where no name of the user's can stand, or nothing is known.
        ("nosuch.A", set(), {"A"}),
        ("// fmt.Pri", set(), {"Print"}),
        ("x := `fmt.Pri", set(), {"Print"}),
        ("x := 3.", set(), {"Add"}),
        ("func app", set(), {"append"}),
        ("var app", set(), {"append"}),
    ],
)
def test_completion_knows_types(go: FrontEnd, code: str, found: set[str], missing: set[str]):
    answer = set(matches(go, code))
    assert found <= answer
    assert not missing & answer


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('import "net/h', {"net/http", "net/http/httptest"}),
        ('import (\n\t"fmt"\n\tt "text/┃"\n)', {"text/template"}),
        ('import "example.org/', {"example.org/fleet/harbour"}),
    ],
)
def test_completion_knows_what_can_be_imported(go: FrontEnd, code: str, found: set[str]):
    answer = ask(go, "complete", code)
    assert found <= set(answer["matches"])
    start = code.partition(CURSOR)[0].rindex('"') + 1
    assert (answer["cursor_start"], answer["cursor_end"]) == (start, len(code.partition(CURSOR)[0]))


def test_packages_of_the_users_module_are_known(go: FrontEnd):
    code = 'import "example.org/fleet/harbour"\n'
    assert matches(go, f"{code}harbour.") == ["Berth", "Moor"]
    assert matches(go, f"{code}harbour.Moor(`a`).") == ["Number"]
    assert "Package harbour is where boats are." in inspected(go, f"{code}harb┃our.Moor(`a`)")
    assert "Moor takes a place." in inspected(go, f"{code}harbour.Moor")
    assert "harbour" in matches(go, "harb")


def test_completion_tells_kinds_and_signatures(go: FrontEnd):
    declare(go, "type crane struct{ Height int }\nfunc (crane) Lift(n int) error { return nil }")
    found = ask(go, "complete", "crane{}.")["metadata"]["_jupyter_types_experimental"]
    assert [(one["text"], one["type"], one["signature"]) for one in found] == [
        ("Height", "property", "field Height int"),
        ("Lift", "method", "func (crane).Lift(n int) error"),
    ]
    (found,) = ask(go, "complete", "strings.Repea")["metadata"]["_jupyter_types_experimental"]
    assert found["signature"] == "func strings.Repeat(s string, count int) string"
    assert (found["start"], found["end"], found["type"]) == (8, 13, "function")


def test_what_is_nearer_comes_first(go: FrontEnd):
    declare(go, "type inner struct{ Aa, Zz int }\ntype outer struct {\n\tinner\n\tMm int\n}")
    assert matches(go, "outer{}.") == ["Mm", "inner", "Aa", "Zz"]
    found = matches(go, "strange := 1\nfunc stranger() {}\nstr")
    assert found[:2] == ["strange", "stranger"]
    assert matches(go, "Upper := 1; upper := 2; uppe") == ["upper", "Upper"]


def test_completion_knows_what_cells_have_left(go: FrontEnd):
    declare(go, "type boat struct{ Length, width int }\nfunc (boat) Sail() {}\nmine := boat{1, 2}")
    assert matches(go, "mine.") == ["Length", "Sail", "width"]
    assert matches(go, "min") == ["min", "mine"] or matches(go, "min")[0] == "mine"
    assert matches(go, "func f() { mine.") == ["Length", "Sail", "width"]
    declare(go, "type boat struct{ Depth int }")
    assert "Depth" in matches(go, "boat{")


def test_a_question_changes_nothing(go: FrontEnd, folder: Path):
    before = sorted(folder.rglob("*"))
    code = 'var _ = os.WriteFile("left", nil, 0o600)\nfunc init() { panic(1) }\nos.'
    assert "WriteFile" in matches(go, code)
    assert inspected(go, code + "WriteFile(")
    assert sorted(folder.rglob("*")) == before


def test_inspection_shows_what_std_documents(go: FrontEnd):
    found = inspected(go, "strings.Rep┃eat")
    assert found.startswith("func strings.Repeat(s string, count int) string\n\nRepeat returns")
    assert found.rpartition(":")[0].endswith("/src/strings/strings.go")
    source = inspected(go, "strings.Repeat", detail_level=1)
    assert "func Repeat(s string, count int) string {\n" in source
    assert "panic(" in source


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("time.Now().Ad┃d", "returns the time t+d"),
        ("http.Requ┃est", "\tMethod string\n"),
        ("http.Requ┃est", "func (*http.Request).AddCookie(c *http.Cookie)"),
        ("var r io.Reader\nr.Re┃ad", "func (io.Reader).Read(p []byte) (n int, err error)"),
        ("math.P┃i", "const math.Pi untyped float = 3.14159"),
        ("time.Frid┃ay", "const time.Friday time.Weekday = 5"),
        ("io.E┃OF", "EOF is the error returned by Read"),
        ("apnd := append", "func append(slice []Type, elems ...Type) []Type"),
        ("var e err┃or", "type error interface {"),
        ("ni┃l", "zero value for a pointer"),
        ("strings", 'package strings // import "strings"'),
        ("str┃ings.ToUpper", "Package strings implements simple functions"),
        ('import "encoding/js┃on"', "Package json implements encoding and decoding of JSON"),
        ("x := []int{1}\nslices.Ma┃x(x)", "Max returns the maximal value"),
        ("x := 5\nx┃++", "var x int"),
        ("const K = 3 * 4\nK", "const K untyped int = 12"),
        ("s := struct{ A int }{}\ns.A", "field A int"),
        ("unsafe.Sizeof", "func Sizeof(x ArbitraryType) uintptr"),
        ("display.HTML", "What comes from elsewhere is escaped"),
    ],
)
def test_inspection_knows(go: FrontEnd, code: str, shown: str):
    assert shown in inspected(go, code)


@pytest.mark.parametrize(
    "code", ["", "nosuch", "nosuch.Name", "fo┃r", "1 + 1", "// fmt.Print", "_"]
)
def test_inspection_finds_nothing_where_nothing_is_known(go: FrontEnd, code: str):
    assert inspected(go, code) == ""


def test_inspection_shows_the_users_own(go: FrontEnd):
    cell = (
        "// twice is what it says.\n// All of it.\nfunc twice(a int) int {\n\treturn a * 2\n}\n"
        "// gauge measures.\ntype gauge struct {\n\tLevel int // in mm\n}\n"
        "func (g gauge) Read() int { return g.Level }\nreading := gauge{3}"
    )
    number = go.execute("fmt.Print()").content["execution_count"] + 1
    declare(go, cell)
    assert inspected(go, "twice(1)┃", 0) == ""
    found = inspected(go, "tw┃ice(1)")
    assert found == (
        f"func twice(a int) int\n\ntwice is what it says. All of it.\n\nIn[{number}], line 3"
    )
    assert "\treturn a * 2\n}" in inspected(go, "twice", detail_level=1)
    assert inspected(go, "gau┃ge{}") == (
        "type gauge struct {\n\tLevel int // in mm\n}\n\nfunc (gauge).Read() int\n\n"
        f"gauge measures.\n\nIn[{number}], line 7"
    )
    assert inspected(go, "reading.Level") == f"field Level int\n\nin mm\n\nIn[{number}], line 8"
    assert inspected(go, "reading") == f"var reading gauge\n\nIn[{number}], line 11"
    assert "func (gauge).Read() int" in inspected(go, "reading.Read()┃".replace("()", ""))


def test_inspection_shows_markdown_too(go: FrontEnd):
    data = ask(go, "inspect", "sort.Slice", detail_level=0)["data"]
    assert data["text/markdown"].startswith("```go\nfunc sort.Slice(x any, less func(i int, j int)")
    assert "The sort is not guaranteed to be stable" in data["text/markdown"]


@pytest.mark.parametrize(
    ("code", "call", "parameter"),
    [
        ("strings.Repeat(", "strings.Repeat(s string, count int) string", "s string"),
        ("strings.Repeat(`a`, ┃)", "strings.Repeat(s string, count int) string", "count int"),
        ("strings.Repeat(`a┃`, 2)", "strings.Repeat(s string, count int) string", "s string"),
        ("strings.Repeat(`((,`, 2┃)", "strings.Repeat(s string, count int) string", "count int"),
        ("fmt.Println(1, 2, 3┃)", "fmt.Println(a ...any) (n int, err error)", "a ...any"),
        (
            "strings.Repeat(strings.TrimLeft(`a`, ┃), 2)",
            "strings.TrimLeft(s string, cutset string) string",
            "cutset string",
        ),
        ("append([]int{1, 2}, ┃", "append(slice []Type, elems ...Type) []Type", "elems ...Type"),
        ("f := func(a int, b ...string) {}\nf(1, `(`, ┃", "f(a int, b ...string)", "b ...string"),
        (
            "x := []int{1}\nslices.IndexFunc(x, ┃)",
            "slices.IndexFunc[S ~[]E, E any](s S, f func(E) bool) int",
            "f func(E) bool",
        ),
        ("slices.Index([]int{1}, 1┃)", "slices.Index(s []int, v int) int", "v int"),
        ("strings.Map(func(r rune) rune { return r }, ┃", "strings.Map(", "s string"),
        ("os.WriteFile(`a`,\n\tnil,\n\t┃", "os.WriteFile(", "perm os.FileMode"),
    ],
)
def test_the_parameter_of_a_call_is_marked(go: FrontEnd, code: str, call: str, parameter: str):
    shown, marks = inspected(go, code).split("\n")[:2]
    assert shown.startswith(call)
    at = marks.index("^")
    assert shown[at:].startswith(parameter.replace("os.FileMode", "")) or parameter in shown[at:]
    assert marks.count("^") == len(marks.strip())
    assert shown[at : at + marks.count("^")].startswith(parameter.partition(" ")[0])


def test_the_name_of_an_argument_is_shown_with_its_call(go: FrontEnd):
    found = inspected(go, "count := 2\nstrings.Repeat(`a`, cou┃nt)")
    assert found.startswith("strings.Repeat(s string, count int) string\n")
    assert "\n\nvar count int\n" in found


def test_the_body_of_a_function_is_no_argument(go: FrontEnd):
    code = "slices.IndexFunc([]string{`a`}, func(s string) bool {\n\treturn ┃\n})"
    assert inspected(go, code) == ""


def test_questions_are_answered_while_a_cell_runs(go: FrontEnd):
    cell = go.send('fmt.Println("ready"); for {}')
    go.until_text(cell, "ready")
    found = matches(go, "strings.Repl"), inspected(go, "strings.Repeat")
    go.interrupt()
    assert go.result(cell).ename == "KeyboardInterrupt"
    assert "Replace" in found[0]
    assert "Repeat returns" in found[1]
    assert "Replace" in matches(go, "strings.Repl")


LONG = "\n".join(f"\tm[fmt.Sprint({n})] = append(m[`a`], {n})" for n in range(6_000))


def test_questions_are_answered_while_a_build_runs(go: FrontEnd):
    declare(go, "fmt.Print(strings.ToUpper(``))")
    cell = go.send(f"func long(m map[string][]int) {{\n{LONG}\n}}\nlong(nil)")
    with stopped_compiler(go, "main"):
        assert_answers(go)
        go.interrupt()
    assert go.result(cell).ename == "KeyboardInterrupt"


def test_questions_are_answered_while_packages_are_compiled(go: FrontEnd, folder: Path):
    """What a cell imports is compiled by go list, for which it holds the toolchain."""
    declare(go, "fmt.Print(strings.ToUpper(``))")
    (folder / "big").mkdir()
    code = f'package big\n\nimport "fmt"\n\nfunc Big(m map[string][]int) {{\n{LONG}\n}}\n'
    (folder / "big" / "big.go").write_text(code)
    cell = go.send('import "example.org/fleet/big"\nbig.Big(nil)')
    with stopped_compiler(go, "example.org/fleet/big"):
        assert_answers(go)
        go.interrupt()
    assert go.result(cell).ename == "KeyboardInterrupt"


def assert_answers(go: FrontEnd) -> None:
    assert "Replace" in matches(go, "strings.Repl")
    assert "Repeat returns" in inspected(go, "strings.Repeat")


@contextmanager
def stopped_compiler(go: FrontEnd, path: str) -> Iterator[None]:
    """Wait for the compiler of that package, which does nothing meanwhile, and may be ended."""
    while not (found := compilers(go, path)):
        pass
    for process in found:
        process.suspend()
    yield
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def compilers(go: FrontEnd, path: str) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(go.pid).children(recursive=True):
        with suppress(psutil.Error):
            if process.name() == "compile" and path in process.cmdline():
                found.append(process)
    return found


def test_questions_before_the_first_cell_are_answered(start_kernel: Callable[..., FrontEnd]):
    fresh = start_kernel("go")
    assert "Println" in matches(fresh, "fmt.Print")
    assert "Println formats" in inspected(fresh, "fmt.Println")
    assert fresh.execute("fmt.Print(`ran`)").stdout == "ran"
    # JavaScript's strings may hold half of a surrogate pair, and JSON carries it.
    fresh.client.session.pack = lambda content: json.dumps(content, default=str).encode()
    assert "Repeat" in matches(fresh, "x := `\ud83d`; strings.Rep")
    assert "Repeat returns" in inspected(fresh, "x := `\ud83d`; strings.Repeat")


def test_a_long_cell_is_no_trouble(go: FrontEnd):
    # A question is given up after two seconds; this one takes a tenth of one alone.
    lines = "".join(f"fmt.Println({n}, `{'x' * 50}`)\n" for n in range(5_000))
    assert "Repeat" in matches(go, f"{lines}strings.Rep")
    text = "x" * 1_000_000
    assert "Repeat" in matches(go, f"y := `{text}`\nstrings.Rep")


@pytest.mark.parametrize("odd", ["\0", "\ufeff", "￿", "\x1b]133;D;s=0\a"])
def test_odd_characters_are_no_trouble(go: FrontEnd, odd: str):
    for code in (f"x := `{odd}`\nstrings.Rep", f"{odd}\nstrings.Rep"):
        matches(go, code)
        ask(go, "inspect", code, detail_level=1)
        go.request("is_complete", code=code)
    assert "Repeat" in matches(go, f"x := `{odd}`; strings.Rep") or odd in "\0\ufeff"
