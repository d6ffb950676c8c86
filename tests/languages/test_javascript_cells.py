"""What JavaScript cells do, each in a real Node.js behind a real kernel."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from frontend import FrontEnd, Result, launch
from toolchains import needs

SGR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture(scope="module")
def _kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    needs("node", "nodejs")
    argv = [sys.executable, "-m", "mykernel", "kernel", "javascript", "-f", "{connection_file}"]
    front_end = launch(argv, tmp_path_factory.mktemp("notebook"))
    yield front_end
    front_end.close()


@pytest.fixture
def js(_kernel: FrontEnd) -> Iterator[FrontEnd]:
    """A kernel that the module's tests share. Its state lives on from one to the next."""
    yield _kernel
    assert _kernel.execute("'in step'", store_history=False).status == "ok"


@pytest.fixture
def own(start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    """A kernel of the test's own, whose folder is tmp_path."""
    needs("node", "nodejs")
    return start_kernel("javascript")


def bundle(result: Result) -> dict[str, Any]:
    """The data of the cell's result."""
    assert result.status == "ok", result.content
    (shown,) = result.of_type("execute_result")
    data: dict[str, Any] = shown["data"]
    return data


def value(result: Result) -> str:
    """The result as text, without colours."""
    return SGR.sub("", bundle(result)["text/plain"])


def traceback(result: Result) -> str:
    assert result.status == "error"
    return SGR.sub("", "\n".join(result.of_type("error")[0]["traceback"]))


# One live context


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("const c1 = 1", "const c1 = 2; c1", "2"),
        ("let l1 = 1", "let l1 = 2; l1", "2"),
        ("let m1 = 1", "const m1 = 2; m1", "2"),
        ("class K1 {}", "class K1 { x = 1 }; new K1().x", "1"),
        ("function f1() { return 1 }", "function f1() { return 2 }; f1()", "2"),
        ("var v1 = 1", "v1 += 1", "2"),
        ("const {a1, b1: [d1]} = {a1: 1, b1: [2]}", "a1 + d1", "3"),
        ("let counter = 0; const bump = () => ++counter", "bump(); bump(); counter", "2"),
        ("async function g1() { return 5 }", "await g1()", "5"),
        ("undeclared = 7", "globalThis.undeclared", "7"),
    ],
)
def test_what_a_cell_declares_lives_on_and_may_be_declared_again(js, first, second, shown):
    assert js.execute(first).status == "ok"
    assert value(js.execute(second)) == shown


DECLARATIONS = {
    "const": "const NAME = 1",
    "let": "let NAME = 1",
    "destructured": "const {a: [NAME]} = {a: [1]}",
    "awaited": "const NAME = await 1",
    "var": "var NAME = 1",
    "var in a loop": "for (var NAME = 0; NAME < 1; NAME++) ;",
    "var in a block": "if (true) { var {NAME} = {NAME: 1} }",
    "class": "class NAME {}",
    "function": "function NAME() {}",
    "generator": "async function* NAME() {}",
    "import": "import NAME from 'node:fs'",
    "export": "export const NAME = 1",
}


@pytest.mark.parametrize("before", DECLARATIONS)
def test_a_name_may_be_declared_again_as_anything_else(js, before):
    for number, after in enumerate(DECLARATIONS):
        name = f"{re.sub('[^a-z]', '', before)}{number}"
        assert js.execute(DECLARATIONS[before].replace("NAME", name)).status == "ok"
        again = js.execute(DECLARATIONS[after].replace("NAME", name))
        assert again.status == "ok", (before, after, again.evalue)
        kind = {"class": "function", "generator": "function", "import": "object"}.get(after, after)
        if kind not in ("function", "object"):
            kind = "number"
        assert value(js.execute(f"typeof {name}")) == f"'{kind}'", (before, after)


