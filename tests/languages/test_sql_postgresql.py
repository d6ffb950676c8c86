"""PostgreSQL: psql against a real server, its passwords, its commands, and its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from frontend import FrontEnd, Result
from postgres import Server

from mykernel.install import main as install


@pytest.fixture
def psql(start_sql: Callable[..., FrontEnd]) -> FrontEnd:
    return start_sql("postgresql")


def rows(result: Result) -> list[list[Any]]:
    (found,) = result.of_type("execute_result")
    return [list(r.values()) for r in found["data"]["application/vnd.dataresource+json"]["data"]]


def test_types_come_from_the_server(psql: FrontEnd) -> None:
    (found,) = psql.execute(
        "select 1.50 n, true b, date '2020-02-29' d, now() t, array[1,2] a, '{}'::jsonb j, "
        "'\\x00ff'::bytea y, 12345678901234567890 h"
    ).of_type("execute_result")
    resource = found["data"]["application/vnd.dataresource+json"]
    types = [field["type"] for field in resource["schema"]["fields"]]
    assert types == [
        "number", "boolean", "date", "datetime", "array", "object", "string", "number",
    ]  # fmt: skip
    (row,) = resource["data"]
    assert (row["n"], row["b"], row["d"], row["y"]) == (1.5, True, "2020-02-29", "\\x00ff")


def test_commands_show_text(psql: FrontEnd) -> None:
    psql.execute("create table people(name text not null)")
    assert "people" in psql.execute("\\dt").stdout
    assert "not null" in psql.execute("\\d people").stdout
    assert psql.execute("\\echo a 'b c'").stdout == "a b c\n"
    assert "Did not find any relation" in psql.execute("\\d nix").evalue
    assert "invalid command" in psql.execute("\\nix").evalue
    assert "-[ RECORD 1 ]" in psql.execute("select 1 as a, 2 as b \\gx").stdout
    assert rows(psql.execute("select 5 as five \\gset\nselect :five + 1 as six")) == [[6]]


def test_directives_reach_psql_itself(psql: FrontEnd, tmp_path: Path) -> None:
    below = tmp_path / 'it\'s "quoted" $HOME \\ é'
    below.mkdir()
    assert psql.execute(f"%cd {below}").stdout == f"{below}\n"
    assert psql.execute("\\! pwd").stdout == f"{below}\n"
    value = "a 'b' \"c\" $HOME `x` \\ = é"
    assert psql.execute(f"%env mine={value}\n%env mine").stdout == f"mine={value}\n" * 2
    assert psql.execute("\\! printenv mine").stdout == f"{value}\n"
    assert psql.execute("%env PGPASSWORD=hunter2").stdout == "PGPASSWORD=<hidden>\n"
    assert "hunter2" not in psql.execute("%env").stdout
    psql.execute("create table t (a int); create view v as select 1 as n")
    assert psql.execute("%who").stdout == "t  table\nv  view\n"
    psql.execute("%config row_limit=1")
    assert "showing 1 of 2 rows" in str(psql.execute("select generate_series(1, 2)").iopub)


def test_a_select_may_make_a_table(psql: FrontEnd) -> None:
    ran = psql.execute("select 7 as a into made; select a from made")
    assert ran.stdout == "SELECT 1\n"
    assert rows(ran) == [[7]]


def test_statements_that_are_sent_together_show_all_results(psql: FrontEnd) -> None:
    shown = psql.execute("select 'one' as a \\; select 'two' as b;\nselect 3 as c")
    assert shown.stdout.index("one") < shown.stdout.index("two")
    assert rows(shown) == [[3]]


def test_bodies_and_quotes_hold_semicolons(psql: FrontEnd) -> None:
    ran = psql.execute(
        "create function f(x int) returns int language plpgsql as $body$\n"
        "begin return case when x > 1 then x; else 0; end case; end; $body$"
    )
    assert ran.status == "error"
    ran = psql.execute(
        "create function f(x int) returns int begin atomic select 1; "
        "select case when x > 1 then x + 1 else 0 end; end;\n"
        "do $$begin raise notice 'one; two'; end$$;\n"
        "select f(3), E'it\\'s;' s, $q$a;b$q$ q /* ; /* ; */ ; */"
    )
    assert rows(ran) == [[4, "it's;", "a;b"]]
    assert ran.stderr == "NOTICE:  one; two\n"


def test_copy_in_both_directions(psql: FrontEnd, tmp_path: Path) -> None:
    psql.execute("create table t(a int, b text)")
    ran = psql.execute("copy t from stdin;\n1\tx;y\n2\t\\N\n\\.\nselect count(*) as n from t")
    assert ran.stdout == "COPY 2\n"
    assert rows(ran) == [[2]]
    assert psql.execute("copy t to stdout").stdout == "1\tx;y\n2\t\\N\n"
    assert psql.execute("\\copy t to 't.csv' csv").stdout == "COPY 2\n"
    assert (tmp_path / "t.csv").read_text() == "1,x;y\n2,\n"


def test_notifications_are_no_rows(psql: FrontEnd) -> None:
    ran = psql.execute("listen c; notify c, 'hi'; select 1 as a")
    assert rows(ran) == [[1]]
    assert 'Asynchronous notification "c" with payload "hi"' in ran.stdout


def test_the_head_of_a_cursor_is_not_counted_as_a_line(psql: FrontEnd) -> None:
    ran = psql.execute("select 1,\n  '日本' || nix\nfrom pg_class")
    assert "In[1], line 2" in "\n".join(ran.content["traceback"])


def test_help_on_a_keyword(psql: FrontEnd) -> None:
    found = psql.request("inspect", code="create table x", cursor_pos=3, detail_level=0).content
    assert found["data"]["text/plain"].startswith("Command:     CREATE TABLE")


def test_passwords_are_neither_shown_nor_on_a_command_line(
    start_kernel: Callable[..., FrontEnd], postgres: Server
) -> None:
    kernel = start_kernel("postgresql")
    ran = kernel.execute(f"%connect {postgres.url}\nselect current_user as me")
    assert rows(ran) == [["tester"]]
    shown = [m["content"] for m in ran.iopub if m["msg_type"] != "execute_input"]
    assert "horse" not in json.dumps(shown)
    processes = psutil.Process(kernel.pid).children(recursive=True)
    assert processes
    assert not any("horse" in " ".join(p.cmdline()) for p in processes)


def test_a_password_that_is_missing_is_asked_for(
    start_kernel: Callable[..., FrontEnd], postgres: Server
) -> None:
    kernel = start_kernel("postgresql")
    cell = f"%connect {postgres.bare_url}\nselect current_user as me"
    ran, asked = kernel.converse(cell, ["correct horse"])
    assert [question["password"] for question in asked] == [True]
    assert rows(ran) == [["tester"]]


def test_the_environment_says_what_to_connect_to(
    start_kernel: Callable[..., FrontEnd], postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url)
    kernel = start_kernel("postgresql")
    assert rows(kernel.execute("select current_user as me")) == [["tester"]]


def test_a_connection_that_fails_leaves_the_old_one(psql: FrontEnd) -> None:
    psql.execute("create temp table mine(a int)")
    ran = psql.execute("%connect postgresql://x:secret@localhost:1/x?connect_timeout=1")
    assert ran.ename == "ConnectionError"
    assert "secret" not in ran.evalue
    assert rows(psql.execute("select count(*) as n from mine")) == [[0]]


def test_a_connect_of_psqls_own_that_fails_costs_the_connection_and_no_more(psql: FrontEnd) -> None:
    ran = psql.execute("\\c no_such_database\nselect 1")
    assert 'database "no_such_database" does not exist' in ran.evalue
    assert "the next cell has a new one" in ran.evalue
    ran = psql.execute("select 1 as one")
    assert "This is a new one" in ran.stderr
    assert rows(ran) == [[1]]


def test_no_password_gets_into_a_kernelspec(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "--database=postgresql://me:secret@host/x"
    with pytest.raises(SystemExit):
        install(["postgresql", "--prefix", str(tmp_path), url])
    assert "a password does not belong here" in capsys.readouterr().err
    assert not list(tmp_path.rglob("kernel.json"))


@pytest.fixture
def own_server() -> Iterator[Server]:
    found = Server()
    yield found
    found.remove()


def test_a_restart_of_the_server_costs_one_cell(
    start_kernel: Callable[..., FrontEnd], own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_server.url)
    kernel = start_kernel("postgresql")
    kernel.execute("create table t(a int); insert into t values (7)")
    own_server.stop()
    assert kernel.execute("select 1").ename == "SessionDied"
    ran = kernel.execute("select 1")
    assert ran.ename == "ConnectionError"
    assert "horse" not in ran.evalue
    own_server.start()
    assert rows(kernel.execute("select a from t")) == [[7]]
