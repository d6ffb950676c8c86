"""What Java has beyond the contract, each in a real Java behind a real kernel."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import pytest
from frontend import FrontEnd, Result, launch, results
from toolchains import needs

from mykernel import languages
from mykernel.errors import ToolchainMissing

SGR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the notebook whose kernel the module's tests share."""
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def _kernel(folder: Path) -> Iterator[FrontEnd]:
    needs("javac", "default-jdk-headless")
    argv = [sys.executable, "-m", "mykernel", "kernel", "java", "-f", "{connection_file}"]
    front_end = launch(argv, folder)
    yield front_end
    front_end.close()


@pytest.fixture
def java(_kernel: FrontEnd) -> Iterator[FrontEnd]:
    """A kernel that the module's tests share. Its state lives on from one to the next."""
    yield _kernel
    after = _kernel.execute('"in step"', store_history=False)
    assert (value(after), after.stderr) == ('"in step"', "")


@pytest.fixture
def own(start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    """A kernel of the test's own, whose folder is tmp_path."""
    needs("javac", "default-jdk-headless")
    return start_kernel("java")


def value(result: Result) -> str:
    (shown,) = results(result)
    return shown


def traceback(result: Result) -> str:
    assert result.status == "error"
    return SGR.sub("", "\n".join(result.of_type("error")[0]["traceback"]))


# Cells and their results


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("1 + 1", "2"),
        ("1 + 1 // comment", "2"),
        ("1 +\n// between\n2", "3"),
        ('"a\\n\\"b\\""', '"a\\n\\"b\\""'),
        ('"""\n  two\n  lines"""', '"two\\nlines"'),
        ("'x'", "'x'"),
        ("10L", "10"),
        ("null", "null"),
        ("new int[][]{{1, 2}, {3}}", "[[1, 2], [3]]"),
        ('List.of("a", new int[]{1})', "[a, [1]]"),
        ('Map.of("k", new char[]{65})', "{k=[A]}"),
        ("var loop = new Object[1]; loop[0] = loop; loop", "[[...]]"),
        ("Stream.of(1, 2).map(x -> x * 2).toList()", "[2, 4]"),
        ("record P(int x) {}\nnew P(1)", "P[x=1]"),
        ('int ünï = 3; String 漢 = "ä😀"; ünï + 漢', '"3ä😀"'),
        ("int a1 = 1;\r\nint a2 = 2;\r\na1 + a2\r\n", "3"),
        ("int sw = switch (3) { case 3 -> 33; default -> 0; }; sw", "33"),
        ("new Object() { int q = 5; }.q", "5"),
        ("<T> T same(T it) { return it; }\nsame(7)", "7"),
        ("1;2;3", "3"),
        (
            "IntStream.range(0, 2000).toArray()",
            f"[{', '.join(map(str, range(1000)))}, ... 1000 more]",
        ),
    ],
)
def test_the_last_value_is_the_result(java, code, shown):
    assert value(java.execute(code)) == shown


@pytest.mark.parametrize(
    "code",
    [
        "// comment",
        "/* a */ // b",
        ";",
        "int n1;",
        "int n2 = 3;",
        "n2 = 4",
        "void n3() {}\nn3()",
        "import java.time.*;",
        "if (true) { int x = 1; }",
        # With a semicolon it is a statement, whose value nobody wants.
        "new ArrayList<>().add(3);",
        'System.out.printf("");',
    ],
)
def test_what_has_no_value_of_its_own_has_no_result(java, code):
    assert results(java.execute(code)) == []


def test_declarations_live_on_and_may_be_declared_again(java):
    java.execute("import java.time.*;\nint v = 1; int f() { return v; }\nclass K { int k = 1; }")
    java.execute(
        "int f() { return v + 10; }\nv = 2;\nclass K { String k = LocalDate.MIN.toString(); }"
    )
    assert value(java.execute("f() + new K().k")) == '"12-999999999-01-01"'
    assert value(java.execute('String v = "text"; v')) == '"text"'
    assert value(java.execute("int v = 1; int v = 3; v")) == "3"


@pytest.mark.parametrize(
    ("constructor", "made", "shown"),
    [
        ("One { if (x < 0) throw new IllegalArgumentException(); }", "new One(1)", "One[x=1]"),
        ("One(int x) { this.x = 2 * x; } One() { this(7); }", "new One()", "One[x=14]"),
        ("One { x++; } record In(int y) { In { y--; } }", "new One.In(1)", "In[y=0]"),
    ],
)
def test_a_record_has_constructors_of_its_own(java, constructor, made, shown):
    assert value(java.execute(f"record One(int x) {{\n  {constructor}\n}}\n{made}")) == shown


