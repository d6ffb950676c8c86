"""The parts of SQL that parse: statements, rows from a pipe, connections."""

from __future__ import annotations

import asyncio
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.languages.sql import connection, postgresql, sqlite
from mykernel.languages.sql.connection import Connection
from mykernel.languages.sql.records import Records, RowReader, Wire
from mykernel.languages.sql.statements import statements

POSTGRES = postgresql.DIALECT.syntax
SQLITE = sqlite.DIALECT.syntax


def texts(code: str, dialect: object = POSTGRES) -> list[str]:
    return [one.text for one in statements(code, dialect)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("select 1; select 2", ["select 1", "select 2"]),
        ("select ';'; select \";\"", ["select ';'", 'select ";"']),
        ("select E'\\';'; select 2", ["select E'\\';'", "select 2"]),
        ("select '\\'; select 2", ["select '\\'", "select 2"]),
        ("select $$;$$; select $a$;$$;$a$", ["select $$;$$", "select $a$;$$;$a$"]),
        ("select 1 -- ;\n; select 2", ["select 1 -- ;\n", "select 2"]),
        ("/* ; /* ; */ ; */ select 1", ["select 1"]),
        ("\\dt\nselect 1", ["\\dt", "select 1"]),
        ("select 1 \\gx\nselect 2", ["select 1 \\gx", "select 2"]),
        ("create rule r as on insert to t do (select 1; select 2); select 3",
         ["create rule r as on insert to t do (select 1; select 2)", "select 3"]),
        ("select $1; select 2", ["select $1", "select 2"]),
    ],
)  # fmt: skip
def test_a_cell_is_cut_as_psql_would(code: str, found: list[str]) -> None:
    assert texts(code) == found


def test_a_triggers_body_holds_statements() -> None:
    trigger = (
        "create trigger x after insert on t begin "
        "update t set a = case when 1 then 2 end; delete from t; end"
    )
    assert texts(f"{trigger}; select [a;b], `c;d`", SQLITE) == [trigger, "select [a;b], `c;d`"]
    assert texts("begin; end; select 1", SQLITE) == ["begin", "end", "select 1"]


@given(st.text(alphabet="select'\"$;-/*\\\n ()é1", max_size=40))
def test_every_statement_stands_where_it_says(code: str) -> None:
    for dialect in (POSTGRES, SQLITE):
        for one in statements(code, dialect):
            assert code[one.start :].startswith(one.text)


def read(folder: Path, data: bytes, wire: Wire, limit: int, cuts: list[int]) -> Records:
    """What comes of data that is written in pieces, cut at those places."""
    pipe = folder / "rows"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)

    async def all_of_it() -> Records:
        reader = RowReader(pipe, wire, limit)
        fd = os.open(pipe, os.O_WRONLY)
        edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
        for start, end in pairwise(edges):
            os.write(fd, data[start:end])
            await asyncio.sleep(0)
        os.close(fd)
        reader.close()
        return reader.records("the-null")

    return asyncio.run(all_of_it())


values = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)


@given(st.lists(st.tuples(values, values), max_size=6), st.lists(st.integers(0, 999), max_size=4))
def test_csv_comes_back_wherever_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str | None, ...]], cuts: list[int]
) -> None:
    def written(value: str | None) -> str:
        return "the-null" if value is None else '"' + value.replace('"', '""') + '"'

    lines = ["a,b", *(",".join(map(written, row)) for row in table)]
    data = "".join(f"{line}\n" for line in lines).encode()
    found = read(tmp_path_factory.mktemp("x"), data, Wire(literals=False), 3, cuts)
    assert found.names == ["a", "b"]
    assert found.count == len(table)
    assert [tuple(row) for row in found.rows] == table[:3]


@given(
    st.lists(st.one_of(values, st.integers(), st.binary(max_size=4)), min_size=1, max_size=6),
    st.lists(st.integers(0, 999), max_size=4),
)
def test_literals_come_back_wherever_they_are_cut(
    tmp_path_factory: pytest.TempPathFactory, row: list[object], cuts: list[int]
) -> None:
    def written(value: object) -> str:
        if isinstance(value, bytes):
            return f"X'{value.hex().upper()}'"
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        return "NULL" if value is None else str(value)

    line = ",".join(map(written, row))
    data = f"{line}\n{line}\n{line}\n".encode()
    found = read(tmp_path_factory.mktemp("x"), data, Wire(literals=True), 1, cuts)
    assert found.count == 2
    assert found.rows == [row]


@pytest.mark.parametrize(
    ("text", "target", "password"),
    [
        ("postgresql://me:s%40crt@host:5/db", "postgresql://me@host:5/db", "s@crt"),
        ("postgresql+psycopg2://me@host/db", "postgresql://me@host/db", ""),
        ("postgres:///db?host=/tmp&password=x", "postgres:///db?host=%2Ftmp", "x"),
        ("host=h password='a b' dbname=d", "host=h  dbname=d", "a b"),
        ("", "", ""),
    ],
)
def test_the_password_is_taken_out(text: str, target: str, password: str) -> None:
    found = connection.parse(text, ("postgresql", "postgres"))
    assert found == Connection(target, password)
    assert not password or password not in repr(found)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("sqlite:///data/x.db", "data/x.db"),
        ("sqlite:////tmp/x.db", "/tmp/x.db"),
        ("sqlite://", ""),
        ("x y.db", "x y.db"),
    ],
)
def test_a_url_of_a_file(target: str, path: str) -> None:
    assert connection.file_of(connection.parse(target, ("sqlite",)).target) == path


@pytest.mark.parametrize(
    ("code", "secret"),
    [
        ("%connect postgresql://me:x@host/db", True),
        ("%connect host=h password=x", True),
        ("create role me password 'x'", True),
        ("create secret s (type s3, key_id 'k')", True),
        ("%connect postgresql://me@host/db", False),
        ("select password from users", False),
    ],
)
def test_cells_with_passwords_are_known(code: str, secret: bool) -> None:
    assert connection.holds_secret(code) is secret
