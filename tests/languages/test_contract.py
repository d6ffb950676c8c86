"""What every language does, each tried with its own row of `samples/`.

`python -m pytest tests/languages/test_contract.py -k lua` tries one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from frontend import FrontEnd, Result
from languages.samples import COLUMNS, rows
from toolchains import needs_language

from mykernel import languages

ROWS = rows()
Row = dict[str, Any]


@pytest.fixture(params=ROWS)
def name(request: pytest.FixtureRequest) -> str:
    """The language's name. Tests are called test_COLUMN_..., and skip what it lacks."""
    name: str = request.param
    column = request.node.originalname.split("_")[1]
    if reason := ROWS[name].get("lacks", {}).get(column):
        pytest.skip(f"{name}: {reason}")
    needs_language(name)
    return name


@pytest.fixture
def row(name: str) -> Row:
    return ROWS[name]


@pytest.fixture
def kernel(
    name: str,
    start_kernel: Callable[..., FrontEnd],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FrontEnd]:
    """A kernel of the language, and at the end: one reply and one idle for each request."""
    for variable, fixture in ROWS[name].get("environment", {}).items():
        monkeypatch.setenv(variable, request.getfixturevalue(fixture))
    front_end = start_kernel(name)
    yield front_end
    for msg_id in front_end.sent:
        assert (front_end.replies[msg_id], front_end.idles[msg_id]) == (1, 1)


def _ran(result: Result) -> Result:
    assert result.status == "ok", result.content
    return result


def _says(result: Result, sample: Row) -> None:
    """A sample has what is printed, `stdout`, or what the result is, `text`."""
    if "stdout" in sample:
        assert _ran(result).stdout.strip() == sample["stdout"]
    else:
        shown = _ran(result).of_type("execute_result")
        assert [one["data"]["text/plain"] for one in shown] == [sample["text"]]


def test_every_language_that_is_shipped_has_a_row() -> None:
    assert set(ROWS) == set(languages.names())


def test_every_column_has_a_test() -> None:
    tests = {name.split("_")[1] for name in globals() if name.startswith("test_")}
    assert set(COLUMNS) <= tests


def test_hello_is_a_stream(kernel: FrontEnd, row: Row) -> None:
    result = _ran(kernel.execute(row["hello"]))
    assert (result.stdout, result.stderr) == ("hello\n", "")


def test_stderr_is_another_stream(kernel: FrontEnd, row: Row) -> None:
    result = _ran(kernel.execute(row["stderr"]))
    assert (result.stdout, result.stderr) == ("", "oops\n")


def test_error_names_itself_and_points_to_its_line(kernel: FrontEnd, row: Row) -> None:
    error = row["error"]
    result = kernel.execute(error["code"])
    assert (result.status, result.ename) == ("error", error["ename"])
    assert error["evalue"] in result.evalue
    shown = "\n".join(result.of_type("error")[0]["traceback"])
    assert re.search(rf"----> *{error['line']}\x1b\[0m", shown), shown
    assert "mykernel-" not in shown, "the private folder is seen"
    assert _ran(kernel.execute(row["hello"])).stdout == "hello\n"


def test_state_lives_on(kernel: FrontEnd, row: Row) -> None:
    _ran(kernel.execute(row["state"]["set"]))
    _says(kernel.execute(row["state"]["get"]), row["state"])


def test_result_is_an_execute_result(kernel: FrontEnd, row: Row) -> None:
    result = _ran(kernel.execute(row["result"]["code"]))
    shown = result.of_type("execute_result")
    assert [one["data"]["text/plain"] for one in shown] == [row["result"]["text"]]
    assert shown[0]["execution_count"] == result.content["execution_count"]
    assert result.stdout == ""


def test_incomplete_code_is_told(kernel: FrontEnd, row: Row) -> None:
    assert kernel.request("is_complete", code=row["incomplete"]).status == "incomplete"
    assert kernel.request("is_complete", code=row["hello"]).status == "complete"


def test_invalid_code_is_told_and_is_an_error(kernel: FrontEnd, row: Row) -> None:
    assert kernel.request("is_complete", code=row["invalid"]).status == "invalid"
    assert kernel.execute(row["invalid"]).status == "error"
    assert _ran(kernel.execute(row["hello"])).stdout == "hello\n"


def test_completion_knows_what_cells_define(kernel: FrontEnd, row: Row) -> None:
    sample = row["completion"]
    _ran(kernel.execute(sample["setup"]))
    code = "\n" + sample["code"]
    found = kernel.request("complete", code=code, cursor_pos=len(code)).content
    assert sample["match"] in found["matches"]
    assert (found["cursor_start"], found["cursor_end"]) == (1, len(code))


