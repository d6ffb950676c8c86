"""What TypeScript says of cells where it is installed: type errors, completion, inspection."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from frontend import FrontEnd
from toolchains import missing, needs


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `node_modules` with TypeScript and the types of Node.js."""
    npm, folder = needs("npm", "npm"), tmp_path_factory.mktemp("npm")
    options = ("--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder))
    done = subprocess.run(
        [npm, "install", *options, "typescript@7", "@types/node"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    if done.returncode:
        missing(f"npm could not install typescript: {done.stderr[-300:]}")
    return folder / "node_modules"


@pytest.fixture
def start_typed(
    start_kernel: Callable[..., FrontEnd], modules: Path, tmp_path: Path
) -> Callable[..., FrontEnd]:
    """Starts kernels in a folder that has TypeScript."""
    needs("node", "nodejs")
    (tmp_path / "node_modules").symlink_to(modules)
    return start_kernel


@pytest.fixture
def ts(start_typed: Callable[..., FrontEnd]) -> FrontEnd:
    return start_typed("typescript")


@pytest.fixture
def js(start_typed: Callable[..., FrontEnd]) -> FrontEnd:
    return start_typed("javascript")


def matches(kernel: FrontEnd, code: str, at: int | None = None) -> list[str]:
    cursor = len(code) if at is None else at
    found: list[str] = kernel.request("complete", code=code, cursor_pos=cursor).content["matches"]
    return found


def matches_by_types(kernel: FrontEnd, code: str, at: int | None = None) -> list[str]:
    """What is completed once the language server answers within its second."""
    while not (found := matches(kernel, code, at)):
        assert kernel.execute("1").status == "ok"
    return found


def test_type_errors_are_told_with_their_place_and_the_cell_runs(ts):
    result = ts.execute("let n: number = 1;\n  const 🦆s: string = n\nconsole.log('ran')")
    assert result.status == "error"  # no name has a picture in it
    result = ts.execute("let n: number = 1;\n  const s: string = n\nconsole.log('ran')")
    assert (result.status, result.stdout) == ("ok", "ran\n")
    what = "Type 'number' is not assignable to type 'string'."
    assert result.stderr == f"In[2]:2:9 - error TS2322: {what}\n"


def test_cells_know_each_others_types(ts):
    ts.execute(
        "import * as fs from 'node:fs'\nlet x: number | null = 5; interface I { q: string }\n"
        "class Box<T> { constructor(public v: T) {} get(): T { return this.v } }\n"
        "function f(p: number) { return p }\nexport const kept = 1; if (x) { const inner = 1 }"
    )
    wrong = {
        "const a: string = x!": "TS2322",
        "let i: I = { q: 1 }": "TS2322",
        "new Box(3).get().trim": "TS2339",
        "f('1')": "TS2345",
        "fs.nosuch": "TS2339",
        "x = 'a'": "TS2322",
        "const b: Box<string> = new Box(1)": "TS2322",
    }
    for code, number in wrong.items():
        assert f"error {number}: " in ts.execute(code).stderr, code
    right = "let i2: I = { q: 'a' }; const b2: Box<number> = new Box(1); f(kept); x = null; x = 5"
    assert ts.execute(right).stderr == ""


def test_a_name_that_is_declared_again_has_its_new_type(ts):
    ts.execute("const again = 'text'")
    assert "does not exist on type" in ts.execute("again.toFixed").stderr
    assert ts.execute("const again = 1; again.toFixed").stderr == ""
    assert ts.execute("again.toFixed").stderr == ""


@pytest.mark.parametrize(
    "code",
    [
        "process.argv.length; require('fs'); display.html; prompt; __dirname; console",
        "function loose(p) { return p }",
        "const later = () => nowhere; globalThis.made = 1",
        "const got = await Promise.resolve(1); got.toFixed()",
        "import nothing from 'lodash-that-is-not-there'; typeof nothing",
        "enum E { One }; E.One; namespace N { export const z = 1 }",
        "%time\n1 + 1",
    ],
)
def test_what_node_itself_tells_or_allows_is_no_type_error(ts, code):
    assert "error TS" not in ts.execute(code).stderr
    assert "error TS2322" in ts.execute("const wrong: string = 1").stderr


def test_a_fault_of_syntax_is_told_once(ts):
    result = ts.execute("let x: number = = 1")
    assert (result.ename, result.stderr) == ("SyntaxError", "")


def test_types_of_a_process_that_has_died_are_forgotten(ts):
    ts.execute("const gone: number = 1")
    assert "TS2322" in ts.execute("const s: string = gone").stderr
    assert ts.execute("process.kill(process.pid, 'SIGKILL')").status == "error"
    result = ts.execute("const s: string = gone")
    assert (result.ename, "error TS" in result.stderr) == ("ReferenceError", False)


def test_what_has_not_run_is_completed_and_inspected(ts):
    ts.execute("class Box<T> { constructor(public v: T) {} get(): T { return this.v } }")
    inner = "function g() { const inner = new Box(3); inner."
    assert matches_by_types(ts, inner) == ["v", "get"]
    assert "longish" in matches(ts, "let longish = 1; longi")
    assert "readFileSync" in matches_by_types(ts, "import { readF } from 'node:fs'", at=14)
    code = "/** Adds. */ function add(a: number, 🦆: any) { return a }; add"
    asked = {"code": "function h(a: Box<string>) { a }", "cursor_pos": 29}
    while not (found := ts.request("inspect", **asked).content)["found"]:
        assert ts.execute("1").status == "ok"
    assert "a: Box<string>" in found["data"]["text/plain"]
    assert ts.request("inspect", code=code, cursor_pos=len(code)).status == "ok"


def test_javascript_is_completed_too_and_not_checked(js, tmp_path):
    result = js.execute("class Box { constructor(v) { this.v = v } get() { return 1 } }")
    assert result.stderr == js.execute("const s = new Box(1) * 2").stderr == ""
    # The language server is told of cells behind them.
    inner = "function g() { const inner = new Box(3); inner."
    assert matches_by_types(js, inner) == ["v", "get"]


def test_a_question_does_not_start_what_lies_in_the_folder(start_kernel, tmp_path):
    needs("node", "nodejs")
    program = tmp_path / "node_modules" / ".bin" / "tsc"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho ran >> {tmp_path}/ran\necho Version 5.0.2\n")
    program.chmod(0o755)
    kernel = start_kernel("typescript")
    matches(kernel, "let a = 1; a.")
    kernel.request("inspect", code="parseInt", cursor_pos=3)
    assert not (tmp_path / "ran").exists()
    assert kernel.execute("let x: string = 1; x").stderr == ""
    # Once, and only for its version: it is too old.
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_a_language_server_that_dies_costs_nothing_but_its_advice(ts):
    assert "TS2322" in ts.execute("const s: string = 1").stderr
    servers = [
        process
        for process in psutil.Process(ts.pid).children(recursive=True)
        if "--lsp" in process.cmdline()
    ]
    assert servers
    for server in servers:
        server.kill()
    result = ts.execute("const t: string = 1; t")
    assert result.status == "ok"


def test_the_language_server_ends_with_the_kernel(start_typed):
    kernel = start_typed("typescript")
    kernel.execute("1")
    servers = [
        process
        for process in psutil.Process(kernel.pid).children(recursive=True)
        if "--lsp" in process.cmdline()
    ]
    assert servers
    psutil.Process(kernel.pid).kill()
    psutil.wait_procs(servers, timeout=20)
    assert not any(server.is_running() for server in servers)


def test_an_enumeration_becomes_code_beside_typescript_7(ts):
    result = ts.execute("enum Color { Red = 1, Green }\nColor.Green")
    (shown,) = result.of_type("execute_result")
    assert "2" in shown["data"]["text/plain"]
