r"""Bash cells of the nastiest kinds, as data: what each one is to come to.

Each leaves the session able to run the next one. What a cell does to the shell beyond
that (`set -x`, a redirected stdout) is undone by its cleanup, so that all of them may run
in any order in one session.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TortureCell:
    """A cell and its expected outcome.

    ename: of the error; "" where the cell is to succeed.
    stdout: to the letter; None where anything goes.
    contains: stands somewhere in stdout, stderr or evalue.
    cleanup: a cell that undoes what this one did to the shell.
    """

    name: str
    code: str
    ename: str = ""
    stdout: str | None = None
    contains: str = ""
    cleanup: str = ""


# For what cannot be undone, such as that SIGTERM ends a shell after `trap - TERM` or a failed exec.
NEW_SHELL = "kill -KILL $$"


def ok(name: str, code: str, stdout: str | None = None, **more: str) -> TortureCell:
    return TortureCell(name, code, "", stdout, **more)


def fails(name: str, code: str, stdout: str | None = None, **more: str) -> TortureCell:
    return TortureCell(name, code, "ExitStatus", stdout, **more)


def unparsable(name: str, code: str, **more: str) -> TortureCell:
    return TortureCell(name, code, "SyntaxError", **more)


def tty(name: str, code: str, stdout: str | None = None, **more: str) -> TortureCell:
    """A cell that changes the terminal's mode."""
    more.setdefault("cleanup", 'stty "$TORTURE_TTY"')
    return ok(name, f"TORTURE_TTY=$(stty -g); {code}", stdout, **more)


def starved(name: str, code: str, **more: str) -> TortureCell:
    return TortureCell(name, code, "StdinNotImplementedError", **more)


def kills(name: str, code: str, **more: str) -> TortureCell:
    return TortureCell(name, code, "ShellDied", **more)


QUOTING = [
    ok("single quotes in double", """echo "it's" 'a "test"'""", """it's a "test"\n"""),
    ok("ansi quotes", r"printf '%q\n' $'a\tb\x01\e\u00e9'", "$'a\\tb\\001\\Eé'\n"),
    ok("backslashes", r"""echo \\ "\\" '\\' \" \' \$HOME""", "\\ \\ \\\\ \" ' $HOME\n"),
    ok("line goes on", "echo a \\\n  b \\\n  c", "a b c\n"),
    ok("newlines in quotes", "echo 'a\n\n\nb'", "a\n\n\nb\n"),
    ok("nested substitution", """echo "$(echo "$(echo "$(echo 'a  b')")")" """, "a  b\n"),
    ok("backticks nested", r"echo `echo \`echo \\\`echo deep\\\`\``", "deep\n"),
    ok("case in a substitution", "echo $(case x in x) echo y;; esac)", "y\n"),
    ok("comment without command", "# just a comment", ""),
    ok("only blanks", " \n\t\n", ""),
    ok("nothing", "", ""),
    ok("comment at the end without newline", "echo a # b", "a\n"),
    ok("a brace at the end", "echo }", "}\n"),
    ok("closing brace in a comment", "echo a # }", "a\n"),
    ok("a hash that is none", "echo a#b ${#HOME} >/dev/null; echo $#", "0\n"),
    ok("braces", "echo {a,b{1..3},c}", "a b1 b2 b3 c\n"),
    ok("history is off", "echo 'hi!!' \"hi!\" !$", "hi!! hi! !$\n"),
    ok("carriage returns in the code", "echo a\r", "a\r\n"),
    ok("a tab", "echo 'a\tb'\t|\tcat", "a\tb\n"),
    ok(
        "a control character",
        "echo 'a\x03b\x04c\x1ad' | od -An -c",
        "   a 003   b 004   c 032   d  \\n\n",
    ),
    ok("line of 100,000 characters", "echo '" + "x" * 100_000 + "'", "x" * 100_000 + "\n"),
    ok("10,000 lines of code", "n=0\n" + "n=$((n + 1))\n" * 10_000 + "echo $n", "10000\n"),
]

HERE_DOCUMENTS = [
    ok("here-document", "cat <<A\n$((1 + 1)) \\$x\nA", "2 $x\n"),
    ok("here-document quoted", "cat <<'A'\n$((1 + 1)) `x` \\\nA", "$((1 + 1)) `x` \\\n"),
    ok("here-document with tabs", "cat <<-A\n\t\ta\n\tA", "a\n"),
    ok("two here-documents", "cat <<A; cat <<B\na\nA\nb\nB", "a\nb\n"),
    ok("here-document in a function", "f() { cat <<A\n$1\nA\n}\nf x", "x\n", cleanup="unset -f f"),
    ok("here-document in a substitution", 'echo "$(cat <<A\na)b\nA\n)"', "a)b\n"),
    ok(
        "here-document in a loop",
        'while read -r a; do echo "<$a>"; done <<A\n1\n2\nA',
        "<1>\n<2>\n",
    ),
    unparsable("here-document without its end", "cat <<A\nto the end", contains="delimited by"),
    ok("here-string", "cat <<< $'a\\nb'", "a\nb\n"),
    ok("here-document to a background job", "cat <<A & wait $!\nbg\nA", "bg\n"),
    ok("here-document larger than a pipe", "wc -c <<A\n" + "y" * 200_000 + "\nA", "200001\n"),
]

