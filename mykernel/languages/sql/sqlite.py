"""SQLite, by sqlite3."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path

from mykernel.contract import Language
from mykernel.languages.sql import directives, dotted
from mykernel.languages.sql.connection import Connection, file_of, holds_secret
from mykernel.languages.sql.dialect import Ask, Dialect, Started
from mykernel.languages.sql.records import Records, Wire
from mykernel.languages.sql.session import SqlSession
from mykernel.languages.sql.statements import QUOTED, STRING, Statement, syntax
from mykernel.languages.sql.toolchain import on_path

_PACKAGES = {"apt": "sqlite3", "dnf": "sqlite", "brew": "sqlite"}
_KEYWORDS = """
ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN
BY CASCADE CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT
CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH
DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST
FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX
INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH
MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER
PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX
RELEASE RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP
TEMPORARY THEN TIES TO TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW
VIRTUAL WHEN WHERE WINDOW WITH WITHOUT
"""
# What these would say of each statement would be among the rows.
_QUERY = """\
.stats off
.eqp off
.auth off
.progress 0
.headers on
.mode quote
.separator "," "\\n"
.changes on
.output {rows}
.read {statement}
"""


def _start(
    program: Path, folder: Path, nonce: str, connection: Connection, startup_files: bool
) -> Started:
    own = Path.home() / ".sqliterc"
    lines = [f".read {dotted.quote(str(own))}"] if startup_files and own.exists() else []
    # sqlite3 cuts a prompt at 19 characters, so that a mark has no room in it.
    lines += ['.prompt "" ""', f'.print "\\033]133;D;k={nonce};i=0;t=\\007"', ""]
    init = folder / "init"
    init.write_text("\n".join(lines), "utf-8")
    argv = [str(program), "-interactive", "-init", str(init)]
    if path := file_of(connection.target):
        # A name that begins with a dash would be an option.
        argv.append(os.path.abspath(path) if path != ":memory:" else path)
    # Readline would draw what it reads for a terminal.
    return Started(argv, {**os.environ, "TERM": "dumb", "INPUTRC": os.devnull})


def _describe(statement: Statement, records: Records) -> str | None:
    """The columns of an empty result, which sqlite3 does not name."""
    if records.names or statement.verb not in ("SELECT", "WITH", "VALUES"):
        return None
    return f"select * from (select 1) left join (\n{statement.text}\n) on 0"  # noqa: S608  # the user's own


def _described(records: Records) -> list[tuple[str, str]]:
    return [(name, "") for name in records.names[1:]]


async def _transaction(ask: Ask) -> str:
    """A second BEGIN fails, and changes nothing; a first one takes no locks."""
    _, fault = await ask("begin")
    if not fault:
        await ask("commit")
    return "open" if fault else ""


DIALECT = Dialect(
    name="sqlite3",
    schemes=("sqlite", "sqlite3", "file"),
    start=_start,
    syntax=syntax(
        ".", STRING, QUOTED, r"`[^`]*`", r"\[[^\]]*\]", r"/\*.*?\*/", unended=r"['\"`\[]"
    ),
    wire=Wire(literals=True),
    read=dotted.READ,
    quote=dotted.quote,
    begins=dotted.BEGINS,
    query=_QUERY,
    plain=".headers on\n.mode column\n.changes off\n.read {statement}\n",
    ends=dotted.ENDS,
    after_interrupt=dotted.AFTER_INTERRUPT,
    fault=re.compile(r"(?:\w+ )?[Ee]rror(?: near line \d+)?: "),
    prefix=re.compile(r"(?!)"),
    plain_verbs=frozenset({"EXPLAIN"}),
    returns_rows=frozenset({"SELECT", "WITH", "VALUES"}),
    describe=_describe,
    described=_described,
    trailer=dotted.TRAILER,
    trailer_word="",
    catalogue="""
select 'table' as kind, name, '' as parent, type as detail from sqlite_master
where type in ('table', 'view') and name not like 'sqlite~_%' escape '~'
union all
select 'column', p.name, m.name, p.type from sqlite_master m join pragma_table_xinfo(m.name) p
where m.type in ('table', 'view') and m.name not like 'sqlite~_%' escape '~'
union all select distinct 'function', name, '', '' from pragma_function_list
""",
    commands=(
        ".backup", ".databases", ".dump", ".fullschema", ".help", ".import", ".indexes", ".limit",
        ".open", ".parameter", ".read", ".save", ".schema", ".shell", ".show", ".stats", ".tables",
        ".timer",
    ),
    transaction=_transaction,
    directives=dotted.DIRECTIVES,
    keywords=_KEYWORDS.split(),
)  # fmt: skip

LANGUAGE = Language(
    name="sqlite",
    display_name="SQLite",
    language_id="sql",
    program="sqlite3",
    packages=_PACKAGES,
    language_info={
        "name": "sql",
        "mimetype": "text/x-sqlite",
        "file_extension": ".sql",
        "pygments_lexer": "sql",
        "codemirror_mode": "sql",
        "nbconvert_exporter": "script",
    },
    find_toolchain=partial(on_path, "sqlite3", _PACKAGES),
    open_session=partial(SqlSession, DIALECT),
    help_links=({"text": "SQLite", "url": "https://www.sqlite.org/lang.html"},),
    holds_secret=holds_secret,
    shell_leader="!",
    directives=directives.HELP,
    answers=("row_limit", "who", *DIALECT.directives),
)