def test_a_records_private_constructor_is_an_error_that_says_so(java):
    ran = java.execute("record Two(int x) { private Two { } }")
    assert "attempting to assign stronger access privileges" in ran.evalue


def test_a_variable_that_loses_its_value_is_told(java):
    java.execute("class Old { int x = 1; }\nOld held = new Old();")
    result = java.execute("class Old { int x = 2; }")
    assert (result.status, result.stderr) == (
        "ok",
        "held has lost its value, since Old was declared anew\n",
    )
    assert value(java.execute("held")) == "null"


def test_an_import_that_takes_a_name_away_is_told(own):
    """java.awt has a List, too: what was declared as one cannot be compiled any more."""
    own.execute("var some = new ArrayList<>(List.of(1)); int kept = 1;")
    result = own.execute("import java.awt.*;")
    assert result.stderr == "some has lost its value, since java.awt.* was imported\n"
    assert value(own.execute("kept")) == "1"


def test_what_is_named_before_it_is_declared_is_told_and_works_later(java):
    result = java.execute("int early() { return late() + 1; }")
    told = "early cannot be used until method late() is declared"
    assert (result.status, result.stderr) == ("ok", f"{told}\n")
    result = java.execute("int other;\nearly()")
    assert (result.ename, result.evalue) == ("UnresolvedReference", told)
    assert "In[" in traceback(result)
    assert java.execute("int late() { return 41; }").stderr == ""
    assert value(java.execute("early()")) == "42"
    # In one cell it needs no telling.
    both = "int even(int n) { return n == 0 ? 1 : odd(n - 1); }\n"
    both += "int odd(int n) { return n == 0 ? 0 : even(n - 1); }\neven(10)"
    result = java.execute(both)
    assert (value(result), result.stderr) == ("1", "")


def test_a_cell_of_10000_lines(java):
    lines = "\n".join(f"total += {n};" for n in range(10_000))
    assert value(java.execute(f"long total = 0;\n{lines}\ntotal")) == str(sum(range(10_000)))


def test_big_output_comes_whole_and_in_order(java):
    code = "for (int i = 0; i < 20000; i++) System.out.println(i);"
    assert java.execute(code).stdout == "".join(f"{n}\n" for n in range(20_000))
    assert java.execute('System.out.print("no newline");').stdout == "no newline"


def test_streams_that_a_cell_closes_are_there_for_the_next(java):
    java.execute("System.out.close(); System.err.close(); System.in.close();")
    result = java.execute('System.out.println("out"); System.err.println("err");')
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    result, asked = java.converse("new Scanner(System.in).nextLine()", ["answer"])
    assert (value(result), len(asked)) == ('"answer"', 1)


def test_output_that_looks_like_a_mark_is_output(java):
    code = 'System.out.print("\\033]133;D;k=0;i=1;s=0\\007in");'
    assert java.execute(code).stdout.endswith("in")


def test_half_a_surrogate_pair_is_a_character_that_is_not_known(java):
    assert value(java.execute('"\\ud83d"')) == '"?"'


# Errors


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "line"),
    [
        ("int y = 1;\nint z = = 2;", "CompileError", "illegal start of expression", 2),
        ("\n\nnosuch(1)", "CompileError", "cannot find symbol; symbol:   method nosuch(int)", 3),
        ("String s = 5;", "CompileError", "incompatible types", 1),
        ('int wrong() {\n  return "x";\n}', "CompileError", "incompatible types", 2),
        ("for (;;) {\n  undefined++;\n}", "CompileError", "cannot find symbol", 2),
        ('"unclosed', "CompileError", "unclosed string literal", 1),
        ("}", "CompileError", "illegal start", 1),
        ("\0", "CompileError", "illegal character", 1),
        ("import nosuch.pkg.*;", "CompileError", "package nosuch.pkg does not exist", 1),
        ("int d = 1;\n\nd / 0", "java.lang.ArithmeticException", "/ by zero", 3),
        ("int r(int n) { return r(n + 1) + 1; }\nr(0)", "java.lang.StackOverflowError", "", 1),
        ('throw new IOException("io")', "java.io.IOException", "io", 1),
        ("class My extends Error {}\n\nthrow new My();", "My", "", 3),
    ],
)
def test_an_error_has_its_name_and_its_line(java, code, ename, evalue, line):
    result = java.execute(code)
    assert result.ename == ename
    assert evalue in result.evalue
    count = result.content["execution_count"]
    assert f"In[{count}], line {line}\n" in traceback(result)