FUNCTIONS = [
    ok(
        "nested functions",
        "a() { b() { c() { echo $FUNCNAME; }; c; }; b; }; a; unset -f a b c",
        "c\n",
    ),
    ok("recursion", "f() { (($1)) && f $(($1 - 1)) || echo end; }; f 200; unset -f f", "end\n"),
    fails(
        "FUNCNEST",
        "FUNCNEST=20; f() { f; }; f",
        contains="maximum function nesting level",
        cleanup="unset FUNCNEST; unset -f f",
    ),
    ok("function with a unicode name", "grüße() { echo hej; }; grüße; unset -f grüße", "hej\n"),
    ok("function with a dash", "a-b.c() { echo d; }; a-b.c; unset -f a-b.c", "d\n"),
    ok("local shadows", "x=1; f() { local x=2; echo $x; }; f; echo $x; unset -f f", "2\n1\n"),
    ok("nameref", "x=1; declare -n r=x; r=5; echo $x; unset -n r", "5\n"),
    ok("eval of eval", """eval 'eval "echo \\"a b\\""'""", "a b\n"),
    fails("return", "echo a; return 3; echo b", "a\n", contains="3"),
    ok("return zero", "return; echo b", ""),
    fails("return from a function", "f() { return 7; }; f", contains="7", cleanup="unset -f f"),
    ok("a subshell function", "f() ( cd /; pwd ); f; unset -f f", "/\n"),
    ok("select at end-of-file in a file", "select x in a b; do echo $x; done < /dev/null || true"),
]

SHADOWS = [
    ok(
        "printf shadowed",
        "printf() { builtin echo mine; }; printf x",
        "mine\n",
        cleanup="unset -f printf",
    ),
    ok("echo shadowed", "echo() { :; }; echo x", "", cleanup="unset -f echo"),
    ok(
        "read shadowed",
        "read() { echo 'no read'; return 1; }; read x || :",
        "no read\n",
        cleanup="unset -f read",
    ),
    ok(
        "trap shadowed",
        "trap() { echo 'no trap'; }; trap x INT",
        "no trap\n",
        cleanup="unset -f trap",
    ),
    ok("exit shadowed", "exit() { echo 'no exit'; }; exit 3", "no exit\n", cleanup="unset -f exit"),
    ok("cd shadowed", "cd() { echo 'no cd'; }; cd /", "no cd\n", cleanup="unset -f cd"),
    ok(
        "source shadowed",
        "source() { echo 'no source'; }; source x",
        "no source\n",
        cleanup="unset -f source",
    ),
    ok(
        "dot shadowed",
        "function . { echo 'no dot'; }; . x",
        "no dot\n",
        cleanup="unset -f .",
    ),
    ok("eval shadowed", "eval() { echo 'no eval'; }; eval x", "no eval\n", cleanup="unset -f eval"),
    ok(
        "declare and set shadowed",
        "declare() { :; }; set() { :; }; set -e; declare x",
        "",
        cleanup="unset -f declare set",
    ),
    ok("unset shadowed", "unset() { :; }", "", cleanup="builtin unset -f unset"),
    ok(
        "exec shadowed",
        "exec() { echo 'no exec'; }; exec true",
        "no exec\n",
        cleanup="unset -f exec",
    ),
    ok(
        "return and kill shadowed",
        "return() { :; }; kill() { :; }; return 3",
        "",
        cleanup="unset -f return kill",
    ),
    ok(
        "colon, true and test shadowed",
        ":() { false; }; true() { false; }; [() { false; }",
        cleanup="unset -f : true [",
    ),
    ok(
        "command shadowed",
        "command() { echo 'no command'; }; command ls",
        "no command\n",
        cleanup="unset -f command",
    ),
    ok("an alias of a keyword", "alias if='echo no'\necho b", "b\n", cleanup="unalias -a"),
    ok(
        "an alias takes hold in its cell",
        "alias hi='echo hello'\nhi",
        "hello\n",
        cleanup="unalias hi",
    ),
    ok("echo disabled", "enable -n echo; builtin printf 'x\\n'", "x\n", cleanup="enable echo"),
    ok(
        "shopt and declare disabled",
        "enable -n shopt declare alias",
        "",
        cleanup="enable shopt declare alias",
    ),
]

