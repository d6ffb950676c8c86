"""What Go has beyond the contract, each in a real Go behind a real kernel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from frontend import FrontEnd, Result
from toolchains import needs_language

import mykernel.languages.go

SGR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def go(go: FrontEnd) -> Iterator[FrontEnd]:
    """A kernel that the module's tests share. What they declare lives on from one to the next."""
    yield go
    after = go.execute('"in step"', store_history=False)
    assert (value(after), after.stderr) == ('"in step"', "")


def value(result: Result) -> str:
    assert result.status == "ok", result.content
    (shown,) = (one["data"]["text/plain"] for one in result.of_type("execute_result"))
    return str(shown)


def has_no_value(result: Result) -> bool:
    assert result.status == "ok", result.content
    return not result.of_type("execute_result")


def traceback(result: Result) -> str:
    (error,) = result.of_type("error")
    return SGR.sub("", "\n".join(error["traceback"]))


def run(go: FrontEnd, *cells: str) -> Result:
    """The last one's result. The others have to end well and in silence."""
    for cell in cells[:-1]:
        before = go.execute(cell)
        assert (before.status, before.stderr) == ("ok", ""), before.content
    return go.execute(cells[-1])


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("1 + 1", "2"),
        ('"a" + "b"', '"ab"'),
        ("[]int{1, 2}", "[]int{1, 2}"),
        ("struct{A int; B string}{1, `x`}", 'struct { A int; B string }{A: 1, B: "x"}'),
        ("&struct{A int}{1}", "&struct { A int }{A: 1}"),
        ("map[string]int{`b`: 1, `a`: 2}", 'map[string]int{"a": 2, "b": 1}'),
        ("errors.New(`bad`)", "bad"),
        ("3 * time.Second", "3s"),
        ("strconv.Atoi(`12`)", "12"),
        ("[]byte(`ab`)", '[]byte("ab")'),
        ("len(`abc`) // a comment", "3"),
    ],
)
def test_the_last_expression_is_the_result(go: FrontEnd, code: str, shown: str):
    assert value(go.execute(code)) == shown


@pytest.mark.parametrize(
    "code",
    [
        "",
        "// nothing\n",
        "q := 1",
        "fmt.Print()",
        "func() {}()",
        "type Q int",
        "for range 2 {}",
        "nil",
    ],
)
def test_what_has_no_value_shows_none(go: FrontEnd, code: str):
    assert has_no_value(go.execute(code))


def test_declarations_and_statements_may_be_mixed(go: FrontEnd):
    result = run(
        go,
        'import str "strings"\nfmt.Print()\nfunc up(s string) string { return str.ToUpper(s) }\n'
        "const ( Zero = iota; One; Two )\ntype Pair[T any] struct{ A, B T }\n"
        "func (p Pair[T]) Swap() Pair[T] { return Pair[T]{p.B, p.A} }",
        'up("a") + fmt.Sprint(Two, Pair[int]{1, 2}.Swap())',
    )
    assert value(result) == '"A2 {2 1}"'


def test_functions_see_what_a_statement_defines(go: FrontEnd):
    cell = "level := 1\nfunc getLevel() int { return level }\nlevel = 7\ngetLevel()"
    assert value(go.execute(cell)) == "7"
    assert value(go.execute("level := getLevel() + 1\ngetLevel()")) == "8"
    assert value(run(go, "level++", "getLevel()")) == "9"


def test_a_variable_may_change_its_type(go: FrontEnd):
    assert value(run(go, "turn := 5", "turn := fmt.Sprint(turn, `!`)", "turn")) == '"5!"'


def test_a_name_may_change_what_it_is(go: FrontEnd):
    assert value(run(go, "thing := 5", "func thing() string { return `f` }", "thing()")) == '"f"'


def test_a_constant_of_a_group_is_redefined_alone(go: FrontEnd):
    cells = "const (\n\tRed = iota\n\tGreen\n\tBlue\n)", 'const Green = "g"'
    assert value(run(go, *cells, "fmt.Sprint(Red, Green, Blue)")) == '"0g2"'


