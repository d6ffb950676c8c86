"""Errors, interrupts, input and deaths in JavaScript cells."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from frontend import FrontEnd, Result
from toolchains import needs

SGR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def js(start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    """A kernel with something to keep."""
    needs("node", "nodejs")
    kernel = start_kernel("javascript")
    kernel.execute(
        "let kept = 42; const sleep = (ms) => new Promise((done) => setTimeout(done, ms))"
    )
    return kernel


def traceback(result: Result) -> str:
    assert result.status == "error"
    return SGR.sub("", "\n".join(result.of_type("error")[0]["traceback"]))


def value(result: Result) -> str:
    assert result.status == "ok", result.content
    return SGR.sub("", result.of_type("execute_result")[0]["data"]["text/plain"])


def assert_kept(kernel: FrontEnd) -> None:
    result = kernel.execute("kept")
    assert (value(result), result.stderr) == ("42", "")


# Errors


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "where"),
    [
        ("1\nnull.x", "TypeError", "Cannot read properties of null", "In[2]:2:6"),
        ("function f() {\n  g()\n}\nf()", "ReferenceError", "g is not defined", "f (In[2]:2:3)"),
        ("await sleep(1)\nthrow new RangeError('r')", "RangeError", "r", "In[2]:2:7"),
        ("await Promise.reject(new Error('no'))", "Error", "no", "In[2]:1:22"),
        (
            "class MyError extends Error { name = 'Mine' }; throw new MyError('m')",
            "Mine",
            "m",
            "In[2]",
        ),
        ("let a =\nlet b", "SyntaxError", "", "In[2], line"),
        ("1 +* 2", "SyntaxError", "Unexpected token '*'", "In[2], line 1"),
        ("let x2; let x2", "SyntaxError", "already been declared", "In[2], line 1"),
        ("throw {code: 5}", "Uncaught", "{ code: 5 }", "code: 5"),
        ("throw null", "Uncaught", "null", "null"),
        ("throw new Error('a', {cause: new Error('why')})", "Error", "a", "[cause]: Error: why"),
        ("require('fs').readFileSync('/no/such')", "Error", "ENOENT", "In[2]:1:15"),
    ],
)
def test_an_error_points_into_the_cell(js, code, ename, evalue, where):
    result = js.execute(code)
    assert result.ename == ename
    assert evalue in result.evalue
    assert where in traceback(result)
    assert "mykernel-" not in traceback(result), "the private folder is seen"
    assert "node:inspector" not in traceback(result)
    assert_kept(js)


def test_an_error_in_a_function_of_an_earlier_cell_names_that_cell(js):
    js.execute("\nfunction early() {\n  throw new Error('e')\n}")
    shown = traceback(js.execute("early()"))
    assert "early (In[2]:3:9)" in shown
    assert "In[3]:1:1" in shown
    assert "In[2], line 3" in shown


@pytest.mark.parametrize(
    "code",
    [
        "try { null.x } catch (error) { console.error(error) }",
        "try { null.x } catch (error) { console.error(error.stack) }",
        "console.trace('here')",
        "await sleep(1); console.trace('here')",
        "setTimeout(() => console.trace('here')); await sleep(5)",
        "await import('./nowhere.mjs').catch((error) => console.error(error))",
    ],
)
def test_a_stack_has_the_users_frames_alone_wherever_it_is_shown(js, code):
    said = js.execute(code).stderr
    assert "\n    at " in said or "nowhere" in said
    assert "mykernel-" not in said
    assert "node:inspector" not in said


def test_calls_are_told_across_an_await(js):
    js.execute("async function inner() { await 1; throw new Error('deep') }")
    assert "at inner (In[2]:1:41)\n    at async In[3]:1:1" in traceback(js.execute("await inner()"))


def test_what_belongs_to_an_error_stands_behind_its_stack(js):
    thrown = "throw Object.assign(new Error('outer', {cause: new Error('inner')}), {code: 'X'})"
    assert traceback(js.execute(thrown)).startswith(
        "Error: outer\n    at In[2]:1:21 {\n  code: 'X',\n  [cause]: Error: inner\n"
        "      at In[2]:1:48\n}\n"
    )


def test_an_error_of_nodes_own_has_its_code(js):
    told = traceback(js.execute("Buffer.alloc('x')"))
    assert told.startswith("TypeError [ERR_INVALID_ARG_TYPE]: ")


@pytest.mark.parametrize("event", ["uncaughtException", "unhandledRejection"])
def test_a_cell_may_listen_to_what_nobody_handles(js, event):
    fails = {
        "uncaughtException": "setTimeout(() => { throw new Error('lost') })",
        "unhandledRejection": "Promise.reject(new Error('lost'))",
    }[event]
    js.execute(f"process.on('{event}', (error) => console.log('heard', error.message))")
    heard = js.execute(f"{fails}; await sleep(20)")
    assert (heard.stdout, heard.stderr) == ("heard lost\n", "")
    js.execute(f"process.removeAllListeners('{event}')")
    assert "Error: lost" in js.execute(f"{fails}; await sleep(20)").stderr
    assert_kept(js)


def test_a_rejection_that_nobody_handles_is_told_in_its_cell(js):
    result = js.execute("Promise.reject(new Error('lost')); 1")
    assert value(result) == "1"
    assert "Uncaught (in promise) Error: lost\n    at In[2]:1:16" in SGR.sub("", result.stderr)


def test_an_error_after_the_end_of_the_cell_is_told_and_ends_nothing(js):
    cell = js.send("setTimeout(() => { throw new Error('late') }, 30); 0")
    js.until_text(cell, "Uncaught Error: late")
    assert js.result(cell).status == "ok"
    assert_kept(js)


def test_process_exit_ends_the_cell_alone(js):
    result = js.execute("function f() { process.exit(3) }\nf(); console.log('not reached')")
    assert (result.ename, result.stdout) == ("ExitStatus", "")
    assert result.evalue.startswith("3 ")
    assert js.execute("await sleep(1); process.exit()").evalue.startswith("0 ")
    assert (
        js.execute("setTimeout(() => process.exit(4), 1); await sleep(1e6)").ename == "ExitStatus"
    )
    assert_kept(js)


def test_out_of_memory_is_told_by_its_name(start_kernel, monkeypatch):
    needs("node", "nodejs")
    monkeypatch.setenv("NODE_OPTIONS", "--max-old-space-size=100")
    js = start_kernel("javascript")
    result = js.execute("const a = []; for (;;) a.push(new Array(1e6).fill(1.5))")
    assert result.ename == "OutOfMemory"
    assert "--max-old-space-size" in result.evalue
    assert value(js.execute("1")) == "1"


# Interrupts


@pytest.mark.parametrize(
    "code",
    [
        "console.log('ready'); while (true) {}",
        "console.log('ready'); await new Promise(() => {})",
        "await 1; console.log('ready'); while (true) {}",
        "setTimeout(() => { console.log('ready'); while (true) {} }, 1); await sleep(1e9)",
        "Promise.resolve().then(() => { console.log('ready'); while (true) {} }); await sleep(1e9)",
        "console.log('ready'); try { while (true) {} } finally { while (true) {} }",
        "console.log('ready'); for (;;) try { while (true) {} } catch {}",
        "console.log('ready'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
        "console.log('ready'); /(a+)+$/.test('a'.repeat(40) + '!')",
        "console.log('ready'); require('child_process').execSync('sleep 1000')",
        "require('child_process').execSync('echo ready; sleep 1000', {stdio: 'inherit'})",
        (
            "const c = require('child_process').spawn('sleep', ['1000']); console.log('ready')"
            "; await new Promise((done) => c.on('exit', done)); await sleep(1e9)"
        ),
        "process.on('SIGINT', () => {}); console.log('ready'); await sleep(1e9)",
        "process.removeAllListeners('SIGINT'); console.log('ready'); await sleep(1e9)",
    ],
)
def test_an_interrupt_keeps_the_state(js, code):
    cell = js.send(code)
    js.until_text(cell, "ready")
    js.interrupt()
    result = js.result(cell)
    assert (result.ename, result.stdout) == ("KeyboardInterrupt", "ready\n")
    assert "live on" in result.evalue
    assert_kept(js)


def test_the_value_of_an_interrupted_cell_does_not_turn_up_in_a_later_one(js):
    cell = js.send("console.log('ready'); await new Promise((f) => globalThis.settle = f); 'late'")
    js.until_text(cell, "ready")
    js.interrupt()
    assert js.result(cell).ename == "KeyboardInterrupt"
    later = js.execute("settle(); await new Promise(setImmediate); 'own'")
    assert [shown["data"]["text/plain"] for shown in later.of_type("execute_result")] == [
        "\x1b[32m'own'\x1b[39m"
    ]


def test_an_interrupt_of_an_idle_kernel_changes_nothing(js):
    for _ in range(3):
        js.interrupt()
        assert_kept(js)


def test_an_interrupt_that_comes_late_does_not_end_the_next_cell(js):
    cell = js.send("console.log('ready'); await sleep(1e9)")
    js.until_text(cell, "ready")
    js.interrupt()
    js.result(cell)
    late = "process.kill(process.pid, 'SIGINT'); await sleep(50); 'ran to its end'"
    assert value(js.execute(late)) == "'ran to its end'"


def test_timers_and_servers_live_on_between_cells(js):
    js.execute(
        "let ticks = 0; const timer = setInterval(() => ticks++, 1);\n"
        "const server = require('http').createServer((_, answer) => answer.end('served'));\n"
        "await new Promise((done) => server.listen(0, '127.0.0.1', done))"
    )
    cell = js.send("console.log('ready'); while (true) {}")
    js.until_text(cell, "ready")
    js.interrupt()
    js.result(cell)
    code = (
        "const before = ticks; while (ticks < before + 5) await sleep(1); clearInterval(timer);\n"
    )
    code += (
        "const said = await (await fetch(`http://127.0.0.1:${server.address().port}`)).text();\n"
    )
    assert (
        value(js.execute(code + "server.close(); server.closeAllConnections(); said")) == "'served'"
    )


# Input


@pytest.mark.parametrize(
    ("code", "answers", "shown"),
    [
        ("prompt('Name?')", ["Ada"], "'Ada'"),
        ("prompt('Name?', 'Bob')", [""], "'Bob'"),
        ("[prompt('a'), prompt('b')]", ["1", "ä😀"], "[ '1', 'ä😀' ]"),
        ("confirm('Sure?')", ["y"], "true"),
        ("const b = Buffer.alloc(9); require('fs').readSync(0, b); b.toString('utf8', 0, 3)",
         ["abc"], "'abc'"),
        ("require('fs').readFileSync(0, 'utf8')", ["x", "\x04"], "'x\\n'"),
        (("const r = require('readline').createInterface({input: process.stdin}); const l = [];\n"
         "for await (const x of r) { l.push(x); if (l.length === 2) break }; l"),
         ["1", "2"], "[ '1', '2' ]"),
        (("const r = require('readline/promises').createInterface(process.stdin, process.stdout);\n"
         "const a = await r.question('who? '); r.close(); a"), ["Bob"], "'Bob'"),
        (("const d = await new Promise((done) => process.stdin.once('data', done));\n"
         "process.stdin.pause(); String(d)"), ["hi"], "'hi\\n'"),
        ("require('child_process').execSync('read x; echo $x', {stdio: ['inherit', 'pipe']}) + ''",
         ["child"], "'child\\n'"),
    ],
)  # fmt: skip
def test_who_reads_is_given_what_the_user_types(js, code, answers, shown):
    """Twice, since what the first time leaves behind must not be in the way."""
    for _ in range(2):
        result, asked = js.converse(f"{{ {code} }}" if "await" not in code else code, answers)
        assert len(asked) == len(answers)
        assert value(result) == shown
        assert_kept(js)


def test_who_waits_for_something_else_is_not_asked(js):
    result, asked = js.converse("await sleep(700); 5", [])
    assert (value(result), asked) == ("5", [])


def test_a_question_can_be_interrupted(js):
    for code in ("prompt('Name?')", "await new Promise((d) => process.stdin.once('data', d))"):
        result, _ = js.converse(code, [None])
        assert result.ename == "KeyboardInterrupt"
        assert_kept(js)
    result, asked = js.converse("prompt('Again?')", ["yes"])
    assert (value(result), len(asked)) == ("'yes'", 1)


def test_what_ends_an_interrupted_question_does_not_end_those_of_the_next_cell(js):
    js.converse("await new Promise((done) => process.stdin.once('data', done))", [None])
    # For longer than the interrupt waits until it ends a read.
    asked = "Array.from({length: 20}, (_, number) => prompt(number)).join('')"
    assert value(js.converse(asked, ["y"] * 20)[0]) == f"'{'y' * 20}'"


# Deaths


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("process.kill(process.pid, 'SIGKILL'); await sleep(1e9)", "SIGKILL"),
        ("process.abort()", "SIGABRT"),
        ("process.reallyExit(7)", "exit status 7"),
    ],
)
def test_a_dead_node_is_told_and_started_anew(js, code, how):
    result = js.execute(code)
    assert result.ename == "NodeDied"
    assert how in result.evalue
    assert "new one, without its state" in js.execute("1").stderr
    assert js.execute("kept").ename == "ReferenceError"


def test_stderr_can_be_merged_with_stdout(start_kernel):
    needs("node", "nodejs")
    js = start_kernel("javascript", "--merge-stderr")
    result = js.execute("for (let i = 0; i < 3; i++) { console.log(i); console.error('e' + i) }")
    assert SGR.sub("", result.stdout) == "0\ne0\n1\ne1\n2\ne2\n"
    assert value(js.execute("6 * 7")) == "42"