OPTIONS = [
    fails("set -e", "set -e; echo a; false; echo b", "a\n", cleanup="set +e"),
    ok("set -e stays", "set -e; true", "", cleanup="set +e"),
    fails(
        "set -e in a function",
        "set -e\nf() { false; echo b; }\nf",
        "",
        cleanup="set +e; unset -f f",
    ),
    TortureCell("set -u", "set -u; echo $nowhere; echo b", "ExitStatus", "", "unbound", "set +u"),
    fails("set -o pipefail", "set -o pipefail; false | true", "", cleanup="set +o pipefail"),
    ok("set -x", "set -x; echo a", "a\n", contains="echo a", cleanup="set +x"),
    ok("set -v", "set -v\necho a", "a\n", cleanup="set +v"),
    ok("set -xv", "set -xv; echo a", "a\n", cleanup="set +xv"),
    ok("set -f", "set -f; echo *", "*\n", cleanup="set +f"),
    ok("set -n is for scripts", "set -n; echo a", "a\n", cleanup="set +n"),
    ok("set -k", "set -k", "", cleanup="set +k"),
    fails(
        "set -C",
        "set -C; f=$(mktemp); echo a >$f",
        "",
        contains="cannot overwrite",
        cleanup="set +C",
    ),
    ok("set -T and -E", "set -TE", "", cleanup="set +TE"),
    ok(
        "set -a",
        "set -a; exported=1; env | grep ^exported=",
        "exported=1\n",
        cleanup="set +a; unset exported",
    ),
    fails("set -t", "set -t; echo a", "a\n", cleanup="set +t"),
    ok(
        "all at once",
        "set -Eeuo pipefail; set -x; IFS=$'\\n\\t'; echo all",
        "all\n",
        cleanup="set +xEeu; set +o pipefail; unset IFS",
    ),
    fails(
        "all at once, failing",
        "set -Eeuxo pipefail; false | cat",
        "",
        cleanup="set +xEeu; set +o pipefail",
    ),
    ok("set -m and +m", "set +m; sleep 0 & wait; set -m; sleep 0 & wait", ""),
    ok("no job control", "set +m; true | cat", "", cleanup="set -m"),
    ok("set -o posix", "set -o posix; echo a", "a\n", cleanup="set +o posix"),
    ok("set -o history", "set -o history; echo a; set +o history", "a\n"),
    ok("set -H", "set -H; echo 'a!b'", "a!b\n", cleanup="set +H"),
    ok("set -o vi", "set -o vi; set -o emacs; set +o emacs", ""),
    ok("set -o ignoreeof", "set -o ignoreeof", "", cleanup="set +o ignoreeof"),
    ok("positional parameters", "set -- a 'b c'; echo $# \"$2\"; set --", "2 b c\n"),
    ok("shopt extglob off", "shopt -u extglob; echo a", "a\n", cleanup="shopt -s extglob"),
    ok("shopt extglob", "shopt -s extglob\n[[ aab == +(a)b ]] && echo yes", "yes\n"),
    ok("shopt nullglob", "shopt -s nullglob; echo /nowhere/*", "\n", cleanup="shopt -u nullglob"),
    fails(
        "shopt failglob",
        "shopt -s failglob\necho /nowhere/*",
        "",
        contains="no match",
        cleanup="shopt -u failglob",
    ),
    ok(
        "shopt nocasematch",
        "shopt -s nocasematch; [[ A == a ]]",
        "",
        cleanup="shopt -u nocasematch",
    ),
    ok(
        "shopt lastpipe",
        "set +m; shopt -s lastpipe; echo 5 | read five; echo $five",
        "5\n",
        cleanup="shopt -u lastpipe; set -m",
    ),
    ok(
        "shopt expand_aliases off",
        "shopt -u expand_aliases; echo a",
        "a\n",
        cleanup="shopt -s expand_aliases",
    ),
    ok("shopt sourcepath off", "shopt -u sourcepath; echo a", "a\n", cleanup="shopt -s sourcepath"),
    ok("shopt xpg_echo", "shopt -s xpg_echo; echo 'a\\tb'", "a\tb\n", cleanup="shopt -u xpg_echo"),
    ok(
        "shopt inherit_errexit",
        "shopt -s inherit_errexit extdebug",
        "",
        cleanup="shopt -u inherit_errexit extdebug",
    ),
    ok(
        "shopt checkwinsize off",
        "shopt -u checkwinsize promptvars interactive_comments",
        "",
        cleanup="shopt -s checkwinsize promptvars interactive_comments",
    ),
    ok(
        "shopt execfail",
        "shopt -s execfail; exec /nowhere/x || echo on",
        "on\n",
        cleanup=NEW_SHELL,
    ),
]

