"""What Perl has beyond the contract."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from frontend import launch, results, traceback
from toolchains import needs

TRAP = r"""
use vars qw($mykernel);
package Trap {
    use overload '""' => sub { TOUCH }, '%{}' => sub { TOUCH }, bool => sub { TOUCH };
    sub can { TOUCH } sub isa { TOUCH } sub AUTOLOAD { TOUCH } sub method { TOUCH }
    sub TIESCALAR { bless [] } sub FETCH { TOUCH }
    sub TIEHASH { bless [] } sub FIRSTKEY { TOUCH } sub SCALAR { TOUCH }
    sub MODIFY_CODE_ATTRIBUTES { TOUCH }
}
my $trap = bless [], 'Trap';
tie my $tied, 'Trap';
tie my %tied, 'Trap';
sub later { TOUCH }
sub safe { 'as it was' }
"""
# What would run as it is compiled.
COMPILED = r"""BEGIN { TOUCH }
BEGIN NEWLINE { TOUCH } )
use constant X => TOUCH;
if (1) { use constant X => TOUCH; }
sub safe { 1 } UNITCHECK { TOUCH } (
END { TOUCH }
package Trap; sub f : Attribute { }
sub safe { 'another' }
my $x = "a" x 9_000_000_000;
TOUCH;"""


@pytest.fixture
def perl(_shared_kernels, tmp_path):
    """A Perl kernel that the module's tests share, and with it one Perl, except where it ends."""
    needs("perl", "perl")
    if not _shared_kernels:
        argv = [sys.executable, "-m", "mykernel", "kernel", "perl", "-f", "{connection_file}"]
        _shared_kernels.append(launch(argv, tmp_path))
    return _shared_kernels[-1]


@pytest.fixture
def new_perl(start_kernel):
    needs("perl", "perl")
    return start_kernel("perl")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("6 * 7;", ["42"]),
        ('"text" # comment', ["text"]),
        ("(1, 'a', undef)", ["(1, 'a', undef)"]),
        ("{ b => [1, 2], a => 'x,y' }", ["{a => 'x,y', b => [1, 2]}"]),
        ("my %h = (b => 1, a => 2);\n%h", ["(a => 2, b => 1)"]),
        ("use utf8;\n['漢字', \"\\\\x{61}\"]", ["[\"漢字\", '\\\\x{61}']"]),
        ("1 == 2", ["''"]),
        ("use Math::BigInt;\nMath::BigInt->new(2) ** 70", ["1180591620717411303424"]),
        ("use List::Util 'max';\nmax map { $_ * 2 }\n 1, 5;", ["10"]),
        ("sub f { return wantarray } f()", ["1"]),
        ("return 7;\n8", ["7"]),
        ("my $x = 5;", []),
        ("$y{a}[0] = 5", []),
        ("($x, $z) = (1, 2)", []),
        ("$x++;", []),
        ("print join(',',\n  1);", []),
        ("for my $i (1) {\n  $i;\n}\n", []),
        ("undef", []),
        ("# nothing", []),
        ("=pod\n\ntext", []),
        ("package Foo;\nsub g { 1 }\n1;", []),
    ],
)
def test_the_value_of_the_last_statement_is_the_result(perl, code, shown):
    assert results(perl.execute(code)) == shown


def test_my_our_and_state_live_on(perl):
    perl.execute("use strict;\nmy ($n, @a, %h) = 1;\n{ my $inner = 2 }\nour $o = 3;")
    perl.execute("sub count { return $n++ }\n@a = (1, 2);\n$h{x} = 'y';")
    code = 'count();\nmy $again = sub { $n };\n"$n $#a $h{x} $o $main::o @{[$again->()]}"'
    assert results(perl.execute(code)) == ["2 1 y 3 3 2"]
    assert "$inner" in perl.execute("$inner").evalue
    perl.execute("my $n = 'new';")
    assert results(perl.execute("join ' ', $n, count(), eval '$n'")) == ["new 2 new"]
    perl.execute("no strict;")