def test_a_compile_error_marks_the_place(java):
    told = traceback(java.execute("int ok = 1;\n\tint bad = nosuch + 1;"))
    assert told.endswith("\n    \tint bad = nosuch + 1;\n    \t          ^----^")


def test_what_stands_before_a_compile_error_has_run(java):
    result = java.execute('System.out.println("ran");\nint q = = 2;\nSystem.out.println("not");')
    assert (result.status, result.stdout) == ("error", "ran\n")


def test_what_stands_before_an_error_has_run_in_a_long_cell(java):
    """Statements are compiled together, so long as none of them is wrong."""
    before = "int count = 0;\n" + "count++;\n" * 700
    result = java.execute(f"{before}nosuch();\ncount++;\n")
    assert result.ename == "CompileError"
    assert ", line 702\n" in traceback(result)
    assert value(java.execute("count")) == "700"


def test_calls_are_told_by_the_cells_lines_alone(java):
    deep = "class Deep {\n  int a() {\n    return b();\n  }\n  int b() {\n    return %s;\n  }\n}"
    assert java.execute(deep % "nosuch + ''").ename == "CompileError"
    assert java.execute("\n" + deep % "new int[1].clone()[5]").status == "ok"
    result = java.execute("int call() {\n  return new Deep().a();\n}\ncall()")
    n = result.content["execution_count"]
    lines = [line.strip() for line in traceback(result).split("\n") if "    at " in line]
    assert lines == [
        f"at Deep.b (In[{n - 1}]:7)",
        f"at Deep.a (In[{n - 1}]:4)",
        f"at call (In[{n}]:2)",
        f"at In[{n}]:4",
    ]


def test_causes_are_told(java):
    code = 'try {\n  throw new Exception("in");\n} catch (Exception e) {\n'
    code += '  throw new Error("out", e);\n}'
    told = traceback(java.execute(code))
    assert re.search(
        r"java.lang.Error: out\n +at In\[\d+\]:4\nCaused by: .*: in\n +at In\[\d+\]:2", told
    )


def test_an_error_of_a_values_own_text_is_the_cells(java):
    code = 'class Bad { public String toString() { throw new Error("ts"); } }\nnew Bad()'
    result = java.execute(code)
    assert (result.ename, result.evalue) == ("java.lang.Error", "ts")
    assert "mykernel" not in traceback(result)


def test_code_that_is_too_large_spoils_nothing(java):
    long = "x" * 70_000
    printed = f'System.out.println("{long}");'
    for code in (f'String big = "{long}";', printed, f'"{long}".length()', f";\n{printed}\n;\n;"):
        result = java.execute(code)
        assert (result.ename, "too long" in result.evalue) == ("CompileError", True), code[:20]
        assert value(java.execute("int small = 1; small")) == "1"


def test_a_thread_that_fails_is_told(java):
    code = 'Thread t = new Thread(() -> { throw new Error("late"); });\nt.start();\nt.join();'
    result = java.execute(code)
    assert result.status == "ok"
    assert re.search(
        r'Exception in thread "[^"]+" java.lang.Error: late\n +at lambda \(In', result.stderr
    )


def test_exit_ends_the_cell_alone(java):
    java.execute("int before = 41;")
    for code in ("System.exit(3);", "Runnable r = () -> System.exit(3); r.run();"):
        result = java.execute(f'{code}\nSystem.out.println("behind");')
        assert (result.ename, result.evalue[:2], result.stdout) == ("ExitStatus", "3 ", "")
    assert value(java.execute("before + 1")) == "42"


def test_out_of_memory_is_an_error(java):
    java.execute("int kept = 41;")
    result = java.execute("new long[Integer.MAX_VALUE][];")
    assert result.ename == "java.lang.OutOfMemoryError"
    assert value(java.execute("kept")) == "41"


# Interrupt and input