VARIABLES = [
    ok("IFS empty", "IFS=; a='x y'; set -- $a; echo $#; set --", "1\n", cleanup="unset IFS"),
    ok("IFS of digits and slashes", "IFS=0123456789/_mk.; echo a", "a\n", cleanup="unset IFS"),
    ok("IFS unset", "unset IFS; a='x y'; set -- $a; echo $#; set --", "2\n"),
    ok(
        "IFS of a semicolon",
        "IFS=';'; a='x;y'; set -- $a; echo $#; set --",
        "2\n",
        cleanup="unset IFS",
    ),
    fails("PATH unset", "SAVED=$PATH; unset PATH; ls", "", contains="ls", cleanup="PATH=$SAVED"),
    fails(
        "PATH nowhere",
        "SAVED=$PATH; PATH=/nowhere; ls",
        "",
        contains="not found",
        cleanup="PATH=$SAVED; hash -r",
    ),
    ok(
        "HOME unset",
        "SAVED=$HOME; unset HOME; cd / && echo ~ >/dev/null",
        "",
        cleanup="HOME=$SAVED",
    ),
    ok(
        "TERM and LANG changed",
        "LANG=C LC_ALL=C TERM=dumb; echo é | wc -c",
        "3\n",
        cleanup="unset LC_ALL; TERM=xterm-256color LANG=C.UTF-8",
    ),
    ok(
        "an unknown locale",
        "LC_ALL=xx_YY.nowhere 2>/dev/null; echo a",
        "a\n",
        cleanup="unset LC_ALL",
    ),
    ok("readonly", "readonly torture_constant=1 2>/dev/null; echo $torture_constant", "1\n"),
    TortureCell(
        "write to a readonly",
        "readonly torture_ro=1 2>/dev/null; torture_ro=2",
        "ExitStatus",
        "",
        "readonly",
    ),
    fails("write to BASHOPTS", "BASHOPTS=x; echo b", "", contains="readonly"),
    ok("PS1", "PS1='$ '; PS2='> '; PS4='+ '", ""),
    ok("PS1 with a command", r"PS1='\u@\h $(echo oops) \w\$ '", ""),
    ok("PS0", "PS0='about to run\\n'; echo a", "a\n"),
    ok("PROMPT_COMMAND", "PROMPT_COMMAND='echo prompt'"),
    ok("PROMPT_COMMAND and PS1 both", "PROMPT_COMMAND=false PS1=x", ""),
    ok(
        "BASH_ENV and ENV",
        "export BASH_ENV=/nowhere ENV=/nowhere; bash -c 'echo a' 2>/dev/null",
        "a\n",
        cleanup="unset BASH_ENV ENV",
    ),
    ok(
        "BASH_XTRACEFD",
        "exec 7>/dev/null; BASH_XTRACEFD=7; set -x; echo a",
        "a\n",
        cleanup="set +x; unset BASH_XTRACEFD; exec 7>&-",
    ),
    ok(
        "1 MB in a variable",
        "big=$(head -c 1000000 /dev/zero | tr '\\0' x); echo ${#big}; unset big",
        "1000000\n",
    ),
    ok(
        "10,000 variables",
        "for i in {1..10000}; do declare many_$i=$i; done; echo $many_9999; unset ${!many_@}",
        "9999\n",
    ),
    ok("associative array", "declare -A m=([a b]=1 [ü]=2); echo ${m[a b]}${m[ü]}; unset m", "12\n"),
    ok("RANDOM seeded", "RANDOM=1; a=$RANDOM; RANDOM=1; [[ $a == $RANDOM ]]", ""),
    ok("SECONDS and LINENO", "SECONDS=0\necho $LINENO", "2\n"),
    ok("status of the cell before", "echo $?", "0\n"),
    fails("status that is not zero", "(exit 42)", "", contains="42"),
    ok("hash", "hash -r; hash ls; hash -d ls", ""),
    ok("umask", "umask 077; umask", "0077\n", cleanup="umask 022"),
    ok("IFS readonly", "bash -c 'readonly IFS; echo a'", "a\n"),
    ok("TMOUT", "TMOUT=1; echo a", "a\n", cleanup="unset TMOUT"),
]

