"""`mykernel run`: what it prints, what it leaves behind, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pexpect
import psutil
import pyte
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbformat.v4.nbjson import JSONWriter

from mykernel.install import main as install

RUN = [sys.executable, "-m", "mykernel", "run"]
# Seconds within which anything that is awaited here comes on the slowest machine.
PATIENCE = 60
EXPECTED = {"tags": ["raises-exception"]}


@pytest.fixture(autouse=True)
def _kernelspec(_own_home: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(["bash", "--user"]) == 0
    capsys.readouterr()


def notebook(folder: Path, *cells: str, name: str = "mykernel-bash") -> Path:
    """A notebook file with these code cells."""
    spec = {"kernelspec": {"name": name, "display_name": name}}
    return save(folder, new_notebook(cells=[new_code_cell(c) for c in cells], metadata=spec))


def save(folder: Path, content: nbformat.NotebookNode) -> Path:
    path = folder / "work.ipynb"
    path.write_text(JSONWriter().writes(content), encoding="utf-8")
    return path


def run(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [*RUN, *map(str, arguments)]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)


def watch(folder: Path, *arguments: str | Path) -> pexpect.spawn:
    """The command in a terminal of 80 columns."""
    return pexpect.spawn(
        sys.executable,
        [*RUN[1:], *map(str, arguments)],
        cwd=str(folder),
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(24, 80),
        env={**os.environ, "TERM": "xterm"},
    )


def outputs(path: Path) -> list[list[nbformat.NotebookNode]]:
    return [cell.outputs for cell in nbformat.read(path, as_version=4).cells]


def test_output_is_printed_under_its_cell(tmp_path: Path) -> None:
    done = run(tmp_path, notebook(tmp_path, "echo one", "echo two >&2"))
    assert done.stdout.splitlines()[:4] == ["[1/2] echo one", "one", "[2/2] echo two >&2", "two"]
    assert done.returncode == 0


def test_notebook_and_page_are_left_in_build_and_named_at_the_end(tmp_path: Path) -> None:
    done = run(tmp_path, notebook(tmp_path, "echo $((6 * 7))"))
    *_, left, page = done.stdout.splitlines()
    assert left == "Notebook:  build/work.ipynb"
    assert page == "HTML page: build/work.html"
    assert outputs(tmp_path / "build/work.ipynb")[0][0].text == "42\n"
    assert ">42\n" in (tmp_path / "build/work.html").read_text(encoding="utf-8")


def test_output_dir_is_made(tmp_path: Path) -> None:
    run(tmp_path, notebook(tmp_path, ":"), "--output-dir", "deep/er")
    assert sorted(p.name for p in (tmp_path / "deep/er").iterdir()) == ["work.html", "work.ipynb"]


def test_cells_run_in_the_folder_of_the_notebook(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/here.txt").write_text("found\n")
    done = run(tmp_path, notebook(tmp_path / "sub", "cat here.txt"))
    assert "\nfound\n" in done.stdout


def test_counts_tell_failed_from_expected(tmp_path: Path) -> None:
    cells = [new_markdown_cell("# Text"), new_code_cell("false", metadata=EXPECTED)]
    spec = {"kernelspec": {"name": "mykernel-bash", "display_name": "Bash"}}
    source = save(tmp_path, new_notebook(cells=[*cells, new_code_cell("false")], metadata=spec))
    done = run(tmp_path, source)
    assert "Ran 2 of 2 cells in " in done.stdout
    assert done.stdout.splitlines()[-3].endswith("; 1 failed; 1 ended with an error, as expected.")


def test_pipe_gets_no_control_sequence(tmp_path: Path) -> None:
    cell = (
        r"""printf '\033[31mred\033[0m \033]0;title\a\033]8;;x\033\\link\n'; printf '1%%\r2%%\n'"""
    )
    done = run(tmp_path, notebook(tmp_path, cell))
    assert "\nred link\n2%\n" in done.stdout
    assert all(c.isprintable() or c == "\n" for c in done.stdout)


def test_failing_cell_stops_the_run_and_is_named_by_number(tmp_path: Path) -> None:
    done = run(tmp_path, notebook(tmp_path, "echo one", "true\ncat nowhere", "echo three"))
    assert done.returncode == 1
    assert "\nthree\n" not in done.stdout
    assert "----> 2 cat nowhere" in done.stdout
    assert done.stderr.startswith("mykernel run: cell 2 failed: ")


def test_failing_cell_leaves_notebook_and_page(tmp_path: Path) -> None:
    run(tmp_path, notebook(tmp_path, "echo one", "cat nowhere", "echo three"))
    first, second, third = outputs(tmp_path / "build/work.ipynb")
    assert first[0].text == "one\n"
    assert second[-1].output_type == "error"
    assert third == []
    assert "cat nowhere" in (tmp_path / "build/work.html").read_text(encoding="utf-8")


def test_allow_errors_goes_on(tmp_path: Path) -> None:
    done = run(tmp_path, notebook(tmp_path, "false", "echo after"), "--allow-errors")
    assert done.returncode == 0
    assert "\nafter\n" in done.stdout


def test_adjacent_pieces_of_a_stream_become_one_output(tmp_path: Path) -> None:
    """The cell's lines come one by one: each waits until the one before has been printed."""
    os.mkfifo(tmp_path / "gate")
    watched = watch(tmp_path, notebook(tmp_path, "for i in 1 2 3; do echo line-$i; cat gate; done"))
    for number in (1, 2, 3):
        watched.expect_exact(f"line-{number}")
        open_gate(tmp_path / "gate")
    watched.expect_exact("HTML page:")
    watched.expect(pexpect.EOF)
    (only,) = outputs(tmp_path / "build/work.ipynb")[0]
    assert only.text == "line-1\nline-2\nline-3\n"


