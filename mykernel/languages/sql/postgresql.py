"""PostgreSQL, by psql."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path

from mykernel.contract import Language
from mykernel.languages.sql import directives
from mykernel.languages.sql.connection import Connection, holds_secret
from mykernel.languages.sql.dialect import Dialect, Started
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
from mykernel.languages.sql.toolchain import on_path

_PACKAGES = {"apt": "postgresql-client", "dnf": "postgresql", "brew": "libpq"}
# As in dotted.py, a script empties its own file first. Here the prompt carries the mark, so
# that ^C anywhere comes to it.
_BEGINS = """\
\\o {here}
\\o
\\set QUIET on
\\set ON_ERROR_STOP off
\\set ECHO none
\\set PROMPT1 '%033]133;D;k={k};i={i};t=%x%007'
\\echo -n '\\033]133;C;k={k}\\007'
"""
_QUERY = """\
\\pset format csv
\\pset csv_fieldsep ','
\\pset null '{null}'
\\pset expanded off
\\pset tuples_only off
\\set FETCH_COUNT 1000
\\set QUIET off
\\o {rows}
\\i {statement}
"""
_PLAIN = """\
\\pset format aligned
\\pset null 'NULL'
\\pset expanded off
\\unset FETCH_COUNT
\\set QUIET off
\\i {statement}
"""
_RC = """\
\\set QUIET on
\\pset pager off
\\set PROMPT2 ''
\\set PROMPT3 ''
\\set PROMPT1 '%033]133;D;k={k};i=0;t=%x%007'
"""
_COMMANDS = """
c conninfo copy crosstabview d da db dD df di dn dp ds dt dT du dv dx echo encoding ef ev g gdesc
gexec gset gx h i l prompt sf sv timing watch z
"""
_VERBS = "SELECT WITH VALUES TABLE SHOW EXPLAIN FETCH EXECUTE CALL"


def _quote(path: str) -> str:
    return "'" + path.replace("\\", "\\\\").replace("'", "''") + "'"


def _start(
    program: Path, folder: Path, nonce: str, connection: Connection, startup_files: bool
) -> Started:
    env = {**os.environ, "TERM": "dumb", "PAGER": "cat", "PSQL_PAGER": "cat"}
    own = Path(env.get("PSQLRC") or Path.home() / ".psqlrc")
    lines = f"\\i {_quote(str(own))}\n" if startup_files and own.exists() else ""
    (folder / "psqlrc").write_text(lines + _RC.replace("{k}", nonce), "utf-8")
    env["PSQLRC"] = str(folder / "psqlrc")
    # It may hold a password, and is not psql's.
    env.pop("DATABASE_URL", None)
    env.setdefault("PGCONNECT_TIMEOUT", "20")
    env.setdefault("PGAPPNAME", "mykernel")
    if connection.password:
        env["PGPASSWORD"] = connection.password
    argv = [str(program), "--quiet", "--no-readline"]
    if connection.target:
        argv.append(f"--dbname={connection.target}")
    return Started(argv, env)


def _describe(statement: Statement, _records: Records) -> str | None:
    rows = statement.verb in _VERBS.split() or "RETURNING" in statement.words
    return f"{statement.text}\n\\gdesc" if rows else None


def _described(records: Records) -> list[tuple[str, str]] | None:
    if list(records.names) != ["Column", "Type"]:
        return None
    return [(str(row[0]), str(row[1])) for row in records.rows]


DIALECT = Dialect(
    name="psql",
    schemes=("postgresql", "postgres"),
    start=_start,
    syntax=syntax("\\", ESCAPED, STRING, QUOTED, DOLLARS, unended=r"['\"]|\$\w*\$", nested=True),
    wire=Wire(literals=False),
    read="\\i {path}",
    quote=_quote,
    begins=_BEGINS,
    query=_QUERY,
    plain=_PLAIN,
    ends="\\o\n",
    after_interrupt="",
    # A connection that is lost is told without a word such as ERROR.
    fault=re.compile(r"psql:[^\n]*?:\d+: (?!NOTICE|WARNING|INFO|LOG|DEBUG)"),
    prefix=re.compile(r"^psql:[^\n]*?\.sql:\d+: |Cancel request sent\n"),
    returns_rows=frozenset(_VERBS.split()),
    describe=_describe,
    described=_described,
    trailer=re.compile(r"INSERT \d+ \d+|(?:UPDATE|DELETE|MERGE) \d+"),
    trailer_word="RETURNING",
    directives={
        "cd": "\\cd {text}",
        "setenv": "\\setenv {name} {value}",
        "env": "\\! env -0 > '{answer}'",
    },
    lost=re.compile(r"server closed the connection|connection to server was lost"),
    aside=re.compile(r'Asynchronous notification ".*received from server process with PID \d+\.'),
    catalogue="""
select 'table', c.relname, '',
  case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'v', 'm', 'f', 'p') and pg_catalog.pg_table_is_visible(c.oid)
  and n.nspname <> 'pg_catalog'
union all
select 'column', a.attname, c.relname, pg_catalog.format_type(a.atttypid, a.atttypmod)
from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'm', 'f', 'p')
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
union all
select 'schema', nspname, '', '' from pg_catalog.pg_namespace where nspname !~ '^pg_(toast|temp)'
union all
select 'function', p.proname, '', min(pg_catalog.pg_get_function_arguments(p.oid))
from pg_catalog.pg_proc p where p.proname ~ '^[a-z]' group by p.proname
union all
select 'keyword', pg_catalog.upper(word), '', '' from pg_catalog.pg_get_keywords()
""",
    commands=tuple(f"\\{name}" for name in _COMMANDS.split()),
    help="\\h {words}",
)

LANGUAGE = Language(
    name="postgresql",
    display_name="PostgreSQL",
    language_id="sql",
    program="psql",
    packages=_PACKAGES,
    language_info={
        "name": "sql",
        "mimetype": "text/x-pgsql",
        "file_extension": ".sql",
        "pygments_lexer": "postgresql",
        "codemirror_mode": "sql",
        "nbconvert_exporter": "script",
    },
    find_toolchain=partial(on_path, "psql", _PACKAGES),
    open_session=partial(SqlSession, DIALECT),
    help_links=({"text": "PostgreSQL", "url": "https://www.postgresql.org/docs/current/sql.html"},),
    holds_secret=holds_secret,
    shell_leader="!",
    directives=directives.HELP,
    answers=("row_limit", "who", *DIALECT.directives),
)