# Descriptor 8 keeps what the cell takes away from the shell.
DESCRIPTORS = [
    ok("stdout to a file", "exec 8>&1 >/dev/null; echo hidden", "", cleanup="exec >&8 8>&-"),
    ok(
        "stderr to a file",
        "exec 8>&2 2>/dev/null; echo x >&2; echo a",
        "a\n",
        cleanup="exec 2>&8 8>&-",
    ),
    ok(
        "stderr to stdout",
        "exec 8>&2 2>&1; echo out; echo err >&2",
        "out\nerr\n",
        cleanup="exec 2>&8 8>&-",
    ),
    ok("stdout to stderr", "exec 8>&1 1>&2; echo a", "", contains="a", cleanup="exec >&8 8>&-"),
    ok(
        "swap stdout and stderr",
        "exec 8>&1 1>&2 2>&8; echo a >&2",
        "a\n",
        cleanup="{ : >&8; } 2>/dev/null && exec 2>&1 1>&8 8>&-",
    ),
    ok("stdin from a file", "exec </dev/null; cat; echo a", "a\n", cleanup="exec </dev/tty"),
    ok("stdin from commands", "exec < <(echo 'echo evil')", "", cleanup="exec </dev/tty"),
    ok("stdin from itself", "exec <<< 'exit 3'", "", cleanup="exec </dev/tty"),
    ok("stdin closed", "exec 0<&-; echo a", "a\n", cleanup="exec </dev/tty"),
    fails("stdout closed", "exec 8>&1 1>&-; echo a", "", cleanup="exec >&8 8>&-"),
    ok("stderr closed", "exec 8>&2 2>&-; echo a", "a\n", cleanup="exec 2>&8 8>&-"),
    ok(
        "all closed",
        "exec 7>&1 8>&2 0<&- 1>&- 2>&-",
        "",
        cleanup="exec </dev/tty >&7 2>&8 7>&- 8>&-",
    ),
    ok(
        "descriptor 3 on a file",
        "f=$(mktemp); exec 3<>$f; echo a >&3; exec 3>&-; cat $f; rm $f",
        "a\n",
    ),
    ok("named descriptor", "exec {fd}>/dev/null; echo a >&$fd; exec {fd}>&-", ""),
    ok(
        "descriptors up to 59",
        'for n in {3..59}; do eval "exec $n</dev/null"; done',
        "",
        cleanup='for n in {3..59}; do eval "exec $n<&-"; done',
    ),
    ok("redirect of a group", "{ echo a; echo b >&2; } 2>&1 | cat", "a\nb\n"),
    ok("/dev/tty", "echo a >/dev/tty", "a\n"),
    ok("/dev/stdout and /dev/fd", "echo a >/dev/stdout; echo b >/dev/fd/1", "a\nb\n"),
    fails("no such file", "cat < /nowhere/x", "", contains="No such file"),
    fails("redirection to a folder", "echo a > /", "", contains="Is a directory"),
    fails(
        "broken pipe of the shell",
        "yes | head -n 1; (exit ${PIPESTATUS[0]})",
        "y\n",
        contains="SIGPIPE",
    ),
    ok("process substitution", "diff <(echo a) <(echo a) && echo same", "same\n"),
    ok("process substitution writes", "echo a > >(cat); wait $!", "a\n"),
    ok(
        "coproc",
        "coproc cat; echo a >&${COPROC[1]}; read -r x <&${COPROC[0]}\n"
        "echo $x; kill $COPROC_PID; wait $COPROC_PID || :",
        "a\n",
    ),
]