def test_values_live_on(go: FrontEnd):
    cell = """
type node struct {
    kids   []*node
    parent *node
    any    any
    priv   map[string]*node
}
root := &node{priv: map[string]*node{}}
root.kids = append(root.kids, &node{parent: root, any: []any{1, "x", map[string]any{"k": 2.5}}})
root.priv["me"] = root
day := time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC)
huge := new(big.Int).Lsh(big.NewInt(1), 100)
var text strings.Builder
text.WriteString("hi")
pattern := regexp.MustCompile("a+")
wrapped := errors.Join(io.EOF, fmt.Errorf("more: %w", fs.ErrNotExist))
keyed := map[struct{ a, b int }]bool{{1, 2}: true}
var none map[string]int
var number any = json.Number("5")
"""
    shown = run(
        go,
        cell,
        'text.WriteString(" there")',
        "fmt.Sprint(root.priv[`me`] == root, root.kids[0].parent == root, root.kids[0].any, day,"
        " day.Location() == time.UTC, huge, text.String(), pattern.FindString(`baaa`),"
        " errors.Is(wrapped, io.EOF), errors.Is(wrapped, fs.ErrNotExist), keyed, none == nil)"
        " + fmt.Sprintf(`%T`, number)",
    )
    assert value(shown) == (
        '"true true [1 x map[k:2.5]] 2020-01-02 03:04:05.000000006 +0000 UTC true'
        " 1267650600228229401496703205376hi thereaaatrue true map[{1 2}:true] true"
        'json.Number"'
    )


def test_values_in_interfaces_bring_their_types(go: FrontEnd):
    cell = """
type shape interface{ area() float64 }
type square struct{ side float64 }
func (s square) area() float64 { return s.side * s.side }
var shapes []shape
shapes = append(shapes, square{2}, &square{3})
"""
    result = run(go, cell, "for _, one := range shapes {\n\tfmt.Print(one.area(), ` `)\n}")
    assert result.stdout == "4 9 "


def test_what_cannot_be_carried_is_named_once(go: FrontEnd):
    first = go.execute("pipe := make(chan int, 1)\nafter := 1")
    assert first.stderr == (
        "mykernel: pipe is not there for later cells:"
        " it is or holds a chan int, which belongs to a process\n"
    )
    assert go.execute("pipe := make(chan int, 1)").stderr == ""
    assert value(go.execute("after")) == "1"
    assert "undefined: pipe" in go.execute("pipe").evalue


def test_a_variable_of_a_type_that_changed_says_so(go: FrontEnd):
    cells = "type grown struct{ A int }\nvalueOf := grown{1}", "type grown struct{ A, B int }"
    result = run(go, *cells, "valueOf")
    assert value(result) == "grown{A: 0, B: 0}"
    assert result.stderr == "mykernel: valueOf has lost its value: its type is not what it was\n"


def test_a_value_in_an_interface_whose_methods_are_not_its_own_any_more_says_so(go: FrontEnd):
    cells = (
        "type sided interface{ Sides() int }\ntype tile struct{ A int }",
        "func (tile) Sides() int { return 4 }\nsides := []sided{tile{1}}",
        "%rm tile.Sides",
        "func (*tile) Sides() int { return 4 }",
    )
    result = run(go, "%stale off", *cells, "len(sides)")
    said = "sides has lost its value: tile has not the methods of sided any more"
    assert (value(result), result.stderr) == ("0", f"mykernel: {said}\n")


@pytest.mark.parametrize("end", ["panic(1)", "os.Exit(3)", "var p *int; *p = 1", "log.Fatal(1)"])
def test_a_cell_that_does_not_end_well_leaves_values_as_they_were(go: FrontEnd, end: str):
    result = run(go, "steady := 1", f"steady = 2\nnewcomer := 1\n{end}")
    assert result.status == "error"
    assert value(go.execute("steady")) == "1"
    assert "undefined: newcomer" in go.execute("newcomer").evalue


def test_a_parameter_is_no_variable_of_that_name(go: FrontEnd):
    """The variable is not loaded, whose type is not what it was."""
    cells = (
        "type tool struct{ A int }\nowned := tool{1}",
        "func (owned *tool) grow() { owned.A++ }",
        "type tool struct{ A, B int }",
    )
    result = run(go, "%stale off", *cells, "other := tool{1, 2}\nother.grow()\nother")
    assert (value(result), result.stderr) == ("tool{A: 2, B: 2}", "")


