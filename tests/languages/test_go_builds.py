"""How programs of Go cells are built: flags, tags, cgo, embedded files, races."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from frontend import FrontEnd, results, traceback
from toolchains import needs, needs_language

from mykernel.languages.go.toolchain import find_toolchain

TWICE = '// static int twice(int x) { return 2 * x; }\nimport "C"\n'


@pytest.fixture
def go(go: FrontEnd, tmp_path: Path) -> Iterator[FrontEnd]:
    """A kernel that the module's tests share, in a folder of the test's own."""
    folder = tmp_path / "a nötebook"
    folder.mkdir()
    assert go.execute(f"%cd {folder}").status == "ok"
    yield go
    assert go.execute('%goflags ""\n%reset').status == "ok"
    after = go.execute("1 + 1", store_history=False)
    assert (results(after), after.stderr) == (["2"], "")


@pytest.fixture
def here(go: FrontEnd) -> Path:
    """The notebook's."""
    return Path(results(go.execute("os.Getwd()"))[0].partition("\n")[0].strip('"'))


@pytest.fixture
def gcc() -> None:
    needs("gcc", "gcc")


def test_files_are_embedded_from_the_notebooks_folder(go: FrontEnd, here: Path):
    (here / "one.txt").write_text("one")
    (here / "more").mkdir()
    (here / "more" / "two.txt").write_text("two")
    cell = """
before := 1
//go:embed one.txt
var text string
//go:embed one.txt
var raw []byte
//go:embed one.txt more
var files embed.FS
two, _ := files.ReadFile("more/two.txt")
fmt.Sprint(before, text, len(raw), string(two))
"""
    assert results(go.execute(cell)) == ['"1one3two"']
    assert results(go.execute("later, _ := files.ReadFile(`one.txt`)\ntext + string(later)")) == [
        '"oneone"'
    ]
    assert sorted(path.name for path in here.iterdir()) == ["more", "one.txt"]


def test_an_embedded_file_that_changed_makes_a_new_program(go: FrontEnd, here: Path):
    cell = "//go:embed one.txt\nvar text string\ntext"
    for content in ("one", "new", "one"):
        (here / "one.txt").write_text(content)
        assert results(go.execute(cell)) == [f'"{content}"']


def test_a_file_that_cannot_be_embedded_is_named_with_its_line(go: FrontEnd):
    result = go.execute("x := 1\n//go:embed nosuch.txt\nvar text string\ntext")
    assert result.ename == "CompileError"
    assert ":2:12: pattern nosuch.txt: no matching files found" in result.evalue


def test_a_read_only_folder_with_other_programs_is_no_hindrance(go: FrontEnd, here: Path):
    (here / "one.txt").write_text("one")
    (here / "other.go").write_text("package other\n")
    (here / "broken.go").write_text("package\n")
    here.chmod(0o555)
    assert results(go.execute("//go:embed one.txt\nvar text string\ntext")) == ['"one"']


@pytest.mark.usefixtures("gcc")
def test_c_is_imported_and_remembered(go: FrontEnd):
    cell = f"// #include <math.h>\n// #cgo LDFLAGS: -lm\n{TWICE}\nx := C.twice(3)\nC.sqrt(16)"
    assert results(go.execute(cell)) == ["4"]
    assert results(go.execute("x + C.twice(x)")) == ["18"]
    more = (
        '/*\nstruct point { int x, y; };\n*/\nimport "C"\nvar p C.struct_point\np.x = C.twice(4)\np'
    )
    assert results(go.execute(more)) == ["C.struct_point{x: 8, y: 0}"]
    assert results(go.execute("func of() C.int { return C.twice(p.x) }\nof()")) == ["16"]
    assert results(go.execute("var held any = of()\nheld")) == ["16"]
    assert results(go.execute("held.(C.int) + 1")) == ["17"]


@pytest.mark.usefixtures("gcc")
def test_c_that_is_defined_anew_takes_the_place_of_the_old(go: FrontEnd):
    assert results(go.execute(f"{TWICE}C.twice(2)")) == ["4"]
    assert results(go.execute(f"{TWICE.replace('2 * x', '20 * x')}C.twice(2)")) == ["40"]


@pytest.mark.usefixtures("gcc")
def test_a_header_that_changed_makes_a_new_program(go: FrontEnd, here: Path):
    cell = '// #include "own.h"\nimport "C"\nC.OWN'
    for number in ("1", "2"):
        (here / "own.h").write_text(f"#define OWN {number}\n")
        assert results(go.execute(cell)) == [number]


