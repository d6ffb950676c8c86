"""Jupyter's own conformance tests in SQL."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import ClassVar

import jupyter_kernel_test
import pytest
from jupyter_client.kernelspec import KernelSpec
from toolchains import needs

SPEC = KernelSpec(
    argv=[sys.executable, "-m", "mykernel", "kernel", "sqlite", "-f", "{connection_file}"],
    display_name="SQLite",
    language="sql",
    interrupt_mode="message",
    metadata={"supported_encryption": ["curve"]},
)


def write_spec(folder: Path) -> None:
    spec = folder / "kernels" / "mykernel-sqlite"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps(SPEC.to_dict()))


class TestSqlite(jupyter_kernel_test.KernelTests):  # type: ignore[misc]  # untyped
    kernel_name = "mykernel-sqlite"
    language_name = "sql"
    file_extension = ".sql"
    folder: ClassVar[tempfile.TemporaryDirectory[str]]
    patch: ClassVar[pytest.MonkeyPatch]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.patch = pytest.MonkeyPatch()
        needs("sqlite3", "sqlite3")
        write_spec(Path(cls.folder.name))
        cls.patch.setenv("JUPYTER_PATH", cls.folder.name)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.patch.undo()
        cls.folder.cleanup()

    code_hello_world = ".print hello, world"
    code_generate_error = "select * from nix"
    code_execute_result: ClassVar = [
        {"code": "select 6 * 7 as n", "mime": "text/plain", "result": "n\n--\n42\n(1 row)"},
    ]
    completion_samples: ClassVar = [{"text": "sel", "matches": {"select"}}]
    complete_code_samples: ClassVar = ["select 1;"]
    incomplete_code_samples: ClassVar = ["select 1", "select '"]
    invalid_code_samples: ClassVar = ["%nix"]
