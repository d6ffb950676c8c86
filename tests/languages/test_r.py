"""What R has beyond the contract."""

from __future__ import annotations

import base64

import pytest
from toolchains import needs


@pytest.fixture
def r(start_kernel):
    needs("R", "r-base-core")
    return start_kernel("r")


def test_plots_are_displayed_one_for_each_page(r):
    result = r.execute("plot(1:3)\nlines(3:1)\nplot(4:6)\ninvisible(1)")
    shown = [one["data"]["image/png"] for one in result.of_type("display_data")]
    assert len(shown) == 2
    assert all(base64.b64decode(one).startswith(b"\x89PNG") for one in shown)
    assert (result.stdout, result.stderr) == ("", "")
    assert r.execute("cat('text\n')").of_type("display_data") == []


def test_a_plot_is_displayed_though_the_cell_fails(r):
    result = r.execute("plot(1:3)\nstop('boom')")
    assert (result.ename, result.evalue) == ("simpleError", "boom")
    assert len(result.of_type("display_data")) == 1


def test_a_device_of_the_users_own_stays_open(r, tmp_path):
    r.execute(f"pdf('{tmp_path}/mine.pdf')\nplot(1:3)")
    result = r.execute("plot(4:6)\ninvisible(dev.off())")
    assert (result.status, result.of_type("display_data")) == ("ok", [])
    assert (tmp_path / "mine.pdf").read_bytes().startswith(b"%PDF")


def test_values_before_the_last_are_printed(r):
    result = r.execute("1\n2")
    assert result.stdout == "[1] 1\n"
    assert [one["data"]["text/plain"] for one in result.of_type("execute_result")] == ["[1] 2"]


def test_a_warning_of_the_cell_names_no_call_of_ours(r):
    assert r.execute("warning('care')").stderr == "Warning message:\ncare \n"
    assert "In log(-1) : NaNs produced" in r.execute("log(-1)").stderr


def test_help_is_plain_text(r):
    result = r.execute("?nlevels")
    (shown,) = result.of_type("execute_result")
    lines = shown["data"]["text/plain"].splitlines()
    assert lines[0].split() == ["nlevels", "package:base", "R", "Documentation"]
    assert "Usage:" in lines
    assert result.stdout == ""


def test_files_are_shown_with_their_headers(r, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"text of {name}\n")
    cell = "file.show('one', 'two', header = c('The first', ''), delete.file = TRUE)\n1"
    assert r.execute(cell).stdout == "The first\n\ntext of one\ntext of two\n"
    assert list(tmp_path.iterdir()) == []


def test_tab_runs_no_active_binding(r):
    r.execute("makeActiveBinding('trap', function() { cat('ran'); list(a = 1) }, globalenv())")
    found = r.request("complete", code="trap$", cursor_pos=5)
    assert (found.content["matches"], found.stdout) == ([], "")


@pytest.mark.parametrize("code", ["readLines(file('stdin'), 1)", "scan('stdin', quiet = TRUE)"])
def test_reading_stdin_as_a_file_is_interrupted(r, code):
    r.execute("kept <- 41")
    result, asked = r.converse(f"{code}\ncat('more')", [None])
    assert (result.ename, result.stdout, len(asked)) == ("KeyboardInterrupt", "", 1)
    assert r.execute("cat(kept + 1)").stdout == "42"
