"""%export: a session of Go as a module that builds and runs by itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from frontend import FrontEnd
from toolchains import needs

from mykernel.languages.go.toolchain import find_toolchain

CELLS = (
    """// Point is a place.
type Point struct{ X, Y int }

func (p Point) Sum() int { return p.X + p.Y }
p := Point{1, 2}""",
    """// what it adds up to
total := p.Sum()
total""",
    """var when time.Time
places := map[string][]Point{"here": {p}}
for name, found := range places { fmt.Println(name, found, when.IsZero()) }""",
    """func TestSum(t *testing.T) { if (Point{1, 2}).Sum() != 3 { t.Fatal("not 3") } }
func init() { total = 40 }
func main() { fmt.Println("main", total) }""",
    "total += 1",
    "total += 1",
    "numbers := make(chan int, 1); numbers <- 4\nfmt.Println(<-numbers)",
)
SAID = "3\nhere [{1 2}] true\nmain 3\n4\n"


@pytest.fixture(scope="module")
def go(go: FrontEnd) -> FrontEnd:
    """A kernel that has run CELLS first."""
    for cell in CELLS:
        result = go.execute(cell)
        assert result.status == "ok", result.content
    return go


@pytest.fixture(scope="module")
def made(go: FrontEnd, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module that came of CELLS, and of a cell that failed."""
    folder = tmp_path_factory.mktemp("export") / "made"
    assert go.execute('panic("never")').ename == "panic"
    assert "main.go" in go.execute(f"%export {folder}").stdout
    return folder


def built(module: Path, *command: str) -> str:
    """What a command of go's says in the module, away from all that mykernel has."""
    path = str(find_toolchain().path)
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOPROXY": "off", "GOWORK": "off"}
    done = subprocess.run(
        [path, *command], cwd=module, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_says_what_the_cells_said(made):
    assert built(made, "run", ".") == SAID


def test_its_tests_pass(made):
    assert built(made, "test", ".").startswith("ok")


def test_a_cell_that_was_run_twice_is_there_once(made):
    assert (made / "main.go").read_text().count("total += 1") == 1


def test_comments_stay(made):
    text = (made / "main.go").read_text()
    assert "// Point is a place.\ntype Point struct" in text
    assert "\t// what it adds up to\n" in text


def test_a_cell_that_failed_is_not_there(made):
    assert "never" not in (made / "main.go").read_text()


def test_what_does_not_fit_any_more_is_named_and_left_out(go, tmp_path):
    go.execute("func (p Point) Sum() string { return `three` }")
    said = go.execute(f"%export {tmp_path / 'made'}").stderr
    assert "left out, since it no longer compiles: In[" in said
    built(tmp_path / "made", "build", ".")


def test_nothing_is_overwritten(go, tmp_path):
    (tmp_path / "kept").write_text("mine")
    result = go.execute(f"%export {tmp_path}")
    assert (result.ename, "new or empty folder" in result.evalue) == ("DirectiveError", True)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_folder_that_cannot_be_made_is_told(go):
    result = go.execute("%export /proc/none/here")
    assert (result.ename, "/proc/none" in result.evalue) == ("DirectiveError", True)
    assert "wants a folder" in go.execute("%export").evalue


def test_nothing_to_export_is_a_module_too(go, tmp_path):
    go.execute(f"%reset\n%export {tmp_path / 'empty session'}")
    assert (tmp_path / "empty session" / "go.mod").read_text().startswith("module empty-session\n")
    assert built(tmp_path / "empty session", "run", ".") == ""


def test_a_cell_that_has_left_by_exit_is_not_in_it(go, tmp_path):
    go.execute("%reset\nfmt.Print(`first `)\nos.Exit(0)")
    go.execute("fmt.Print(`second`)")
    go.execute(f"%export {tmp_path / 'made'}")
    assert built(tmp_path / "made", "run", ".") == "second"


def test_what_it_displays_is_printed_where_there_is_no_notebook(go, tmp_path):
    go.execute('%reset\ndisplay.Markdown("*here*")')
    said = go.execute(f"%export {tmp_path / 'made'}")
    assert (said.status, said.stderr) == ("ok", "")
    assert built(tmp_path / "made", "run", ".") == "*here*\n"


def test_it_asks_for_the_module_that_the_notebook_is_in(go, tmp_path):
    mine = tmp_path / "mine"
    (mine / "told").mkdir(parents=True)
    (mine / "go.mod").write_text("module example.com/mine\n\ngo 1.24\n")
    (mine / "told" / "told.go").write_text('package told\n\nfunc It() string { return "told" }\n')
    cell = 'import "example.com/mine/told"\nfmt.Println(told.It())'
    assert go.execute(f"%reset\n%cd {mine}\n{cell}").stdout.endswith("told\n")
    assert go.execute(f"%export {tmp_path / 'made'}\n").status == "ok"
    assert built(tmp_path / "made", "run", ".") == "told\n"


def test_c_and_the_headers_that_it_includes_go_with_it(go, tmp_path):
    needs("gcc", "gcc")
    mine = tmp_path / "mine"
    (mine / "more").mkdir(parents=True)
    (mine / "own.h").write_text('#include "more/deep.h"\n#define OWN (DEEP + 1)\n')
    (mine / "more" / "deep.h").write_text("#define DEEP 40\n")
    included = '// #include "own.h"\n// static int next(int x) { return x + 1; }\nimport "C"\n'
    cells = (
        f"%reset\n%cd {mine}",
        included + "func after(x int) int { return int(C.next(C.int(x))) }\nkept := C.next(C.OWN)",
        '// int twice(int x) { return 2 * x; }\nimport "C"\nfmt.Println(after(int(C.twice(kept))))',
        "func TestC(t *testing.T) { C.next(1) }",
    )
    for cell in cells:
        assert go.execute(cell).status == "ok", cell
    said = go.execute(f"%export {tmp_path / 'made'}")
    assert said.stderr.endswith("TestC: go has no cgo in tests\n")
    assert built(tmp_path / "made", "run", ".") == "85\n"
    assert built(tmp_path / "made", "vet", ".") == ""


def test_a_cell_whose_c_is_gone_is_left_out(go, tmp_path):
    needs("gcc", "gcc")
    for cell in (
        '%reset\n// int one() { return 1; }\nimport "C"\nfmt.Println(C.one())',
        '// int one() { return 1; }\n// int two() { return 2; }\nimport "C"\nfmt.Println(C.two())',
        '// int two() { return 3; }\nimport "C"\nfmt.Println(C.two())',
    ):
        assert go.execute(cell).status == "ok", cell
    said = go.execute(f"%export {tmp_path / 'made'}")
    assert "left out, since it no longer compiles: In[" in said.stderr
    assert "C.one" in said.stderr
    assert built(tmp_path / "made", "run", ".") == "3\n3\n"