def test_lines_drawn_over_by_moving_the_cursor_are_shown_as_they_ended(tmp_path: Path) -> None:
    cell = r"printf 'a\nb\n\033[2Ax\ny\nz\n'; echo end"
    done = run(tmp_path, notebook(tmp_path, cell, "echo after"))
    assert done.stdout.splitlines()[1:6] == ["x", "y", "z", "end", "[2/2] echo after"]


def test_lines_that_come_again_after_clear_output_are_shown_once(tmp_path: Path) -> None:
    """The kernel sends the lines above a redrawn one anew; the gate keeps them apart."""
    os.mkfifo(tmp_path / "gate")
    cell = r"printf 'kept\nold\n'; cat gate; printf '\033[1Anew\n'"
    watched = watch(tmp_path, notebook(tmp_path, cell))
    watched.expect(r"old\r\n")
    open_gate(tmp_path / "gate")
    watched.expect_exact("HTML page:")
    shown = pyte.Screen(80, 24)
    pyte.Stream(shown).feed(watched.before)
    assert [line.strip() for line in shown.display].count("kept") == 0
    watched.expect(pexpect.EOF)


def test_unfinished_line_is_shown_while_the_cell_runs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    watched = watch(tmp_path, notebook(tmp_path, "printf half; cat gate; echo -whole"))
    watched.expect("half")
    open_gate(tmp_path / "gate")
    watched.expect("half-whole")
    watched.expect(pexpect.EOF)
    watched.close()
    assert watched.exitstatus == 0


def test_terminal_shows_colours_and_a_progress_bar(tmp_path: Path) -> None:
    watched = watch(tmp_path, notebook(tmp_path, r"printf '\033[31mred\033[0m\n'", ":"))
    watched.expect_exact("\x1b[31mred\x1b[0m")
    watched.expect("cell 2 .*2/2")
    watched.expect(pexpect.EOF)


def test_interrupt_ends_the_cell_and_leaves_the_notebook(tmp_path: Path) -> None:
    source = notebook(tmp_path, "echo one", "echo here; sleep 600", "echo three")
    watched = watch(tmp_path, source)
    watched.expect(r"here\r\n")
    watched.sendintr()
    watched.expect_exact("mykernel run: interrupted in cell 2")
    watched.expect(pexpect.EOF)
    watched.close()
    assert watched.exitstatus == 130
    first, second, third = outputs(tmp_path / "build/work.ipynb")
    assert first[0].text == "one\n"
    assert second[-1].output_type == "error"
    assert third == []