def test_keys_of_a_literal_may_be_variables(go: FrontEnd):
    assert value(run(go, 'keyName := "k"', "len(map[string]int{keyName: 1})")) == "1"


def test_a_whole_program_is_a_cell(go: FrontEnd):
    code = 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("whole")\n}'
    assert go.execute(code).stdout == "whole\n"


def test_init_and_main_belong_to_their_cell(go: FrontEnd):
    cell = (
        'func init() { fmt.Print("init ") }\nfunc main() { fmt.Print("main ") }\nfmt.Print("cell ")'
    )
    assert go.execute(cell).stdout == "init cell main "
    assert go.execute("fmt.Print()").stdout == ""


def test_of_packages_of_the_same_name_the_one_that_fits_is_imported(go: FrontEnd):
    code = "rand.Intn(1), len(rand.Text()) > 9"
    assert value(go.execute("rand.Intn(1)")) == "0"
    assert value(go.execute("len(rand.Text()) > 9")) == "true"
    assert go.execute(f"fmt.Println({code})").status == "error"


@pytest.mark.parametrize(
    ("code", "evalue", "caret"),
    [
        ("a1 := 1\na2 := nosuch + 1", ":2:7: undefined: nosuch", "      ^"),
        ("func f1() {\n\tx := 1\n}", ":2:2: declared and not used: x", "\t^"),
        ("é := 1; é.x()", ":1:13: é.x undefined", "          ^"),
        ("if true {\n\tfmt.Println(1\n}", ":2:15: missing ','", "\t             ^"),
        ("3 +", ":1:4: expected operand, found the end of the statement", "   ^"),
        ('var u int = "s"', ":1:13: cannot use", "            ^"),
        ("b1 := 1\nb1 := 2", ":2:4: no new variables", "   ^"),
    ],
)
def test_compile_errors_point_to_their_place(go: FrontEnd, code: str, evalue: str, caret: str):
    result = go.execute(code)
    assert result.ename == "CompileError"
    assert evalue in result.evalue
    shown = traceback(result).split("\n")
    (at,) = (number for number, line in enumerate(shown) if line.startswith("----> "))
    assert shown[at + 1] == " " * 8 + caret


def test_a_person_is_shown_compile_errors_as_html_and_a_batch_run_by_the_error(go: FrontEnd):
    code = "x := 1\nif x < nix {\n}"
    person = go.execute(code, allow_stdin=True)
    (shown,) = (one["data"] for one in person.of_type("display_data"))
    (error,) = person.of_type("error")
    assert shown["text/plain"] == "\n".join(person.content["traceback"])
    assert ">nix</span> {" in shown["text/html"]
    assert "&lt; <span" in shown["text/html"]
    (line,) = error["traceback"]
    assert "CompileError" in line
    assert line.endswith(":2:8: undefined: nix")
    batch = go.execute(code)
    assert batch.of_type("display_data") == []
    (error,) = batch.of_type("error")
    assert error["traceback"] == batch.content["traceback"]
    assert len(error["traceback"]) == len(person.content["traceback"]) > 4
    silent = go.execute(code, silent=True, allow_stdin=True)
    assert (silent.status, silent.of_type("display_data")) == ("error", [])


def test_nothing_of_a_cell_runs_that_does_not_compile(go: FrontEnd):
    result = go.execute('fmt.Println("ran")\nfunc kept() {}\nnosuch()')
    assert (result.stdout, result.ename) == ("", "CompileError")
    assert "undefined: kept" in go.execute("kept()").evalue


def test_a_panic_shows_the_calls_in_cells(go: FrontEnd):
    run(
        go,
        "func outer(n int) int {\n\treturn inner(n)\n}\nfunc inner(n int) int {\n\treturn 1 / n\n}",
        "",
    )
    result = go.execute("fmt.Print(`before `)\nouter(0)")
    assert (result.ename, result.evalue) == ("panic", "runtime error: integer divide by zero")
    assert (result.stdout, result.stderr) == ("before ", "")
    shown = traceback(result)
    assert "----> 5 \treturn 1 / n" in shown
    assert re.search(r"in outer, In\[\d+\], line 2\nin the cell, In\[\d+\], line 2", shown), shown
    assert "goroutine" not in shown