@pytest.mark.parametrize(
    "code",
    [
        "while (true) {}",
        "while (true) { try { Thread.sleep(1000); } catch (InterruptedException e) {} }",
        "Thread.sleep(600_000);",
        "Stream.iterate(1, x -> x + 1).forEach(x -> {});",
        "new CountDownLatch(1).await();",
        'new ProcessBuilder("sleep", "600").inheritIO().start().waitFor();',
        "try { while (true) {} } finally { kept++; }",
    ],
)
def test_an_interrupt_keeps_the_state_and_tells_the_line(java, code):
    java.execute("int kept = 41;")
    cell = java.send('for (;;) {\n  System.out.println("ready");\n  ' + code + "\n}")
    java.until_text(cell, "ready")
    java.interrupt()
    result = java.result(cell)
    assert result.ename == "KeyboardInterrupt"
    assert re.search(r"In\[\d+\], line [1-3]\n", traceback(result))
    assert value(java.execute("kept > 40")) == "true"


def test_a_signal_that_was_for_an_earlier_cell_ends_no_other(java):
    """The VM tells of signals in a thread of their own, which may be late."""
    cell = java.send('{ System.out.println("ready"); while (true) {} }')
    java.until_text(cell, "ready")
    java.interrupt()
    assert java.result(cell).ename == "KeyboardInterrupt"
    code = "long pid = ProcessHandle.current().pid();\n"
    code += 'new ProcessBuilder("kill", "-INT", "" + pid).start().waitFor();\n'
    code += "for (int i = 0; i < 100; i++) Thread.sleep(1);\n"
    assert value(java.execute(code + "pid > 0")) == "true"


def test_an_interrupt_leaves_classes_usable(java):
    """One that is stopped while it is made ready cannot be used again."""
    slow = "static int x; static { long until = System.nanoTime() + 200_000_000;"
    slow += ' System.out.println("ready"); while (System.nanoTime() < until) {} x = 7; }'
    java.execute(f"class Slow {{ {slow} }}")
    cell = java.send("for (;;) { Slow.x++; }")
    java.until_text(cell, "ready")
    java.interrupt()
    assert java.result(cell).ename == "KeyboardInterrupt"
    assert int(value(java.execute("Slow.x"))) >= 7


def test_each_read_is_asked_for(java):
    code = 'var in = new Scanner(System.in);\nSystem.out.print("a? ");\nString a = in.nextLine();\n'
    code += 'System.out.print("b? ");\na + in.nextLine()'
    result, asked = java.converse(code, ["1 ä", "2"])
    assert [question["prompt"] for question in asked] == ["a? ", "b? "]
    assert value(result) == '"1 ä2"'


def test_a_password_is_asked_for_as_such(java):
    result, asked = java.converse('new String(System.console().readPassword("pw? "))', ["secret"])
    assert asked == [{"prompt": "pw? ", "password": True}]
    assert value(result) == '"secret"'


def test_an_interrupted_read_leaves_nothing_behind(java):
    for _ in range(5):
        result, _ = java.converse('System.out.print("q? ");\nSystem.in.read()', [None])
        assert (result.ename, result.stderr) == ("KeyboardInterrupt", "")
        assert result.stdout in ("", "q? ")
    result, asked = java.converse("new Scanner(System.in).nextLine()", ["next"])
    assert (value(result), len(asked)) == ('"next"', 1)


def test_what_a_program_of_a_cell_writes_and_reads_goes_through_the_terminal(java):
    script = "read x; echo got $x; test -t 1"
    code = f'new ProcessBuilder("sh", "-c", "{script}").inheritIO().start().waitFor()'
    result, asked = java.converse(code, ["it"])
    assert (result.stdout, value(result), len(asked)) == ("got it\n", "0", 1)


def test_a_thread_writes_on_between_cells(java):
    code = "var go = new CountDownLatch(1);\nnew Thread(() -> {\n"
    code += "  try { go.await(); } catch (InterruptedException e) {}\n"
    code += '  System.out.println("from behind");\n}).start();'
    assert java.execute(code).status == "ok"
    cell = java.send("go.countDown(); Thread.sleep(600_000);")
    java.until_text(cell, "from behind")
    java.interrupt()
    assert java.result(cell).ename == "KeyboardInterrupt"


# Rich results


@pytest.mark.parametrize(
    ("method", "mime", "shown"),
    [
        ('String toHTML() { return "<b>é</b>"; }', "text/html", "<b>é</b>"),
        ('public String toMarkdown() { return "**x**"; }', "text/markdown", "**x**"),
        ('String toSVG() { return "<svg/>"; }', "image/svg+xml", "<svg/>"),
        ("byte[] toPNG() { return new byte[]{1, 2}; }", "image/png", "AQI="),
        ('String toJSON() { return "[1]"; }', "application/json", [1]),
    ],
)
def test_a_value_shows_itself(java, method, mime, shown):
    code = f'class Rich {{ {method} public String toString() {{ return "text"; }} }}\nnew Rich()'
    (result,) = java.execute(code).of_type("execute_result")
    assert result["data"] == {"text/plain": "text", mime: shown}
    (displayed,) = java.execute("display(new Rich())").of_type("display_data")
    assert displayed["data"] == result["data"]