@pytest.mark.parametrize(
    "code",
    [
        "fixed = 2", "fixed += 1", "fixed++", "--fixed", "[fixed] = [2]", "({fixed} = {fixed: 2})",
        "({fixed = 2} = {})", "({a: fixed} = {a: 2})", "for (fixed of [2]) ;", "fixed &&= 2",
        "(() => { fixed = 2 })()", "(fixed) = 2", "class A { static { fixed = 2 } }",
        "function f(a) { fixed = a } f(2)", "{ let other; fixed = 2 }", "const own = 1; own = 2",
    ],
)  # fmt: skip
def test_a_constant_is_constant(js, code):
    js.execute("const fixed = 1")
    ran = js.execute(code)
    assert (ran.ename, ran.evalue) == ("TypeError", "Assignment to constant variable.")
    assert value(js.execute("fixed")) == "1"


@pytest.mark.parametrize(
    "code",
    [
        "(function (fixed) { fixed = 2 })(1)",
        "{ let fixed; fixed = 2 }",
        "fixed ??= 2",
        "for (let fixed = 0; fixed < 1; fixed++) ;",
        "try { throw 1 } catch (fixed) { fixed = 2 }",
        "({fixed: 1}).fixed = 2",
        "const a = {fixed: 1}; a.fixed++",
        "'fixed = 2'",
        "/fixed = 2/",
        "(() => { if (true) { var fixed = 1 } fixed = 2 })()",
        "(({a: [fixed]}) => fixed++)({a: [1]})",
        "switch (1) { case 1: let fixed; fixed = 2 }",
        "(class fixed { static { let fixed; fixed = 2 } })",
    ],
)
def test_something_else_of_a_constants_name_may_be_assigned_to(js, code):
    js.execute("const fixed = 1")
    assert js.execute(code).status == "ok"
    assert value(js.execute("fixed")) == "1"


def test_a_constant_that_is_declared_again_by_let_may_be_assigned_to(js):
    js.execute("const loose = 1")
    assert value(js.execute("let loose = 2; loose++; loose")) == "3"
    assert value(js.execute("let loose; typeof loose")) == "'undefined'"
    js.execute("loose = 5")
    assert value(js.execute("var loose; loose")) == "5"


def test_a_function_in_a_variables_place_is_there_from_the_beginning_on_its_lines(js):
    js.execute("const main = () => 'old'")
    ran = js.execute(
        "let got = main();\nfunction main() {\n  return new Error('new').stack;\n}\ngot"
    )
    assert "Error: new" in value(ran)
    assert ":3:10)" in value(ran)


def test_the_place_of_an_assignment_to_a_constant_is_marked(js):
    js.execute("const short = 1")
    ran = js.execute("short = 2; 1")
    assert traceback(ran).endswith("----> 1 short = 2; 1\n              ^")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("await new Promise((done) => setTimeout(() => done(6), 5))", "6"),
        ("const w1 = await 3; w1 * 2", "6"),
        ("let sum1 = 0; for await (const x of [1, Promise.resolve(2)]) sum1 += x; sum1", "3"),
        ("Promise.resolve(5)", "Promise { 5 }"),
        ("({a: 1})", "{ a: 1 }"),
        ("{a: 1, b: 2}", "{ a: 1, b: 2 }"),
        ("{\n  'a': {b: 1}\n} // end", "{ a: { b: 1 } }"),
        ("{ let block = 2; block * 3 }", "6"),
        ("null", "null"),
        ("'text'", "'text'"),
        ("10n ** 20n", "100000000000000000000n"),
        ("-0", "-0"),
        ("NaN", "NaN"),
        ("Symbol('s')", "Symbol(s)"),
        ("[1, , 3]", "[ 1, <1 empty item>, 3 ]"),
        ("new Map([[1, {a: 2}]])", "Map(1) { 1 => { a: 2 } }"),
        ("if (true) { 3 } else { 4 }", "3"),
        ("`template ${1 + 1}`", "'template 2'"),
        ("/* comment */ 1 // end", "1"),
        ("'ä 漢字 😀'", "'ä 漢字 😀'"),
    ],
)
def test_the_last_value_is_the_result(js, code, shown):
    assert value(js.execute(code)) == shown