@pytest.mark.parametrize(
    ("code", "evalue"),
    [
        ("<-make(chan int)", "all goroutines are asleep - deadlock!"),
        ("func down(i int) int { return down(i+1) + 1 }\ndown(0)", "stack overflow"),
    ],
)
def test_fatal_errors_are_named(go: FrontEnd, code: str, evalue: str):
    result = go.execute(code)
    assert (result.ename, result.evalue, result.stderr) == ("fatal error", evalue, "")


def test_a_panic_in_a_goroutine_is_the_cells(go: FrontEnd):
    result = go.execute('go func() {\n\tpanic("there")\n}()\nselect {}')
    assert (result.ename, result.evalue) == ("panic", "there")
    assert "in a goroutine of the cell" in traceback(result)


def test_output_that_looks_like_a_panic_is_output(go: FrontEnd):
    result = go.execute('fmt.Fprint(os.Stderr, "panic: not so\\n")')
    assert (result.status, result.stderr) == ("ok", "panic: not so\n")


def test_exit_names_its_status(go: FrontEnd):
    result = go.execute('fmt.Println("out")\nos.Exit(3)')
    assert (result.ename, result.stdout) == ("ExitStatus", "out\n")
    assert result.evalue.startswith("3 ")


def test_exit_with_status_0_is_a_success_which_keeps_no_values(go: FrontEnd):
    result = run(go, "spared := 1", 'spared = 2\nfmt.Println("out")\nos.Exit(0)\nspared')
    assert (result.status, result.stdout, result.of_type("execute_result")) == ("ok", "out\n", [])
    note = "os.Exit ended the cell there; variables are as they were before it"
    assert result.stderr == f"mykernel: {note}\n"
    assert value(go.execute("spared")) == "1"
    assert note in go.execute("fresh := 1\nos.Exit(0)").stderr
    assert "undefined: fresh" in go.execute("fresh").evalue


def test_exit_with_status_0_where_no_variable_is_says_nothing(go: FrontEnd):
    result = go.execute('func main() {\n\tfmt.Println("done")\n\tos.Exit(0)\n}')
    assert (result.status, result.stdout, result.stderr) == ("ok", "done\n", "")


def test_a_signal_ends_the_cell_alone(go: FrontEnd):
    run(go, "survivor := 1", "")
    result = go.execute("syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}")
    assert (result.ename, "SIGKILL" in result.evalue) == ("Signal", True)
    assert value(go.execute("survivor")) == "1"


def test_a_build_can_be_interrupted(go: FrontEnd):
    """What is compiled is seen to be, and takes longer than the interrupt."""
    run(go, "built := 1", "")
    lines = "\n".join(f"\tm[fmt.Sprint({n})] = append(m[`a`], {n})" for n in range(6000))
    cell = go.send(f"func long(m map[string][]int) {{\n{lines}\n}}\nfmt.Println(`ran`)\nlong(nil)")
    kernel = psutil.Process(go.pid)
    while not any(is_compiler(child) for child in kernel.children(recursive=True)):
        pass
    go.interrupt()
    result = go.result(cell)
    assert (result.ename, result.stdout, result.stderr) == ("KeyboardInterrupt", "", "")
    assert value(go.execute("built")) == "1"


def is_compiler(process: psutil.Process) -> bool:
    try:
        return process.name() == "compile"
    except psutil.Error:
        return False


def test_input_is_read_line_by_line(go: FrontEnd):
    code = """
lines := bufio.NewReader(os.Stdin)
for range 2 {
    fmt.Print("> ")
    line, err := lines.ReadString('\\n')
    fmt.Printf("%q %v\\n", line, err)
}
"""
    result, asked = go.converse(code, ["one", "two"])
    assert [one["prompt"] for one in asked] == ["> ", "> "]
    assert result.stdout == '"one\\n" <nil>\n"two\\n" <nil>\n'