def test_an_image_is_a_png(java):
    code = "import java.awt.image.*;\nnew BufferedImage(300, 200, BufferedImage.TYPE_INT_RGB)"
    (result,) = java.execute(code).of_type("execute_result")
    png = base64.b64decode(result["data"]["image/png"])
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") == 300
    assert result["data"]["text/plain"] == "image of 300 x 200"


def test_display_keeps_its_place_and_may_be_updated(java):
    code = 'System.out.println("before"); display("text/html", "<i>");\n'
    code += 'updateDisplay("id", 1); updateDisplay("id", 2); System.out.println("after");'
    result = java.execute(code)
    assert result.status == "ok"
    kinds = (message["msg_type"] for message in result.iopub)
    shown = [kind for kind in kinds if "display" in kind or kind == "stream"]
    # A line and its end may come one by one.
    together = [kind for kind, _ in groupby(shown)]
    assert together == ["stream", "display_data", "update_display_data", "stream"]
    assert (result.stdout, shown.count("display_data")) == ("before\nafter\n", 2)
    (update,) = result.of_type("update_display_data")
    assert (update["data"], update["transient"]) == ({"text/plain": "2"}, {"display_id": "id"})
    assert java.execute("clearOutput();").of_type("clear_output") == [{"wait": True}]
    assert java.execute('display("html", "x")').ename == "java.lang.IllegalArgumentException"


def test_a_display_comes_whole_while_threads_write(java):
    code = (
        "var stop = new java.util.concurrent.atomic.AtomicBoolean();\nvar w = new Thread(() -> {\n"
    )
    code += '  while (!stop.get()) System.out.println("noise");\n});\nw.start();\n'
    code += 'for (int i = 0; i < 20; i++) display("text/plain", "x".repeat(50_000));\n'
    result = java.execute(code + "stop.set(true); w.join();")
    shown = [len(one["data"]["text/plain"]) for one in result.of_type("display_data")]
    assert (result.status, shown, set(result.stdout.split())) == ("ok", [50_000] * 20, {"noise"})


# Questions about code


@pytest.mark.parametrize(
    ("code", "match", "start"),
    [
        ("String text; text.sub", "substring(", 18),
        ('"abc".len', "length()", 6),
        ("String t2;\nvoid f2() { t2.isE", "isEmpty()", 26),
        ("class C1 { int field; int f() { return fie", "field", 39),
        ("import java.ut", "util.", 12),
        ("import java.util.concurrent.Coun", "CountDownLatch", 28),
        ("new Arr", "ArrayList(", 4),
        ("List.of(1).forEach(x -> x.intV", "intValue()", 26),
        ("retu", "return", 0),
        ("dis", "display(", 0),
    ],
)
def test_completion(java, code, match, start):
    found = java.request("complete", code=code, cursor_pos=len(code)).content
    assert match in found["matches"]
    assert (found["cursor_start"], found["cursor_end"]) == (start, len(code))


@pytest.mark.parametrize("code", ['"Sys', "// Sys", "/* Sys", '"""\nSys', "'Sys", "no.such.", "0."])
def test_there_is_nothing_to_complete_in_texts_and_comments(java, code):
    assert java.request("complete", code=code, cursor_pos=len(code)).content["matches"] == []


@pytest.mark.parametrize(
    ("code", "cursor_pos", "text"),
    [
        ("/** Says {@code it}. */\nint said(String it) { return 1; }", 30, ""),
        ("said(1)", 2, "int said(String it)\n\nSays it."),
        ("System.out.println(1)", 13, "void PrintStream.println(char[] x)"),
        ('int n = "x".length()', 15, "int String.length()"),
        ("String local;\nlocal.strip()", 21, "String String.strip()"),
        ("Math.PI", 6, "Math.PI:double"),
        ("HashMap", 3, "java.util.HashMap<K,V>"),
    ],
)
def test_inspection(java, code, cursor_pos, text):
    java.execute("/** Says {@code it}. */\nint said(String it) { return 1; }")
    request = {"code": code, "cursor_pos": cursor_pos, "detail_level": 0}
    found = java.request("inspect", **request).content
    assert text in found["data"].get("text/plain", "").replace(", ", ",")