@pytest.mark.usefixtures("gcc")
@pytest.mark.parametrize(
    ("code", "evalue", "caret"),
    [
        (
            '/*\nstatic int bad(void) {\n\treturn nosuch;\n}\n*/\nimport "C"\nC.bad()',
            ":3:9: 'nosuch' undeclared",
            "\t       ^",
        ),
        (
            '// static int bad(void) { return nosuch; }\nimport "C"\nC.bad()',
            ":1:34: 'nosuch' undeclared",
            " " * 33 + "^",
        ),
        (f"{TWICE}x := 1\nC.nosuch(2)", ":4:1: could not determine what C.nosuch refers to", "^"),
        (f'{TWICE}C.twice("a")', ':3:9: cannot use "a"', " " * 8 + "^"),
    ],
)
def test_errors_in_c_have_their_place(go: FrontEnd, code: str, evalue: str, caret: str):
    result = go.execute(code)
    assert result.ename == "CompileError"
    assert evalue in result.evalue
    assert f"{caret}\n" in traceback(result) + "\n"


@pytest.mark.usefixtures("gcc")
def test_what_points_to_memory_of_c_is_not_carried(go: FrontEnd):
    cell = '// #include <stdlib.h>\nimport "C"\ntext := C.CString("abc")\nC.GoString(text)'
    first = go.execute(cell)
    assert results(first) == ['"abc"']
    assert "text is not there for later cells: it points to memory of C" in first.stderr
    assert "undefined: text" in go.execute("text").evalue


def test_without_a_c_compiler_the_package_is_named(
    start_kernel: Callable[..., FrontEnd], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    go = start_kernel("go")
    refused = go.execute(f"{TWICE}C.twice(1)")
    assert refused.ename == "CompileError"
    assert "needs a C compiler, and there is no gcc: install the package gcc" in refused.evalue
    assert results(go.execute("1 + 1")) == ["2"]


def test_tags_choose_files_and_cells(go: FrontEnd, here: Path):
    (here / "go.mod").write_text("module example.com/me\n\ngo 1.24\n")
    (here / "sub").mkdir()
    for name, constraint in (("plain", "!fancy"), ("fancy", "fancy")):
        text = f'//go:build {constraint}\n\npackage sub\n\nconst Name = "{name}"\n'
        (here / "sub" / f"{name}.go").write_text(text)
    only = '//go:build fancy && unix\n\nfunc fancyOnly() {}\nfmt.Print("ran")'
    left_out = go.execute(only)
    assert (left_out.status, left_out.stdout) == ("ok", "")
    assert left_out.stderr.startswith(
        "mykernel: //go:build fancy && unix leaves this cell out (%goflags -tags=TAG"
    )
    assert "undefined: fancyOnly" in go.execute("fancyOnly()").evalue
    assert results(go.execute('import "example.com/me/sub"\nsub.Name')) == ['"plain"']
    assert results(go.execute("%goflags -tags fancy\nsub.Name")) == ['"fancy"']
    assert go.execute("%goflags").stdout == "%goflags -tags=fancy\n"
    assert go.execute(only).stdout == "ran"


def test_flags_reach_compiler_and_linker(go: FrontEnd):
    set_by_linker = go.execute("%goflags -ldflags=-X=main.version=5\nvar version string\nversion")
    assert results(set_by_linker) == ['"5"']
    told = go.execute("%goflags -gcflags=-m\nfunc small() int { return 1 }\nsmall()")
    assert "]:2:6: can inline small\n" in told.stderr
    assert "cell__" not in told.stderr
    crash = go.execute("%goflags -gcflags=-N\npanic(small())")
    assert (crash.ename, "----> 2" in traceback(crash)) == ("panic", True)


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ("-nosuch", "flag provided but not defined: -nosuch"),
        ("-o file", "-o=file is no flag that cells can be built with"),
        ("fast", "fast is no flag"),
        ('"-tags', "No closing quotation"),
    ],
)
def test_flags_that_go_does_not_take_are_refused(go: FrontEnd, flags: str, reason: str):
    refused = go.execute(f"%goflags {flags}\n1")
    assert refused.ename == "DirectiveError"
    assert reason in refused.evalue
    assert go.execute("%goflags").stdout == "%goflags\n"


def test_flags_of_the_environment_count(go: FrontEnd):
    try:
        assert results(
            go.execute("%env GOFLAGS=-ldflags=-X=main.version=6\nvar version string\nversion")
        ) == ['"6"']
    finally:
        go.execute("%env GOFLAGS=")


