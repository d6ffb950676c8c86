"""What Tcl has beyond the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, Result
from toolchains import needs


@pytest.fixture
def start_tcl(start_kernel: Callable[..., FrontEnd]) -> Callable[..., FrontEnd]:
    needs("tclsh", "tcl")
    return lambda *arguments: start_kernel("tcl", *arguments)


@pytest.fixture(scope="module")
def _kernel(share_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    needs("tclsh", "tcl")
    return share_kernel("tcl")


@pytest.fixture
def tcl(_kernel: FrontEnd) -> Iterator[FrontEnd]:
    """A kernel that the module's tests share."""
    yield _kernel
    assert value(_kernel.execute("string cat in step")) == "instep"


@pytest.fixture
def own(start_tcl: Callable[..., FrontEnd]) -> FrontEnd:
    """A kernel of the test's own, which it may ruin."""
    return start_tcl()


def value(result: Result) -> str:
    """Its result's text, "" where there is none."""
    shown = result.of_type("execute_result")
    return shown[0]["data"]["text/plain"] if shown else ""


def interrupted(tcl: FrontEnd, code: str) -> Result:
    """The cell writes "ready", is interrupted then, and a variable is still there."""
    tcl.execute("set kept 41")
    cell = tcl.send(code)
    tcl.until_text(cell, "ready")
    tcl.interrupt()
    result = tcl.result(cell)
    after = tcl.execute("incr kept")
    assert (value(after), after.stderr) == ("42", "")
    return result


@pytest.mark.parametrize(
    "code",
    [
        "while 1 {}",
        "catch {while 1 {}}; puts more",
        "while 1 {catch {after 100000}}",
        "after 100000",
        "vwait never",
        "exec sleep 1000",
        "catch {exec sleep 1000}; while 1 {}",
        "proc f {} {f2}; proc f2 {} {while 1 {set a 1}}; f",
    ],
)
def test_an_interrupt_ends_the_cell_and_keeps_the_state(tcl, code):
    result = interrupted(tcl, f"puts ready\n{code}")
    assert (result.ename, result.stdout, result.stderr) == ("KeyboardInterrupt", "ready\n", "")


@pytest.mark.parametrize(
    "code",
    [
        "gets stdin",
        "gets stdin x",
        "read stdin",
        "read stdin 3",
        "chan gets stdin",
        "chan read stdin 3",
        "fcopy stdin stdout",
        "chan copy stdin stdout",
        "catch {exec cat <@stdin}",
    ],
)
def test_reading_is_interrupted(tcl, code):
    tcl.execute("set kept 41")
    result, asked = tcl.converse(f"{code}; puts more", [None])
    assert (result.ename, result.stdout.strip(), len(asked)) == ("KeyboardInterrupt", "", 1)
    assert value(tcl.execute("incr kept")) == "42"


def test_interrupts_one_after_the_other_are_each_taken(tcl):
    for _ in range(5):
        result = interrupted(tcl, "puts ready\nwhile 1 {catch {exec sleep 0.01}}")
        assert result.ename == "KeyboardInterrupt"


@pytest.mark.parametrize(
    "code", ["gets stdin", "read stdin", "fcopy stdin stdout", "catch {exec cat <@stdin}"]
)
def test_reading_is_interrupted_before_anybody_is_asked(tcl, code):
    tcl.execute("set kept 41")
    cell = tcl.send(f"puts ready\n{code}\nputs more", allow_stdin=True)
    tcl.until_text(cell, "ready")
    tcl.interrupt()
    result = tcl.result(cell)
    assert (result.ename, result.stdout.strip()) == ("KeyboardInterrupt", "ready")
    assert result.stderr == ""
    assert value(tcl.execute("incr kept")) == "42"


def test_lines_are_read_into_a_local_variable(tcl):
    code = "proc ask {} {gets stdin a; gets stdin b; return $b-$a}\nask"
    result, _ = tcl.converse(code, ["ä", "漢"])
    assert value(result) == "漢-ä"


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "line"),
    [
        ("set a 1\nexpr {1/0}", "ARITH DIVZERO", "divide by zero", 2),
        ("\n\nnosuch", "TCL LOOKUP", 'invalid command name "nosuch"', 3),
        ("error told {} {MY CODE}", "MY CODE", "told", 1),
        ("throw {A {b c}} m", "A", "m", 1),
        ("error m mine", "Error", "mine", 1),
        ("exec sh -c {echo why >&2; exit 3}", "CHILDSTATUS", "why", 1),
        ("proc g {} {g}\ng", "TCL LIMIT", "too many nested evaluations (infinite loop?)", 2),
        ("break", "Error", "break stands outside a loop", None),
        ("return -code error told", "Error", "told", None),
    ],
)
def test_errors_have_their_code_and_line(tcl, code, ename, evalue, line):
    result = tcl.execute(f"puts before; {code}" if line == 1 else code)
    assert (result.ename, result.evalue) == (ename, evalue)
    assert result.stdout == ("before\n" if line == 1 else "")
    told = "\n".join(result.of_type("error")[0]["traceback"])
    assert (f"line {line}" in told) == (line is not None)
    assert "start.tcl" not in told
    assert "invokehidden" not in told
    assert "/mykernel-" not in told
    assert told.count("\n") < 100


@pytest.mark.parametrize("code", ["set e {}", "puts hi", "proc f {} {}", "# nothing", "list"])
def test_what_is_empty_is_no_result(tcl, code):
    assert value(tcl.execute(code)) == ""


