"""The value of a cell's last expression, as the child leaves it: a file for each form."""

from __future__ import annotations

import base64
import json
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


def take_result(folder: Path) -> Display | None:
    """What lies there as result.txt, result.html and so on, which is removed.

    Forms of other names are left out, and so is JSON that is none.
    """
    bundle: dict[str, Any] = {}
    size = 0
    for path in sorted(folder.glob("result.*")):
        data = path.read_bytes()
        path.unlink()
        size += len(data)
        if mime := _TEXT.get(path.suffix):
            bundle[mime] = data.decode("utf-8", "replace").removesuffix("\n")
        elif mime := _BINARY.get(path.suffix):
            bundle[mime] = base64.b64encode(data).decode("ascii")
        elif path.suffix == ".json":
            try:
                bundle["application/json"] = json.loads(data)
            except ValueError:
                continue
    return Display("execute_result", bundle, size=size) if bundle else None
