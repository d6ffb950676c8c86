"""What Gnuplot has beyond the contract."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from toolchains import needs


@pytest.fixture
def gnuplot(start_kernel):
    needs("gnuplot", "gnuplot-nox")
    return start_kernel("gnuplot")


def plots(result):
    """The MIME type of each plot, in order, and its data."""
    return [
        (mime, data)
        for one in result.of_type("display_data")
        for mime, data in one["data"].items()
        if mime != "text/plain"
    ]


def test_each_plot_is_displayed_in_order(gnuplot):
    result = gnuplot.execute("plot sin(x) title 'first'\nplot cos(x) title 'second'\nreplot")
    assert (result.status, result.stdout, result.stderr) == ("ok", "", "")
    shown = plots(result)
    assert [mime for mime, _ in shown] == ["image/svg+xml"] * 3
    assert ["first" in data for _, data in shown] == [True, False, False]
    assert ["second" in data for _, data in shown] == [False, True, True]
    assert gnuplot.execute("print 1").of_type("display_data") == []


def test_a_multiplot_is_one_display(gnuplot):
    code = "set multiplot layout 1,2\nplot x\nplot x**2\nunset multiplot\nsplot x*y"
    assert len(plots(gnuplot.execute(code))) == 2


def test_a_terminal_of_the_users_own_holds_in_the_middle_of_a_cell_and_later(gnuplot):
    result = gnuplot.execute("plot x\nset terminal png\nplot x\nplot x")
    assert [mime for mime, _ in plots(result)] == ["image/svg+xml", "image/png", "image/png"]
    ((mime, data),) = plots(gnuplot.execute("plot x**2"))
    assert (mime, base64.b64decode(data)[:4]) == ("image/png", b"\x89PNG")


def test_plots_of_letters_are_text(gnuplot):
    result = gnuplot.execute("set terminal dumb 60,20\nplot x title 'line'")
    assert plots(result) == []
    assert "line" in result.stdout


def test_an_output_of_the_users_own_is_respected_until_it_is_unset(gnuplot, tmp_path: Path):
    mine = tmp_path / "mine.svg"
    assert plots(gnuplot.execute(f"set output '{mine}'\nplot x title 'mine'")) == []
    assert plots(gnuplot.execute("plot x\nset output")) == []
    assert "mine" in mine.read_text()
    assert len(plots(gnuplot.execute("plot x"))) == 1


def test_a_plot_is_displayed_though_the_cell_fails(gnuplot):
    result = gnuplot.execute("plot x\nnonsense\nplot x")
    assert (result.status, result.evalue) == ("error", "invalid command")
    assert len(plots(result)) == 1
    assert "----> 2\x1b[0m nonsense" in "\n".join(result.of_type("error")[0]["traceback"])
    assert "mykernel-" not in result.stderr
    assert result.stdout == "", "the prompt that came with the error"


@pytest.mark.parametrize("code", ["while (1) { }", "do for [i=1:2] { pause 60 }"])
def test_an_interrupt_leaves_gnuplot_as_it_was(gnuplot, code):
    gnuplot.execute("x = 41")
    # Not `print`: an interrupt at once would have Gnuplot write it again.
    cell = gnuplot.send(f"system 'echo ready'\n{code}\nprint 'never'")
    gnuplot.until_text(cell, "ready")
    gnuplot.interrupt()
    result = gnuplot.result(cell)
    assert (result.ename, result.stdout) == ("KeyboardInterrupt", "ready\n")
    # Braces that ^C has left behind would not allow this form.
    assert gnuplot.execute("if (x == 41) print 'kept'").stdout == "kept\n"


def test_what_looks_like_the_prompt_is_output(gnuplot):
    code = "system 'printf \"gnuplot> \"; sleep 0.5; printf \"gnuplot> more\"'\nprint ' end'"
    assert gnuplot.execute(code).stdout == "gnuplot> gnuplot> more end\n"
    result = gnuplot.execute("system 'printf \"gnuplot> \"'\nnonsense")
    assert (result.status, result.stdout) == ("error", "gnuplot> ")


def test_a_print_to_a_file_and_a_reset_lose_no_mark(gnuplot, tmp_path: Path):
    gnuplot.execute(f"set print '{tmp_path}/printed'\nprint 'there'")
    assert gnuplot.execute("set print '-'\nprint 'here'").stdout == "here\n"
    assert (tmp_path / "printed").read_text() == "there\n"
    gnuplot.execute("x = 1\nreset session")
    assert gnuplot.execute("print exists('x')").stdout == "0\n"
    assert len(plots(gnuplot.execute("plot sin(x)"))) == 1


def test_exit_ends_the_cell_alone(gnuplot):
    assert gnuplot.execute("x = 41\nexit\nprint 'never'").stdout == ""
    assert gnuplot.execute("print x + 1").stdout == "42\n"


def test_pause_asks_for_return(gnuplot):
    result, asked = gnuplot.converse("pause -1 'go on? '\nprint 'on'", [""])
    assert [one["prompt"] for one in asked] == ["go on? "]
    assert result.stdout.endswith("on\n")


def test_help_is_shown_by_shift_tab(gnuplot):
    found = gnuplot.request("inspect", code="plot sin(x)", cursor_pos=1, detail_level=0).content
    assert "primary command for drawing plots" in found["data"]["text/plain"]


@pytest.mark.parametrize("own", [True, False])
def test_start_up_files_can_be_left_out(start_kernel, tmp_path, monkeypatch, own):
    needs("gnuplot", "gnuplot-nox")
    (tmp_path / ".gnuplot").write_text("mine = 1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    kernel = start_kernel("gnuplot", *([] if own else ["--no-startup-files"]))
    assert kernel.execute("print exists('mine')").stdout == f"{own:d}\n"