def test_inspection_knows_what_cells_define(kernel: FrontEnd, row: Row) -> None:
    sample = row["inspection"]
    _ran(kernel.execute(sample["setup"]))
    request = {"code": sample["code"], "cursor_pos": 1, "detail_level": 1}
    found = kernel.request("inspect", **request).content
    assert found["found"]
    assert sample["text"] in found["data"]["text/plain"]
    nothing = kernel.request("inspect", code="nosuchname", cursor_pos=1, detail_level=0).content
    assert not nothing["found"]


def test_interrupt_keeps_the_state(kernel: FrontEnd, row: Row) -> None:
    _ran(kernel.execute(row["state"]["set"]))
    sample = row["interrupt"]
    # A table is for a program that says something of its own.
    code, said = (sample, "") if isinstance(sample, str) else (sample["code"], sample["stdout"])
    cell = kernel.send(code)
    kernel.until_text(cell, "ready")
    kernel.interrupt()
    result = kernel.result(cell)
    assert (result.status, result.ename) == ("error", "KeyboardInterrupt")
    assert result.stdout == f"ready\n{said}"
    after = kernel.execute(row["state"]["get"])
    _says(after, row["state"])
    assert after.stderr == ""


def test_input_is_asked_for(kernel: FrontEnd, row: Row) -> None:
    sample = row["input"]
    result, asked = kernel.converse(sample["code"], ["Bob"])
    assert asked == [{"prompt": sample["prompt"], "password": False}]
    assert sample["stdout"] in _ran(result).stdout


def test_input_ends_where_nobody_is_asked(kernel: FrontEnd, row: Row) -> None:
    assert kernel.execute(row["input"]["code"]).ename == "StdinNotImplementedError"
    assert _ran(kernel.execute(row["hello"])).stdout == "hello\n"


def test_input_can_be_interrupted(kernel: FrontEnd, row: Row) -> None:
    _ran(kernel.execute(row["state"]["set"]))
    result, _ = kernel.converse(row["input"]["code"], [None])
    assert result.ename == "KeyboardInterrupt"
    after = kernel.execute(row["state"]["get"])
    _says(after, row["state"])
    assert after.stderr == ""


def test_input_is_interrupted_before_anybody_is_asked(kernel: FrontEnd, row: Row) -> None:
    _ran(kernel.execute(row["state"]["set"]))
    cell = kernel.send(f"{row['hello']}\n{row['input']['code']}", allow_stdin=True)
    kernel.until_text(cell, "hello")
    kernel.interrupt()
    assert kernel.result(cell).ename == "KeyboardInterrupt"
    after = kernel.execute(row["state"]["get"])
    _says(after, row["state"])
    assert after.stderr == ""


def test_long_cells_run_whole(kernel: FrontEnd, row: Row) -> None:
    """A terminal's line holds 4,095 bytes."""
    sample = row["long"]
    first = [sample["first"]] if "first" in sample else []
    lines = [*first, *[sample["line"]] * 3000, sample["last"]]
    _says(kernel.execute("\n".join(lines)), sample)


def test_unicode_comes_back_as_it_was(kernel: FrontEnd, row: Row) -> None:
    _says(kernel.execute(row["unicode"]["code"]), row["unicode"])


def test_prompt_like_output_is_output(kernel: FrontEnd, row: Row) -> None:
    sample = row["prompt"]
    assert _ran(kernel.execute(sample["code"])).stdout == sample["stdout"]
    assert _ran(kernel.execute(row["hello"])).stdout == "hello\n"


def test_death_is_told_and_a_new_child_comes(kernel: FrontEnd, row: Row) -> None:
    _ran(kernel.execute(row["state"]["set"]))
    result = kernel.execute(row["death"])
    assert result.status == "error"
    assert "the next cell runs in a new one" in result.evalue
    after = _ran(kernel.execute(row["hello"]))
    assert after.stdout == "hello\n"
    if row.get("outlives"):
        assert _ran(kernel.execute(row["state"]["get"])).stdout.strip() == row["state"]["stdout"]
    else:
        assert "This is a new one, without its state." in after.stderr


def test_nothing_is_left_in_the_folder_of_the_notebook(
    kernel: FrontEnd, row: Row, tmp_path: Path
) -> None:
    _ran(kernel.execute(row["hello"]))
    assert list(tmp_path.iterdir()) == []
