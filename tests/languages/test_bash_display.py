"""`display` shows files and what is piped into it, wherever and however it is called."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any

import pytest
from frontend import Result

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


def displays(result: Result) -> list[dict[str, Any]]:
    return [content["data"] for content in result.of_type("display_data")]


def first(result: Result, mime: str) -> Any:
    assert result.stderr == ""
    (data,) = displays(result)
    return data[mime]


@pytest.mark.parametrize(
    ("name", "content", "mime", "shown"),
    [
        ("a.png", PNG, "image/png", base64.b64encode(PNG).decode()),
        ("no extension", PNG, "image/png", base64.b64encode(PNG).decode()),
        ("wrong.html", PNG, "image/png", base64.b64encode(PNG).decode()),
        ("a.jpg", b"\xff\xd8\xff\xe0\0", "image/jpeg", "/9j/4AA="),
        ("a.gif", b"GIF89a\1\0\1\0", "image/gif", "R0lGODlhAQABAA=="),
        ("a.webp", b"RIFF\4\0\0\0WEBP", "image/webp", "UklGRgQAAABXRUJQ"),
        ("a.pdf", b"%PDF-1.4\n", "application/pdf", "JVBERi0xLjQK"),
        ("a.svg", b"<svg/>", "image/svg+xml", "<svg/>"),
        ("a.HTML", b"<b>\xc3\xa9</b>\n", "text/html", "<b>é</b>\n"),
        ("a.md", b"# A\n", "text/markdown", "# A\n"),
        ("a.json", b'{"a": [1]}', "application/json", {"a": [1]}),
        ("a.vl.json", b'{"mark": "bar"}', "application/vnd.vegalite.v5+json", {"mark": "bar"}),
        ("a.txt", b"text", "text/plain", "text"),
        ("empty.txt", b"", "text/plain", ""),
    ],
)
def test_a_file_is_shown_as_what_it_is(shell, tmp_path, name, content, mime, shown):
    Path(tmp_path, name).write_bytes(content)
    data = first(shell.execute(f"display '{name}'"), mime)
    assert data == shown


def test_every_display_has_text_for_those_who_show_no_more(shell, tmp_path):
    Path(tmp_path, "a.png").write_bytes(PNG)
    assert first(shell.execute("display a.png"), "text/plain") == "[a.png: image/png, 70 bytes]"


@pytest.mark.parametrize(
    ("said", "mime"),
    [
        ("<svg width='1'></svg>", "image/svg+xml"),
        ("<?xml version='1.0'?><svg xmlns='x'></svg>", "image/svg+xml"),
        ("<!DOCTYPE html><html><svg ></svg></html>", "text/plain"),
        ("<b>bold</b>", "text/plain"),
    ],
)
def test_what_is_piped_is_never_taken_for_html_by_its_content(shell, said, mime):
    data = first(shell.execute(f'printf %s "{said}" | display'), mime)
    assert data == said


def test_a_pipe_says_its_mime_type(shell):
    assert first(shell.execute("echo '<b>x</b>' | display --mime text/html"), "text/html") == (
        "<b>x</b>\n"
    )


def test_a_display_keeps_its_place(shell):
    result = shell.execute(
        "printf a; echo '<i>' | display --mime=text/html; echo b; echo c | display"
    )
    kinds = [
        m["content"].get("text") or m["content"]["data"].get("text/html", "c")
        for m in result.iopub
        if m["msg_type"] in ("stream", "display_data")
    ]
    assert kinds == ["a", "<i>\n", "b\n", "c"]


def test_a_display_comes_behind_what_may_have_been_a_prompt(shell):
    mark = "\\e]133;J;k=%s;t=display_data;p=text/plain;text=x\\a"
    result = shell.execute(f"printf 'a{mark}b' \"$__mk_k\"")
    kinds = [m["msg_type"] for m in result.iopub if m["msg_type"] in ("stream", "display_data")]
    assert kinds == ["stream", "display_data", "stream"]
    assert result.stdout == "ab"


def test_a_table_is_quoted_and_its_text_is_no_html(shell, tmp_path):
    Path(tmp_path, "a.csv").write_bytes(
        b'name,"a ""quoted"" one"\r\n"x, <b>&y</b>","two\nlines"\r\n,\\1 &\r\n'
    )
    html = first(shell.execute("display a.csv"), "text/html")
    cells = re.findall("<t[hd]>(.*?)</t[hd]>", html, re.DOTALL)
    assert cells == [
        "name",
        'a "quoted" one',
        "x, &lt;b&gt;&amp;y&lt;/b&gt;",
        "two\nlines",
        "",
        "\\1 &amp;",
    ]


def test_a_long_table_shows_its_first_rows_and_says_so(shell):
    result = shell.execute("{ echo n; seq 1234; } | display --mime text/csv")
    html = first(result, "text/html")
    assert html.count("<tr>") == 1001
    assert "The first 1,000 of 1234 rows." in html


def test_a_quote_that_never_ends_costs_no_time_and_no_text(shell):
    result = shell.execute("{ echo 'a,\"b'; seq 300000; } | display --mime text/csv")
    html = first(result, "text/html")
    assert html.startswith("<table><thead><tr><th>a</th><th>b\n1\n2\n")
    assert "The first 1,000 of" in html


def test_a_tab_separates_in_tsv(shell, tmp_path):
    Path(tmp_path, "a.tsv").write_text("a\tb,c\n")
    assert "<th>a</th><th>b,c</th>" in first(shell.execute("display a.tsv"), "text/html")


def test_id_update_and_metadata(shell):
    result = shell.execute(
        "echo 1 | display --id 'a \"b\" é'\n"
        'echo 2 | display --id \'a "b" é\' --update --metadata \'{"text/plain": {"x": 1}}\''
    )
    (shown,), (update,) = result.of_type("display_data"), result.of_type("update_display_data")
    assert shown["transient"] == update["transient"] == {"display_id": 'a "b" é'}
    assert update["data"] == {"text/plain": "2\n"}
    assert update["metadata"] == {"text/plain": {"x": 1}}


@pytest.mark.parametrize(("options", "wait"), [("--clear", False), ("--clear --wait", True)])
def test_clear(shell, options, wait):
    result = shell.execute(f"echo a; display {options}; echo b")
    kinds = [
        m["content"].get("text", m["content"].get("wait"))
        for m in result.iopub
        if m["msg_type"] in ("stream", "clear_output")
    ]
    assert kinds == ["a\n", wait, "b\n"]


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("display nowhere.png", 1, "display: nowhere.png: no such file\n"),
        ("display .", 1, "display: .: is a folder\n"),
        ("display", 2, "display: name a file, or pipe something into it"),
        ("display --frobnicate x", 2, "display: unknown option --frobnicate"),
        ("display --mime", 2, "display: --mime needs a value"),
        ("display --mime html x", 2, "display: 'html' is not a MIME type"),
        ("echo x | display --update", 2, "display: --update needs --id"),
        ("echo x | display --wait", 2, "display: --wait goes with --clear"),
        ("display --id x a b", 2, "display: one --id is for one file"),
        ("display --clear a", 2, "display: --clear takes no file"),
        ("printf 'a\\0b' | display", 1, "display: stdin: its content does not tell what it is"),
        ("touch a.png; display a.png", 1, "display: a.png: its content does not tell what it is"),
        ("echo '{' | display --mime application/json", 0, "application/json is not valid JSON"),
        ("echo x | display --metadata '['", 0, "metadata is not valid JSON"),
        ("echo x | display --metadata '[]'", 0, "metadata is not a JSON object"),
    ],
)
def test_what_cannot_be_shown_is_told(shell, code, status, said):
    result = shell.execute(f'{code}; echo "status $?"')
    assert said in result.stderr
    assert f"status {status}\n" in result.stdout
    assert not displays(result)


def test_an_unreadable_file_is_told_and_the_others_are_shown(shell):
    result = shell.execute("echo a > a.txt; echo b > b.txt; display a.txt nowhere b.txt; echo $?")
    assert [data["text/plain"] for data in displays(result)] == ["a\n", "b\n"]
    assert result.stderr == "display: nowhere: no such file\n"
    assert result.stdout == "1\n"


def test_help_goes_to_stdout(shell):
    result = shell.execute("display --help | head -n 1")
    assert result.stdout.startswith("display [OPTION...] FILE...")


@pytest.mark.parametrize(
    "name", ["-n", "a b", "é", "a\nb", "$(touch oops)", "'\"\\", "*", "\udcff", "%s", "a;b=c"]
)
def test_any_file_name(shell, tmp_path, name):
    quoted = "$'" + "".join(f"\\x{byte:02x}" for byte in name.encode("utf-8", "surrogateescape"))
    result = shell.execute(f'f={quoted}\'; echo text > ./"$f"; display -- "$f"')
    assert first(result, "text/plain") == "text\n"
    assert not Path(tmp_path, "oops").exists()


@pytest.mark.parametrize(
    "code",
    [
        "set -euo pipefail; echo x | display; echo after",
        "set -f; IFS=x; echo x | display; echo after",
        "shopt -s failglob nocasematch; echo x | display; echo after",
        "trap 'echo trapped' ERR; set -E; echo x | display; echo after",
        "f() { echo x | display; }; f; echo after",
        "(echo x | display); echo after",
        "for i in 1; do echo x; done | display; echo after",
        "echo x | display > /dev/null; echo after",
        "exec 3>&1 >/dev/null; echo x | display; exec >&3 3>&-; echo after",
        "{ echo x | display; } | cat; echo after",
        "v=$(echo x | display); [[ ! $v ]] && echo after",
        "{ echo x | display & wait $!; } 2>/dev/null; echo after",
        "display <(echo x); echo after",
        "display - <<< x; echo after",
        "printf() { :; }; read() { :; }; cat() { :; }; echo x | display; echo after",
        "alias cat=false base64=false; echo x | display; echo after",
        "LC_ALL=C.UTF-8; LANG=C.UTF-8; echo x | display; echo after",
        "set -o posix; echo x | display; set +o posix; echo after",
        "set -o noclobber; echo x | display; echo x | display --clear; echo after",
    ],
)
def test_it_works_wherever_it_is_called(shell, code):
    result = shell.execute(code)
    assert "after\n" in result.stdout, result.stderr
    assert [data["text/plain"] for data in displays(result)] in (["x\n"], [])
    assert bool(displays(result)) != ("--clear" in code) or "noclobber" in code
    assert result.stderr == "" or "--clear" in code


def test_it_lives_on_after_exit(shell):
    assert shell.execute("exit 3").status == "error"
    assert first(shell.execute("echo x | display"), "text/plain") == "x\n"


def test_a_trace_does_not_tell_the_nonce(shell):
    result = shell.execute("set -x; echo x | display; set +x")
    assert len(displays(result)) == 1
    assert "133" not in result.stderr
    assert "__mk_k" not in result.stderr
    assert not re.search("[0-9a-f]{32}", result.stderr)


def test_a_background_job_between_cells_shows_in_its_cell(shell, tmp_path):
    gate = Path(tmp_path, "gate")
    os.mkfifo(gate)
    cell = shell.send("{ read -r < gate; echo x | display; } &")
    shell.result(cell)
    shell.execute("echo another cell")
    gate.write_text("\n")
    found = shell.until(cell, lambda message: message["msg_type"] == "display_data")
    assert found["content"]["data"] == {"text/plain": "x\n"}


def test_a_silent_cell_shows_nothing(shell):
    assert not displays(shell.execute("echo x | display", silent=True))


def test_twenty_megabytes(shell, tmp_path):
    content = PNG + bytes(range(256)) * 78_125
    Path(tmp_path, "large.png").write_bytes(content)
    result = shell.execute("display large.png; echo after")
    assert base64.b64decode(first(result, "image/png")) == content
    assert result.stdout == "after\n"


def test_what_is_too_large_is_told_and_the_next_cell_runs(shell):
    result = shell.execute("head -c 34000000 /dev/zero | display --mime image/png")
    assert result.status == "ok"
    assert "larger than 32 MiB" in result.stderr
    assert shell.execute("echo next").stdout == "next\n"


def test_several_at_the_same_time_do_not_get_mixed_up(shell):
    result = shell.execute(
        "for i in 1 2 3 4; do\n"
        '  { head -c 300000 /dev/zero | tr "\\0" "$i" | display --mime text/html; } &\n'
        "  seq -f '%.0fz' 3000\n"
        "done; wait"
    )
    shown = sorted(data["text/html"] for data in displays(result))
    assert shown == [str(i) * 300_000 for i in range(1, 5)]
    assert result.stdout == "".join(f"{i}z\n" for i in range(1, 3001)) * 4


def test_a_display_that_is_killed_is_told_and_costs_nothing_else(shell):
    # A piece of a message, as one leaves it that dies then; and one cut within the piece.
    result = shell.execute(
        "printf '\\e]133;J;k=%s;i=1;n=0;p=text/plain;text=x\\a' \"$__mk_k\"\n"
        "printf '\\e]133;J;k=%s;i=2;n=0;p=text/pl' \"$__mk_k\"\n"
        "echo; echo after"
    )
    assert result.status == "ok"
    assert result.stdout.endswith("after\n")
    assert "the program ended before all of it had come" in result.stderr
    assert "it was cut short" in result.stderr


def test_a_shell_that_dies_in_a_display_is_told(shell):
    result = shell.execute(
        "printf '\\e]133;J;k=%s;i=1;n=0;p=text/plain;text=x\\a' \"$__mk_k\"; kill -KILL $$"
    )
    assert "SIGKILL" in result.evalue
    assert "the program ended before all of it had come" in result.stderr


@pytest.mark.parametrize("nonce", ["k=ffffffffffffffffffffffffffffffff;", "", "k=;"])
def test_text_without_the_nonce_never_becomes_html(shell, nonce):
    content = '{"data":{"text/html":"x"}}'
    code = f"printf '\\e]133;J;{nonce}t=display_data;text=%s\\aafter\\n' '{content}'"
    result = shell.execute(code)
    assert not displays(result)
    assert result.stdout == "after\n"


def test_programs_are_not_told_the_nonce(shell):
    result = shell.execute('env | grep -c "$__mk_k"; cat /proc/self/cmdline | grep -c "$__mk_k"')
    assert result.stdout == "0\n0\n"


def test_a_function_of_the_users_own_is_left_alone(tmp_path, monkeypatch, start_kernel):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_text("display() { echo mine; }\n")
    monkeypatch.setenv("HOME", str(home))
    kernel = start_kernel("bash")
    assert kernel.execute("display; exit").stdout == "mine\n"
    assert kernel.execute("display").stdout == "mine\n"


def test_the_program_of_that_name_is_reached_by_command(shell, tmp_path):
    program = Path(tmp_path, "display")
    program.write_text("#!/bin/sh\necho ImageMagick\n")
    program.chmod(0o755)
    assert shell.execute("PATH=$PWD:$PATH; command display").stdout == "ImageMagick\n"


def test_without_base64_it_sends_hexadecimal(shell, tmp_path):
    Path(tmp_path, "a.png").write_bytes(PNG)
    tools = "for t in cat od tr rm wc head awk; do ln -s $(type -P $t) bin/; done"
    result = shell.execute(f"mkdir bin; {tools}; PATH=$PWD/bin; display a.png")
    assert first(result, "image/png") == base64.b64encode(PNG).decode()


def test_behind_a_launcher_and_with_merged_stderr(start_kernel, tmp_path):
    Path(tmp_path, "a.png").write_bytes(PNG)
    for options in (("--launcher", "env"), ("--merge-stderr",)):
        kernel = start_kernel("bash", *options)
        result = kernel.execute("echo a; display a.png; echo b; exit 0")
        assert result.stdout == "a\nb\n"
        assert [data["image/png"] for data in displays(result)] == [base64.b64encode(PNG).decode()]
        assert displays(kernel.execute("echo x | display")) == [{"text/plain": "x\n"}]