OUTPUT = [
    ok("a bash prompt", "echo 'user@host:~$ '; echo '> '; echo '# '", "user@host:~$ \n> \n# \n"),
    ok("a python prompt", "printf '>>> \\n... \\nIn [1]: \\n'", ">>> \n... \nIn [1]: \n"),
    ok(
        "a forged mark",
        r"printf '\e]133;D;k=0123456789abcdef0123456789abcdef;i=1;s=0\a'; echo a",
        "a\n",
    ),
    ok("a forged mark without end", r"printf '\e]133;D;k='; echo a"),
    ok(
        "a shell integration's marks",
        r"printf '\e]133;A\a\e]133;B\a\e]133;C\a\e]133;D;0\a'; echo a",
        "a\n",
    ),
    ok("half of an escape", r"printf 'a\e'", contains="a"),
    ok("half of a CSI", r"printf 'a\e[3'", contains="a"),
    ok("half of an OSC", r"printf 'a\e]0;title'", contains="a"),
    ok("half of a device control string", r"printf 'a\eP$q'", contains="a"),
    ok(
        "CSI garbage",
        r"printf '\e[999999999999m\e[;;;;;m\e[?9999h\e[>c\e[!p\e[0;0r'; echo a",
        contains="a",
    ),
    ok("OSC garbage", r"printf '\e]\a\e];\a\e]52;c;AAAA\a\e]8;;x\a'; echo a", "a\n"),
    ok("queries that nobody reads", r"printf '\e[6n\e[c\e[5n'; echo a", "a\n"),
    ok("title", r"printf '\e]0;title\a'; echo a", "a\n"),
    ok("colours", r"printf '\e[1;31mred\e[0m\n'", "\x1b[1;31mred\x1b[0m\n"),
    ok("reset of the terminal", r"printf '\ec'; echo a", contains="a"),
    ok("character sets", r"printf '\e(0\016qqq\017\e(B'; echo a", contains="a"),
    ok(
        "the alternate screen by hand", r"printf '\e[?1049h hidden \e[?1049l'; echo a", contains="a"
    ),
    ok("cursor movement", r"printf '1\n2\n\e[2A\e[Kx\n\n'", contains=""),
    ok("NUL bytes", r"printf 'a\0b\n'"),
    ok("100,000 random bytes", "head -c 100000 /dev/urandom"),
    ok("random bytes on stderr", "head -c 20000 /dev/urandom >&2"),
    ok("all bytes", r"for i in {0..255}; do printf \\x$(printf %x $i); done"),
    ok("invalid UTF-8 at the end", r"printf 'a\xff\xc3'", "a\ufffd\ufffd"),
    ok("a code point cut in two", r"printf '\xc3'; printf '\xa9\n'", "é\n"),
    ok("a surrogate in UTF-8", r"printf '\xed\xa0\x80\n'", "\ufffd\ufffd\ufffd\n"),
    ok("partial line", "printf partial", "partial"),
    ok("partial line on stderr", "printf partial >&2", "", contains="partial"),
    ok("progress", r"for i in {1..100}; do printf '\r%d%%' $i; done; echo", contains="100%"),
    ok("backspaces", r"printf 'abc\b\b\bxyz\n'", contains="xyz"),
    ok("a bell", r"printf 'a\ab\n'", "ab\n"),
    ok("carriage return and newline", r"printf 'a\r\nb\r\n'", contains="b"),
    ok("line of 1 MB", "head -c 1000000 /dev/zero | tr '\\0' z; echo", "z" * 1_000_000 + "\n"),
    ok("50,000 lines", "seq 50000", "".join(f"{n}\n" for n in range(1, 50_001))),
    ok(
        "both streams by turns",
        "for i in {1..200}; do echo $i; echo $i >&2; done",
        "".join(f"{n}\n" for n in range(1, 201)),
    ),
]

TERMINAL = [
    tty("stty raw", "stty raw; echo a", contains="a"),
    tty("stty -echo", "stty -echo; echo a", "a\n"),
    tty("stty -icanon", "stty -icanon min 0 time 0; echo a", "a\n"),
    tty("stty sane", "stty sane; echo a", contains="a"),
    tty("stty -isig", "stty -isig; echo a", "a\n"),
    tty("stty with strange keys", "stty intr q eof x erase _; echo a", "a\n"),
    tty("stty -icrnl and inlcr", "stty inlcr igncr; echo a", "a\n"),
    tty("stty tostop", "stty tostop; echo a", "a\n"),
    tty("stty size of nothing", "stty rows 0 columns 0; echo a", "a\n"),
    tty(
        "tput and reset",
        "tput reset 2>/dev/null; tput sgr0; echo a",
        contains="a",
    ),
    ok("isatty", "[[ -t 0 && -t 1 && -t 2 ]] && echo yes", "yes\n"),
    starved("read", "read -r x"),
    starved("read -s", "read -rs x"),
    starved("read -n1", "read -rn1 x"),
    starved("select", "select x in a b; do break; done"),
    starved("cat", "cat"),
    starved(
        "read in a function in a pipe",
        "f() { read -r x </dev/tty; }; f | cat",
        cleanup="unset -f f",
    ),
    fails("read with a time-out", "read -t 0.01 x", "", contains="142"),
    ok("typed ahead", "printf 'nobody reads this' | cat >/dev/null; echo a", "a\n"),
]

