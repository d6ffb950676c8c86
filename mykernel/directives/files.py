"""`%%writefile`."""

from __future__ import annotations

import os
import shlex

from mykernel.contract import Ok, Outcome
from mykernel.directives.call import Call
from mykernel.drivers.refusal import Refused

_APPEND = ("-a", "--append")


async def write(call: Call) -> Outcome:
    """Write the cell below its line to a file, which a relative path puts beside the language."""
    append, name = _path(call.argument)
    text = call.body if call.body.endswith("\n") or not call.body else f"{call.body}\n"
    try:
        there = _written(call.host.folder, name, text, append)
    except OSError as e:
        raise Refused(f"%%writefile: {name}: {e.strerror}") from e
    call.say(f"{'Appending to' if append else 'Overwriting' if there else 'Writing'} {name}")
    return Ok()


def _path(argument: str) -> tuple[bool, str]:
    """Whether to append, and the file's name. Raises `Refused`."""
    try:
        words = shlex.split(argument)
    except ValueError as e:
        raise Refused(f"%%writefile: {e}; a name with a quote in it wants others around it") from e
    append = bool(words) and words[0] in _APPEND
    if len(words) != 1 + append:
        raise Refused("%%writefile wants one file; quotes go around a name with blanks")
    if "\0" in words[-1]:
        raise Refused("%%writefile: a file's name holds no NUL")
    return append, words[-1]


def _written(folder: str, name: str, text: str, append: bool) -> bool:
    """Write the text; whether there was such a file before."""
    path = os.path.join(folder, os.path.expanduser(name))
    there = os.path.exists(path)
    with open(path, "ab" if append else "wb") as file:
        file.write(text.encode("utf-8", "surrogatepass"))
    return there
