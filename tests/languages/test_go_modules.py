"""Go cells in modules, workspaces and outside of them: which packages they find, and how."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, results
from go_proxy import environment, publish
from toolchains import needs_language

GREET = {
    "greet.go": 'package greet\n\nfunc Hello() string { return "hello" }\n',
    "deep/deep.go": 'package deep\n\nimport "example.org/base"\n\nconst D = base.B + 1\n',
    "go.mod": "module example.org/greet\n\ngo 1.24\n\nrequire example.org/base v0.1.0\n",
}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A proxy from which go fetches while the module's tests run."""
    needs_language("go")
    folder = tmp_path_factory.mktemp("proxy")
    publish(folder, "example.org/greet", "v1.0.0", GREET)
    newer = {**GREET, "greet.go": GREET["greet.go"].replace('"hello"', '"newer"')}
    publish(folder, "example.org/greet", "v1.1.0", newer)
    publish(folder, "example.org/base", "v0.1.0", {"base.go": "package base\n\nconst B = 5\n"})
    odd = {"odd.go": "package odd\n\ntype T struct{ A int }\n"}
    publish(folder, "example.org/go-odd.v2", "v0.1.0", odd)
    with pytest.MonkeyPatch.context() as patched:
        for name, text in environment(folder, folder / "cache").items():
            patched.setenv(name, text)
        yield folder