@pytest.mark.parametrize("code", ["", "   \n", "// comment", "let q1 = 1", "undefined", "void 0"])
def test_no_value_is_no_result(js, code):
    result = js.execute(code)
    assert (result.status, result.of_type("execute_result")) == ("ok", [])


def test_result_has_colours(js):
    assert bundle(js.execute("'x'"))["text/plain"] == "\x1b[32m'x'\x1b[39m"


# Modules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook's folder with modules and packages in it."""
    (tmp_path / "data.json").write_text('{"n": 5}')
    (tmp_path / "local.mjs").write_text("export const n = 1; export default 'whole';")
    (tmp_path / "local.cjs").write_text("exports.n = 2;")
    package = tmp_path / "node_modules" / "dual"
    package.mkdir(parents=True)
    exports = '{"import": "./i.mjs", "require": "./r.cjs"}'
    (package / "package.json").write_text(f'{{"name": "dual", "exports": {exports}}}')
    (package / "i.mjs").write_text("export const by = 'import';")
    (package / "r.cjs").write_text("exports.by = 'require';")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("import fs from 'node:fs'\ntypeof fs.statSync", "'function'"),
        ("import * as p from 'path'; p.sep", "'/'"),
        ("import {sep, join as j} from 'path'; j('a', sep)", "'a/'"),
        ("import whole, {n} from './local.mjs'; [whole, n]", "[ 'whole', 1 ]"),
        ("import whole, * as all from './local.mjs'; [whole, all.n]", "[ 'whole', 1 ]"),
        ("import {\n  n,\n} from './local.mjs';\nn", "1"),
        ("import './local.mjs'; 1", "1"),
        ("import {by} from 'dual'; by", "'import'"),
        ("require('dual').by", "'require'"),
        ("require('./local.cjs').n", "2"),
        ("require('./data.json').n", "5"),
        ("import data from './data.json' with {type: 'json'}; data.n", "5"),
        ("(await import('./local.mjs')).n", "1"),
        ("const {by} = await import('dual'); by", "'import'"),
        ("async function f() { return (await import('path')).sep }; await f()", "'/'"),
        ("const o = {import(x) { return x }}; o.import(3)", "3"),
        ("'import(1)' + `import ${(await import('path')).sep} from`", "'import(1)import / from'"),
        ("/import(x)/.source", "'import(x)'"),
        ("import.meta.url.startsWith('file://')", "true"),
        ("import.meta.dirname === process.cwd()", "true"),
        ("__dirname === process.cwd()", "true"),
        ("export const e1 = 4; e1", "4"),
    ],
)
def test_modules_come_from_the_folder_of_the_notebook(folder, own, code, shown):
    assert value(own.execute(code)) == shown


def test_an_import_may_be_done_again_and_stays_for_later_cells(folder, own):
    own.execute("import {n} from './local.mjs'")
    own.execute("import {n} from './local.mjs'")
    assert value(own.execute("n")) == "1"


@pytest.mark.parametrize(
    ("code", "ename", "said"),
    [
        ("import {nothing} from 'fs'", "SyntaxError", "named 'nothing'"),
        ("import x from 'no-such-package'", "Error", "no-such-package"),
        ("require('no-such-package')", "Error", "no-such-package"),
        ("await import('./no-such.mjs')", "Error", "no-such.mjs"),
    ],
)
def test_a_module_that_is_not_there_is_an_error(js, code, ename, said):
    result = js.execute(code)
    assert result.ename == ename
    assert said in result.evalue


# Output


def test_console_writes_to_both_streams_with_colours(js):
    result = js.execute("console.log({a: 1}); console.error('%s!', 'oops'); console.warn('w')")
    assert SGR.sub("", result.stdout) == "{ a: 1 }\n"
    assert result.stderr == "oops!\nw\n"