def test_return_ends_the_cell_with_its_value(tcl):
    result = tcl.execute("return 5\nputs more")
    assert (value(result), result.stdout) == ("5", "")


TRAPS = """
trace add variable traced read {apply {args {puts ran}}}
set ::traced 1
namespace eval ns {variable v 3; proc trap {a {b 1}} {puts ran}}
proc unknown args {puts ran}
rename info real_info
proc info args {puts ran}
proc namespace args {puts ran}
proc array args {puts ran}
"""


def test_tab_and_shift_tab_run_nothing(own):
    assert own.execute(TRAPS).status == "ok"
    for code, match in (
        ("$trac", "$traced"),
        ("ns::t", "ns::trap"),
        ("${ns::", "${ns::v"),
        ("n", "ns::"),
        ("[puts ran]; real_i", "real_info"),
        ("string le", "length"),
    ):
        found = own.request("complete", code=code, cursor_pos=len(code))
        assert match in found.content["matches"], code
        assert found.stdout == ""
    for code in ("traced", "$traced", "ns::trap", "ns::v", "info", "string", "puts"):
        found = own.request("inspect", code=code, cursor_pos=len(code), detail_level=1)
        assert (found.content["found"], found.stdout) == (True, ""), code
    for code in ("puts ran", "[puts ran]", "$traced"):
        found = own.request("is_complete", code=code)
        assert (found.content["status"], found.stdout) == ("complete", "")


@pytest.mark.parametrize("name", ["trace", "set"])
@pytest.mark.parametrize("how", ["proc NAME args {puts ran}", "interp alias {} NAME {} puts ran"])
def test_shift_tab_calls_no_command_that_was_redefined(own, name, how):
    own.execute(f"variable v 1; rename {name} real_{name}; {how.replace('NAME', name)}")
    found = own.request("inspect", code="v", cursor_pos=1, detail_level=0)
    assert (found.content["data"]["text/plain"], found.stdout) == ("variable v", "")


def test_inspection_shows_a_body_and_a_value(tcl):
    tcl.execute("proc twice n {\n  expr {$n * 2}\n}\nset here {a b}\narray set many {k v}")
    for code, part in (("twice", "expr {$n * 2}"), ("$here", "a b"), ("many", "1 element")):
        found = tcl.request("inspect", code=code, cursor_pos=2, detail_level=1)
        assert part in found.content["data"]["text/plain"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("puts {", "incomplete"),
        ("set x [", "incomplete"),
        ("puts {a}}", "invalid"),
        ("", "complete"),
        ("proc f {} {\n}", "complete"),
    ],
)
def test_completeness(tcl, code, status):
    assert tcl.request("is_complete", code=code).content["status"] == status


def test_events_are_handled_while_a_cell_waits_and_between_cells(tcl):
    result = tcl.execute("after 1 {puts late; set done 1}; vwait done")
    assert result.stdout == "late\n"
    tcl.execute("set seen {}; after idle {append seen idle}")
    assert value(tcl.execute("update; set seen")) == "idle"
    # Tcl tells of the error when it is idle, which it need not be before an event that is due, too.
    code = "after 0 {after idle {after 0 {set done 2}}; error late}; vwait done"
    result = tcl.execute(code)
    assert (result.status, result.stderr.split("\n")[0]) == ("ok", "late")


def test_a_start_up_file_is_read_unless_it_is_not_wanted(start_tcl, tmp_path):
    Path("~/.tclshrc").expanduser().write_text("set mine 5\nproc greet {} {return hello}\n")
    assert value(start_tcl().execute("string cat [greet] $mine")) == "hello5"
    assert start_tcl("--no-startup-files").execute("greet").ename == "TCL LOOKUP"


def test_a_start_up_file_that_fails_does_not_end_it(start_tcl):
    Path("~/.tclshrc").expanduser().write_text("nosuch\n")
    tcl = start_tcl()
    result = tcl.execute("puts up")
    assert result.stdout == "up\n"
    assert result.stderr.endswith('/.tclshrc: invalid command name "nosuch"\n')
    assert tcl.execute("puts up").stderr == ""


def test_a_long_output_comes_whole(tcl):
    result = tcl.execute("for {set i 0} {$i < 20000} {incr i} {puts $i}")
    assert result.stdout.split("\n")[:-1] == [str(i) for i in range(20000)]


@pytest.mark.parametrize(
    "code",
    [
        "fconfigure stdin -blocking 0; gets stdin line",
        "fconfigure stdin -encoding unicode -translation cr",
        "fconfigure stdout -encoding unicode -translation crlf -blocking 0",
        "close stdin; close stdout",
    ],
)
def test_a_cell_may_do_with_its_channels_what_it_likes(own, code):
    assert own.execute(code).status == "ok"
    assert value(own.execute("string cat well")) == "well"


def test_tcls_commands_may_be_redefined(own):
    names = "source gets read info set puts interp namespace expr"
    own.execute(f"foreach name {{{names}}} {{rename $name my_$name; proc $name args {{error no}}}}")
    assert value(own.execute("my_expr {6 * 7}")) == "42"


def test_an_event_that_does_not_end_can_be_interrupted(tcl):
    tcl.execute("set kept 41; after 0 {puts busy; while 1 {}}")
    cell = tcl.send("while 1 {}")
    tcl.interrupt()
    result = tcl.result(cell)
    assert (result.ename, result.stderr) == ("KeyboardInterrupt", "")
    assert value(tcl.execute("incr kept")) == "42"


def test_exit_ends_it(own):
    assert "the next cell runs in a new one" in own.execute("exit 3").evalue
