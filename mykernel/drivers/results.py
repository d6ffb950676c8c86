"""The value of a cell's last expression, as the child leaves it: a file for each form."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from mykernel.contract import Display

_TEXT = {
    ".txt": "text/plain",
    ".html": "text/html",
    ".md": "text/markdown",
    ".tex": "text/latex",
    ".svg": "image/svg+xml",
}
_BINARY = {".png": "image/png", ".jpg": "image/jpeg"}
_JSON = {".json": "application/json"}
_MIME_TYPES = {**_TEXT, **_BINARY, **_JSON}


def take_result(folder: Path) -> Display | None:
    """What lies there as result.txt, result.html and so on, which is removed.

    Texts speak of In[3], not of the private folder that the cell's file lies in. JSON that is none
    is left out.
    """
    bundle: dict[str, Any] = {}
    size = 0
    # The folder is not listed: it holds each cell's file.
    for suffix, mime in _MIME_TYPES.items():
        path = folder / f"result{suffix}"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        path.unlink()
        size += len(data)
        if suffix in _TEXT:
            text = data.decode("utf-8", "replace").removesuffix("\n")
            bundle[mime] = text.replace(f"{folder}/", "")
        elif suffix in _BINARY:
            bundle[mime] = base64.b64encode(data).decode("ascii")
        else:
            with suppress(ValueError):
                bundle[mime] = json.loads(data)
    return Display("execute_result", bundle, size=size) if bundle else None
