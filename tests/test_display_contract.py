"""A session shows its cell's value by its outcome, and more by the cell's output."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

LANGUAGE = '''
from pathlib import Path
from mykernel.contract import *

class Echo:
    """A session without a child: a cell's value is its code."""

    async def start(self): pass
    async def execute(self, cell, output):
        output.text("stdout", "text\\n")
        return Ok(Display("execute_result", {"text/plain": cell.code}))
    async def evaluate(self, expressions): return {}
    async def complete(self, code, cursor_pos): return Completions(0, 0)
    async def inspect(self, code, cursor_pos, detail_level): return {}
    async def is_complete(self, code): return Completeness("complete")
    def interrupt(self): pass
    async def close(self): pass

LANGUAGE = Language(
    "echo", "Echo", "plaintext", "echo", {},
    {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"},
    lambda: Toolchain(Path("/bin/echo"), "1"),
    lambda toolchain, options: Echo(),
)
'''


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start_kernel):
    """A kernel whose language comes by an entry point, as those of other packages do."""
    (tmp_path / "echo_language.py").write_text(LANGUAGE)
    package = tmp_path / "echo_language-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: echo-language\nVersion: 1\n")
    (package / "entry_points.txt").write_text(
        "[mykernel.languages]\necho = echo_language:LANGUAGE\n"
    )
    path = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{path}" if path else str(tmp_path))
    return start_kernel("echo")


def test_an_outcome_carries_the_result_which_is_shown_behind_the_text_with_its_number(echo):
    echo.execute("first")
    result = echo.execute("41 + 1")
    kinds = [m["msg_type"] for m in result.iopub if m["msg_type"] in ("stream", "execute_result")]
    assert kinds == ["stream", "execute_result"]
    (shown,) = result.of_type("execute_result")
    assert shown["data"] == {"text/plain": "41 + 1"}
    assert shown["execution_count"] == result.content["execution_count"] == 2


def test_a_silent_cell_shows_no_result(echo):
    assert not echo.execute("1", silent=True).of_type("execute_result")