def test_variables_live_on_where_the_cell_fails(perl):
    assert perl.execute("my $before = 5;\ndie;\nmy $behind = 6;").status == "error"
    assert results(perl.execute("$before // 'none'")) == ["5"]


def test_a_variable_that_is_declared_again_is_freed(perl):
    perl.execute("package Freed { sub DESTROY { print 'freed' } }\nmy $object = bless [], 'Freed';")
    perl.execute("my $object;")
    assert perl.execute("1").stdout + perl.execute("2").stdout in ("", "freed")
    assert perl.execute("$object").of_type("execute_result") == []


def test_pragmas_live_on(new_perl):
    new_perl.execute("use strict; use warnings; use utf8; use feature qw(say signatures);")
    assert results(new_perl.execute('length "漢字"')) == ["2"]
    result = new_perl.execute("sub f ($x) { my $u; say 'x' . $u }\nf(1)")
    assert result.stdout == "x\n"
    assert "uninitialized value $u in concatenation (.) or string at In[3] line 1" in result.stderr
    assert new_perl.execute("$nosuch = 1").ename == "CompilationError"
    new_perl.execute("no strict; use bigint;\n__END__\nno bigint")
    assert results(new_perl.execute("$global = 1;\n2 ** 70")) == ["1180591620717411303424"]


def test_a_subroutine_is_defined_again_without_a_warning(perl):
    code = "use warnings;\nuse constant PI => 3;\nsub twice { 2 }"
    assert perl.execute(code).stderr + perl.execute(code).stderr == ""
    assert perl.execute('warn "mine\\n"').stderr == "mine\n"
    perl.execute("no warnings;")


@pytest.mark.parametrize(
    ("code", "ename", "line", "told"),
    [
        ("print 1;\nmy $x = = 1;\n1;", "CompilationError", 2, 'near "= ="'),
        ("1;\nif (1) {\n", "CompilationError", 2, "Missing right curly"),
        ('1;\nprint "abc;\n', "CompilationError", 2, "Can't find string terminator"),
        ("1;\nuse No::Such;", "CompilationError", 2, "BEGIN failed"),
        ("sub f {\n  die 'x'\n}\n\nf()", "Error", 2, "main::f called at In["),
        ('die "x\\n"', "Error", 1, "at In["),
        ("use Carp;\nsub f { croak 'x' }\nf()", "Error", 2, "main::f() called at In["),
        ("use Time::Local;\ntimelocal(0, 0, 0, 99, 1, 1)", "Error", 2, "Time::Local::"),
        ("\ndie { code => 5 }", "Error", 2, "{code => 5}"),
        ("die bless [], 'My::Error'", "My::Error", 1, "bless( [], 'My::Error' )"),
        ("package T { use overload '\"\"' => sub { 'told' } }\ndie bless [], 'T'", "T", 2, "told"),
        ("1;\nlast", "Error", None, 'Can\'t "last" or "next" outside a loop block'),
        ("redo", "Error", None, 'Can\'t "redo" outside a loop block'),
    ],
)
def test_an_error_tells_its_line_and_the_calls(perl, code, ename, line, told):
    result = perl.execute(code)
    assert (result.status, result.ename) == ("error", ename)
    text = traceback(result)
    assert told in text
    assert (f", line {line}\x1b" in text) == (line is not None)
    for ours in ("MyKernel", "start.pl", "mykernel", "__END__", "BEGIN not safe"):
        assert ours not in text


def test_nothing_runs_where_the_cell_cannot_be_compiled(perl):
    assert perl.execute("print 'ran';\n)").stdout == ""
    assert perl.execute("print 'ran';\ndie").stdout == "ran"


def test_what_stands_behind_the_end_is_data(perl):
    assert perl.execute("print <DATA>;\n__DATA__\none\ntwo").stdout == "one\ntwo"