JOBS = [
    ok(
        "a background job that writes later",
        "(sleep 0.2; echo late) & echo now",
        contains="now",
        cleanup="wait",
    ),
    ok("background jobs", "for i in 1 2 3; do sleep 0.01 & done; wait; echo a", "a\n"),
    ok("wait -n", "sleep 0.01 & wait -n; echo $?", "0\n"),
    fails("wait for one that fails", "(exit 5) & wait $!", "", contains="5"),
    fails("wait for a stranger", "wait 1", "", contains="not a child"),
    ok("disown", "sleep 5 & disown; kill $!", ""),
    ok(
        "disown -h and nohup",
        "nohup sleep 5 >/dev/null 2>&1 & disown -h; kill $!; wait $! || :",
        "",
    ),
    ok("kill of a job", "sleep 2 & kill %%; wait $! || echo $?", "143\n"),
    ok("a stopped child", "sleep 2 & kill -STOP $!; kill -KILL $!; wait $! || :"),
    fails(
        "a job that stops itself",
        "sh -c 'kill -TSTP $$; echo woke'",
        contains="",
        cleanup="kill -KILL %% 2>/dev/null; wait; :",
    ),
    ok(
        "stopped and taken up again",
        "sh -c 'kill -STOP $$; echo woke' || true; fg >/dev/null",
        contains="woke",
    ),
    ok(
        "a stopped job in the background",
        "sh -c 'kill -STOP $$' & wait -f $! & sleep 0.05; kill -KILL %1; wait",
        contains="",
    ),
    ok("jobs", "sleep 2 & jobs; kill $!; wait $! 2>/dev/null || :", contains="sleep 2"),
    ok("a daemon", "setsid sleep 3 & disown; echo a", "a\n"),
    ok(
        "a background reader of the terminal",
        "cat & sleep 0.05; kill -KILL $!; wait $! 2>/dev/null || :",
        contains="",
    ),
    fails("a subshell's exit", "(exit 9)", "", contains="9"),
    ok("a subshell of a subshell", "( ( ( echo $BASH_SUBSHELL ) ) )", "3\n"),
    ok("a pipeline of many", "echo a" + " | cat" * 30, "a\n"),
    ok("a child that kills itself", "sh -c 'kill -KILL $$' || echo $?", "137\n"),
    fails("a child that segfaults", "sh -c 'kill -SEGV $$'", contains="SIGSEGV"),
    ok("suspend is refused or undone", "kill -TSTP $$; echo a", "a\n"),
    ok("SIGTERM to the shell", "kill -TERM $$; echo a", "a\n"),
    fails("SIGINT to the shell itself", "sleep 0.01; (kill -INT $BASHPID; sleep 1)", ""),
    ok("an interactive shell within", "bash --norc -ic 'echo in' 2>/dev/null", "in\n"),
    ok("ulimit -f", "ulimit -S -f 100; echo a", "a\n", cleanup="ulimit -S -f unlimited"),
    ok("ulimit -n", "ulimit -S -n 100; echo a", "a\n", cleanup="ulimit -S -n $(ulimit -Hn)"),
    ok(
        "ulimit -c and -s",
        "ulimit -S -c 0; ulimit -S -s 1024; echo a",
        "a\n",
        cleanup="ulimit -S -s 8192",
    ),
    ok("time", "time true", "", contains="real"),
    ok(
        "time of a pipeline",
        "TIMEFORMAT='took %R'; time true | true; unset TIMEFORMAT",
        "",
        contains="took",
    ),
    ok("times", "times >/dev/null", ""),
]

TRAPS = [
    ok("trap on EXIT", "trap 'echo bye' EXIT; echo hi", "hi\n", cleanup="trap - EXIT"),
    fails(
        "trap on EXIT and exit", "trap 'echo bye' EXIT; echo hi; exit 3", "hi\nbye\n", contains="3"
    ),
    ok("trap on ERR", "trap 'echo failed' ERR; false; true", "failed\n", cleanup="trap - ERR"),
    ok("trap on DEBUG", "trap ':' DEBUG; echo a", "a\n", cleanup="trap - DEBUG"),
    ok(
        "trap on DEBUG that writes",
        "trap 'echo dbg' DEBUG; echo a",
        contains="dbg",
        # Bash brings back a DEBUG trap that a file takes away, but not one that it replaces.
        cleanup="trap : DEBUG",
    ),
    ok("trap on INT that is ignored", "trap '' INT; echo a", "a\n", cleanup="trap - INT"),
    ok(
        "trap on TERM, HUP and CHLD",
        "trap 'echo chld' CHLD; trap '' TERM HUP; sleep 0; :",
        cleanup=NEW_SHELL,
    ),
    ok("trap on USR1", "trap 'echo usr1' USR1; kill -USR1 $$; :; trap - USR1", "usr1\n"),
    ok(
        "trap on WINCH and PIPE",
        "trap 'echo w' WINCH; trap '' PIPE; echo a",
        "a\n",
        cleanup="trap - WINCH PIPE",
    ),
    fails("exit", "echo a; exit 4; echo b", "a\n", contains="4"),
    fails("exit 0", "exit 0", "", contains="live"),
    fails(
        "exit in a function in a loop",
        "f() { exit 6; }; for i in 1 2; do f; done",
        "",
        contains="6",
    ),
    fails("exit with too large a number", "exit 256", "", contains="live"),
    ok("exit in a pipe", "echo a | { cat; exit 3; } || true", "a\n"),
    fails("logout", "logout", ""),
    fails("exit keeps the variables", "torture_kept=5; exit 1"),
    fails("exit from eval", "eval 'exit 8'", contains="8"),
    fails("exit from a sourced file", "f=$(mktemp); echo 'exit 2' >$f; . $f", contains="2"),
]

