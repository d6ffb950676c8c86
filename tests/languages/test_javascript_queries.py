"""Completion and inspection in JavaScript: they know what lives, and execute nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from frontend import FrontEnd
from toolchains import needs

SGR = re.compile("\x1b\\[[0-9;]*m")
TRAPS = """
let touched = [];
const trap = { get getter() { touched.push('getter'); return { inner: 1 } }, plain: { leaf: 1 } };
const proxy = new Proxy({ a: 1 }, new Proxy({}, {
  get(_, name) { touched.push(name); return undefined } }));
class Tagged { get [Symbol.toStringTag]() { touched.push('tag'); return 'T' }
  static get name() { touched.push('name'); return 'N' }
  static [Symbol.hasInstance]() { touched.push('instance'); return true } }
const tagged = new Tagged();
globalThis.__defineGetter__('lazyGlobal', () => { touched.push('global'); return {} });
function touch() { touched.push('call'); return {} }
touched.length = 0;
"""


@pytest.fixture
def js(start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    needs("node", "nodejs")
    kernel = start_kernel("javascript")
    kernel.execute(TRAPS)
    kernel.execute(
        "const person = { name: 'Ada', greet(who, how = 1) {}, 'two words': 1 };\n"
        "/** Adds.\n * @param a the first */\nfunction add(a, b = 2) { return a + b }\n"
        "class Point { constructor(x, y) {} length() {} }\nlet point = new Point(); let text = ''"
    )
    return kernel


def matches(kernel: FrontEnd, code: str) -> list[str]:
    found = kernel.request("complete", code=code, cursor_pos=len(code)).content
    assert found["cursor_end"] == len(code)
    return list(found["matches"])


def inspected(kernel: FrontEnd, code: str, detail: int = 0) -> str:
    found = kernel.request("inspect", code=code, cursor_pos=len(code), detail_level=detail).content
    return SGR.sub("", found["data"]["text/plain"]) if found["found"] else ""


def test_a_question_is_answered_while_the_cell_runs_that_came_before_the_start(
    start_kernel, tmp_path, monkeypatch
):
    needs("node", "nodejs")
    held, go = tmp_path / "held.js", tmp_path / "go"
    wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)"
    held.write_text(f"while (!require('fs').existsSync({str(go)!r})) {wait}")
    monkeypatch.setenv("NODE_OPTIONS", f"--require={held}")
    kernel = start_kernel("javascript")
    cell = kernel.send("console.log('ready'); await new Promise(() => {})")
    kernel.until(cell, lambda message: message["msg_type"] == "execute_input")
    asked = kernel.post("shell", "is_complete_request", {"code": "function f() {"})
    go.touch()
    # Its own reply: of a kernel that starts slowly there are more to what was asked at the start.
    assert kernel.result(asked).content["status"] == "incomplete"
    kernel.until_text(cell, "ready")
    kernel.interrupt()
    assert kernel.result(cell).ename == "KeyboardInterrupt"


COMPLETENESS = {
    "complete": ["{a: 1, b: 2}", "{}", "{ let block = 1 }", "const a = 1", "`a\nb`"],
    "incomplete": [
        "{a: 1,", "{ 'a': 1", "{", "({", "f({a: 1,", "const x =", "a +", "/* x", "if (x)",
        "for (;;", "x => {", "[1,", "`a", "{ f()", "import {x",
    ],
    "invalid": ["{a: 1}}", "1 2", "f(1 2", "const y = ]", "foo(1))", "}", "import {x} from 'a"],
}  # fmt: skip
TYPED = {
    "complete": ["let a: number", "interface I { a: string }"],
    "incomplete": [
        "const x: number =", "interface I {", "type T =", "x as", "(a: number", "enum E { A",
    ],
    "invalid": ["let a: = 5", "let a: number)"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "samples"),
    [("javascript", COMPLETENESS), ("typescript", COMPLETENESS), ("typescript", TYPED)],
)
def test_whether_code_is_complete(start_kernel, language, samples):
    needs("node", "nodejs")
    kernel = start_kernel(language)
    for status, codes in samples.items():
        found = {c: kernel.request("is_complete", code=c).content["status"] for c in codes}
        assert found == dict.fromkeys(codes, status)


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("pers", "person"),
        ("person.", "greet"),
        ("'ä😀'; person.gr", "greet"),
        ("person?.na", "name"),
        ("person['two", "two words"),
        ("point.le", "length"),
        ("text.toUp", "toUpperCase"),
        ("'abc'.toUp", "toUpperCase"),
        ("[].conc", "concat"),
        ("process.vers", "versions"),
        ("Math.ma", "max"),
        ("await fet", "fetch"),
        ("const localName = 1; localN", "localName"),
        ("retu", "return"),
        ("require('fs/pro", "fs/promises"),
        ("import x from 'node:chi", "node:child_process"),
        ("trap.plain.", "leaf"),
        ("disp", "display"),
    ],
)
def test_completion_knows_what_lives(js, code, match):
    assert match in matches(js, code)


@pytest.mark.parametrize(
    "code",
    [
        "trap.getter.",
        "proxy.",
        "proxy.a.",
        "lazyGlobal.",
        "touch().",
        "tagged.",
        "trap.",
        "touched.",
    ],
)
def test_neither_completion_nor_inspection_executes_anything(js, code):
    matches(js, code)
    inspected(js, code.rstrip("."), 1)
    # In colour or not: Node.js has none where it takes itself to be in CI.
    assert re.sub(r"\x1b\[\d+m", "", js.execute("console.log(touched.length)").stdout) == "0\n"


def test_completion_and_inspection_work_while_a_cell_runs(js):
    cell = js.send("console.log('ready'); while (true) {}")
    js.until_text(cell, "ready")
    assert "greet" in matches(js, "person.")
    assert "function add(a, b = 2)" in inspected(js, "add")
    js.interrupt()
    assert js.result(cell).ename == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("add", "function add(a, b = 2)\nAdds.\n@param a the first\nIn[2], line 4"),
        ("add(1, ", "function add(a, b = 2)"),
        ("person.greet", "greet(who, how = 1)"),
        ("Point", "class Point(x, y)"),
        ("person", "name: \"Ada\""),
        ("trap", "getter: [Getter]"),
        ("proxy", "Proxy"),
        ("process.cwd", "function process.cwd"),
    ],
)  # fmt: skip
def test_inspection_tells_what_a_name_is(js, code, said):
    assert said in inspected(js, code)


def test_inspection_in_detail_shows_the_source(js):
    assert "return a + b" in inspected(js, "add", 1)
    assert inspected(js, "no_such_name") == ""