@pytest.fixture(scope="module")
def folder(proxy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared kernel's, which is started behind the proxy."""
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture
def go(go: FrontEnd, tmp_path: Path) -> FrontEnd:
    """A kernel that the module's tests share, in tmp_path and without declarations."""
    assert go.execute(f"%cd {tmp_path}").status == "ok"
    assert go.execute("%reset\n%autoget on").status == "ok"
    return go


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def sub(body: str) -> str:
    return f"package sub\n\n{body}\n"


def test_cells_import_packages_of_the_folders_module(
    start_kernel: Callable[..., FrontEnd], proxy: Path, tmp_path: Path
):
    """Blanks and more than ASCII in its path do no harm, and nothing is written there."""
    module = write(
        tmp_path / "a módule",
        {
            "go.mod": "module example.com/me\n",
            "sub/sub.go": sub("func F() int { return 42 }"),
            "main.go": "package main\n",
            "other_test.go": "package other\n",
        },
    )
    go = start_kernel("go", cwd=module)
    assert results(go.execute('import "example.com/me/sub"\nx := sub.F()\nx')) == ["42"]
    assert results(go.execute("x + sub.F()")) == ["84"]
    names = sorted(path.name for path in module.iterdir())
    assert names == ["go.mod", "main.go", "other_test.go", "sub"]


def test_a_package_that_changed_is_seen_anew(go: FrontEnd, tmp_path: Path):
    """So is one that another one imports, and what is wrong in it is told with its place."""
    uses = 'package uses\n\nimport "example.com/me/sub"\n\nvar V = sub.F()\n'
    write(
        tmp_path,
        {
            "go.mod": "module example.com/me\n",
            "sub/sub.go": sub("func F() int { return 1 }"),
            "uses/uses.go": uses,
        },
    )
    imports = 'import (\n\t"example.com/me/sub"\n\t"example.com/me/uses"\n)\n'
    assert results(go.execute(f"{imports}sub.F() + uses.V")) == ["2"]
    write(tmp_path, {"sub/sub.go": sub("func F() int { return 20 }")})
    assert results(go.execute("sub.F() + uses.V")) == ["40"]
    write(tmp_path, {"sub/more.go": sub("func G() string { return nosuch }")})
    assert "sub/more.go:3:26: undefined: nosuch" in go.execute("sub.G()").evalue
    write(tmp_path, {"sub/more.go": sub('func G() string { return "g" }')})
    assert results(go.execute("sub.G()")) == ['"g"']


def test_a_module_may_come_and_be_mended_while_cells_run(go: FrontEnd, tmp_path: Path):
    cell = 'import "example.com/me/sub"\nsub.F()'
    assert go.execute(f"%autoget off\n{cell}").ename == "CompileError"
    write(tmp_path, {"go.mod": "modul\n", "sub/sub.go": sub("func F() int { return 1 }")})
    broken = go.execute(cell)
    assert (broken.ename, "go.mod:1: unknown directive: modul" in broken.evalue) == (
        "CompileError",
        True,
    )
    write(tmp_path, {"go.mod": "module example.com/me\n"})
    assert results(go.execute(cell)) == ["1"]


def test_get_outside_of_a_module_is_for_the_session_alone(go: FrontEnd, tmp_path: Path):
    cell = '%get example.org/greet@v1.0.0\n\nimport "example.org/greet"\ngreet.Hello()'
    fetched = go.execute(cell)
    assert results(fetched) == ['"hello"']
    assert fetched.stderr.startswith("mykernel: go get example.org/greet@v1.0.0\n")
    assert "go: added example.org/greet v1.0.0\n" in fetched.stderr
    assert go.execute("%get example.org/greet@latest").status == "ok"
    assert results(go.execute("greet.Hello()")) == ['"newer"']
    assert not list(tmp_path.iterdir())


def test_what_was_fetched_is_there_when_the_helper_was_killed(go: FrontEnd):
    cell = '%get example.org/greet@v1.0.0\n\nimport "example.org/greet"\nos.Getppid()'
    assert go.execute("%autoget off").status == "ok"
    os.kill(int(results(go.execute(cell))[0]), signal.SIGKILL)
    assert results(go.execute("greet.Hello()")) == ['"hello"']
    assert go.execute("%autoget").stdout == "%autoget off\n"


def test_imports_that_no_module_has_are_fetched_and_named(go: FrontEnd):
    """In one line; what is behind them comes with them. A package's name is not its path's."""
    deep = go.execute('import "example.org/greet/deep"\ndeep.D')
    assert results(deep) == ["6"]
    assert re.fullmatch(r"mykernel: go get \S+\n", deep.stderr)
    odd = go.execute('import "example.org/go-odd.v2"\nmade := odd.T{A: 3}')
    assert (odd.status, odd.stderr) == ("ok", "mykernel: go get example.org/go-odd.v2\n")
    assert results(go.execute("made.A + odd.T{A: 4}.A")) == ["7"]


def test_nothing_is_fetched_by_itself_when_that_is_off(go: FrontEnd, tmp_path: Path):
    write(tmp_path, {"go.mod": "module example.com/me\n\ngo 1.24\n"})
    assert go.execute("%autoget").stdout == "%autoget on\n"
    refused = go.execute('%autoget off\nimport "example.org/base"\nbase.B')
    assert refused.ename == "CompileError"
    assert "In[" in refused.evalue
    assert "to add it:\n\tgo get example.org/base" in refused.evalue
    assert (tmp_path / "go.mod").read_text() == "module example.com/me\n\ngo 1.24\n"


def test_in_a_module_what_is_fetched_goes_into_its_go_mod(go: FrontEnd, tmp_path: Path):
    write(tmp_path, {"go.mod": "module example.com/me\n\ngo 1.24\n"})
    fetched = go.execute('import "example.org/base"\nbase.B')
    assert results(fetched) == ["5"]
    file = tmp_path / "go.mod"
    assert fetched.stderr == f"mykernel: go get example.org/base (into {file})\n"
    assert "example.org/base v0.1.0" in file.read_text()


def test_a_workspace_and_replace_are_heeded(go: FrontEnd, tmp_path: Path):
    write(
        tmp_path,
        {
            "go.work": "go 1.24\n\nuse (\n\t./one\n\t./two\n)\n",
            "one/go.mod": "module example.com/one\n\ngo 1.24\n",
            "two/go.mod": "module example.com/two\n\ngo 1.24\n\n"
            "require example.com/local v0.0.0\n\nreplace example.com/local => ../local\n",
            "two/sub/sub.go": 'package sub\n\nimport "example.com/local"\n\nvar S = local.L\n',
            "local/go.mod": "module example.com/local\n\ngo 1.24\n",
            "local/local.go": "package local\n\nconst L = 1\n",
        },
    )
    assert go.execute(f"%cd {tmp_path / 'one'}").status == "ok"
    assert results(go.execute('import "example.com/two/sub"\nsub.S')) == ["1"]
    write(tmp_path, {"local/local.go": "package local\n\nconst L = 2\n"})
    assert results(go.execute("sub.S")) == ["2"]


def test_vendored_packages_need_no_proxy(go: FrontEnd, tmp_path: Path):
    write(
        tmp_path,
        {
            "go.mod": "module example.com/me\n\ngo 1.24\n\nrequire example.org/gone v1.2.3\n",
            "vendor/modules.txt": "# example.org/gone v1.2.3\n## explicit\nexample.org/gone\n",
            "vendor/example.org/gone/gone.go": "package gone\n\nconst G = 7\n",
        },
    )
    assert results(go.execute('import "example.org/gone"\ngone.G')) == ["7"]
    more = go.execute('import "example.org/base"\nbase.B')
    assert (more.ename, more.stderr) == ("CompileError", "")
    assert "example.org/base" in more.evalue


@pytest.mark.parametrize("setting", ["GOFLAGS=-mod=vendor", "GO111MODULE=off", "GOWORK=off"])
def test_std_needs_no_module(go: FrontEnd, setting: str):
    name = setting.partition("=")[0]
    assert results(go.execute(f"%env {setting}\n\nstrings.ToUpper(`a`)")) == ['"A"']
    before = "-modcacherw" if name == "GOFLAGS" else ""
    assert go.execute(f"%env {name}={before}").status == "ok"


def test_what_cannot_be_fetched_says_what_to_do(go: FrontEnd):
    """The address is one at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    before = go.execute("os.Getenv(`GOPROXY`)")
    assert go.execute(f"%env GOPROXY={address}").status == "ok"
    try:
        for cell in ("%get example.net/none", 'import "example.net/none"\nnone.N'):
            failed = go.execute(cell)
            assert failed.ename == "GetError"
            assert "go get example.net/none failed: go: " in failed.evalue
            assert "set GOPROXY" in failed.evalue
        assert results(go.execute("1 + 1")) == ["2"]
    finally:
        go.execute(f"%env GOPROXY={results(before)[0][1:-1]}")


def test_a_fetch_can_be_interrupted(go: FrontEnd):
    """The proxy takes the request and never answers it."""
    before = go.execute("os.Getenv(`GOPROXY`)")
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(60)
        go.execute(f"%env GOPROXY=http://127.0.0.1:{proxy.getsockname()[1]}")
        cell = go.send("%get example.net/slow\nfmt.Println(`ran`)")
        with proxy.accept()[0]:
            go.interrupt()
            result = go.result(cell)
    assert (result.ename, result.stdout) == ("KeyboardInterrupt", "")
    go.execute(f"%env GOPROXY={results(before)[0][1:-1]}")
    assert results(go.execute("1 + 1")) == ["2"]


def test_a_program_is_no_package(go: FrontEnd, tmp_path: Path):
    files = {
        "go.mod": "module example.com/me\n",
        "cmd/tool/main.go": "package main\n\nfunc main() {}\n",
    }
    write(tmp_path, files)
    refused = go.execute('import "example.com/me/cmd/tool"\ntool.X')
    assert "is a program, not an importable package" in refused.evalue


def test_what_cannot_be_imported_is_marked(go: FrontEnd):
    alone = go.execute('%autoget off\nimport "no/such"\nsuch.F()')
    assert ":2:8: could not import no/such" in alone.evalue
    grouped = go.execute('import (\n\t"fmt"\n\tother "no/such"\n)\nother.F()\nfmt.Println()')
    assert ":3:8: could not import no/such" in grouped.evalue
