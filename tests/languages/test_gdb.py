"""What GDB has beyond the contract, with a small program in C."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from frontend import launch, results, traceback
from toolchains import needs

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>

struct point { int x, y; };
struct point origin = {3, 4};

int add(int a, int b)
{
    int sum = a + b;
    return sum;
}

int main(int argc, char **argv)
{
    char line[40];
    volatile long turns = 0;
    while (argc > 1 && argv[1][0] == 'f') {
        if (!turns++) { puts("ready"); fflush(stdout); }
    }
    if (argc > 1)
        abort();
    printf("Name? ");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        return 3;
    printf("hi %s", line);
    fprintf(stderr, "to stderr\n");
    printf("%d\n", add(origin.x, origin.y));
    return 0;
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the program lies, and its source."""
    needs("gcc", "gcc")
    folder = tmp_path_factory.mktemp("program")
    (folder / "add.c").write_text(PROGRAM.lstrip())
    subprocess.run(["gcc", "-g", "-O0", "-o", "add", "add.c"], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def shared(folder):
    needs("gdb", "gdb")
    argv = [sys.executable, "-m", "mykernel", "kernel", "gdb", "--no-startup-files"]
    front_end = launch([*argv, "-f", "{connection_file}"], folder)
    yield front_end
    front_end.close()


@pytest.fixture
def gdb(shared):
    """A kernel that all share, with the program at hand, which does not run."""
    shared.execute("python\nif gdb.selected_inferior().pid: gdb.execute('kill')\nend")
    shared.execute("file ./add\ndelete\nset args\nset confirm off")
    return shared


@pytest.mark.parametrize(
    ("code", "shown", "stdout"),
    [
        ("output 6 * 7", ["42"], ""),
        ("output/x 255", ["0xff"], ""),
        ("echo a\\n\noutput 1\noutput 2", ["2"], "a\n1"),
        ("output 1 \\\n  + 2", ["3"], ""),
        ("\n# nothing\n\n  # at all", [], ""),
        ("call (void) 0", [], ""),
        ("set $y = 5", [], ""),
        ("set $y = 5\r\noutput $y\r\n", ["5"], ""),
        ("define twice\n  if $argc == 1\n    output $arg0 * 2\n  end\nend\ntwice 4", [], "8"),
        ("document twice\nif only\nend\necho done\\n", [], "done\n"),
        ("while 1\n  loop_break\nend\noutput 1", ["1"], ""),
        ("python\nif True:\n  print(1)\n\n  print(2)\nend\noutput 3", ["3"], "1\n2\n"),
        ("python print('if')", [], "if\n"),
        ("output origin", ["{x = 3, y = 4}"], ""),
        ("whatis add", [], "type = int (int, int)\n"),
        ("echo no newline", [], "no newline"),
    ],
)
def test_the_last_value_is_the_result(gdb, code, shown, stdout):
    result = gdb.execute(code)
    assert (results(result), result.stdout) == (shown, stdout)


def test_a_value_keeps_its_number(gdb):
    (first,) = results(gdb.execute("print 6 * 7"))
    number = re.fullmatch(r"\$(\d+) = 42", first)[1]
    assert results(gdb.execute(f"output ${number} + 1")) == ["43"]


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "line"),
    [
        ("echo a\\n\nprint nosuch\necho b\\n", "gdb.error", 'No symbol "nosuch"', 2),
        ("\nnosuch command", "gdb.error", "Undefined command", 2),
        ("print *(int *) 0", "gdb.MemoryError", "Cannot access memory", 1),
        ("backtrace", "gdb.error", "No stack", 1),
        ("echo a\\n\nend", "SyntaxError", "nothing to end", 2),
        ("\ndefine x\nif 1\nend", "SyntaxError", "no end", 2),
        ("echo a\\n\npython\n\n1 / 0\nend", "ZeroDivisionError", "division by zero", 4),
        ("python\n\nx = = 1\nend", "SyntaxError", "invalid syntax", 3),
        ("python gdb.execute('print nosuch')", "gdb.error", "No symbol", 1),
        ("print 1\0", "ValueError", "null", 1),
    ],
)
def test_an_error_is_named_with_its_line(gdb, code, ename, evalue, line):
    result = gdb.execute(code)
    assert (result.ename, "b\n" in result.stdout) == (ename, False)
    assert evalue in result.evalue
    assert re.search(rf"----> *{line}\x1b", traceback(result)), traceback(result)
    assert "start.py" not in traceback(result)