ERRORS = [
    fails("no such command", "no-such-command-here", "", contains="not found"),
    fails("not executable", "/etc/passwd", "", contains="Permission denied"),
    fails("a folder as command", "/", "", contains="Is a directory"),
    fails("division by zero", "echo $((1 / 0)); echo b", "", contains="division by 0"),
    fails("division by zero in (( ))", "((x = 1 / 0))", "", contains="division by 0"),
    fails("arithmetic syntax", "echo $((1 + ))", "", contains="syntax error"),
    fails("arithmetic on rubbish", "x='a b'; echo $((x + 1))", "", contains="syntax error"),
    ok("arithmetic overflow", "echo $((2 ** 63))", "-9223372036854775808\n"),
    fails("a number in no base", "echo $((08))", "", contains="too great for base"),
    fails("bad substitution", "echo ${a b}", "", contains="bad substitution"),
    fails(
        "a parameter that must be", "echo ${nowhere:?is missing}; echo b", "", contains="is missing"
    ),
    fails(
        "bad array subscript", "unset a; declare -a a; a[-1]=x", "", contains="bad array subscript"
    ),
    fails("an invalid option", "set -Z", "", contains="invalid option"),
    fails("too many arguments", "cd a b", "", contains="too many"),
    fails("an argument list too long", "/bin/echo $(seq 1000000)", "", contains="too long"),
    fails("no such folder", "cd /nowhere", "", contains="No such file"),
    ok("break outside of a loop", "break 2>/dev/null; continue 2>/dev/null; echo a", "a\n"),
    unparsable("if without end", "if true; then echo a"),
    unparsable("end without if", "fi"),
    unparsable("quote without end", "echo 'a"),
    unparsable("double quote without end", 'echo "a'),
    unparsable("backtick without end", "echo `a"),
    unparsable("parenthesis", "echo )"),
    unparsable("closing brace", "echo a\n}"),
    unparsable("closing brace and opening one", "} ; {"),
    unparsable("brace group closed and opened", "echo a; } && { echo b"),
    unparsable("for without in", "for do"),
    unparsable("case without esac", "case x in"),
    unparsable("pipe at the end", "echo a |"),
    unparsable("and at the end", "true &&"),
    unparsable("two semicolons", "echo a;; echo b"),
    unparsable("ampersand and semicolon", "echo a &; echo b"),
    unparsable("redirection to nowhere", "echo a >"),
    unparsable("function without body", "f()"),
    unparsable("substitution without end", "echo $(echo a"),
    ok("backslash at the end", "echo a \\"),
    unparsable("double bracket without end", "[[ -n a"),
    unparsable("after a valid line", "echo valid\nif"),
    TortureCell("syntax error in eval", "eval 'if'", "ExitStatus", "", "syntax error"),
    TortureCell("a NUL in the code", "echo a\0b", "SyntaxError", contains="NUL"),
]

FOLDERS = [
    ok("a removed folder", "d=$(mktemp -d); cd $d; rmdir $d; echo a", "a\n", cleanup="cd /"),
    fails(
        "a removed folder, cd",
        "d=$(mktemp -d); cd $d; rmdir $d; cd .. && pwd; cd x",
        cleanup="cd /",
    ),
    ok(
        "a folder with a newline",
        "d=$(mktemp -d); mkdir $d/$'a\\nb'; cd $d/$'a\\nb'; echo a",
        "a\n",
        cleanup="cd /",
    ),
    ok(
        "a folder that is not UTF-8",
        "d=$(mktemp -d); mkdir $d/$'\\xff'; cd $d/$'\\xff'; echo a",
        "a\n",
        cleanup="cd /",
    ),
    ok(
        "pushd and popd",
        "pushd / >/dev/null; pushd /tmp >/dev/null; popd >/dev/null; popd >/dev/null; dirs -c",
        "",
    ),
    ok("CDPATH and OLDPWD", "CDPATH=/; cd tmp; unset CDPATH OLDPWD; cd /", "/tmp\n"),
]

DEATHS = [
    kills("exec true", "exec true"),
    kills("exec false", "exec false", contains="1"),
    kills("kill -9", "kill -9 $$", contains="SIGKILL"),
    kills("kill -9 with output before", "echo a; kill -9 $$"),
    kills("kill -9 from a child", "(kill -9 $$); sleep 5"),
    kills("exec that writes", "exec echo last", contains="last"),
    TortureCell(
        "exec of nothing",
        "exec /nowhere/x",
        "ExitStatus",
        "",
        "No such file",
        NEW_SHELL,
    ),
]

CELLS: list[TortureCell] = [
    *QUOTING,
    *HERE_DOCUMENTS,
    *FUNCTIONS,
    *SHADOWS,
    *OPTIONS,
    *VARIABLES,
    *DESCRIPTORS,
    *OUTPUT,
    *TERMINAL,
    *JOBS,
    *TRAPS,
    *ERRORS,
    *FOLDERS,
    *DEATHS,
]