def test_heredocs_formats_and_pod(perl):
    code = "print <<A, <<~'B';\n1 ${\\ 2}\nA\n  $x\n  B\n\n=head1 POD\n\n=cut\n\nprint 3;"
    assert perl.execute(code).stdout == "1 2\n$x\n3"
    perl.execute("format STDOUT =\n@>>>>@<<\n$l, $r\n.\n")
    assert perl.execute("($l, $r) = (1, 2);\nwrite;").stdout == "    12\n"


@pytest.mark.parametrize("code", ["1 while 1", "sleep 600", "eval { sleep 600 }"])
def test_interrupts_keep_the_state(perl, code):
    perl.execute("my $kept = 41;")
    for _ in range(5):
        cell = perl.send(f'print "ready\\n";\n{code};')
        perl.until_text(cell, "ready")
        perl.interrupt()
        assert perl.result(cell).ename == "KeyboardInterrupt"
    assert results(perl.execute("$kept + 1")) == ["42"]


def test_the_users_own_handler_of_an_interrupt(perl):
    perl.execute("$SIG{INT} = sub { print 'caught' };")
    cell = perl.send('print "ready\\n";\nsleep 600;\nprint " and went on";')
    perl.until_text(cell, "ready")
    perl.interrupt()
    result = perl.result(cell)
    # Where it comes before the sleep has begun, it takes another.
    caught = result.stdout.replace("caughtcaught", "caught")
    assert (result.status, caught) == ("ok", "ready\ncaught and went on")
    perl.execute("$SIG{INT} = 'DEFAULT';")
    cell = perl.send('print "ready\\n";\nsleep 600;')
    perl.until_text(cell, "ready")
    perl.interrupt()
    assert perl.result(cell).ename == "KeyboardInterrupt"


def test_each_line_of_input_is_asked_for(perl):
    code = "while (my $line = <STDIN>) {\n  chomp $line;\n  last if $line eq 'q';\n"
    code += "  push @l, $line;\n}\n\\@l"
    result, asked = perl.converse(code, ["a b", "(c", "q"])
    assert (results(result), len(asked)) == (["['a b', '(c']"], 3)


def test_a_forked_process_ends_with_the_cell(perl):
    code = 'my $pid = fork;\nif ($pid) { waitpid $pid, 0; print "parent ", $? >> 8 }\n'
    code += 'else { die "child\\n" }'
    result = perl.execute(code)
    assert (result.stdout, result.stderr) == ("parent 255", "child\n")
    assert results(perl.execute("5")) == ["5"]


def test_what_a_cell_changes_does_not_break_the_next(perl):
    perl.execute('($,, $\\, $/, $") = ("-", "!", undef, "+");\nsub open { die } sub print { die }')
    assert perl.execute("print 1, 2").stdout == "1-2!"
    assert results(perl.execute("[1, 2]")) == ["[1, 2]"]
    perl.execute('($,, $\\, $/, $") = (undef, undef, "\\n", " ");')
    perl.execute("close STDOUT; close STDERR; close STDIN;")
    result = perl.execute('print "out"; warn "err\\n";')
    assert (result.stdout, result.stderr) == ("out", "err\n")


def test_a_cell_of_10000_lines(perl):
    lines = "\n".join(f"my $x{n} = {n};" for n in range(10_000))
    assert results(perl.execute(f"{lines}\n$x0 + $x9999")) == ["9999"]
    assert results(perl.execute("$x0 + $x9999")) == ["9999"]


def test_big_output_comes_whole(perl):
    lines = "".join(f"{n}\n" for n in range(20_000))
    assert perl.execute('print "$_\\n" for 0 .. 19_999').stdout == lines


def test_exit_ends_it(new_perl):
    result = new_perl.execute("END { print 'the end' }\nexit 3")
    assert (result.stdout, "exit status 3" in result.evalue) == ("the end", True)


