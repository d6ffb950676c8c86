"""%wasm: cells of Go that run in the browser, in JupyterLab and in a page of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, launch
from lab import Lab, cell, output, run, wait_until_idle
from nbformat.v4 import new_code_cell, new_notebook
from nbformat.v4.nbjson import JSONWriter
from playwright.sync_api import Locator, Page
from toolchains import needs_language

from mykernel.languages.go.toolchain import find_toolchain

# Seconds that packages for the browser may take to be compiled, on the slowest machine.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    """The packages of std that the programs use, compiled for the browser."""
    needs_language("go")
    go = str(find_toolchain().path)
    names = ["encoding/json", "fmt", "math/big", "regexp", "syscall/js"]
    target = {"GOOS": "js", "GOARCH": "wasm", "GOTOOLCHAIN": "local"}
    listing = [go, "list", "-export", "-deps", "-f", "{{.Export}}", *names]
    subprocess.run(listing, env=os.environ | target, check=True, capture_output=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    argv = [sys.executable, "-m", "mykernel", "kernel", "go", "-f", "{connection_file}"]
    front_end = launch(argv, tmp_path_factory.mktemp("notebook"))
    yield front_end
    front_end.close()


Show = Callable[..., list[Locator]]


@pytest.fixture
def show(kernel: FrontEnd, page: Page) -> Show:
    """Puts the outputs of these cells on one page, and returns them when their programs ended."""

    def shown(*cells: str) -> list[Locator]:
        found = []
        for code in cells:
            result = kernel.execute(f"%wasm\n{code}")
            assert result.status == "ok", result.content
            found += [one["data"] for one in result.of_type("display_data")]
        assert all(
            re.search("MB of WebAssembly, .* MB compressed", one["text/plain"]) for one in found
        )
        page.set_content("".join(f"<div>{one['text/html']}</div>" for one in found))
        programs = page.locator(".mykernel-wasm").all()
        for number in range(len(programs)):
            page.wait_for_selector(f"div:nth-child({number + 1}) > .mykernel-wasm[data-status]")
        return programs

    return shown


def test_lab_runs_programs_beside_each_other(lab: Lab, page: Page) -> None:
    lab.install("go")
    cells = [
        "limit := 3\nfunc double(n int) int { return 2 * n }",
        '%wasm\nfmt.Println("<b>first</b>", runtime.GOOS, double(limit))',
        """%wasm
button := js.Global().Get("document").Call("createElement", "button")
button.Set("textContent", "press")
pressed := make(chan bool)
button.Call("addEventListener", "click", js.FuncOf(func(js.Value, []js.Value) any {
    pressed <- true
    return nil
}))
js.Global().Get("mykernelOutput").Call("append", button)
for n := 1; ; n++ {
    <-pressed
    fmt.Println("pressed", n)
}""",
        "limit",
    ]
    spec = {"kernelspec": {"name": "mykernel-go", "display_name": "Go"}}
    content = new_notebook(cells=[new_code_cell(one) for one in cells], metadata=spec)
    folder = lab.root / "wasm"
    folder.mkdir()
    (folder / "go.ipynb").write_text(JSONWriter().writes(content), encoding="utf-8")
    lab.open(page, "wasm/go.ipynb")
    for number in range(4):
        run(page, number)
        wait_until_idle(page)
    output(page, 1, "<b>first</b> js 6")
    button = cell(page, 2).locator("button", has_text="press")
    button.click()
    button.click()
    output(page, 2, "pressed 2")
    assert "pressed" not in cell(page, 1).locator("pre").last.inner_text()
    output(page, 3, "3")
    left = {path.name for path in folder.iterdir()} - {".ipynb_checkpoints"}
    assert left == {"go.ipynb"}


def test_values_of_earlier_cells_are_there(kernel: FrontEnd, show: Show) -> None:
    declared = 'type pair struct{ a, B any }\nkept := []pair{{1, "x"}, {2.5, []byte{255}}}'
    assert kernel.execute(declared).status == "ok"
    (program,) = show('fmt.Printf("%v", kept)')
    assert program.locator("pre").inner_text() == "[{1 x} {2.5 [255]}]"


def test_flags_hold_but_for_those_that_no_browser_takes(kernel: FrontEnd, show: Show) -> None:
    flags = "%goflags -buildmode=pie -ldflags=-X=main.release=set"
    assert kernel.execute(flags).status == "ok"
    (program,) = show("var release string\nfmt.Print(release)")
    assert kernel.execute('%goflags ""').status == "ok"
    assert program.locator("pre").inner_text() == "set"


def test_the_last_value_is_shown(show: Show) -> None:
    (program,) = show("6 * 7")
    assert program.locator("pre").inner_text().strip() == "42"


def test_text_is_text(show: Show) -> None:
    (program,) = show('fmt.Println("<img src=x onerror=alert(1)></script>é")')
    assert program.locator("pre").inner_text() == "<img src=x onerror=alert(1)></script>é\n"
    assert program.locator("img").count() == 0


def test_a_panic_speaks_of_the_cell(kernel: FrontEnd, show: Show) -> None:
    (program,) = show('fmt.Println("before")\npanic("bad")')
    said = program.inner_text()
    assert "before\n" in said
    assert "panic: bad" in said
    assert re.search(r"In\[\d+\]:3", said)
    assert "exit status 2" in said


def test_two_programs_on_a_page_have_an_element_and_streams_each(show: Show) -> None:
    code = 'js.Global().Get("mykernelOutput").Set("textContent", {0})\nfmt.Print({0})'
    first, second = show(code.replace("{0}", '"one"'), code.replace("{0}", '"two"'))
    for program, text in ((first, "one"), (second, "two")):
        assert program.locator("div").inner_text() == text
        assert program.locator("pre").inner_text() == text


def test_what_a_program_gives_the_page_is_the_pages(show: Show, page: Page) -> None:
    show('js.Global().Set("answer", js.Global().Call("parseInt", "42"))')
    assert page.evaluate("answer") == 42


def test_arguments_and_input(kernel: FrontEnd, show: Show) -> None:
    (program,) = show(
        "%args a 'b c'\nvar s string\n_, err := fmt.Scan(&s)\nfmt.Println(os.Args, err)"
    )
    assert program.locator("pre").inner_text() == "[cell a b c] EOF\n"
    assert kernel.execute("%args --").status == "ok"


def test_errors_of_the_compiler_are_those_of_the_cell(kernel: FrontEnd) -> None:
    result = kernel.execute("%wasm\nnosuch()")
    assert (result.ename, result.evalue.endswith(":2:1: undefined: nosuch")) == (
        "CompileError",
        True,
    )


def test_a_cell_runs_in_one_way(kernel: FrontEnd) -> None:
    assert kernel.execute("%wasm\n%serve\n1").evalue == "%serve and %wasm do not go together"


def test_no_file_is_left(kernel: FrontEnd, show: Show, tmp_path: Path) -> None:
    assert kernel.execute(f"%cd {tmp_path}").status == "ok"
    show('os.WriteFile("x", nil, 0o600)')
    assert not list(tmp_path.iterdir())


def test_what_go_has_compiled_for_the_browser_is_for_it_alone(
    show: Show, start_kernel: Callable[..., FrontEnd]
) -> None:
    """What go tells of packages is kept for the next kernel."""
    show("fmt.Println(strings.ToUpper(`a`))")
    result = start_kernel("go").execute("fmt.Println(strings.ToUpper(`a`))")
    assert (result.status, result.stdout) == ("ok", "A\n")
