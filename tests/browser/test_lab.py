"""The kernel in JupyterLab, used with mouse and keyboard."""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from lab import Lab, cell, output, press, run, wait_until_idle
from nbformat.v4 import new_code_cell, new_notebook
from nbformat.v4.nbjson import JSONWriter
from playwright.sync_api import Locator, Page

PROJECT = Path(__file__).parents[2]
TOUR = PROJECT / "notebooks" / "bash.ipynb"
LOGO = PROJECT / "share" / "jupyter" / "kernels" / "mykernel-bash" / "logo-64x64.png"
# What the picture in README shows of the tour, cells by their id.
EXCERPT = ["title", "colour", "grep", "carriage-return", "bar", "not-caught", "failure"]
_SHOW_ONLY = """ids => {
    for (const cell of window.jupyterapp.shell.currentWidget.content.widgets)
        if (!ids.includes(cell.model.id)) cell.node.style.display = 'none';
}"""


def save(folder: Path, name: str, *cells: str) -> str:
    """A Bash notebook with these code cells; returns its name."""
    spec = {"kernelspec": {"name": "mykernel-bash", "display_name": "Bash"}}
    content = new_notebook(cells=[new_code_cell(c) for c in cells], metadata=spec)
    (folder / name).write_text(JSONWriter().writes(content), encoding="utf-8")
    return name


def run_all(page: Page) -> None:
    """Choose Run > Run All Cells."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def test_launcher_shows_bash_with_its_logo(lab: Lab, page: Page) -> None:
    page.goto(lab.url(""))
    card = page.locator(".jp-LauncherCard[data-category='Notebook']", has_text="Bash")
    logo = card.locator("img").element_handle()
    assert logo is not None
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=logo)
    assert "/kernelspecs/mykernel-bash/logo-svg.svg" in (logo.get_attribute("src") or "")


def test_tour_runs_and_is_saved_with_its_outputs(lab: Lab, page: Page) -> None:
    shutil.copy(TOUR, lab.root / "bash.ipynb")
    lab.open(page, "bash.ipynb")
    run_all(page)
    last = page.locator(".jp-Notebook .jp-CodeCell").count() - 1
    output(page, last, "The temporary folder is gone.")
    with page.expect_response(
        lambda r: r.request.method == "PUT" and "/api/contents/bash.ipynb" in r.url
    ):
        page.keyboard.press("Control+s")
    saved = nbformat.read(lab.root / "bash.ipynb", as_version=4)
    assert saved.cells[-1].outputs[0].text == "The temporary folder is gone.\n"


def test_tour_shows_colour_progress_and_errors(lab: Lab, page: Page, tmp_path: Path) -> None:
    """The picture of this page is README's when MYKERNEL_SCREENSHOT is 1."""
    (lab.root / "picture").mkdir()
    shutil.copy(TOUR, lab.root / "picture" / "bash.ipynb")
    page.set_viewport_size({"width": 1280, "height": 960})
    lab.open(page, "picture/bash.ipynb")
    run_all(page)
    output(page, page.locator(".jp-Notebook .jp-CodeCell").count() - 1, "is gone")
    page.evaluate(_SHOW_ONLY, EXCERPT)
    page.keyboard.press("Control+b")
    page.locator(".jp-Notebook .jp-MarkdownCell h1").scroll_into_view_if_needed()
    coloured, progress, failed = page.locator(".jp-Notebook .jp-CodeCell:visible").all()
    assert coloured.locator("[class*=ansi-red]").first.inner_text() == "a"
    assert "100 %" in progress.locator(".jp-OutputArea-output").inner_text()
    assert "ExitStatus" in failed.locator(".jp-OutputArea-output").last.inner_text()
    keep = os.environ.get("MYKERNEL_SCREENSHOT") == "1"
    folder = PROJECT / "docs" / "images" if keep else tmp_path
    page.screenshot(path=folder / "jupyterlab-tour.png")


def test_output_appears_while_the_cell_runs(lab: Lab, page: Page) -> None:
    """The cell goes on when a file appears, which is made once its first words are seen."""
    cells = ("printf 'half a'; mkfifo gate; cat gate; echo ' line'",)
    lab.open(page, save(lab.root, "live.ipynb", *cells))
    run(page, 0)
    output(page, 0, "half a")
    with (lab.root / "gate").open("w"):
        pass
    output(page, 0, "half a line")