# What golang.org/x/term's ReadPassword does.
READ_PASSWORD = """
func ioctl(request uintptr, modes *syscall.Termios) {
    syscall.Syscall(syscall.SYS_IOCTL, 0, request, uintptr(unsafe.Pointer(modes)))
}
func readPassword() string {
    var before syscall.Termios
    ioctl(syscall.TCGETS, &before)
    silent := before
    silent.Lflag &^= syscall.ECHO
    silent.Lflag |= syscall.ICANON | syscall.ISIG
    ioctl(syscall.TCSETS, &silent)
    defer ioctl(syscall.TCSETS, &before)
    line, _ := bufio.NewReader(os.Stdin).ReadString('\\n')
    return strings.TrimSpace(line)
}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the ioctls have other names elsewhere")
def test_a_password_is_asked_for_as_one(go: FrontEnd):
    code = f'{READ_PASSWORD}fmt.Print("Password: ")\nfmt.Println(len(readPassword()))'
    result, asked = go.converse(code, ["secret"])
    assert [(one["prompt"], one["password"]) for one in asked] == [("Password: ", True)]
    assert result.stdout.strip() == "6"


@pytest.mark.parametrize(
    ("code", "found", "missing"),
    [
        ("strings.Spl", {"Split", "SplitN"}, {"Contains"}),
        ("fmt.Println(strings.ToUp", {"ToUpper"}, set()),
        ("for i := range 3 {\n\tmath.Sq", {"Sqrt"}, set()),
        ("var when time.Time\nwhen.Ad", {"Add", "AddDate"}, set()),
        ("localName := 1\nfmt.Println(localN", {"localName"}, set()),
        ("conti", {"continue"}, set()),
        ("nosuch.A", set(), {"A"}),
    ],
)
def test_completion_knows_types(go: FrontEnd, code: str, found: set[str], missing: set[str]):
    matches = go.request("complete", code=code, cursor_pos=len(code)).content["matches"]
    assert found <= set(matches)
    assert not missing & set(matches)


def test_completion_knows_members_of_what_cells_have_left(go: FrontEnd):
    run(go, "type boat struct{ Length, width int }\nfunc (boat) Sail() {}\nmine := boat{1, 2}", "")
    code = "mine."
    found = go.request("complete", code=code, cursor_pos=len(code)).content
    assert found["matches"] == ["Length", "Sail", "width"]


def test_questions_are_answered_while_a_cell_runs(go: FrontEnd):
    cell = go.send('fmt.Println("ready"); for {}')
    go.until_text(cell, "ready")
    found = go.request("complete", code="strings.Repl", cursor_pos=12).content["matches"]
    go.interrupt()
    assert go.result(cell).ename == "KeyboardInterrupt"
    assert "Replace" in found


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("x := 1", "complete"),
        ("func f() {", "incomplete"),
        ("x := `a", "incomplete"),
        ("/* a", "incomplete"),
        ("f(1,", "incomplete"),
        ("x :=", "incomplete"),
        ("x := 1 +", "incomplete"),
        ("}", "invalid"),
        ('"a', "invalid"),
        ("x y z", "invalid"),
        ("", "complete"),
    ],
)
def test_completeness(go: FrontEnd, code: str, status: str):
    assert go.request("is_complete", code=code).status == status


def test_folder_and_environment_belong_to_programs_too(go: FrontEnd, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    here = value(go.execute("folder, _ := os.Getwd()\nfolder"))
    assert go.execute(f"%cd {folder}").status == "ok"
    assert value(go.execute("folder, _ := os.Getwd()\nfolder")) == f'"{folder}"'
    assert go.execute(f"%cd {here[1:-1]}").status == "ok"


def test_user_expressions_leave_nothing(go: FrontEnd):
    run(go, "counter := 1", "")
    reply = go.execute("counter", user_expressions={"a": "counter + 1", "b": "nosuch"}).content
    answers = reply["user_expressions"]
    assert answers["a"]["data"]["text/plain"] == "2"
    assert answers["b"]["status"] == "error"


def test_a_new_kernel_starts_with_nothing(go: FrontEnd, start_kernel: Callable[..., FrontEnd]):
    run(go, "alone := 1", "")
    assert "undefined: alone" in start_kernel("go").execute("alone").evalue


OWN = Path(mykernel.languages.go.__file__).parent / "agent"


def test_what_is_written_in_go_is_formatted_as_go_has_it():
    needs_language("go")
    gofmt = mykernel.languages.go.find_toolchain().path.with_name("gofmt")
    done = subprocess.run([gofmt, "-l", "."], cwd=OWN, capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_vet_finds_nothing_in_the_helper():
    needs_language("go")
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}
    argv = [mykernel.languages.go.find_toolchain().path, "vet", "./helper"]
    done = subprocess.run(argv, cwd=OWN, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("", "")
