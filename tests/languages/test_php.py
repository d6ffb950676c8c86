"""What PHP has beyond the contract."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch, results, traceback
from toolchains import needs


@pytest.fixture(scope="module")
def php(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    """A kernel that the module's tests share: what one declares, no other may declare."""
    needs("php", "php-cli")
    argv = [sys.executable, "-m", "mykernel", "kernel", "php", "-f", "{connection_file}"]
    front_end = launch(argv, tmp_path_factory.mktemp("php"))
    yield front_end
    front_end.close()


@pytest.mark.parametrize(
    ("code", "stdout", "shown"),
    [
        ("6 * 7", "", ["42"]),
        ("$x = 5;", "", ["5"]),
        ("5; // five", "", ["5"]),
        ('"a\\n\\$"', "", ['"a\\n\\$"']),
        ("[1, 'a' => [true, 2.0]]", "", ['[0 => 1, "a" => [true, 2.0]]']),
        ("null", "", []),
        ("echo 5", "5", []),
        ("print_r([]);", "Array\n(\n)\n", []),
        ("printf('%d', 3);", "3", []),
        ("match (true) { true => 5 }", "", ["5"]),
        ("(function () { return 4; })()", "", ["4"]),
        ("if (true) { 5; }", "", []),
        ("foreach ([1, 2] as $i) { echo $i; } 7", "12", ["7"]),
        ("function unseen() { return 1; }", "", []),
        ("if (true): echo 1; else: echo 2; endif;", "1", []),
        ("do { echo 1; } while (false);", "1", []),
        ("try { echo 1; } finally { echo 2; }", "12", []),
        ("[$a, $b] = [1, 2];", "", ["[1, 2]"]),
        ("static $s = 1;", "", []),
        ("$h = <<<EOT\n  a\n  b\n  EOT;\n$h", "", ['"a\\nb"']),
        ("$x = 1;\r\n$x + 1\r\n", "", ["2"]),
        ("<?php 8;", "", ["8"]),
        ("?>html<?php 9", "html", ["9"]),
        ("return 10;", "", ["10"]),
        ("// nothing", "", []),
        ('$x = 1; "$x; (" . "[$x"', "", ['"1; ([1"']),
        ("#[Attribute] class Marked {} new Marked instanceof Marked", "", ["true"]),
        ("ob_start(); echo 'kept';", "kept", []),
        ("__DIR__ === getcwd()", "", ["true"]),
    ],
)
def test_the_value_of_the_last_expression_is_the_result(php, code, stdout, shown):
    result = php.execute(code)
    assert (results(result), result.stdout, result.stderr) == (shown, stdout, "")


def test_objects_are_shown_with_what_they_hold_and_nothing_is_called(php):
    php.execute(
        "class Held { public $a = 1; protected $b = [2]; private $c = null;"
        " function __toString(): string { echo 'ran'; return ''; }"
        " function __debugInfo() { echo 'ran'; return []; }"
        " function __get($name) { echo 'ran'; } }\n"
        "enum Suit: string { case Hearts = 'H'; }"
    )
    result = php.execute("[new Held, Suit::Hearts, fn(int $x = 3) => $x]")
    (shown,) = results(result)
    assert result.stdout == ""
    for text in ("+a: 1, #b: [2], -c: null}", "Suit::Hearts", "Closure(int $x = 3)"):
        assert text in shown
    (shown,) = results(php.execute("$o = new stdClass; $o->self = $o; $o"))
    assert "+self: stdClass {#" in shown


def test_large_values_are_cut(php):
    (shown,) = results(php.execute("range(1, 100000)"))
    assert shown.endswith("  500,\n  ... 99500 more,\n]")
    (shown,) = results(php.execute("str_repeat('x', 100000)"))
    assert shown.endswith('x"...')


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "line"),
    [
        ("\n1 / 0", "DivisionByZeroError", "Division by zero", 2),
        ("echo 1;\n$y = ;", "ParseError", 'syntax error, unexpected token ";"', 2),
        ("strlen()", "ArgumentCountError", "strlen() expects exactly 1 argument, 0 given", 1),
        ("\nclass Twice { function a() {}\nfunction a() {} }", "FatalError", "Cannot redeclare", 3),
        ("\ntrigger_error('mine', E_USER_ERROR);", "FatalError", "mine", 2),
        ("namespace A;\nthrow new \\LogicException('b');", "LogicException", "b", 2),
        ("throw new class('c') extends Exception {};", "Exception@anonymous", "c", 1),
    ],
)
def test_an_error_has_its_class_and_its_line(php, code, ename, evalue, line):
    result = php.execute(code)
    assert (result.ename, result.stdout, result.stderr) == (ename, "", "")
    assert result.evalue.startswith(evalue)
    assert f", line {line}\x1b" in traceback(result)