def test_button_interrupts_a_cell_and_the_next_one_runs(lab: Lab, page: Page) -> None:
    name = save(lab.root, "interrupt.ipynb", "x=kept; echo here; sleep 60", 'echo "<$x>"')
    lab.open(page, name)
    run(page, 0)
    output(page, 0, "here")
    press(page, "notebook:interrupt-kernel")
    output(page, 0, "KeyboardInterrupt")
    run(page, 1)
    output(page, 1, "<kept>")


def test_button_restarts_with_nothing_kept(lab: Lab, page: Page) -> None:
    lab.open(page, save(lab.root, "restart.ipynb", "x=kept", 'echo "<$x>"'))
    run(page, 0)
    run(page, 1)
    output(page, 1, "<kept>")
    with page.expect_response(lambda response: "/restart" in response.url):
        press(page, "notebook:restart-kernel")
        page.locator(".jp-Dialog .jp-mod-accept").click()
    wait_until_idle(page)
    run(page, 1)
    output(page, 1, "<>")


def test_tab_offers_what_bash_knows(lab: Lab, page: Page) -> None:
    lab.open(page, save(lab.root, "tab.ipynb", "a_function_of_mine() { :; }", ""))
    run(page, 0)
    wait_until_idle(page)
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.type("a_fun")
    page.keyboard.press("Tab")
    page.locator(".jp-Completer-item", has_text="a_function_of_mine").wait_for()
    page.keyboard.press("Enter")
    cell(page, 1).locator(".cm-content", has_text="a_function_of_mine").wait_for()


@pytest.mark.parametrize("answer", ["Ada", "Ærø"])
def test_read_asks_under_the_cell(lab: Lab, page: Page, answer: str) -> None:
    lab.open(page, save(lab.root, "read.ipynb", "read -r -p 'Who? ' who; echo \"<$who>\""))
    run(page, 0)
    box = cell(page, 0).locator(".jp-Stdin-input")
    box.wait_for()
    box.fill(answer)
    box.press("Enter")
    output(page, 0, f"<{answer}>")


def ask(lab: Lab, page: Page, name: str, *cells: str) -> Locator:
    """Open a notebook of these cells and run the first; returns the box in which it asks."""
    lab.open(page, save(lab.root, name, *cells))
    run(page, 0)
    box = cell(page, 0).locator(".jp-Stdin-input")
    box.wait_for()
    return box


def test_question_has_its_prompt(lab: Lab, page: Page) -> None:
    box = ask(lab, page, "prompt.ipynb", "read -p 'Your name: ' n; echo \"Hello, $n\"")
    assert cell(page, 0).locator(".jp-Stdin-prompt").inner_text().strip() == "Your name:"
    assert box.get_attribute("type") != "password"
    box.fill("Ada")
    box.press("Enter")
    output(page, 0, "Hello, Ada")
    box.wait_for(state="detached")
    shown = cell(page, 0).locator(".jp-OutputArea").inner_text().split()
    assert shown == ["Your", "name:", "Ada", "Hello,", "Ada"]


def test_what_is_not_to_be_seen_is_asked_for_in_a_password_box(lab: Lab, page: Page) -> None:
    box = ask(lab, page, "password.ipynb", "read -s -p 'Password: ' p; echo; echo ${#p} characters")
    assert box.get_attribute("type") == "password"
    box.fill("secret")
    box.press("Enter")
    output(page, 0, "6 characters")
    assert "secret" not in cell(page, 0).locator(".jp-OutputArea").inner_text()


def test_two_questions_in_one_cell(lab: Lab, page: Page) -> None:
    source = "read -p 'First: ' a; read -p 'Second: ' b; echo \"<$a-$b>\""
    ask(lab, page, "two.ipynb", source).press("1")
    page.keyboard.press("Enter")
    second = cell(page, 0).locator(".jp-Stdin", has_text="Second:").locator("input")
    second.fill("2")
    second.press("Enter")
    output(page, 0, "<1-2>")


def test_button_interrupts_a_question(lab: Lab, page: Page) -> None:
    ask(lab, page, "stop.ipynb", "x=kept; read -p 'Your name: ' n", 'echo "<$x>"')
    press(page, "notebook:interrupt-kernel")
    output(page, 0, "KeyboardInterrupt")
    run(page, 1)
    output(page, 1, "<kept>")


