"""`!command`: one line for sh, in a terminal of its own."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from mykernel.contract import Cell, Ok, Outcome, SessionOptions, Toolchain
from mykernel.directives.call import Call
from mykernel.drivers.description import Description, Programs, Run, Start
from mykernel.drivers.refusal import Refused
from mykernel.drivers.repl import ReplSession

# Each command has a process group of its own (-m), so that ^C ends that and not the loop.
_LOOP = r"""
number=0 status=0
trap : INT
mark() { printf '\033]133;%s;k={nonce};%s\007' "$1" "$2"; }
while :; do
    mark D "i=$number;s=$status"
    IFS=' ' read -r i path
    case $? in
        0) ;;
        1) exit ;;
        *) continue ;;
    esac
    [ "${i:-0}" -gt "$number" ] || continue
    number=$i status=interrupted
    mark C "i=$number"
    '{program}' "$path"
    status=$?
    [ "$status" = 0 ] || echo "exit status $status" > '{folder}/error'
done
"""
_SHELL = Description(
    name="sh",
    display_name="sh",
    language_id="shellscript",
    language_info={"name": "sh"},
    toolchain=Programs(("sh",), {"apt": "dash"}),
    start=Start(("{program}", "-m", "{folder}/start"), files={"start": _LOOP}),
    cell=Run("{i} {path}"),
)


async def run(call: Call) -> Outcome:
    """Run the command on the kernel's machine, in the language's folder."""
    if not call.argument:
        raise Refused("a command is wanted")
    found = shutil.which("sh")
    if found is None:
        raise Refused("sh was not found on PATH")
    told = call.host.options
    options = SessionOptions(
        rows=told.rows,
        columns=told.columns,
        memory_limit=told.memory_limit,
        process_limit=told.process_limit,
        merge_stderr=told.merge_stderr,
    )
    session = ReplSession(_SHELL, Toolchain(Path(found), ""), options)
    code = f"cd -- {shlex.quote(call.host.folder)} || exit\n{call.argument}\n"
    with call.host.running(session):
        try:
            outcome = await session.execute(Cell(code, 1, "sh"), call.output)
        finally:
            await session.close()
    return Ok() if isinstance(outcome, Ok) else outcome
