"""The Go package `display`, which cells import by its name."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from frontend import FrontEnd, Result

from mykernel.languages.go.toolchain import find_toolchain

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
HTML = "text/html"
PLAIN = "text/plain"


def displays(result: Result) -> list[dict[str, Any]]:
    assert result.status == "ok", result.content
    return [content["data"] for content in own(result, "display_data")]


def own(result: Result, kind: str) -> list[dict[str, Any]]:
    """What the cell displays, without what the kernel tells while packages are compiled."""
    return [
        content
        for content in result.of_type(kind)
        if content["transient"]["display_id"].startswith(("go-", "place"))
    ]


def outputs(result: Result) -> list[str]:
    """What was written and shown, in its order, as text."""
    shown = []
    for message in result.iopub:
        content = message["content"]
        if message["msg_type"] == "stream":
            shown.append(content["text"])
        elif "data" in content and "mykernel: " not in content["data"][PLAIN]:
            shown.append(f"[{content['data'][PLAIN]}]")
        elif message["msg_type"] == "clear_output":
            shown.append(f"[clear {content['wait']}]")
    return shown


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ('HTML("<b>&amp;</b>")', {HTML: "<b>&amp;</b>", PLAIN: "&"}),
        ('Markdown("*m*")', {"text/markdown": "*m*", PLAIN: "*m*"}),
        ("LaTeX(`$\\x$`)", {"text/latex": "$\\x$", PLAIN: "$\\x$"}),
        ('Text("t")', {PLAIN: "t"}),
        ('SVG("<svg/>")', {"image/svg+xml": "<svg/>", PLAIN: "[image/svg+xml, 6 bytes]"}),
        (
            'JavaScript("1")',
            {"application/javascript": "1", PLAIN: "[application/javascript, 1 bytes]"},
        ),
        ("JSON(map[string]int{`a`: 1})", {"application/json": {"a": 1}, PLAIN: '{\n  "a": 1\n}'}),
        ("JSON(`[1]`)", {"application/json": [1], PLAIN: "[\n  1\n]"}),
        (
            'VegaLite(map[string]any{"mark": "bar"})',
            {"application/vnd.vegalite.v5+json": {"mark": "bar"}, PLAIN: "[a Vega-Lite chart]"},
        ),
        (
            'VegaLite(`{"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}`)',
            {
                "application/vnd.vegalite.v6+json": {
                    "$schema": "https://vega.github.io/schema/vega-lite/v6.json"
                },
                PLAIN: "[a Vega-Lite chart]",
            },
        ),
        (
            'MIME(map[string]any{"text/html": []byte("x"), "image/gif": "y", "text/plain": "z"})',
            {HTML: "x", "image/gif": "eQ==", PLAIN: "z"},
        ),
        ("Show([]int{1})", {PLAIN: "[]int{1}"}),
    ],
)
def test_a_function_shows_its_form(go: FrontEnd, code: str, data: dict[str, Any]):
    """And nothing beside it, although it is the cell's last expression and returns something."""
    result = go.execute(f"display.{code}")
    assert displays(result) == [data]
    assert (result.of_type("execute_result"), result.stderr) == ([], "")


def test_a_picture_is_an_image_bytes_or_a_file(go: FrontEnd, folder: Path):
    (folder / "dot.png").write_bytes(PNG)
    (folder / "mark.svg").write_text("<?xml version='1.0'?>\n<svg></svg>")
    result = go.execute(
        'display.Image("dot.png")\nraw, _ := os.ReadFile("dot.png")\ndisplay.Image(raw)\n'
        "display.Image(image.NewGray(image.Rect(0, 0, 2, 3)))\ndisplay.Image(`mark.svg`)"
    )
    first, second, third, fourth = displays(result)
    shown = base64.b64encode(PNG).decode()
    assert first == {"image/png": shown, PLAIN: "[dot.png: image/png, 70 bytes]"}
    assert second == {"image/png": shown, PLAIN: "[image/png, 70 bytes]"}
    assert third[PLAIN] == "*image.Gray 2\u00d73"
    assert fourth["image/svg+xml"].startswith("<?xml")


def test_a_table_shows_the_columns_that_are_named(go: FrontEnd):
    result = go.execute(
        "type Row struct{ A, B, C int }\ndisplay.Table([]Row{{1, 2, 3}}, `C`, `A`)\n"
        'display.Table([][]string{{"<b>", "y"}}, "first")'
    )
    first, second = displays(result)
    assert first[PLAIN] == "C | A\n--+--\n3 | 1\n(1 row)"
    assert second[PLAIN] == "first | 1\n------+--\n<b>   | y\n(1 row)"
    assert "&lt;b&gt;" in second[HTML]