def test_tab_and_shift_tab_run_nothing(perl, tmp_path: Path):
    ran = tmp_path / "ran"
    touch = f"open(my $f, '>', '{ran}')"
    perl.execute(TRAP.replace("TOUCH", touch))
    ran.unlink(missing_ok=True)
    names = "$trap->me $trap{a $tied->x $tied{a %tied later Trap->method $trap $tied &later"
    for code in names.split():
        for end in range(1, len(code) + 1):
            perl.request("complete", code=code, cursor_pos=end)
            perl.request("inspect", code=code, cursor_pos=end, detail_level=1)
    for code in COMPILED.split("\n"):
        perl.request("is_complete", code=code.replace("TOUCH", touch).replace("NEWLINE", "\n"))
    assert not ran.exists()
    assert results(perl.execute("safe()")) == ["as it was"]
    found = perl.request("complete", code="$trap->me", cursor_pos=9).content
    assert found["matches"] == ["$trap->method"]


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("$name_o", "$name_of_mine"),
        ("@list_o", "@list_of_mine"),
        ("$list_o", "$list_of_mine["),
        ("%hash_o", "%hash_of_mine"),
        ("$hash_of_mine{alp", "$hash_of_mine{alpha"),
        ("$ref_of_mine->{be", "$ref_of_mine->{beta"),
        ("$dog->ba", "$dog->bark"),
        ("$dog->brea", "$dog->breathe"),
        ("Dog->ba", "Dog->bark"),
        ("Dog::ba", "Dog::bark"),
        ("$Dog::leg", "$Dog::legs"),
        ("&bark_l", "&bark_loudly"),
        ("use File::Spe", "File::Spec"),
        ("lcf", "lcfirst"),
    ],
)
def test_completion_knows_variables_keys_methods_and_modules(perl, code, match):
    perl.execute(
        "my ($name_of_mine, @list_of_mine); my %hash_of_mine = (alpha => 1);\n"
        "my $ref_of_mine = { beta => 1 };\npackage Animal { sub breathe { } }\n"
        "package Dog { our @ISA = 'Animal'; our $legs = 4; sub new { bless {} } sub bark { } }\n"
        "my $dog = Dog->new;\nsub bark_loudly { }"
    )
    assert match in perl.request("complete", code=code, cursor_pos=len(code)).content["matches"]


def test_inspection_shows_parameters_comments_pod_and_source(perl):
    perl.execute(
        "# Greets somebody.\nsub greet {\n  my ($who, $how) = @_;\n  return 1;\n}\n\n"
        "=head2 old_greet\n\nThe B<old> way.\n\n=cut\n\nsub old_greet {\n"
        "  my $self = shift;\n  my $who = shift // 'x';\n}\n"
    )

    def told(code, detail_level=0):
        request = {"code": code, "cursor_pos": len(code), "detail_level": detail_level}
        return perl.request("inspect", **request).content["data"]["text/plain"]

    assert told("greet").startswith("sub greet($who, $how)\ndefined in In[")
    assert told("&greet").endswith("\n\n# Greets somebody.")
    assert told("greet", 1).endswith("return 1;\n}")
    assert told("main->old_greet").startswith("sub old_greet($self, $who)")
    assert told("old_greet").endswith("The old way.")
    assert "NAME\n    Data::Dumper - " in told("Data::Dumper")
    assert told("lcfirst").startswith("lcfirst: built in") or "EXPR" in told("lcfirst")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("print <<E;\nabc\nE\n", "complete"),
        ("use No::Such;\n1;", "complete"),
        ("sub f { 1 }\n# comment", "complete"),
        ("my %h = (a => 1,", "incomplete"),
        ("s{a}{b", "incomplete"),
        ("if (1) {\n} else", "incomplete"),
        ("1 +", "incomplete"),
        ("if (1) { )", "invalid"),
        ("my $x 5;", "invalid"),
    ],
)
def test_completeness(perl, code, status):
    assert perl.request("is_complete", code=code).status == status
