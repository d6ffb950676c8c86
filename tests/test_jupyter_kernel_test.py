"""Jupyter's own conformance tests, with every hook that Bash can serve."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import jupyter_kernel_test
import pytest

NAME = "mykernel-bash"
SPEC = {
    "argv": [sys.executable, "-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"],
    "display_name": "Bash",
    "language": "bash",
    "interrupt_mode": "message",
    "metadata": {"supported_encryption": ["curve"]},
}


class InstalledKernel:
    """Puts a kernelspec on the Jupyter path, and the class's kernel into a home of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.patch = pytest.MonkeyPatch()
        root = Path(cls.folder.name)
        spec = root / "share" / "kernels" / NAME
        spec.mkdir(parents=True)
        (spec / "kernel.json").write_text(json.dumps(SPEC))
        for variable, folder in (
            ("JUPYTER_PATH", "share"),
            ("JUPYTER_DATA_DIR", "data"),
            ("JUPYTER_RUNTIME_DIR", "runtime"),
            ("HOME", "."),
        ):
            cls.patch.setenv(variable, str(root / folder))
        super().setUpClass()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.patch.undo()
        cls.folder.cleanup()


class TestKernel(InstalledKernel, jupyter_kernel_test.KernelTests):
    kernel_name = NAME
    language_name = "bash"
    file_extension = ".sh"
    code_hello_world = "echo hello, world"
    code_stderr = "echo oops >&2"
    completion_samples: ClassVar[list[dict[str, Any]]] = [
        {"text": "printenv", "matches": {"printenv"}},
        {"text": "echo $BASH_VERSI", "matches": {"BASH_VERSINFO", "BASH_VERSION"}},
        {"text": "echo ${BASH_VERSIN", "matches": {"BASH_VERSINFO}"}},
        {"text": "no_such_command_to_complete", "matches": set()},
    ]
    complete_code_samples: ClassVar[list[str]] = [
        "",
        "# comment",
        "echo hello",
        "for i in 1 2; do echo $i; done",
        "f() {\n  echo\n}",
        "cat <<EOF\ntext\nEOF",
        "echo 'a\nb'",
    ]
    incomplete_code_samples: ClassVar[list[str]] = [
        "if true; then",
        "for i in 1 2; do",
        "f() {",
        "echo 'a",
        'echo "a',
        "echo $(",
        "cat <<EOF\ntext",
        "echo a \\",
        "echo a |",
        "case x in",
    ]
    invalid_code_samples: ClassVar[list[str]] = ["fi", "echo )", "done", "for )", "}"]
    code_generate_error = "false"
    code_inspect_sample = "echo"
    code_history_pattern = "*1[1]2*"
    supported_history_operations = ("tail", "range", "search")

    # Bash has no rich output, and mykernel no pager.
    test_execute_result = test_display_data = test_clear_output = test_pager = None

    def test_history(self) -> None:
        # The history test takes its cells from here, but Bash has no execute_result.
        self.code_execute_result = [{"code": f"echo 1{n}2"} for n in range(4)]
        super().test_history()


class TestIopubWelcome(InstalledKernel, jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = NAME
    support_iopub_welcome = True