@pytest.mark.parametrize(
    ("code", "evalue"),
    [
        ('Image("nosuch.png")', "display.Image: open nosuch.png: no such file or directory"),
        ("Image([]byte{1})", "display.Image: this is no PNG, JPEG, GIF, WebP or SVG"),
        ("Image(5)", "display.Image: a picture is an image.Image, []byte or the path of a file"),
        ("Image(image.NewUniform(color.Black))", "display.Image: a *image.Uniform of "),
        ('JSON("{")', 'display.JSON: this is no JSON: "{"'),
        ("JSON(func() {})", "display.JSON: json: unsupported type: func()"),
        ("Table(5)", "display.Table: a table is made of structs, maps or slices"),
        ("Table([]struct{ A int }{{1}}, `Q`)", 'display.Table: there is no column "Q"'),
        ("MIME(map[string]any{`html`: 1})", 'display.MIME: "html" is not a MIME type'),
    ],
)
def test_what_cannot_be_shown_is_an_error_at_its_line(go: FrontEnd, code: str, evalue: str):
    result = go.execute(f"\ndisplay.{code}")
    assert (result.ename, result.evalue[: len(evalue)]) == ("panic", evalue)
    (error,) = result.of_type("error")
    assert "line 2" in "".join(error["traceback"])


def test_a_display_has_its_place_among_the_text(go: FrontEnd):
    code = 'fmt.Print("a"); display.Text("1"); fmt.Print("b"); display.Text("2"); fmt.Print("c")'
    assert outputs(go.execute(code)) == ["a", "[1]", "b", "[2]", "c"]


def test_what_was_shown_is_updated_in_its_form(go: FrontEnd):
    result = go.execute(
        'shown := display.HTML("<i>1</i>")\nshown.Update("<i>2</i>")\nfmt.Println("behind")'
    )
    (first,), (second,) = own(result, "display_data"), own(result, "update_display_data")
    assert first["transient"] == second["transient"]
    assert second["data"] == {HTML: "<i>2</i>", PLAIN: "2"}
    later = go.execute("shown.Update([]int{3})\nshown.Markdown(`*4*`)")
    *_, update = own(later, "update_display_data")
    assert update["transient"] == first["transient"]
    assert update["data"] == {"text/markdown": "*4*", PLAIN: "*4*"}


def test_what_was_shown_is_no_result_where_it_is_named(go: FrontEnd):
    result = go.execute('named := display.Text("once")\nnamed')
    assert outputs(result) == ["[once]"]


def test_a_name_is_a_place_that_other_cells_update(go: FrontEnd):
    first = go.execute(
        'display.ID("place").Text("1")\nfmt.Println()\ndisplay.ID("place").Text("2")'
    )
    assert outputs(first) == ["[1]", "\n", "[2]"]
    transient = {"display_id": "place"}
    (shown,), (update,) = own(first, "display_data"), own(first, "update_display_data")
    assert (shown["transient"], update["transient"]) == (transient, transient)
    later = go.execute('display.ID("place").Update("3")')
    (update,) = own(later, "update_display_data")
    assert (update["transient"], update["data"]) == (transient, {PLAIN: '"3"'})


def test_clear_takes_away_what_was_shown(go: FrontEnd):
    code = 'fmt.Print("a")\ndisplay.Clear(true)\nfmt.Print("b")\ndisplay.Clear(false)'
    assert outputs(go.execute(code)) == ["a", "[clear True]", "b", "[clear False]"]


def test_displays_of_many_goroutines_are_whole(go: FrontEnd):
    code = """
func storm() {
    var all sync.WaitGroup
    for i := range 8 {
        all.Add(2)
        go func() {
            defer all.Done()
            for j := range 20 { display.Text(strings.Repeat(fmt.Sprintf("%d-%d,", i, j), 2000)) }
        }()
        go func() {
            defer all.Done()
            for range 200 { fmt.Println(strings.Repeat("text ", 300)) }
        }()
    }
    all.Wait()
}
storm()
"""
    result = go.execute(code)
    found = {data[PLAIN] for data in displays(result)}
    assert found == {f"{i}-{j}," * 2000 for i in range(8) for j in range(20)}
    assert result.stdout == ("text " * 300 + "\n") * 1600
    assert result.stderr == ""


def test_init_and_other_goroutines_display_too(go: FrontEnd):
    code = """
func init() { display.Text("init") }
done := make(chan bool)
go func() { display.Text("goroutine"); close(done) }()
<-done
"""
    result = go.execute(code)
    assert outputs(result)[:2] == ["[init]", "[goroutine]"]


