"""What is tried at a prompt, the more telling or the more common first.

{text} stands for a text without quotes, {path} for a file.
"""

from __future__ import annotations

# What a REPL is started with, beside the kernel's environment: no sequences for terminals, no
# colours, and no folding of long lines, which would cut marks (bc's).
ENVIRONMENT = {"TERM": "dumb", "NO_COLOR": "1", "BC_LINE_LENGTH": "0"}

# Without a newline, and flushed, before those with one.
PRINTS = (
    'io.write("{text}"); io.flush()',
    'print(end="{text}", flush=True)',
    'puts -nonewline "{text}"; flush stdout',
    'STDOUT.print("{text}"); STDOUT.flush',
    'process.stdout.write("{text}"); undefined',
    '(begin (display "{text}") (force-output))',
    '(progn (princ "{text}") (finish-output))',
    'cat("{text}")',
    'fprintf("{text}")',
    'printf(true, "{text}")$',
    'printf("{text}")',
    'printf("{text}");',
    'printf "{text}"',
    'print "{text}"',
    'print "{text}";',
    'echo -n "{text}"',
    'echo "{text}";',
    'print("{text}")',
    "print('{text}')",
    'puts "{text}"',
    'echo "{text}"',
    "echo '{text}'",
    "echo {text}",
    '.print "{text}"',
    '(display "{text}")',
    '(princ "{text}")',
    '(print "{text}")',
    'putStr "{text}"',
    'putStrLn "{text}"',
    'write("{text}").',
    "write('{text}').",
    'io:put_chars("{text}").',
    'IO.write("{text}")',
    'console.log("{text}")',
    'System.out.print("{text}");',
    'print_string "{text}";;',
    'println("{text}")',
    'disp("{text}")',
    'say "{text}"',
    'write "{text}"',
    'writeln("{text}")',
    'output "{text}"',
    'display "{text}"',
    "display('{text}');",
    '." {text}"',
    "\\echo {text}",
    "select '{text}';",
)

# Ways to write ESC and BEL within a text. The last types the keys themselves, quoted by ^V.
ESCAPES = (
    (r"\033", r"\007"),
    (r"\27", r"\7"),
    (r"\x1b", r"\x07"),
    (r"\u001b", r"\u0007"),
    (r"\e", r"\a"),
    ("\x16\x1b", "\x16\x07"),
)

LOADS = (
    'exec(compile(open("{path}").read(), "{path}", "exec"))',
    'dofile("{path}")',
    "source {{path}}",
    'source("{path}")',
    'source "{path}"',
    "source {path}",
    'load "{path}"',
    "load '{path}'",
    'load("{path}")',
    '(load "{path}")',
    '. "{path}"',
    ".read '{path}'",
    "\\i '{path}'",
    ".load {path}",
    ":load {path}",
    ":script {path}",
    'include("{path}")',
    'include "{path}"',
    'include "{path}";',
    "run('{path}')",
    "run {path}",
    "consult('{path}').",
    '#use "{path}";;',
    "@{path}",
    'batchload("{path}")$',
    'read("{path}")',
    'do "{path}"',
    'call "{path}"',
    "@load {path}",
)
SEPARATORS = ("; ", " ")

# Lines that are wrong almost everywhere, each in another way.
WRONG = ("mykernel_wrong_name()", ") mykernel wrong ]", "1 / 0", "mykernel_wrong_name;")
# How errors begin; what all of the samples of a program begin with is tried besides.
SIGNS = (
    r"^Traceback \(most recent call last\):",
    r"^stack traceback:",
    r"^(?:Runtime|Parse|Syntax) error",
    r"^\w*Error\b",
    r"^\w*[Ee]xception\b",
    r"^ERROR\b",
    r"^(?:.*: )?[Ee]rror:",
    r"^\*\*\* ",
    r"^\w+:\d+: ",
    r"^\(\w+\) \d+: ",
    r"^.*: (?:command )?not found",
    r"^invalid \w+",
    r"^[Uu]ndefined \w+",
)
PATTERNS = (
    r"^(?P<ename>\w*(?:Error|Exception|error)): (?P<evalue>.*)",
    r"^(?P<ename>(?:Runtime|Parse|Syntax) error).*?: (?P<evalue>.*)",
)
LINES = (
    r"{cell}:(\d+)",
    r'{cell}"?,? line (\d+)',
    r"{cell}\W+(?:at )?line (\d+)",
    r"line (\d+) of \W?{cell}",
    r"{cell}\W+(\d+)",
)

# Openings of what goes on in the next line.
UNFINISHED = (
    "(",
    "{",
    "[",
    '"mykernel',
    "'mykernel",
    "if true then",
    "if (1) {",
    "if 1 {",
    "if True:",
    "do",
    "begin",
    "while true",
    "function f()",
    "def f",
    "select",
    "/*",
)
# Loops that do not end.
LOOPS = (
    "while true do end",
    "while True: pass",
    "while (1) { }",
    "while {1} {}",
    "while true; end",
    "while 1, end",
    "while true { }",
    "while :; do :; done",
    "for (;;) { }",
    "loop { }",
    "repeat { }",
    "(let loop () (loop))",
    "(loop)",
    "repeat, fail.",
    "let f x = f x in f ();;",
    "forever []",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c;",
)
QUITS = (
    "quit",
    "exit",
    "quit()",
    "exit()",
    "os.exit()",
    ".quit",
    "\\q",
    ":q",
    ":quit",
    "(quit)",
    "(exit)",
    "quit();",
    "exit;",
    "halt.",
    "q()",
    "bye",
    "#quit;;",
)
VERSIONS = ("--version", "-version", "-V", "-v")
