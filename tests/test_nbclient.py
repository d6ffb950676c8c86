"""Notebooks run by nbclient, as nbconvert, Jupyter Book and `mykernel run` do."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from mykernel.install import main as install

EXPECTED = {"tags": ["raises-exception"]}
# Seconds within which any cell here ends on the slowest machine.
PATIENCE = 60


@pytest.fixture(autouse=True)
def _kernelspec(_own_home: None) -> None:
    assert install(["bash", "--user"]) == 0


def execute(content: NotebookNode, folder: Path) -> NotebookNode:
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(content, timeout=PATIENCE, resources=resources).execute()
    return content


def notebook(*cells: str, tag_first: bool = False) -> NotebookNode:
    spec = {"kernelspec": {"name": "mykernel-bash", "display_name": "Bash"}}
    made = [new_code_cell(cell) for cell in cells]
    if tag_first:
        made[0].metadata.update(EXPECTED)
    return new_notebook(cells=made, metadata=spec)


def stream(cell: NotebookNode, name: str = "stdout") -> str:
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == name)


def errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.outputs if output.output_type == "error"]


def test_language_info_is_filled(tmp_path: Path) -> None:
    info = execute(notebook(":"), tmp_path).metadata.language_info
    assert info.name == "bash"
    assert info.file_extension == ".sh"
    assert info.version[0].isdecimal()


def test_tag_lets_the_run_go_on(tmp_path: Path) -> None:
    first, second = execute(notebook("false", "echo after", tag_first=True), tmp_path).cells
    assert len(errors(first)) == 1
    assert stream(second) == "after\n"


def test_failing_cell_stops_the_run_with_its_line(tmp_path: Path) -> None:
    content = notebook("echo one", "true\ncat nowhere", "echo three")
    with pytest.raises(CellExecutionError) as raised:
        execute(content, tmp_path)
    assert "----> 2 cat nowhere" in strip_ansi(str(raised.value))
    assert content.cells[2].outputs == []


def test_many_lines_arrive_complete(tmp_path: Path) -> None:
    """Where the kernel's queue is bounded, nbclient loses thousands of them."""
    (only,) = execute(notebook("seq 20000"), tmp_path).cells
    assert stream(only).split() == [str(n) for n in range(1, 20001)]


def test_many_small_writes_to_both_streams_arrive_complete(tmp_path: Path) -> None:
    source = "for (( i = 1; i <= 5000; i++ )); do echo $i; echo $i >&2; done"
    (only,) = execute(notebook(source), tmp_path).cells
    wanted = [str(n) for n in range(1, 5001)]
    assert stream(only).split() == stream(only, "stderr").split() == wanted


def test_cell_that_reads_input_fails_and_does_not_hang(tmp_path: Path) -> None:
    """nbclient allows no stdin."""
    with pytest.raises(CellExecutionError):
        execute(notebook("read -r answer && echo got"), tmp_path)


def test_displays_are_saved_as_nbformat_wants_them_and_updates_applied(tmp_path):
    made = execute(
        notebook(
            "printf a; echo '<b>1</b>' | display --mime text/html --id p; echo b\n"
            "printf '\\211PNG\\r\\n\\032\\n' | display\n"
            "echo '{\"a\": [1]}' | display --mime application/json\n"
            'display --metadata \'{"text/plain": {"x": 1}}\' <<< c',
            "echo '<b>2</b>' | display --mime text/html --id p --update; echo updated",
            "echo old; display --clear --wait; echo new | display",
        ),
        tmp_path,
    )
    nbformat.validate(made)
    first, second, third = (cell.outputs for cell in made.cells)
    assert [output.get("text") or dict(output.data) for output in first] == [
        "a",
        {"text/html": "<b>2</b>\n", "text/plain": "[stdin: text/html, 9 bytes]"},
        "b\n",
        {"image/png": "iVBORw0KGgo=", "text/plain": "[stdin: image/png, 8 bytes]"},
        {
            "application/json": {"a": [1]},
            "text/plain": "[stdin: application/json, 11 bytes]",
        },
        {"text/plain": "c\n"},
    ]
    assert first[-1].metadata == {"text/plain": {"x": 1}}
    assert [output.output_type for output in second] == ["stream"]
    assert [dict(output.data) for output in third] == [{"text/plain": "new\n"}]
    nbformat.write(made, tmp_path / "saved.ipynb")
    nbformat.validate(nbformat.read(tmp_path / "saved.ipynb", as_version=4))
