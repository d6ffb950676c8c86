"""Jupyter's own conformance tests, run in every language.

Their samples are made of the contract's (`languages/samples/`). A row's table `jupyter` holds more
of them, by the names that `jupyter_kernel_test.KernelTests` has for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jupyter_kernel_test
import pytest
from jupyter_client.manager import KernelManager, start_new_kernel
from languages.samples import rows
from toolchains import needs_language

from mykernel import languages
from mykernel.install import main as install

ROWS = rows()
# Each test, and the sample without which it has nothing to do. mykernel has no pager.
TESTS = {
    "test_kernel_info": "language_name",
    "test_execute_stdout": "code_hello_world",
    "test_execute_stderr": "code_stderr",
    "test_completion": "completion_samples",
    "test_is_complete": "complete_code_samples",
    "test_error": "code_generate_error",
    "test_execute_result": "code_execute_result",
    "test_display_data": "code_display_data",
    "test_history": "code_history_pattern",
    "test_inspect": "code_inspect_sample",
    "test_clear_output": "code_clear_output",
}
Row = dict[str, Any]


def samples(name: str) -> Row:
    """The attributes of KernelTests for that language."""
    row, info = ROWS[name], languages.language(name).language_info
    made: Row = {
        "language_name": info["name"],
        "file_extension": info["file_extension"],
        "complete_code_samples": ["", row["hello"]] if "incomplete" in row else [],
        "incomplete_code_samples": [row["incomplete"]] if "incomplete" in row else [],
        "invalid_code_samples": [row["invalid"]] if "invalid" in row else [],
        "code_hello_world": row["hello"].replace("hello", "hello, world"),
        "code_stderr": row.get("stderr"),
        "code_generate_error": row["error"]["code"],
        "code_history_pattern": "*hello 1[1]2*",
        "supported_history_operations": ("tail", "range", "search"),
    }
    if sample := row.get("completion"):
        made["code_inspect_sample"] = sample["match"]
        made["completion_samples"] = [{"text": sample["code"], "matches": [sample["match"]]}]
    if result := row.get("result"):
        made["code_execute_result"] = [{"code": result["code"], "result": result["text"]}]
    more = row.get("jupyter", {})
    added = {key: made[key] + more[key] for key in more if isinstance(made.get(key), list)}
    return made | more | added


def cases() -> list[tuple[str, str]]:
    """Each language with each test for which it has a sample."""
    made = {name: samples(name) for name in ROWS}
    return [(name, test) for name in ROWS for test in TESTS if made[name].get(TESTS[test])]


@pytest.fixture(scope="module")
def kernel(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[KernelManager, Any]]:
    """A kernel of the language, with what the contract's sample of completion defines."""
    row = ROWS[request.param]
    needs_language(request.param)
    with pytest.MonkeyPatch.context() as patch:
        for variable, fixture in row.get("environment", {}).items():
            patch.setenv(variable, request.getfixturevalue(fixture))
        _own_folders(patch, tmp_path_factory)
        assert install([request.param, "--user"]) == 0
        manager, client = start_new_kernel(kernel_name=f"mykernel-{request.param}")
        if sample := row.get("completion"):
            client.execute_interactive(sample["setup"], store_history=False)
        yield manager, client
        client.stop_channels()
        manager.shutdown_kernel()


@pytest.mark.parametrize(("kernel", "test"), cases(), indirect=["kernel"])
def test_kernel(
    request: pytest.FixtureRequest, kernel: tuple[KernelManager, Any], test: str
) -> None:
    name = request.node.callspec.params["kernel"]
    case = jupyter_kernel_test.KernelTests(test)
    vars(case).update(samples(name))
    case.km, case.kc = kernel
    if test == "test_history":
        # It takes its cells from here, and wants three that are not alike; some have no results.
        hello = ROWS[name]["hello"]
        case.code_execute_result = [
            {"code": hello.replace("hello", f"hello 1{n}2")} for n in range(3)
        ]
    getattr(case, test)()


def test_every_test_of_jupyter_is_run() -> None:
    theirs = {name for name in dir(jupyter_kernel_test.KernelTests) if name.startswith("test_")}
    assert theirs - set(TESTS) == {"test_pager"}


def test_a_welcome_comes_first(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _own_folders(monkeypatch, tmp_path_factory)
    assert install(["bash", "--user"]) == 0
    case = jupyter_kernel_test.IopubWelcomeTests("test_recv_iopub_welcome_msg")
    case.support_iopub_welcome = True
    case.km = KernelManager(kernel_name="mykernel-bash")
    case.km.start_kernel()
    case.kc = case.km.client()
    try:
        case.test_recv_iopub_welcome_msg()
    finally:
        case.kc.stop_channels()
        case.km.shutdown_kernel()


def _own_folders(patch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A home and Jupyter folders for the kernel alone."""
    home = tmp_path_factory.mktemp("home")
    patch.setenv("HOME", str(home))
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    patch.setenv("JUPYTER_DATA_DIR", str(home / "jupyter"))
    patch.setenv("JUPYTER_RUNTIME_DIR", str(home / "runtime"))