def test_an_error_tells_the_calls_and_the_cause(php):
    code = (
        "function inner() {\n"
        "  throw new LogicException('late', 0, new RuntimeException('early'));\n}\n"
        "function outer() { inner(); }\necho 'out';\nouter();"
    )
    result = php.execute(code)
    assert (result.ename, result.stdout) == ("LogicException", "out")
    told = traceback(result)
    for text in (
        "inner() called at In[",
        "outer() called at In[",
        "caused by RuntimeException: early",
    ):
        assert text in told
    assert "start.php" not in told


def test_warnings_go_to_stderr(php):
    result = php.execute("echo $undefined . 'on';")
    assert (result.status, result.stdout) == ("ok", "on")
    assert result.stderr.startswith("Warning: Undefined variable $undefined in In[")


@pytest.mark.parametrize(
    "code",
    [
        "$kept = 'lost'; function declared() { return 2; }",
        "$kept = 'lost'; eval('class Missing extends Iterator {}');",
        "$kept = 'lost'; $big = str_repeat('x', 4 << 30);",
        "$kept = 'lost'; function endless($n) { return endless($n + 1); } endless(0);",
        "$kept = 'lost'; set_time_limit(1); while (true) {}",
        "$kept = 'lost'; fclose(STDOUT); echo 1;",
    ],
)
def test_a_fatal_error_leads_back_to_the_state_before_the_cell(php, code):
    php.execute("function declared() { return 1; }")
    php.execute("$kept = 41;")
    result = php.execute(code)
    assert (result.status, result.ename) == ("error", "FatalError")
    assert "back in the state before this cell" in traceback(result)
    result = php.execute("[$kept, declared()]")
    assert (results(result), result.stderr) == (["[41, 1]"], "")


def test_a_cell_can_be_run_again_with_its_declarations(php):
    code = (
        "class Again { const A = 1; }\nfunction again($n) {\n  return $n + Again::A;\n}\nagain(1)"
    )
    assert results(php.execute(code)) == ["2"]
    assert results(php.execute(f"{code} + 1")) == ["3"]
    told = traceback(php.execute("function again($n) { return 0; }"))
    assert "Cannot redeclare again() (previously declared in In[" in told
    assert "PHP cannot change what is declared" in told


def test_imports_hold_in_later_cells(php):
    php.execute(
        "use DateTimeImmutable as When;\nuse function strtoupper as up, strtolower as down;"
    )
    assert results(php.execute("get_class(new When('now')) . up('x') . down('Y')")) == [
        '"DateTimeImmutableXy"'
    ]
    assert results(php.execute("use ArrayObject as When; get_class(new When)")) == ['"ArrayObject"']
    assert results(php.execute("get_class(new When)")) == ['"ArrayObject"']


@pytest.mark.parametrize(
    "code",
    [
        "while (true) {}",
        "sleep(600);",
        "system('sleep 600');",
        "while (true) { try { sleep(600); } catch (Throwable $t) {} }",
    ],
)
def test_interrupts_keep_the_state(php, code):
    php.execute("$kept = 41;")
    cell = php.send(f"echo 'ready'; {code}")
    php.until_text(cell, "ready")
    php.interrupt()
    assert php.result(cell).ename == "KeyboardInterrupt"
    result = php.execute("$kept + 1")
    assert (results(result), result.stderr) == (["42"], "")


@pytest.mark.parametrize(
    "code",
    [
        "fgets(STDIN);",
        "stream_get_contents(STDIN);",
        "file('php://stdin');",
        "while (true) { try { fgets(STDIN); } catch (Throwable $t) {} }",
    ],
)
def test_reading_is_interrupted(php, code):
    """Also where it goes on to the end of the input."""
    php.execute("$kept = 41;")
    result, asked = php.converse(f"{code} echo 'more';", [None])
    assert (result.ename, result.stdout, len(asked)) == ("KeyboardInterrupt", "", 1)
    result = php.execute("$kept + 1")
    assert (results(result), result.stderr) == (["42"], "")


def test_a_cell_can_read_though_the_one_before_has_read_to_the_end(php):
    for _ in range(2):
        result, asked = php.converse("stream_get_contents(STDIN)", ["a", "\x04"])
        assert (results(result), len(asked)) == (['"a\\n"'], 2)
    own = php.converse("fclose(fopen('php://stdin', 'r')); fgets(STDIN)", ["b"])[0]
    assert results(own) == ['"b\\n"']