def test_a_program_is_debugged_from_cell_to_cell(gdb):
    assert "Breakpoint" in gdb.execute("break add").stdout
    result, asked = gdb.converse("run", ["Bob"])
    assert [one["prompt"] for one in asked] == ["Name? "]
    assert "hi Bob\n" in result.stdout
    assert "add (a=3, b=4) at add.c:" in result.stdout
    assert "to stderr\n" in result.stderr
    assert results(gdb.execute("next\noutput sum")) == ["7"]
    assert re.search(r"#0  add \(a=3, b=4\).*\n#1 .* in main", gdb.execute("bt").stdout)
    assert "return sum" in gdb.execute("list add").stdout
    assert "exited normally" in gdb.execute("continue").stdout
    assert "No stack" in gdb.execute("bt").evalue


def test_commands_of_a_breakpoint_run(gdb):
    cell = 'break add\ncommands\n  silent\n  printf "b is %d\\n", b\n  continue\nend\nrun < add.c'
    stdout = gdb.execute(cell).stdout
    assert "b is 4\n7\n" in stdout
    assert "exited normally" in stdout


def test_a_crash_is_told_and_can_be_looked_at(gdb):
    result = gdb.execute("run crash")
    assert (result.status, "SIGABRT" in result.stdout) == ("ok", True)
    assert "in main" in gdb.execute("bt").stdout


def test_input_that_nobody_gives_ends(gdb):
    result = gdb.execute("run")
    assert result.ename == "StdinNotImplementedError"
    assert "exited with code 03" in result.stdout
    assert results(gdb.execute("output 1")) == ["1"]


def test_an_interrupt_stops_the_program_and_keeps_it(gdb):
    cell = gdb.send("run forever\necho late\\n")
    gdb.until_text(cell, "ready")
    gdb.interrupt()
    result = gdb.result(cell)
    assert result.ename == "KeyboardInterrupt"
    assert "Program received signal SIGINT" in result.stdout
    assert "late" not in result.stdout
    assert results(gdb.execute("output turns > 0")) == ["1"]
    cell = gdb.send("echo again\\n\ncontinue\necho late\\n")
    gdb.until_text(cell, "Continuing")
    gdb.interrupt()
    result = gdb.result(cell)
    assert (result.ename, "late" in result.stdout) == ("KeyboardInterrupt", False)
    assert "killed" in gdb.execute("kill").stdout


def test_interrupts_one_after_another_leave_nothing_behind(gdb):
    gdb.execute("set $kept = 42")
    for _ in range(20):
        cell = gdb.send("echo ready\\n\nwhile 1\nend")
        gdb.until_text(cell, "ready")
        gdb.interrupt()
        gdb.interrupt()
        assert gdb.result(cell).ename == "KeyboardInterrupt"
        assert results(gdb.execute("output $kept")) == ["42"]


def test_an_interrupt_of_a_program_that_reads_gives_it_no_line(gdb):
    result, asked = gdb.converse("run", [None])
    assert (result.ename, len(asked)) == ("KeyboardInterrupt", 1)
    result, asked = gdb.converse("continue", ["Bob"])
    assert len(asked) == 1
    assert "hi Bob\n" in result.stdout


@pytest.mark.parametrize(
    "code",
    [
        "python\nimport time\nprint('ready', flush=True)\ntime.sleep(100)\nend",
        "python\nprint('ready', flush=True)\nwhile True: pass\nend",
        "shell echo ready; sleep 100",
    ],
)
def test_an_interrupt_of_anything_else_keeps_the_state(gdb, code):
    gdb.execute("set $kept = 42")
    cell = gdb.send(code)
    gdb.until_text(cell, "ready")
    gdb.interrupt()
    assert gdb.result(cell).ename == "KeyboardInterrupt"
    assert results(gdb.execute("output $kept")) == ["42"]


