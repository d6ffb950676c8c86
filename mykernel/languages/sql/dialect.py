"""What the session knows of one database's command-line program."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mykernel.languages.sql.connection import Connection
from mykernel.languages.sql.records import Records, Wire
from mykernel.languages.sql.statements import Statement, Syntax

_NEVER = re.compile(r"(?!)")
# Puts a statement of ours; returns the text of its result, and what went wrong, or "".
Ask = Callable[[str], Awaitable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Started:
    """How to start the program. Values in the environment may be secret."""

    argv: Sequence[str]
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""One database's program, as data, and as functions where data does not do.

    Scripts are what the program reads, line by line. In them stand {here} (the script's own
    path), {k} and {i} (nonce and number of the line), {rows} (the path that rows are
    written to), {null} (what stands for NULL) and {statement} (the path of the
    statement's file), all quoted by `quote`.

    name: of the program, as messages say it.
    schemes: of the URLs that it takes; the first one is its own.
    start: given the program, its folder, the connection, and whether the user's own start
    file is read, writes files and says how to start it.
    read: the line that has a script read. quote: puts a path into a line.
    begins: the script's beginning, up to where the two kinds differ: as for `query`, whose
    result is read, or `plain`, whose text goes to the terminal. ends: its end.
    after_interrupt: the script that is read when ^C has thrown away the rest of one;
    "" where the program's prompt tells by itself that it is there.
    fault: where in what the program says an error begins.
    prefix: what is taken out of what the program says.
    returns_rows: the words that a statement with rows begins with.
    describe: makes of a statement that succeeded, and of its rows, another one that tells the
    columns; None where there is none. described: (name, type) of each column, out of that.
    plain_verbs: of statements whose result is text.
    trailer: the last line of a result that is not a row, but tells what was done;
    trailer_word: in statements that have one, "" for all.
    aside: a line behind the rows that is neither.
    lost: what the program says when the server is gone; it is of no more use then.
    transaction: asks for the state of the transaction: "open", "failed", or "" for none.
    None where the program's prompt tells it.
    catalogue: a query with (kind, name, parent, detail) of all that can be completed.
    keywords: those that the catalogue does not have.
    commands: to the program itself.
    help: makes of keywords a command that explains them; "" for none.
    directives: commands that say nothing, by what a session is asked: {text} is that, {name} and
    {value} are the two sides of its =, and {answer} is the file for what is answered.
    """

    name: str
    schemes: Sequence[str]
    start: Callable[[Path, Path, str, Connection, bool], Started]
    syntax: Syntax
    wire: Wire
    read: str
    quote: Callable[[str], str]
    begins: str
    query: str
    plain: str
    ends: str
    after_interrupt: str
    fault: re.Pattern[str]
    prefix: re.Pattern[str]
    returns_rows: frozenset[str]
    describe: Callable[[Statement, Records], str | None]
    described: Callable[[Records], Sequence[tuple[str, str]] | None]
    trailer: re.Pattern[str]
    trailer_word: str
    catalogue: str
    commands: Sequence[str]
    plain_verbs: frozenset[str] = frozenset()
    aside: re.Pattern[str] = _NEVER
    lost: re.Pattern[str] = _NEVER
    transaction: Callable[[Ask], Awaitable[str]] | None = None
    keywords: Sequence[str] = ()
    help: str = ""
    directives: Mapping[str, str] = field(default_factory=dict)