def test_an_interrupt_after_a_fatal_error(php):
    """The process that was started is then one that waits for another."""
    php.execute("$kept = 41;")
    assert php.execute("trigger_error('x', E_USER_ERROR);").ename == "FatalError"
    for _ in range(5):
        cell = php.send("echo 'ready'; while (true) {}")
        php.until_text(cell, "ready")
        php.interrupt()
        assert php.result(cell).ename == "KeyboardInterrupt"
    assert results(php.execute("$kept")) == ["41"]


def test_input_is_asked_for_line_by_line(php):
    code = "$a = readline('A? ');\necho 'B? ';\n$b = trim(fgets(STDIN));\n[$a, $b]"
    result, asked = php.converse(code, ["x y", "2"])
    assert [(one["prompt"], one["password"]) for one in asked] == [("A? ", False), ("B? ", False)]
    assert results(result) == ['["x y", "2"]']


def test_a_child_of_the_cell_ends_with_it(php):
    result = php.execute(
        "if (pcntl_fork()) { pcntl_wait($s); echo 'parent'; } else { echo 'child '; }"
    )
    assert (result.status, result.stdout) == ("ok", "child parent")
    assert results(php.execute("6 * 7")) == ["42"]


def test_what_ends_php_runs_its_destructors(start_kernel):
    needs("php", "php-cli")
    php = start_kernel("php")
    result = php.execute("register_shutdown_function(fn() => print('bye')); exit(3);")
    assert (result.stdout, "exit status 3" in result.evalue) == ("bye", True)


def test_long_things(php):
    lines = "\n".join(f"$x{n} = {n};" for n in range(10_000))
    assert results(php.execute(f"{lines}\n$x0 + $x9999")) == ["9999"]
    assert results(php.execute(f"strlen('{'a' * 100_000}')")) == ["100000"]
    result = php.execute('for ($i = 1; $i <= 20000; $i++) echo "$i\\n";')
    assert result.stdout == "".join(f"{n}\n" for n in range(1, 20_001))


def test_tab_and_shift_tab_run_nothing(php, tmp_path: Path):
    touch = f"file_put_contents('{tmp_path}/ran', '');"
    php.execute(
        f"class Trap {{ public $value = 1; static function make() {{ {touch} }}"
        f" function __get($n) {{ {touch} }} function __isset($n) {{ {touch} }}"
        f" function __toString(): string {{ {touch} return ''; }}"
        f" function __debugInfo() {{ {touch} }} function call($d = new Trap) {{ {touch} }} }}\n"
        f"$trap = new Trap; function trap() {{ {touch} }}\n"
        f"spl_autoload_register(function ($class) {{ {touch} }});"
    )
    codes = ("$trap->call()", "$trap->value", "$trap->none->more", "Trap::make()", "Absent::make()")
    for code in (*codes, "trap()", touch, f"}} {touch}"):
        for end in range(1, len(code) + 1):
            php.request("complete", code=code, cursor_pos=end)
            php.request("inspect", code=code, cursor_pos=end, detail_level=1)
        php.request("is_complete", code=code)
    php.execute("$trap")
    assert not (tmp_path / "ran").exists()


def test_members_are_completed(php):
    php.execute(
        "class Point { const ORIGIN = 0; public $left = 1; private $hidden; public $next;"
        " static function polar() {} function length() {} }\n"
        "$point = new Point; $point->next = new Point;"
    )
    for code, matches in (
        ("$poin", ["$point"]),
        ("$point->le", ["$point->left", "$point->length"]),
        ("$point->next->le", ["$point->next->left", "$point->next->length"]),
        ("Point::", ["Point::ORIGIN", "Point::class", "Point::polar"]),
        ("$point->hid", []),
    ):
        found = php.request("complete", code=code, cursor_pos=len(code)).content
        assert found["matches"] == matches


def test_inspection_shows_signature_doc_source_and_values(php):
    php.execute(
        "/** Twice as much. */\nfunction twice(int $n, ...$more): int {\n  return 2 * $n;\n}\n"
        "$list = [1, 2];"
    )
    for code, texts in (
        ("twice(3)", ("function twice(int $n, ...$more): int", "Twice as much.", "return 2 * $n;")),
        ("$list", ("$list: array of 2", "[1, 2]")),
        ("str_contains", ("str_contains(string $haystack, string $needle): bool", "built in")),
        ("ArrayObject", ("class ArrayObject implements", "append(mixed $value)")),
        ("PHP_EOL", ("const PHP_EOL",)),
    ):
        found = php.request("inspect", code=code, cursor_pos=1, detail_level=1)
        assert all(text in found.content["data"]["text/plain"] for text in texts), code
