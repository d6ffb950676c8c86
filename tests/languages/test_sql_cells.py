"""What is the same in every database: results, errors, transactions, interrupts."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from frontend import FrontEnd, Message, Result

RESOURCE = "application/vnd.dataresource+json"
ENDLESS = {
    "duckdb": "select count(*) from range(1000000000) a, range(1000) b",
    "postgresql": "select count(*) from generate_series(1, 1000000000000) a",
    "sqlite": "with recursive c(x) as (select 1 union all select x + 1 from c)"
    " select count(*) from c",
}
SERIES = {
    "duckdb": "select range as x from range({n})",
    "postgresql": "select x from generate_series(0, {n} - 1) x",
    "sqlite": "with recursive c(x) as (select 0 union all select x + 1 from c limit {n})"
    " select x from c",
}
PROGRAMS = {"duckdb": "duckdb", "postgresql": "psql", "sqlite": "sqlite3"}


def table(result: Result) -> Message:
    """The Frictionless table of the only result."""
    (found,) = result.of_type("execute_result")
    resource: Message = found["data"][RESOURCE]
    return resource


def rows(result: Result) -> list[list[Any]]:
    return [list(row.values()) for row in table(result)["data"]]


def plain(result: Result) -> list[str]:
    return [found["data"]["text/plain"] for found in result.of_type("execute_result")]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 1", 2),
        ("-5", -5),
        ("'plain'", "plain"),
        ("''", ""),
        ("null", None),
        ("'NULL'", "NULL"),
        ("'it''s'", "it's"),
        ("'a \"b\" c'", 'a "b" c'),
        ("'a,b;c'", "a,b;c"),
        ("'semi; -- no comment'", "semi; -- no comment"),
        ("'/* no comment'", "/* no comment"),
        ("'two\nlines'", "two\nlines"),
        ("'\n'", "\n"),
        ("'.tables'", ".tables"),
        ("'\n.tables\n'", "\n.tables\n"),
        ("'\\d'", "\\d"),
        ("'日本語 é 🦆'", "日本語 é 🦆"),
        ("'<b>&amp;'", "<b>&amp;"),
        ("'`touch x` $(touch x)'", "`touch x` $(touch x)"),
        ("'\x1b]133;D;k=0;i=1\x07'", "\x1b]133;D;k=0;i=1\x07"),
        ("'tab\there'", "tab\there"),
        ("'100%'", "100%"),
        ("'{braces} {0}'", "{braces} {0}"),
    ],
)  # fmt: skip
def test_a_value_arrives_as_it_is(sql: FrontEnd, expression: str, value: object) -> None:
    assert rows(sql.execute(f"select {expression} as v")) == [[value]]


@pytest.mark.parametrize("command", [".echo on", ".stats on", ".eqp on", ".auth on", ".progress 1"])
def test_what_sqlite_tells_of_each_statement_is_not_among_the_rows(
    start_sql: Callable[..., FrontEnd], command: str
) -> None:
    sqlite = start_sql("sqlite")
    sqlite.execute("create table t(a); insert into t values (1), (2)")
    assert sqlite.execute(command).stdout == ""
    ran = sqlite.execute("select a from t")
    assert (rows(ran), ran.stdout) == ([[1], [2]], "")


def test_a_plan_of_sqlite_is_text(start_sql: Callable[..., FrontEnd]) -> None:
    ran = start_sql("sqlite").execute("explain query plan select 1")
    assert (ran.stdout, ran.of_type("execute_result")) == ("QUERY PLAN\n`--SCAN CONSTANT ROW\n", [])


def test_each_statement_has_its_result_in_order(sql: FrontEnd) -> None:
    ran = sql.execute("create table t(a int, b text); select 1 as one;; -- c\nselect 2 as two")
    kinds = [m["msg_type"] for m in ran.iopub if m["msg_type"] in ("stream", "execute_result")]
    assert kinds == ["stream", "execute_result", "execute_result"]
    assert ran.stdout == "CREATE TABLE\n"
    assert [text.split("\n")[0] for text in plain(ran)] == ["one", "two"]


def test_statements_without_rows_say_what_they_did(sql: FrontEnd, database: str) -> None:
    ran = sql.execute("create table t(a int); insert into t values (1), (2), (3)")
    inserted = "INSERT 0 3" if database == "postgresql" else "INSERT 3"
    assert ran.stdout == f"CREATE TABLE\n{inserted}\n"
    assert sql.execute("delete from t where a > 1").stdout == "DELETE 2\n"
    assert sql.execute("update t set a = 5 where a > 1").stdout == "UPDATE 0\n"


def test_returning_is_a_table(sql: FrontEnd) -> None:
    ran = sql.execute("create table t(a int, b text); insert into t values (1, 'x') returning b, a")
    assert [row[0] for row in rows(ran)] == ["x"]


def test_null_is_told_from_empty(sql: FrontEnd) -> None:
    ran = sql.execute("select null as n, '' as e, 'NULL' as s")
    html = ran.of_type("execute_result")[0]["data"]["text/html"]
    assert html.count("<em") == 1
    assert rows(ran) == [[None, "", "NULL"]]


def test_markup_in_names_and_values_is_text(sql: FrontEnd) -> None:
    ran = sql.execute("select '<script>' as \"<i>\"")
    html = ran.of_type("execute_result")[0]["data"]["text/html"]
    assert "&lt;script&gt;" in html
    assert "&lt;i&gt;" in html
    assert "<script" not in html


def test_numbers_are_aligned_right(sql: FrontEnd) -> None:
    ran = sql.execute("select 5 as number, 'x' as word union all select 12345, 'y' order by 1")
    assert plain(ran) == ["number | word\n-------+-----\n     5 | x\n 12345 | y\n(2 rows)"]


def test_an_empty_result_names_its_columns(sql: FrontEnd) -> None:
    ran = sql.execute('create table t(a int, "B b" text); select * from t where a > 5')
    assert [field["name"] for field in table(ran)["schema"]["fields"]] == ["a", "B b"]
    assert plain(ran)[0].endswith("(0 rows)")


def test_columns_of_one_name_are_both_shown(sql: FrontEnd) -> None:
    assert rows(sql.execute("select 1 as a, 2 as a")) == [[1, 2]]


def test_a_wide_table_is_whole(sql: FrontEnd) -> None:
    columns = ", ".join(f"{n} as c{n}" for n in range(300))
    assert rows(sql.execute(f"select {columns}")) == [list(range(300))]


def test_a_long_value_is_cut_to_be_shown_and_whole_in_the_data(sql: FrontEnd) -> None:
    ran = sql.execute(f"select '{'x' * 200_000}' as v")
    assert len(plain(ran)[0]) < 2000
    assert rows(ran) == [["x" * 200_000]]


def test_rows_beyond_the_limit_are_counted(sql: FrontEnd, database: str) -> None:
    ran = sql.execute(SERIES[database].format(n=100_000))
    assert [row[0] for row in rows(ran)] == list(range(1000))
    assert plain(ran)[0].endswith("(showing 1,000 of 100,000 rows)")


def test_the_limit_can_be_told(start_sql: Callable[..., FrontEnd], database: str) -> None:
    sql = start_sql(database, "--row-limit=7")
    assert len(rows(sql.execute(SERIES[database].format(n=20)))) == 7
    assert len(rows(sql.execute("%rows 9\n" + SERIES[database].format(n=20)))) == 9
    assert len(rows(sql.execute("%rows 0\n" + SERIES[database].format(n=2000)))) == 2000


def test_a_million_rows_leave_the_kernels_memory_flat(sql: FrontEnd, database: str) -> None:
    sql.execute(SERIES[database].format(n=1000))
    before = psutil.Process(sql.pid).memory_info().rss
    wide = "select x, x + 1 as y, 'a value of some length' as z from ({}) s"
    ran = sql.execute(wide.format(SERIES[database].format(n=1_000_000)))
    assert plain(ran)[0].endswith("of 1,000,000 rows)")
    assert psutil.Process(sql.pid).memory_info().rss - before < 20 << 20


def test_an_error_points_into_the_cell(sql: FrontEnd, database: str) -> None:
    ran = sql.execute("select 1;\n\n-- a comment\nselect *\n  frm nix")
    assert ran.status == "error"
    assert plain(ran)[0].startswith("1" if database != "postgresql" else "?column?")
    shown = "\n".join(ran.content["traceback"])
    assert "In[1], line 5" in shown
    assert "^" in shown


def test_an_error_ends_the_cell_and_not_the_session(sql: FrontEnd) -> None:
    sql.execute("create table t(a int)")
    ran = sql.execute("insert into t values (1); selec; insert into t values (2)")
    assert ran.status == "error"
    assert rows(sql.execute("select a from t")) == [[1]]


@pytest.mark.parametrize(
    "cell", ["select 'abc", 'select "abc', "select (1", "select /* 1", "selec"]
)
def test_what_is_not_whole_is_an_error(sql: FrontEnd, cell: str) -> None:
    assert sql.execute(cell).status == "error"
    assert rows(sql.execute("select 1 as a")) == [[1]]


@pytest.mark.parametrize("cell", ["", "  \n", "-- nothing", ";", ";;\n;", "/* a; b */"])
def test_nothing_to_run_is_nothing(sql: FrontEnd, cell: str) -> None:
    ran = sql.execute(cell)
    assert ran.status == "ok"
    assert not ran.of_type("stream")


def test_a_transaction_lives_from_cell_to_cell(sql: FrontEnd) -> None:
    sql.execute("create table t(a int)")
    assert "transaction is open" in sql.execute("begin; insert into t values (1)").stdout
    assert "transaction" not in sql.execute("insert into t values (2)").stdout
    sql.execute("rollback")
    assert rows(sql.execute("select count(*) as n from t")) == [[0]]


def test_an_error_in_a_transaction_tells_its_state(sql: FrontEnd, database: str) -> None:
    sql.execute("create table t(a int); begin; insert into t values (1)")
    error = sql.execute("select cast('x' as int) / nix(1)").evalue
    if database == "postgresql":
        assert "the transaction has failed: ROLLBACK ends it" in error
    else:
        assert "the transaction is still open" in error
    assert sql.execute("rollback").stdout == "ROLLBACK\n"
    assert "transaction" not in sql.execute("selec").evalue


def test_a_cell_can_be_interrupted_at_any_time(sql: FrontEnd, database: str) -> None:
    sql.execute("create table t(a int)")
    for _ in range(5):
        msg_id = sql.send(f"select 1; {ENDLESS[database]}; select 2")
        sql.until(msg_id, lambda message: message["msg_type"] == "execute_result")
        sql.interrupt()
        ran = sql.result(msg_id)
        assert ran.ename == "KeyboardInterrupt"
        assert ran.stdout + ran.stderr == ""
        assert rows(sql.execute("select count(*) as n from t")) == [[0]]


def test_an_interrupted_transaction_is_as_the_database_has_it(sql: FrontEnd, database: str) -> None:
    sql.execute("create table t(a int); begin; insert into t values (1)")
    if database == "postgresql":
        # The server says when it is at work: before that nothing of the transaction is hit.
        body = "begin raise notice 'at work'; perform pg_sleep(1000); end"
        msg_id = sql.send(f"do $$ {body} $$")
        sql.until(msg_id, lambda message: "at work" in message["content"].get("text", ""))
    else:
        msg_id = sql.send(f"select 1; {ENDLESS[database]}")
        sql.until(msg_id, lambda message: message["msg_type"] == "execute_result")
    sql.interrupt()
    ran = sql.result(msg_id)
    if database == "sqlite":
        assert "the transaction is still open" in ran.evalue
        assert rows(sql.execute("select a from t")) == [[1]]
    else:
        assert "ROLLBACK ends it" in ran.evalue
    sql.execute("rollback")
    assert rows(sql.execute("select count(*) as n from t")) == [[0]]


def test_rows_that_stream_can_be_interrupted(sql: FrontEnd, database: str) -> None:
    msg_id = sql.send("select 1; " + SERIES[database].format(n=10**12))
    sql.until(msg_id, lambda message: message["msg_type"] == "execute_result")
    sql.interrupt()
    assert sql.result(msg_id).ename == "KeyboardInterrupt"
    assert rows(sql.execute("select 4 as n")) == [[4]]


def test_a_database_that_takes_its_time_to_be_interrupted_keeps_its_session(start_sql):
    """DuckDB looks for ^C between rows, and ends at a second one. Others get that in a second."""
    sql = start_sql("duckdb")
    sql.execute("create table t as select 7 as a")
    long = "levenshtein(repeat('a', 24000), repeat('b', 24000))"
    msg_id = sql.send(f"select 1; select {long}; select 2")
    sql.until(msg_id, lambda message: message["msg_type"] == "execute_result")
    sql.interrupt()
    assert sql.result(msg_id).ename == "KeyboardInterrupt"
    assert rows(sql.execute("select a from t")) == [[7]]


def test_an_interrupt_at_rest_does_nothing(sql: FrontEnd) -> None:
    sql.interrupt()
    assert rows(sql.execute("select 1 as n")) == [[1]]


def test_a_program_that_dies_is_started_anew(sql: FrontEnd, database: str) -> None:
    (child,) = [
        process
        for process in psutil.Process(sql.pid).children(recursive=True)
        if process.name() == PROGRAMS[database]
    ]
    msg_id = sql.send(f"select 1; {ENDLESS[database]}")
    sql.until(msg_id, lambda message: message["msg_type"] == "execute_result")
    os.kill(child.pid, signal.SIGKILL)
    ran = sql.result(msg_id)
    assert ran.ename == "SessionDied"
    assert "SIGKILL" in ran.evalue
    assert rows(sql.execute("select 5 as n")) == [[5]]


def test_a_chart_of_a_result(sql: FrontEnd) -> None:
    cell = "%chart line x=a.b y=sum(n) title='A title'\nselect 1 as \"a.b\", 2 as n"
    (shown,) = sql.execute(cell).of_type("display_data")
    spec = shown["data"]["application/vnd.vegalite.v5+json"]
    assert spec["mark"]["type"] == "line"
    assert spec["title"] == "A title"
    assert spec["data"]["values"] == [{"c0": 1, "c1": 2}]
    assert spec["encoding"]["x"]["field"] == "c0"
    assert spec["encoding"]["y"]["aggregate"] == "sum"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%chart line x=nix y=a\nselect 1 as a", "no column 'nix'; it has: a"),
        ("%chart spiral x=a y=a\nselect 1 as a", "line"),
        ("%chart line x=a\nselect 1 as a", "y=COLUMN"),
        ("%chrat line x=a y=a\nselect 1 as a", "did you mean %chart?"),
        ("%rows many", "wants a number"),
        ("%connect oracle://host/x", "takes"),
    ],
)  # fmt: skip
def test_a_directive_that_is_wrong_says_what_is_right(sql: FrontEnd, cell: str, said: str) -> None:
    ran = sql.execute(cell)
    assert ran.ename == "DirectiveError"
    assert said in ran.evalue


def test_names_are_completed_from_the_catalogue(sql: FrontEnd) -> None:
    sql.execute('create table people(name text, "Birth day" text); create table pets(legs int)')

    def complete(code: str) -> list[str]:
        found: list[str] = sql.request("complete", code=code, cursor_pos=len(code)).content[
            "matches"
        ]
        return found

    assert complete("select * from pe")[:2] == ["people", "pets"]
    assert complete("select x.na from people x where x.na") == ["name"]
    assert complete('select "Bir') == ['"Birth day"']
    assert complete("select p.B from people p where p.B") == ['"Birth day"']
    assert "select" in complete("sel")
    assert "SELECT" in complete("SEL")
    assert "coalesce" in complete("select coal") or "count" in complete("select coun")


def test_completion_and_inspection_execute_nothing(sql: FrontEnd, tmp_path: Path) -> None:
    sql.execute("create table t(a int)")
    for code in (
        "drop table t; sel",
        "'; drop table t; --",
        't"; drop table t; select "a',
        ".shell touch x",
    ):
        sql.request("complete", code=code, cursor_pos=len(code))
        for cursor in (0, len(code) // 2, len(code)):
            sql.request("inspect", code=code, cursor_pos=cursor, detail_level=1)
    assert rows(sql.execute("select count(*) as n from t")) == [[0]]
    assert not (tmp_path / "x").exists()


def test_a_table_is_inspected_with_its_columns(sql: FrontEnd) -> None:
    sql.execute("create table people(name text, age int)")
    found = sql.request("inspect", code="select * from people", cursor_pos=18, detail_level=0)
    text = found.content["data"]["text/plain"]
    assert text.splitlines()[0] == "table people"
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["name", "age"]


def test_questions_are_answered_while_a_cell_runs(sql: FrontEnd, database: str) -> None:
    sql.execute("create table people(name text)")
    sql.request("complete", code="select * from pe", cursor_pos=16)
    msg_id = sql.send(f"select 1; {ENDLESS[database]}")
    sql.until(msg_id, lambda message: message["msg_type"] == "execute_result")
    found = sql.request("complete", code="select * from pe", cursor_pos=16)
    assert found.content["matches"][0] == "people"
    sql.interrupt()
    assert sql.result(msg_id).ename == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("select 1;", "complete"),
        ("select 1", "incomplete"),
        ("select ';", "incomplete"),
        ("select 1; /* and", "incomplete"),
        ("select 1; -- done", "complete"),
        ("%nix", "invalid"),
        ("", "complete"),
    ],
)  # fmt: skip
def test_is_complete(sql: FrontEnd, code: str, status: str) -> None:
    assert sql.request("is_complete", code=code).content["status"] == status


def test_user_expressions_are_selected(sql: FrontEnd) -> None:
    asked = {"sum": "1 + 1", "text": "'a;b'", "wrong": "nix", "two": "1; drop table t"}
    found = sql.execute("", user_expressions=asked).content["user_expressions"]
    assert found["sum"]["data"] == {"text/plain": "2"}
    assert found["text"]["data"] == {"text/plain": "a;b"}
    assert found["wrong"]["status"] == found["two"]["status"] == "error"


def test_a_large_cell_runs_whole(sql: FrontEnd) -> None:
    values = ",\n".join(f"({n}, 'value {n}')" for n in range(20_000))
    sql.execute(f"create table t(a int, b text);\ninsert into t values {values}")
    assert rows(sql.execute("select count(*) as n, max(a) as m from t")) == [[20_000, 19_999]]


def test_no_password_is_remembered(sql: FrontEnd, database: str) -> None:
    sql.execute("select 1")
    sql.execute(f"%connect {database}://me:topsecret@localhost:1/x?connect_timeout=1")
    sql.execute("select 2")
    found = sql.request("history", hist_access_type="tail", n=10, output=False, raw=True)
    assert [row[2] for row in found.content["history"]][-2:] == ["select 1", "select 2"]
