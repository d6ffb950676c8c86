"""How a statement that failed is told, with the place in the cell where it can be found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mykernel.contract import Cell, Died, Failed
from mykernel.languages.sql.dialect import Dialect
from mykernel.languages.sql.statements import Statement
from mykernel.terminal import Ending

_RED, _GREEN, _BOLD, _OFF = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
# The line that is at fault, and below it a caret.
_EXCERPT = re.compile(
    r"\n?(?P<head>LINE (?P<line>\d+): |  )(?P<text>[^\n]*)\n(?P<space> *)\^[^\n]*"
)
_KIND = re.compile(r"((?:\w+ )*)(?:error|Error|ERROR|FATAL|PANIC)\b(?: near line \d+)?: *")
# Lines shown before and after the one that failed.
_AROUND = 2
_STATES = {
    "open": "the transaction is still open",
    "failed": "the transaction has failed: ROLLBACK ends it",
    "lost": "there is no connection any more: the next cell has a new one",
}


def failed(cell: Cell, statement: Statement, fault: str, transaction: str) -> Failed:
    """A statement that the database refused. transaction: one of _STATES by now, or ""."""
    kind = _KIND.match(fault)
    ename = "".join(word[:1].upper() + word[1:] for word in kind[1].split()) if kind else ""
    excerpt = _EXCERPT.search(fault)
    at = _place(statement, excerpt) if excerpt else None
    said = fault[kind.end() :] if kind else fault
    if excerpt:
        said = said.replace(excerpt[0], "")
    said = said.strip()
    evalue, _, more = said.partition("\n")
    if transaction:
        evalue += f" ({_STATES[transaction]})"
    # Where the place is not known, the statement's first line is.
    where = statement.start + (at or 0)
    traceback = _traceback(f"{ename or 'SQL'}Error", evalue, cell, where, at is not None)
    return Failed(f"{ename or 'SQL'}Error", evalue, (*traceback, *more.strip().splitlines()))


def invalid(ename: str, evalue: str) -> Failed:
    """What we ourselves refuse."""
    return Failed(ename, evalue, (_head(ename, evalue),))


def interrupted(cell: Cell, statement: Statement, steps: Sequence[str], state: str) -> Failed:
    """A cell that the user has interrupted. steps: what that took beyond ^C."""
    kept = "the session lives on"
    if state:
        kept += f", and {_STATES[state]}"
    what = "; ".join(["interrupted", *steps, kept])
    traceback = _traceback("KeyboardInterrupt", what, cell, statement.start, False)
    return Failed("KeyboardInterrupt", what, traceback)


def starved(cell: Cell, statement: Statement) -> Failed:
    """A command that wanted input where there is nobody to ask."""
    what = "the cell waits for input, which this front end cannot give"
    traceback = _traceback("StdinNotImplementedError", what, cell, statement.start, False)
    return Failed("StdinNotImplementedError", what, traceback)


def died(dialect: Dialect, ending: Ending, said: str, steps: Sequence[str]) -> Died:
    """A cell whose program is gone. said: its last words."""
    what = f"{dialect.name} ended ({ending}); the next cell runs in a new one"
    if steps:
        what = f"interrupted; {'; '.join(steps)}; the next cell runs in a new one"
    return Died("SessionDied", what, (_head("SessionDied", what), *said.strip().splitlines()))


def _place(statement: Statement, excerpt: re.Match[str]) -> int | None:
    """Where in the statement's text the caret points, in code points from 0."""
    # As the program has it, with the semicolon that it was given.
    text = re.sub(r"\s", " ", f"{statement.text}\n;")
    shown = excerpt["text"]
    column = len(excerpt["space"]) - len(excerpt["head"])
    cut = 3 if shown.startswith("...") else 0
    shown = re.sub(r"\s", " ", shown[cut:].removesuffix("...").rstrip())
    lines = statement.text.split("\n")
    # psql may put a line of its own, DECLARE CURSOR, before the statement; sqlite3 names no line.
    number = int(excerpt["line"] or 1)
    for first in (number - 1, max(number - 2, 0)):
        start = sum(len(line) + 1 for line in lines[:first])
        end = start + len(lines[first]) if excerpt["line"] and first < len(lines) else len(text)
        found = text.find(shown, start, end)
        if found >= 0 and column >= cut:
            return found + column - cut
    return None


def _head(ename: str, evalue: str) -> str:
    return f"{_RED}{_BOLD}{ename}{_OFF}: {evalue}"


def _traceback(ename: str, evalue: str, cell: Cell, at: int, exact: bool) -> tuple[str, ...]:
    """at: code points from 0. exact: whether a caret is to point there."""
    before = cell.code[:at]
    line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1)
    lines = cell.code.split("\n")
    last = min(line + _AROUND, len(lines))
    width = len(str(last))
    shown = [_head(ename, evalue), f"{_GREEN}{cell.name}, line {line}{_OFF}"]
    for number in range(max(1, line - _AROUND), last + 1):
        text = lines[number - 1][:160]
        if number == line:
            shown.append(f"{_GREEN}----> {number:>{width}}{_OFF} {text}")
            if exact and column < 160:
                shown.append(" " * (7 + width + column) + f"{_RED}^{_OFF}")
        else:
            shown.append(f"      {number:>{width}} {text}")
    return tuple(shown)
