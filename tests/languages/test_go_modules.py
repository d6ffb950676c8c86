"""Go cells in modules, workspaces and outside of them: which packages they find, and how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from frontend import FrontEnd, results
from toolchains import needs_language


@pytest.fixture(autouse=True)
def _go() -> None:
    needs_language("go")


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_cells_import_packages_of_the_folders_module(
    start_kernel: Callable[..., FrontEnd], tmp_path: Path
):
    """Blanks and more than ASCII in its path do no harm, and nothing is written there."""
    module = write(
        tmp_path / "a módule",
        {
            "go.mod": "module example.com/me\n",
            "sub/sub.go": "package sub\n\nfunc F() int { return 42 }",
        },
    )
    go = start_kernel("go", cwd=module)
    assert results(go.execute('import "example.com/me/sub"\nx := sub.F()\nx')) == ["42"]
    assert results(go.execute("x + sub.F()")) == ["84"]
    assert sorted(path.name for path in module.iterdir()) == ["go.mod", "sub"]
