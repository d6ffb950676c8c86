"""`%wasm`: a program that runs in the browser, in the output of its cell."""

from __future__ import annotations

import base64
import gzip
import html
import json
import uuid
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from mykernel.contract import Display
from mykernel.languages.go import plan

_RUNNER = files(__package__) / "wasm.js"
# Where the program finds what is in the page for it.
_FOLDER = "/mykernel"
# Bytes of an output that a Jupyter server passes on, which has a limit of data in three seconds.
_MOST = 3_000_000


def page(
    binary: bytes,
    loader: str,
    values: Mapping[str, str],
    args: Sequence[str],
    cells: Mapping[str, str],
) -> Display:
    """The program, and all that it needs to run, in one piece of HTML.

    loader: Go's own wasm_exec.js. values: by name of a variable, the file with its value.
    cells: how cells are called, by the names that stand in the program's line directives.
    Raises `OSError` when a value cannot be read.
    """
    name = f"mykernel-{uuid.uuid4()}"
    packed = gzip.compress(binary, mtime=0)
    there = {one: f"{_FOLDER}/values/{one}" for one in values}
    kept = {there[one]: Path(path).read_bytes() for one, path in values.items()}
    kept[f"{_FOLDER}/plan"] = plan.written(there).encode()
    config = {
        "id": name,
        "program": _base64(packed),
        "files": {path: _base64(data) for path, data in kept.items()},
        "argv": ["cell", *args],
        "env": {"MYKERNEL_CELL": f"{_FOLDER}/plan"},
        "cells": cells,
    }
    size = f"{_megabytes(binary)} of WebAssembly, {_megabytes(packed)} compressed"
    script = (
        f"({_RUNNER.read_text('utf-8').rstrip()})"
        f"({json.dumps(config)}, (globalThis, fs) => {{\n{loader}\n}});"
    )
    shown = (
        f'<div id="{name}" class="mykernel-wasm"><div></div>'
        '<pre style="white-space: pre-wrap"></pre>'
        f'<small style="opacity: 0.6">{html.escape(size)}</small>'
        f"<script>{_in_script(script)}</script></div>"
    )
    return Display("display_data", {"text/html": shown, "text/plain": f"[a program of {size}]"})


def too_large(shown: Display) -> str:
    """What to tell of a program that a Jupyter server may not pass on, or ""."""
    size = len(shown.data["text/html"])
    if size <= _MOST:
        return ""
    return (
        f"the output has {size / 1e6:.1f} MB; if it does not appear, start the Jupyter server with"
        " --ServerApp.iopub_data_rate_limit=100000000"
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _megabytes(data: bytes) -> str:
    return f"{len(data) / 1e6:.1f} MB"


def _in_script(code: str) -> str:
    """The code such that no string in it, where alone that occurs, ends or opens an element."""
    return code.replace("</", "<\\/").replace("<!--", "<\\!--").replace("<script", "<\\script")
