"""`%export`: a session as a Go module that builds by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mykernel.drivers.compiled.left import Left
from mykernel.drivers.compiled.sources import Sources
from mykernel.drivers.refusal import Refused
from mykernel.languages.go.directives import GoRun

HELP = ("%export", "FOLDER", "write what the session has into a new folder, as a Go module")


async def export(left: Left, argument: str, run: GoRun) -> None:
    """Raises `Refused` when the folder is not empty, or cannot be written to."""
    folder = _folder(argument)
    module = re.sub(r"[^\w.~-]+", "-", folder.name, flags=re.ASCII).strip("-.")
    sources = Sources()
    answer = await run.ask(
        "export",
        code=module or "session",
        known=left.told_to_helper(left.memory, sources),
        cells=[{"name": name, "code": code} for code, name in left.ran.items()],
    )
    if answer is None or "files" not in answer:
        raise Refused(f"%export: {(answer or {}).get('failure', 'it was interrupted')}")
    _write(folder, answer["files"])
    run.say(f"wrote {', '.join(sorted(answer['files']))} into {argument}")
    for one in answer["left_out"]:
        run.output.text("stderr", f"mykernel: left out, since it no longer compiles: {one}\n")


def _folder(argument: str) -> Path:
    """The folder, which is new or empty. Raises `Refused`."""
    if not argument:
        raise Refused("%export wants a folder for the module")
    folder = Path(argument).expanduser().absolute()
    try:
        if folder.exists() and any(folder.iterdir()):
            raise Refused(f"%export writes into a new or empty folder, and {argument} is none")
    except OSError as e:
        raise Refused(f"%export: {argument}: {e.strerror}") from e
    return folder


def _write(folder: Path, files: Mapping[str, Any]) -> None:
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as e:
        raise Refused(f"%export: {e.filename}: {e.strerror}") from e