def test_tab_completes_while_a_cell_runs(lab: Lab, page: Page) -> None:
    lab.open(page, save(lab.root, "busy.ipynb", "echo here; sleep 600", ""))
    run(page, 0)
    output(page, 0, "here")
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.type("mkf")
    page.keyboard.press("Tab")
    page.locator(".jp-Completer-item", has_text="mkfifo").wait_for()
    page.keyboard.press("Enter")
    cell(page, 1).locator(".cm-content", has_text="mkfifo").wait_for()
    press(page, "notebook:interrupt-kernel")
    output(page, 0, "KeyboardInterrupt")


BAR = r"for i in 0 50 100; do printf '\r%s %%' $i; sleep 0.1; done; echo; echo done"
BARS = r"""
printf 'a: 0 %%\nb: 0 %%\n'
for i in 50 100; do sleep 0.1; printf '\e[2Aa: %s %%\e[K\nb: %s %%\e[K\n' $i $i; done; echo done
"""


@pytest.mark.parametrize(
    ("source", "last"), [(BAR, "100 %\ndone\n"), (BARS, "a: 100 %\nb: 100 %\ndone\n")]
)
def test_progress_is_saved_as_its_last_state(lab: Lab, page: Page, source: str, last: str) -> None:
    name = save(lab.root, "progress.ipynb", source)
    lab.open(page, name)
    run(page, 0)
    output(page, 0, "done")
    wait_until_idle(page)
    with page.expect_response(lambda r: r.request.method == "PUT" and f"/{name}" in r.url):
        page.keyboard.press("Control+s")
    (saved,) = nbformat.read(lab.root / name, as_version=4).cells
    texts = [o.text if o.output_type == "stream" else o.data["text/plain"] for o in saved.outputs]
    assert "".join(texts) == last


def test_displays_are_drawn_and_updated_in_place(lab: Lab, page: Page, tmp_path: Path) -> None:
    chart = {
        "data": {"values": [{"a": "A", "b": 28}, {"a": "B", "b": 55}, {"a": "C", "b": 43}]},
        "mark": "bar",
        "encoding": {
            "x": {"field": "a", "type": "nominal"},
            "y": {"field": "b", "type": "quantitative"},
        },
    }
    png = base64.b64encode(LOGO.read_bytes()).decode()
    cells = [
        f"echo before; base64 -d <<< {png} | display; echo after",
        "printf 'a,b\\n1,<b>x</b>\\n' | display --mime text/csv",
        f"display --mime application/vnd.vegalite.v5+json <<< '{json.dumps(chart)}'",
        """for i in 1 2 3; do
            (( i > 1 )) && u=--update || u=
            display --mime text/html --id p $u <<< "<progress max=3 value=$i></progress> step $i"
        done""",
        r"""printf '\e]133;J;k=0;t=display_data;text=%s\atext\n' \
            '{"data":{"text/html":"<i class=forged>x</i>"}}'""",
        "for i in 1 2 3; do echo step $i | display; display --clear --wait; done; echo done",
    ]
    lab.open(page, save(lab.root, "displays.ipynb", *cells))
    run_all(page)
    output(page, 5, "done")
    page.keyboard.press("Control+b")
    picture = cell(page, 0).locator(".jp-OutputArea-output")
    assert [part.inner_text().strip() for part in picture.all()] == ["before", "", "after"]
    assert picture.nth(1).locator("img").evaluate("image => image.naturalWidth") == 64
    table = cell(page, 1).locator(".jp-OutputArea-output td")
    assert [part.inner_text() for part in table.all()] == ["1", "<b>x</b>"]
    cell(page, 2).locator(".vega-embed svg, .vega-embed canvas").first.wait_for()
    output(page, 3, "step 3")
    assert cell(page, 3).locator(".jp-OutputArea-output").count() == 1
    assert cell(page, 4).locator(".forged").count() == 0
    assert output(page, 4, "text").inner_text().strip() == "text"
    assert cell(page, 5).locator(".jp-OutputArea-output").inner_text().strip() == "done"
    page.screenshot(path=tmp_path / "displays.png")