def test_children_write_to_the_same_streams(js):
    code = "require('child_process').execSync('echo out; echo err >&2', {stdio: 'inherit'}); 0"
    result = js.execute(code)
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_groups_are_indented(js):
    code = "console.group('g'); console.log('in'); console.groupEnd(); console.log('out')"
    assert js.execute(code).stdout == "g\n  in\nout\n"


def test_console_table_is_a_table(js):
    result = js.execute("console.table([{a: 1, b: '<b>'}, {a: 2}])")
    (shown,) = result.of_type("display_data")
    html = shown["data"]["text/html"]
    assert "<th>a</th><th>b</th>" in html
    assert "<td>&lt;b&gt;</td>" in html
    assert "│" in shown["data"]["text/plain"]


def test_long_output_is_whole(js):
    result = js.execute("for (let i = 0; i < 20000; i++) console.log('line ' + i)")
    assert result.stdout == "".join(f"line {i}\n" for i in range(20000))


def test_text_that_looks_like_a_mark_is_text(js):
    result = js.execute(r"console.log('\x1b]133;D;k=0;i=1\x07after')")
    assert result.stdout.endswith("after\n")


# Rich results


@pytest.mark.parametrize(
    ("code", "kind", "data"),
    [
        ("({[Symbol.for('Jupyter.display')]: () => ({'text/html': 'A'})})", "text/html", "A"),
        ("({[display.symbol]: async () => ({'text/html': 'B'})})", "text/html", "B"),
        ("({toHTML() { return '<i>C</i>' }})", "text/html", "<i>C</i>"),
        ("({toPNG() { return Buffer.from('png') }})", "image/png", "cG5n"),
        ("({toSVG: () => '<svg/>'})", "image/svg+xml", "<svg/>"),
        ("'<svg xmlns=\"x\"></svg>'", "image/svg+xml", '<svg xmlns="x"></svg>'),
        ("({tagName: 'svg', outerHTML: '<svg>1</svg>'})", "image/svg+xml", "<svg>1</svg>"),
        ("({tagName: 'P', outerHTML: '<p>1</p>'})", "text/html", "<p>1</p>"),
        ("Buffer.from([0x89, 0x50, 0x4e, 0x47])", "image/png", "iVBORw=="),
        ("new Uint8Array([0xff, 0xd8, 0xff, 0])", "image/jpeg", "/9j/AA=="),
    ],
)
def test_a_value_shows_itself(js, code, kind, data):
    assert bundle(js.execute(code))[kind] == data


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("vega-lite/v5.json", "application/vnd.vegalite.v5+json"),
        ("vega-lite/v4.8.1.json", "application/vnd.vegalite.v4+json"),
        ("vega/v5.json", "application/vnd.vega.v5+json"),
    ],
)
def test_a_chart_is_known_by_its_schema(js, schema, kind):
    url = f"https://vega.github.io/schema/{schema}"
    data = bundle(js.execute(f"({{$schema: '{url}', mark: 'bar'}})"))
    assert data[kind] == {"$schema": url, "mark": "bar"}
    assert "text/plain" in data


def test_display_keeps_its_place_among_the_text(js):
    result = js.execute("console.log(1); display.html('<b>'); console.log(2)")
    kinds = [m["msg_type"] for m in result.iopub if m["msg_type"] in ("stream", "display_data")]
    assert kinds == ["stream", "display_data", "stream"]


def test_display_is_updated_in_place(js):
    result = js.execute("const h1 = display.html('1'); h1.update({toHTML: () => '2'})")
    (first,), (second,) = result.of_type("display_data"), result.of_type("update_display_data")
    assert first["transient"] == second["transient"]
    assert second["data"]["text/html"] == "2"
    later = js.execute("h1.update({toHTML: () => '3'})").of_type("update_display_data")
    assert later[0]["transient"] == first["transient"]


