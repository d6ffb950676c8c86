"""DuckDB, by the user's own duckdb, or by that of the package duckdb-cli."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from functools import partial
from pathlib import Path

from mykernel.contract import Language, Toolchain
from mykernel.errors import ToolchainMissing
from mykernel.languages.sql import directives, dotted
from mykernel.languages.sql.connection import Connection, file_of, holds_secret
from mykernel.languages.sql.dialect import Ask, Dialect, Started
from mykernel.languages.sql.records import Records, Wire
from mykernel.languages.sql.session import SqlSession
from mykernel.languages.sql.statements import (
    DOLLARS,
    ESCAPED,
    QUOTED,
    STRING,
    Statement,
    syntax,
)
from mykernel.languages.sql.toolchain import at

_PACKAGES = {"pip": "'mykernel[duckdb]'", "brew": "duckdb"}
_INIT = """\
.startup_text none
.read_line_version fallback
.highlight off
.highlight_errors off
.highlight_results off
.prompt "" ""
.print "\\033]133;D;k={k};i=0;t=\\007"
"""
_QUERY = """\
.headers on
.mode csv
.separator "," "\\n"
.nullvalue {null}
.changes on
.output {rows}
.read {statement}
"""
_PLAIN = """\
.headers on
.mode duckbox
.nullvalue NULL
.changes off
.read {statement}
"""
_DESCRIBED = frozenset({"SELECT", "WITH", "FROM", "VALUES", "TABLE"})
_NUMBER_LINE = re.compile(r"(?m)^\d+$")


def find_toolchain() -> Toolchain:
    """The user's own duckdb, or the package's. Raises `ToolchainMissing`."""
    own = shutil.which("duckdb")
    if own is not None and not _is_script(own):
        return at(Path(own))
    # The script that the package installs starts a Python first.
    package = importlib.util.find_spec("duckdb_cli")
    for folder in (package.submodule_search_locations or ()) if package else ():
        if os.access(Path(folder, "duckdb"), os.X_OK):
            return at(Path(folder, "duckdb"))
    if own is not None:
        return at(Path(own))
    raise ToolchainMissing("duckdb", _PACKAGES)


def _is_script(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def _start(
    program: Path, folder: Path, nonce: str, connection: Connection, startup_files: bool
) -> Started:
    own = Path.home() / ".duckdbrc"
    lines = f".read {dotted.quote(str(own))}\n" if startup_files and own.exists() else ""
    init = folder / "init"
    init.write_text(lines + _INIT.replace("{k}", nonce), "utf-8")
    # Without a mode it would ask the terminal for its colours, and wait for the answer.
    argv = [str(program), "-dark-mode", "-interactive", "-init", str(init)]
    if path := file_of(connection.target):
        remote = path == ":memory:" or re.match(r"\w{2,}:", path)
        argv.append(path if remote else os.path.abspath(path))
    return Started(argv, {**os.environ, "TERM": "dumb"})


def _describe(statement: Statement, _records: Records) -> str | None:
    return f"describe\n{statement.text}" if statement.verb in _DESCRIBED else None


def _described(records: Records) -> list[tuple[str, str]]:
    return [(str(row[0]), str(row[1])) for row in records.rows]


async def _transaction(ask: Ask) -> str:
    """Two statements of one transaction have the same number, and others have not."""
    text, fault = await ask("select txid_current() as t; select txid_current() as t")
    if fault:
        return "failed"
    return "open" if len(set(_NUMBER_LINE.findall(text))) == 1 else ""


DIALECT = Dialect(
    name="duckdb",
    schemes=("duckdb",),
    start=_start,
    syntax=syntax(".", ESCAPED, STRING, QUOTED, DOLLARS, unended=r"['\"]|\$\$"),
    wire=Wire(literals=False),
    read=dotted.READ,
    quote=dotted.quote,
    begins=dotted.BEGINS,
    query=_QUERY,
    plain=_PLAIN,
    ends=dotted.ENDS,
    after_interrupt=dotted.AFTER_INTERRUPT,
    fault=re.compile(r"(?:[A-Z]\w* )*Error: |Error: "),
    prefix=re.compile(r"(?!)"),
    returns_rows=_DESCRIBED,
    describe=_describe,
    described=_described,
    trailer=dotted.TRAILER,
    trailer_word="",
    plain_verbs=frozenset({"EXPLAIN"}),
    transaction=_transaction,
    directives=dotted.DIRECTIVES,
    catalogue="""
select 'table' as kind, table_name, '' as parent, 'table' as detail from duckdb_tables()
union all
select 'table', view_name, '', 'view' from duckdb_views() where not internal
union all
select 'column', column_name, table_name, data_type from duckdb_columns() where not internal
union all
select 'schema', schema_name, '', '' from duckdb_schemas() where not internal
union all
select 'function', function_name, '', coalesce(any_value(array_to_string(parameters, ', ')), '')
from duckdb_functions() where function_name ~ '^[a-z_][a-z0-9_]*$' group by function_name
union all
select 'keyword', upper(keyword_name), '', '' from duckdb_keywords()
""",
    commands=(
        ".cd", ".columns", ".databases", ".dump", ".help", ".import", ".indexes", ".open", ".read",
        ".schema", ".shell", ".show", ".tables", ".timer",
    ),
)  # fmt: skip

LANGUAGE = Language(
    name="duckdb",
    display_name="DuckDB",
    language_id="sql",
    program="duckdb",
    packages=_PACKAGES,
    language_info={
        "name": "sql",
        "mimetype": "text/x-sql",
        "file_extension": ".sql",
        "pygments_lexer": "sql",
        "codemirror_mode": "sql",
        "nbconvert_exporter": "script",
    },
    find_toolchain=find_toolchain,
    open_session=partial(SqlSession, DIALECT),
    help_links=({"text": "DuckDB", "url": "https://duckdb.org/docs/stable/sql/introduction"},),
    holds_secret=holds_secret,
    shell_leader="!",
    directives=directives.HELP,
    answers=("row_limit", "who", *DIALECT.directives),
)
