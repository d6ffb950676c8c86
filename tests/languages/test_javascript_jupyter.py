"""Jupyter's own conformance tests in JavaScript."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import jupyter_kernel_test
import pytest
from toolchains import needs

ROOT = Path(__file__).parents[2]
NAME = "mykernel-javascript"


def write_spec(share: Path) -> None:
    spec = json.loads((ROOT / "share/jupyter/kernels" / NAME / "kernel.json").read_text())
    spec["argv"][0] = sys.executable
    folder = share / "kernels" / NAME
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


class TestKernel(jupyter_kernel_test.KernelTests):
    kernel_name = NAME
    language_name = "javascript"
    file_extension = ".js"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples: ClassVar[list[dict[str, Any]]] = [
        {"text": "Math.sqr", "matches": {"sqrt"}},
        {"text": "globalTh", "matches": {"globalThis"}},
        {"text": "noSuchName.", "matches": set()},
    ]
    complete_code_samples: ClassVar[list[str]] = [
        "",
        "// comment",
        "1 + 1",
        "await 1",
        "function f() {\n}",
        "import x from 'y'",
        "`a\nb`",
        "try { f() } catch {}",
    ]
    incomplete_code_samples: ClassVar[list[str]] = [
        "if (x) {",
        "f(",
        "[1,",
        "a +",
        "`a",
        "/* a",
        "class A {",
        "x =>",
        "try {}",
        "import {a",
        "for await (const x of",
    ]
    invalid_code_samples: ClassVar[list[str]] = ["}", ")", "1 1", "let = = 2", "'a", "const x"]
    code_generate_error = "throw new Error('no')"
    code_execute_result: ClassVar[list[dict[str, str]]] = [
        {"code": f"Symbol('{n}')", "result": f"\x1b[32mSymbol({n})\x1b[39m"} for n in (112, 122)
    ]
    code_display_data: ClassVar[list[dict[str, str]]] = [
        {"code": "display.html('<b>'); 0", "mime": "text/html"},
        {"code": "display.svg('<svg/>'); 0", "mime": "image/svg+xml"},
    ]
    code_clear_output = "display.clear()"
    code_inspect_sample = "Math.max"
    code_history_pattern = "*1[1]2*"
    supported_history_operations = ("tail", "range", "search")

    # mykernel has no pager.
    test_pager = None

    @classmethod
    def setUpClass(cls) -> None:
        needs("node", "nodejs")
        cls.folder = tempfile.TemporaryDirectory()
        cls.patch = pytest.MonkeyPatch()
        write_spec(Path(cls.folder.name, "share"))
        for variable, folder in (("JUPYTER_PATH", "share"), ("JUPYTER_DATA_DIR", "data")):
            cls.patch.setenv(variable, str(Path(cls.folder.name, folder)))
        super().setUpClass()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.patch.undo()
        cls.folder.cleanup()