def test_display_takes_an_id(js):
    (shown,) = js.execute("display('x', {id: 'mine'}); 0").of_type("display_data")
    assert shown["transient"] == {"display_id": "mine"}


def test_display_clears_the_output(js):
    assert js.execute("display.clear({wait: true})").of_type("clear_output") == [{"wait": True}]


def test_a_large_picture_comes_whole(js):
    code = "const big1 = Buffer.alloc(3e6, 7); big1.set([0x89, 0x50, 0x4e, 0x47]); big1"
    assert len(bundle(js.execute(code))["image/png"]) == 4_000_000


def test_what_fails_while_it_is_shown_is_an_error(js):
    result = js.execute("({toHTML() { throw new Error('not today') }})")
    assert (result.ename, result.evalue) == ("Error", "not today")


def test_display_from_a_timer_between_cells_reaches_the_front_end(js):
    first = js.send("setTimeout(() => display.html('late'), 30); 0")
    shown = js.until(first, lambda message: message["msg_type"] == "display_data")
    assert shown["content"]["data"]["text/html"] == "late"
    assert js.result(first).status == "ok"


# TypeScript


@pytest.fixture
def ts(start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    needs("node", "nodejs")
    return start_kernel("typescript")


def test_types_are_taken_out_and_lines_stay(ts):
    assert value(ts.execute("interface P { x: number }\nlet p: P = { x: 6 }; p.x as number")) == "6"
    assert value(
        ts.execute("function twice<T>(t: T): T[] { return [t, t] }\ntwice<number>(1)")
    ) == ("[ 1, 1 ]")
    result = ts.execute(
        "type N = number;\nconst n: N = 1;\nthrow new Error(`boom ${n satisfies N}`)"
    )
    assert "In[3], line 3" in traceback(result)


def test_what_is_only_a_type_is_not_imported(ts):
    code = "import type { Stats } from 'fs';\nimport { statSync } from 'fs';\n"
    assert value(ts.execute(code + "const s: Stats = statSync('.'); s.isDirectory()")) == "true"


def test_an_enumeration_becomes_code(ts):
    assert value(ts.execute("enum Color { Red = 1, Green }\nColor.Green")) == "2"
    assert value(ts.execute("Color[1]")) == "'Red'"


def test_typescript_is_told_to_be_whole_or_not(ts):
    def status(code: str) -> str:
        return ts.request("is_complete", code=code).status

    assert status("let x: number = 1") == "complete"
    assert status("function f(a: string) {") == "incomplete"
    assert status("interface A {") == "incomplete"
    assert status("let x: = 1") == "invalid"


def test_a_fault_in_typescript_is_a_syntax_error(ts):
    assert ts.execute("let x: number = = 1").ename == "SyntaxError"
    assert value(ts.execute("'next'")) == "'next'"


def test_an_empty_line_comes_first_in_the_first_cell(own: FrontEnd) -> None:
    assert own.execute("console.log(); console.log('a')").stdout == "\na\n"


def test_a_cell_may_give_the_names_of_globals_another_meaning(own: FrontEnd) -> None:
    names = "Array Buffer Error Function JSON Map Number Object Promise Set String Symbol console"
    declared = "".join(f"var {name} = 1;" for name in [*names.split(), "globalThis"])
    assert own.execute(f"{declared} class Mine {{}}; const process = {{}}").status == "ok"
    (result,) = own.execute("await 6 * 7").of_type("execute_result")
    assert "42" in result["data"]["text/plain"]
    assert own.execute("nothing").ename == "ReferenceError"
    content = own.request("complete", code="Mi", cursor_pos=2).content
    assert "Mine" in content["matches"]
    assert "Mine     class\n" in own.execute("%cd /\n%env HOME\n%who").stdout
    msg_id = own.send("%time while (true) {}")
    own.until(msg_id, lambda message: message["msg_type"] == "execute_input")
    own.interrupt()
    assert own.result(msg_id).ename == "KeyboardInterrupt"
