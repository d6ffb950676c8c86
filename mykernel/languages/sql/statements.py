"""Cut a cell into its statements, as the database's own program would."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A statement whose body holds statements of its own.
_HAS_BODY = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+)?(?:FUNCTION|PROCEDURE|TRIGGER)\b",
    re.IGNORECASE,
)
_COPY_IN = re.compile(r"COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_DATA = re.compile(r"\n(?:.*\n)*?\\\.(?:\n|\Z)|\n(?:.*\n)*.*\Z")
_PLAIN_COMMENT = r"/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/"
_LINE = re.compile(r"[^\n]*")


@dataclass(frozen=True, slots=True)
class Syntax:
    r"""What a dialect's text is made of.

    tokens: matches one token of any kind. Named groups: open (a token without its end),
    comment, word, end (a semicolon), up and down (parentheses), joined (psql's semicolon between
    statements that are sent together), meta (a psql command that ends a statement, to the end of
    its line).
    comment: matches a whole comment.
    meta: how a line begins that is a command to the program, "." or "\\".
    """

    tokens: re.Pattern[str]
    comment: re.Pattern[str]
    meta: str


@dataclass(frozen=True, slots=True)
class Statement:
    r"""One statement, or one command to the program.

    text: without the semicolon. start: of the text in the cell, in code points from 0.
    words: its words in upper case, without what is quoted or commented out.
    meta: whether it is a command such as `.tables` or `\d`.
    direct: whether the program itself says where the result goes (`select 1 \gx`).
    joined: whether it is several, sent together (`select 1 \; select 2`).
    ended: whether it has come to its end; a last one without a semicolon has not.
    """

    text: str
    start: int
    words: Sequence[str] = ()
    meta: bool = False
    direct: bool = False
    joined: bool = False
    ended: bool = True

    @property
    def verb(self) -> str:
        return self.words[0] if self.words else ""


def syntax(meta: str, *strings: str, unended: str, nested: bool = False) -> Syntax:
    """A dialect. strings: patterns of its quoted tokens; unended: how one begins."""
    # PostgreSQL nests comments; so deep, in a regular expression.
    block = r"/\*.*?\*/"
    if nested:
        block = _PLAIN_COMMENT
        for _ in range(4):
            block = rf"/\*(?:[^*/]|\*(?!/)|/(?!\*)|{block})*\*/"
    backslash = r"|(?P<joined>\\;)|(?P<meta>\\[^\n]*)" if meta == "\\" else ""
    return Syntax(
        re.compile(
            rf"(?P<comment>--[^\n]*|{block})|" + "|".join(strings) + backslash + "|"
            rf"(?P<open>/\*|{unended})|(?P<word>[^\W\d][\w$]*)"
            r"|(?P<end>;)|(?P<up>\()|(?P<down>\))|\s+|\d[\w.]*|.",
            re.DOTALL,
        ),
        re.compile(rf"--[^\n]*|{block}", re.DOTALL),
        meta,
    )


STRING = r"'[^']*(?:''[^']*)*'"
ESCAPED = r"[eE]'(?:[^'\\]|''|\\.)*'"
QUOTED = r'"[^"]*(?:""[^"]*)*"'
DOLLARS = r"(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag)"


def statements(code: str, dialect: Syntax, at: int = 0) -> Iterator[Statement]:
    """The cell's statements from there on; what is empty or comment alone is none."""
    while (at := _skip(code, at, dialect)) < len(code):
        if code.startswith(dialect.meta, at):
            text = _LINE.match(code, at).group()  # type: ignore[union-attr]  # matches ""
            yield Statement(text.rstrip(), at, meta=True)
            at += len(text)
            continue
        one, at = _statement(code, at, dialect)
        if one.text.strip():
            yield one


def _skip(code: str, at: int, dialect: Syntax) -> int:
    """Where the next statement begins."""
    while at < len(code):
        if code[at].isspace() or code[at] == ";":
            at += 1
        elif comment := dialect.comment.match(code, at):
            at = comment.end()
        else:
            break
    return at


def _statement(code: str, start: int, dialect: Syntax) -> tuple[Statement, int]:
    """The statement that begins there, and where what follows begins."""
    words: list[str] = []
    depth = blocks = 0
    joined = False
    has_body = _HAS_BODY.match(code, start) is not None
    for token in dialect.tokens.finditer(code, start):
        kind = token.lastgroup
        if kind == "open":
            return Statement(code[start:], start, words, ended=False), len(code)
        if kind == "up":
            depth += 1
        elif kind == "down":
            depth -= 1
        elif kind == "word":
            words.append(token.group().upper())
            if has_body:
                blocks += _opens(words)
        elif kind == "joined":
            joined = True
        elif kind == "meta":
            text = code[start : token.end()]
            return Statement(text, start, words, direct=True), token.end()
        elif kind == "end" and depth <= 0 and blocks <= 0:
            text, at = code[start : token.start()], token.end()
            if dialect.meta == "\\" and _COPY_IN.match(text):
                data = _DATA.match(code, at)
                text, at = (code[start : data.end()], data.end()) if data else (text, at)
                return Statement(text, start, words, direct=True), at
            return Statement(text, start, words, joined=joined), at
    return Statement(code[start:].rstrip(), start, words, joined=joined, ended=False), len(code)


def _opens(words: Sequence[str]) -> int:
    """By how much the last word changes the depth of BEGIN and CASE in a body."""
    if words[-1] == "END":
        return -1
    if words[-1] == "CASE":
        return 1
    # BEGIN ATOMIC in PostgreSQL; in SQLite, BEGIN after a trigger's head.
    if words[-1] == "ATOMIC" and words[-2:-1] == ["BEGIN"]:
        return 1
    return int(words[-1] == "BEGIN" and "TRIGGER" in words[:4])
