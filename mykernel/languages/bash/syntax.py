"""Whether code is whole, and where it breaks: asked of `bash -n`, which executes nothing."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mykernel.contract import Completeness

_MESSAGE = re.compile(r"^.*?: line (\d+): (.*)$", re.MULTILINE)
_UNFINISHED = (
    "unexpected token `newline'",
    "unexpected token `EOF'",
    "unexpected argument `newline'",
    "unexpected end of file",
    "unexpected EOF while looking for matching",
    "delimited by end-of-file",
)
_OPENS = re.compile(r"(?:\b(?:then|do|else|in)|[{(]|\|\|?|&&)\s*(?:#.*)?$")
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What Bash says of code that it cannot parse.

    line: from 1; one behind the last where the code ends too early.
    """

    line: int
    message: str
    unfinished: bool


async def check(bash: Path, code: str) -> SyntaxFault | None:
    """Parse code in a process of its own. None when it is whole."""
    # A file, since Bash reads a pipe byte by byte; without a name, which another check would share.
    with tempfile.TemporaryFile() as file:
        file.write(code.encode("utf-8", "surrogatepass") + b"\n")
        file.seek(0)
        process = await asyncio.create_subprocess_exec(
            bash, "--norc", "--noprofile", "-O", "extglob", "-n",
            stdin=file,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    said = (await process.communicate())[1].decode("utf-8", "replace")
    if _continued(code):
        return SyntaxFault(code.count("\n") + 2, "the last line ends in a backslash", True)
    faults = [(int(line), text) for line, text in _MESSAGE.findall(said)]
    for line, text in faults:
        if any(sign in text for sign in _UNFINISHED):
            return SyntaxFault(line, text.removeprefix("syntax error: "), True)
    # Of some faults Bash 5.2 speaks, and returns 0 all the same.
    faults = [fault for fault in faults if not fault[1].startswith("warning: ")]
    if faults:
        line, text = next((f for f in faults if "syntax error" in f[1]), faults[0])
        return SyntaxFault(line, text.removeprefix("syntax error ").removeprefix(": "), False)
    return None


def completeness(code: str, fault: SyntaxFault | None) -> Completeness:
    """What `is_complete_reply` says; an unfinished block indents the next line."""
    if fault is None:
        return Completeness("complete")
    if not fault.unfinished:
        return Completeness("invalid")
    last = code.rstrip("\n").rpartition("\n")[2]
    indent = last[: len(last) - len(last.lstrip())]
    return Completeness("incomplete", indent + _INDENT if _OPENS.search(last) else indent)


def _continued(code: str) -> bool:
    last = code.rpartition("\n")[2]
    return (len(last) - len(last.rstrip("\\"))) % 2 == 1