def test_questions_are_asked_where_the_user_wants_them(gdb):
    result, asked = gdb.converse("set confirm on\nbreak add\ndelete", ["y"])
    assert (result.status, [one["prompt"] for one in asked]) == (
        "ok",
        ["Delete all breakpoints? (y or n) "],
    )


@pytest.mark.parametrize(
    "code", ["set prompt oops", "python gdb.prompt_hook = None", "python start = gdb = mark = None"]
)
def test_redefinition_leaves_the_kernel_whole(gdb, code):
    assert gdb.execute(code).status == "ok"
    assert results(gdb.execute("output 1")) == ["1"]
    gdb.execute("python import gdb")


def test_completion_knows_the_program(gdb):
    for code, match in (
        ("bre", "break"),
        ("info br", "breakpoints"),
        ("print ad", "add"),
        ("print origin.", "origin.x"),
        ("break mai", "main"),
        ("set pagi", "pagination"),
    ):
        found = gdb.request("complete", code=code, cursor_pos=len(code)).content
        assert match in found["matches"], (code, found)
    found = gdb.request("complete", code="myker", cursor_pos=5).content
    assert found["matches"] == []


def test_inspection_tells_types_values_source_and_help(gdb):
    for code, text in (
        ("add", "type = int (int, int)"),
        ("add", "int sum = a + b;"),
        ("origin", "struct point"),
        ("origin.y", "value = 4"),
        ("break", "Set breakpoint at specified location"),
    ):
        found = gdb.request("inspect", code=code, cursor_pos=len(code), detail_level=1).content
        assert text in found["data"]["text/plain"], code


def test_tab_and_shift_tab_run_nothing(gdb, tmp_path):
    trap = tmp_path / "ran"
    gdb.execute(f"define trap\n  shell touch {trap}\nend\nset $trap = 1")
    gdb.execute(
        "python\nclass Trap:\n    def __init__(self, value): pass\n"
        f"    def to_string(self): open('{trap}', 'w'); return 'ran'\n"
        "gdb.pretty_printers.append(lambda value: Trap(value) if value.type.name else None)\nend"
    )
    for code in ("trap", "add", "origin", "$trap"):
        gdb.request("complete", code=f"print {code}", cursor_pos=len(code) + 6)
        gdb.request("complete", code=code, cursor_pos=len(code))
        gdb.request("inspect", code=code, cursor_pos=1, detail_level=1)
    assert not trap.exists()
    gdb.execute("python gdb.pretty_printers.pop()")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("define f\nif 1\nend", "incomplete"),
        ("define f\nif 1\nend\nend", "complete"),
        ("python\nif 1:", "incomplete"),
        ("python print(1)", "complete"),
        ("commands 1\nsilent", "incomplete"),
        ("print 1 \\", "incomplete"),
        ("document f\nif\nend", "complete"),
        ("printf \"if\"", "complete"),
        ("", "complete"),
    ],
)  # fmt: skip
def test_completeness(gdb, code, status):
    assert gdb.request("is_complete", code=code).content["status"] == status


def test_large_cells(gdb):
    result = gdb.execute("set $n = 0\n" + "set $n = $n + 1\n" * 10_000 + "output $n")
    assert results(result) == ["10000"]
    assert gdb.execute(f"echo {'a' * 100_000}\\n").stdout == "a" * 100_000 + "\n"
    result = gdb.execute("set $k = 0\nwhile $k < 5000\necho line\\n\nset $k = $k + 1\nend")
    assert result.stdout == "line\n" * 5000


def test_startup_files_are_read_unless_told_otherwise(start_kernel, tmp_path, monkeypatch):
    needs("gdb", "gdb")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gdbinit").write_text("set $mine = 42\nset prompt oops\n")
    assert results(start_kernel("gdb").execute("output $mine")) == ["42"]
    assert results(start_kernel("gdb", "--no-startup-files").execute("output $mine")) == ["void"]