def test_inspection_shows_the_source(java):
    java.execute("int twice(int n) {\n  return n * 2;\n}")
    found = java.request("inspect", code="twice(3)", cursor_pos=2, detail_level=1).content
    assert found["data"]["text/plain"].endswith("\n\nint twice(int n) {\n  return n * 2;\n}")


def test_tab_and_shift_tab_run_nothing(java, tmp_path: Path):
    touch = f'new File("{tmp_path}/ran").createNewFile();'
    java.execute(
        f"class Trap {{ static {{ try {{ {touch} }} catch (IOException e) {{}} }}\n"
        "  static int x = 1; }\n"
        f"boolean later() throws Exception {{ return {touch} }}"
    )
    for code in (
        "later()",
        "later().",
        "Trap.x",
        "new Trap().",
        "int y = Trap.x; y",
        "later();\n1",
    ):
        for end in range(1, len(code) + 1):
            java.request("complete", code=code, cursor_pos=end)
            java.request("inspect", code=code, cursor_pos=end, detail_level=1)
        java.request("is_complete", code=code)
    assert not (tmp_path / "ran").exists()
    assert value(java.execute("Trap.x")) == "1"
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("int x", "complete"),
        ("if (true) { } // {", "complete"),
        ('"""\nabc', "incomplete"),
        ("/* a", "incomplete"),
        ("a +", "incomplete"),
        ("class A {\n  void f() {}", "incomplete"),
        ("void f() {}\nint g(", "incomplete"),
        ("@Override", "invalid"),
        ("1 + ) 2", "invalid"),
        ('"abc', "invalid"),
    ],
)
def test_whether_code_is_complete(java, code, status):
    assert java.request("is_complete", code=code).status == status


# Directives


def test_who_and_env(own, monkeypatch):
    own.execute(
        "int number = 1;\nint twice(int n) { return 2 * n; }\nrecord Point(int x) {}\n1 + 1"
    )
    assert own.execute("%who").stdout.split("\n")[:3] == [
        "Point   class",
        "number  int",
        "twice   method",
    ]
    assert "HOME=" in own.execute("%env").stdout
    assert value(own.execute("%time\nnumber + 1")) == "2"
    assert own.execute("%cd /").status == "error"
    assert value(own.execute("boolean flag = true;\n!flag")) == "false"
    assert value(own.execute("!flag")) == "false"


# The JDK


def test_a_java_without_its_compiler_is_told_with_what_to_install(monkeypatch, tmp_path: Path):
    (tmp_path / "java").write_text("#!/bin/sh\n")
    (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(ToolchainMissing, match=r"JDK.*apt install default-jdk-headless"):
        languages.language("java").find_toolchain()


# The class path


def test_classes_and_jars_of_the_notebooks_folder_are_there(own, tmp_path: Path, start_kernel):
    code = """
        import javax.tools.*;
        Files.createDirectories(Path.of("own"));
        Files.writeString(Path.of("own/Own.java"),
            "package own; public class Own { public static int x = 7; }");
        Files.createDirectories(Path.of("packed/my"));
        Files.writeString(Path.of("packed/my/Packed.java"),
            "package my; public class Packed { public int y = 8; }");
        var javac = ToolProvider.getSystemJavaCompiler();
        javac.run(null, null, null, "own/Own.java");
        javac.run(null, null, null, "packed/my/Packed.java");
        java.util.spi.ToolProvider.findFirst("jar").get()
            .run(System.out, System.err, "cf", "packed.jar", "-C", "packed", "my/Packed.class")
    """
    assert value(own.execute(code)) == "0"
    assert value(own.execute("own.Own.x")) == "7"
    again = start_kernel("java")
    assert value(again.execute("import my.*;\nnew Packed().y")) == "8"
    found = again.request("complete", code="new my.Pa", cursor_pos=9).content
    assert found["matches"] == ["Packed()"]


def test_the_class_path_of_the_environment_is_taken_instead(start_kernel, tmp_path, monkeypatch):
    needs("javac", "default-jdk-headless")
    monkeypatch.setenv("CLASSPATH", str(tmp_path / "elsewhere"))
    shown = value(start_kernel("java").execute('System.getProperty("java.class.path")'))
    assert shown.endswith(f':{tmp_path / "elsewhere"}"')