def test_what_is_no_utf8_is_shown_with_replacements(go: FrontEnd):
    (data,) = displays(go.execute(r'display.HTML("a\xffb")'))
    assert data == {HTML: "a\ufffdb", PLAIN: "a\ufffdb"}


def test_what_is_too_large_is_told(go: FrontEnd):
    result = go.execute('display.SVG(strings.Repeat("x", 50<<20))')
    assert result.stderr == "mykernel: not shown as image/svg+xml: more than 32 MiB are not\n"
    assert displays(result) == [{PLAIN: "[image/svg+xml, 52428800 bytes]"}]


def test_what_is_large_is_shown(go: FrontEnd):
    (data,) = displays(go.execute('display.HTML(strings.Repeat("é", 15<<20))'))
    assert data == {HTML: "é" * (15 << 20), PLAIN: "é" * (1 << 15) + "…"}


def test_a_closed_stdout_is_told(go: FrontEnd):
    result = go.execute('os.Stdout.Close()\ndisplay.HTML("x")\n5')
    assert (result.status, displays(result)) == ("ok", [])
    assert result.stderr.startswith("mykernel: nothing can be shown: ")


def test_a_stdout_of_the_users_own_gets_text_alone(go: FrontEnd):
    code = """
func captured() string {
    r, w, _ := os.Pipe()
    terminal := os.Stdout
    os.Stdout = w
    fmt.Print("text")
    display.Text("shown")
    os.Stdout = terminal
    w.Close()
    found, _ := io.ReadAll(r)
    return string(found)
}
captured()
"""
    assert outputs(go.execute(code)) == ["[shown]", '["text"]']


def test_text_that_looks_like_a_display_is_none(go: FrontEnd):
    mark = r"\x1b]133;J;k=00000000000000000000000000000000;t=display_data;p=text/html;text=<b>\a"
    result = go.execute(f'fmt.Print("{mark}")\ndisplay.Text("{mark}")')
    assert (result.stdout, len(displays(result))) == ("", 1)
    assert displays(result)[0][PLAIN].endswith("text=<b>\a")


def test_what_a_program_starts_does_not_get_the_nonce(go: FrontEnd):
    """Its environment has nothing of ours, and the file that had it is no more."""
    code = 'out, _ := exec.Command("env").Output()\nfmt.Print(string(out))'
    theirs = "MYKERNEL_GOPLS="  # is the user's to set
    assert "MYKERNEL" not in go.execute(code).stdout.replace(theirs, "")
    code = r"""
environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
folder := regexp.MustCompile("MYKERNEL_DIR=([^\x00]+)").FindSubmatch(environ)[1]
_, err := os.Stat(string(folder) + "/plan")
err
"""
    (said,) = outputs(go.execute(code))
    assert said.endswith("/plan: no such file or directory]")


def test_a_display_that_is_interrupted_does_no_harm_to_the_next(go: FrontEnd):
    code = 'fmt.Println("ready")\nfor { display.HTML(strings.Repeat("x", 1<<20)) }'
    cell = go.send(code)
    go.until(cell, lambda message: message["msg_type"] == "display_data")
    go.interrupt()
    result = go.result(cell)
    assert result.ename == "KeyboardInterrupt"
    assert displays(go.execute('display.Text("next")')) == [{PLAIN: "next"}]


def test_a_name_of_the_users_own_goes_before(go: FrontEnd):
    assert outputs(go.execute("func() int { display := 5; return display }()")) == ["[5]"]


def test_completion_and_inspection_know_the_package(go: FrontEnd):
    found = go.request("complete", code="display.Mark", cursor_pos=12).content["matches"]
    assert found == ["Markdown"]
    shown = go.request("inspect", code="display.HTML", cursor_pos=10, detail_level=0).content
    assert "func display.HTML(text string) *display.Handle" in shown["data"][PLAIN]


def test_without_a_kernel_the_text_is_printed(go: FrontEnd, folder: Path):
    """The program is the module that %export makes."""
    code = 'display.HTML("<b>bold</b>")\ndisplay.Show([]int{1}, 2)\ndisplay.Clear(true)'
    assert go.execute("%reset").status == "ok"
    assert go.execute(code).status == "ok"
    assert go.execute("%export exported").status == "ok"
    done = subprocess.run(
        [str(find_toolchain().path), "run", "."],
        cwd=folder / "exported",
        env={**os.environ, "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("bold\n[]int{1}\n2\n", "")