def test_a_build_by_go_can_be_interrupted(go: FrontEnd, here: Path):
    """What is compiled is seen to be, and takes longer than the interrupt."""
    (here / "one.txt").write_text("one")
    lines = "\n".join(f"\tm[fmt.Sprint({n})] = append(m[`a`], {n})" for n in range(6000))
    embedded = "//go:embed one.txt\nvar text string\n"
    cell = go.send(f"{embedded}func long(m map[string][]int) {{\n{lines}\n}}\nlong(nil)\ntext")
    kernel = psutil.Process(go.pid)
    while not any(is_compiler(child) for child in kernel.children(recursive=True)):
        pass
    go.interrupt()
    result = go.result(cell)
    assert (result.ename, result.stderr) == ("KeyboardInterrupt", "")
    assert results(go.execute(f"{embedded}text")) == ['"one"']


def is_compiler(process: psutil.Process) -> bool:
    try:
        return process.name() == "compile"
    except psutil.Error:
        return False


@pytest.fixture
def race() -> None:
    """Have std compiled for it, which takes longer than a cell is waited for."""
    needs_language("go")
    argv = [str(find_toolchain().path), "list", "-race", "-export", "fmt", "net/netip", "sync"]
    subprocess.run(argv, check=True, capture_output=True)


@pytest.mark.usefixtures("gcc", "race")
def test_a_data_race_points_into_the_cell(go: FrontEnd):
    code = """n := 0
var group sync.WaitGroup
for range 2 {
	group.Go(func() {
		n++
	})
}
group.Wait()"""
    result = go.execute(f"%goflags -race\n{code}")
    assert result.ename == "DataRace"
    assert "Previous write by goroutine" in result.evalue
    assert traceback(result).count("----> 6\x1b[0m \t\tn++") == 2
    assert "DATA RACE" not in result.stderr
    assert int(results(go.execute("n"))[0]) in (1, 2)


def test_where_nothing_can_be_kept_the_session_keeps_it(
    start_kernel: Callable[..., FrontEnd], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """What go has compiled is elsewhere, which makes this a matter of seconds."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(
        "GOCACHE", os.environ.get("GOCACHE", f"{os.environ['XDG_CACHE_HOME']}/go-build")
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    go = start_kernel("go")
    first = go.execute("x := 1\nx")
    assert results(first) == ["1"]
    assert "is kept for this session alone, since " in first.stderr
    assert results(go.execute("x + 1")) == ["2"]


def test_what_is_compiled_once_is_told_in_a_line_that_goes_away(
    start_kernel: Callable[..., FrontEnd], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("GOCACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    go = start_kernel("go")
    cell = go.send('fmt.Print("hi")')
    told = go.until(cell, lambda message: message["msg_type"] == "display_data")
    assert told["content"]["data"]["text/plain"].startswith("mykernel: Go compiles ")
    go.interrupt()
    result = go.result(cell)
    assert (result.ename, result.stdout, result.stderr) == ("KeyboardInterrupt", "", "")
    # What is displayed is gone, and leaves no empty line.
    kinds = [message["msg_type"] for message in result.iopub]
    assert [kind for kind in kinds if kind not in ("status", "update_display_data")] == [
        "execute_input", "display_data", "clear_output", "error"
    ]  # fmt: skip
    assert result.of_type("clear_output") == [{"wait": False}]


def test_a_go_that_is_gone_is_told_and_may_come_back(
    start_kernel: Callable[..., FrontEnd], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    program = tmp_path / "bin" / "go"
    program.parent.mkdir()
    program.symlink_to(find_toolchain().path)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    go = start_kernel("go")
    assert go.execute("x := 1").status == "ok"
    program.rename(tmp_path / "gone")
    assert f"{program} is not there any more" in go.execute("x + 1").evalue
    (tmp_path / "gone").rename(program)
    assert results(go.execute("x + 1")) == ["2"]


def test_what_go_had_compiled_may_be_removed(
    start_kernel: Callable[..., FrontEnd], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Go compiles it again, and the cell waits for that."""
    monkeypatch.setenv("GOCACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    # All is compiled before the kernel starts, for that takes longer than a cell is waited for.
    listing = [str(find_toolchain().path), "list", "-export", "-deps", "-f", "{{.Export}}", "fmt"]
    listed = subprocess.run(listing, cwd=tmp_path, check=True, capture_output=True, text=True)
    compiled = Path(listed.stdout.split()[-1])
    go = start_kernel("go")
    assert results(go.execute("x := 1\nx")) == ["1"]
    compiled.unlink()
    assert results(go.execute("strings.Repeat(`a`, x + 2)")) == ['"aaa"']
    assert compiled.exists()