def test_timeout_ends_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, notebook(tmp_path, "sleep 600"), "--timeout", "1")
    assert done.returncode == 1
    assert done.stderr.endswith("mykernel run: cell 1 took longer than 1 seconds\n")
    assert outputs(tmp_path / "build/work.ipynb")[0][-1].ename == "TimeoutError"


def test_kernel_that_dies_is_told_and_leaves_the_notebook(tmp_path: Path) -> None:
    watched = watch(tmp_path, notebook(tmp_path, "echo one", "echo here; sleep 600"))
    watched.expect(r"here\r\n")
    (kernel,) = psutil.Process(watched.pid).children()
    kernel.kill()
    watched.expect_exact("mykernel run: the kernel died in cell 2")
    watched.expect(pexpect.EOF)
    watched.close()
    assert watched.exitstatus == 2
    first, second = outputs(tmp_path / "build/work.ipynb")
    assert first[0].text == "one\n"
    assert second[-1].ename == "DeadKernelError"


def test_data_without_text_shows_its_mime_type(tmp_path: Path) -> None:
    """Bash shows no data yet; IPython's kernel stands in, at its own expense of time."""
    pytest.importorskip("ipykernel.ipkernel")
    spec = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
    folder = Path(os.environ["JUPYTER_DATA_DIR"], "kernels", "stand-in")
    folder.mkdir(parents=True)
    described = {**spec, "display_name": "p", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(described))
    cell = "from IPython.display import display; display({'image/png': 'aGk='}, raw=True); {1: 2}"
    done = run(tmp_path, notebook(tmp_path, cell, name="stand-in"))
    assert "\n[image/png]\n{1: 2}\n" in done.stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"echo hello\n", "Notebook does not appear to be JSON"),
        (b"[]", "is not a notebook"),
        (b"{}", "is not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "not a notebook"),
        (b"\xff\xfe", "it is not UTF-8 text"),
    ],
)
def test_file_that_is_no_notebook_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "work.ipynb").write_bytes(content)
    refused(run(tmp_path, "work.ipynb"), reason)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    refused(run(tmp_path, "nowhere.ipynb"), "nowhere.ipynb cannot be read: No such file")


def test_kernel_that_is_not_installed_comes_with_the_command_that_installs_it(
    tmp_path: Path,
) -> None:
    # Not Bash's, which an installation from a wheel has in its own environment.
    refused(
        run(tmp_path, notebook(tmp_path, ":"), "--kernel", "mykernel-lua"),
        "python -m mykernel.install lua",
    )


def test_unknown_kernel_comes_with_the_names_there_are(tmp_path: Path) -> None:
    refused(run(tmp_path, notebook(tmp_path, ":"), "--kernel", "nope"), "mykernel-bash")


def test_notebook_without_a_kernel_is_refused(tmp_path: Path) -> None:
    refused(run(tmp_path, save(tmp_path, new_notebook())), "choose one with --kernel")


def test_output_dir_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    source = notebook(tmp_path, ":")
    refused(run(tmp_path, source, "--output-dir", "file/out"), "file/out cannot be written to")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_output_dir_that_is_not_writable_is_refused(tmp_path: Path) -> None:
    """Nobody makes files in /proc, not even root."""
    source = notebook(tmp_path, ":")
    refused(run(tmp_path, source, "--output-dir", "/proc"), "/proc cannot be written to")


def test_notebook_is_never_overwritten(tmp_path: Path) -> None:
    source = notebook(tmp_path, "echo one")
    before = source.read_bytes()
    refused(run(tmp_path, source, "--output-dir", "."), "this would overwrite")
    assert source.read_bytes() == before


def test_missing_extra_is_named(tmp_path: Path) -> None:
    """None in sys.modules makes an import fail as that of a package that is not there."""
    code = "import sys; sys.modules['nbclient'] = None; from mykernel.run import main; "
    argv = [sys.executable, "-c", code + "sys.exit(main(['work.ipynb']))"]
    notebook(tmp_path, ":")
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    refused(done, "pip install 'mykernel[batch]'")


def refused(done: subprocess.CompletedProcess[str], reason: str) -> None:
    """One line on stderr with the reason, status 2, and nothing else printed."""
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.startswith("mykernel run: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def open_gate(fifo: Path) -> None:
    """Let the cell's `cat` of the fifo end; waits until it has opened it."""
    with fifo.open("w"):
        pass
