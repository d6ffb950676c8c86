"""How a Go cell that did not end well is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mykernel.contract import Cell, Died, Failed
from mykernel.drivers import failure
from mykernel.drivers.agent import AgentChild
from mykernel.drivers.compiled.errors import Diagnostic, failed
from mykernel.drivers.compiled.excerpts import excerpt
from mykernel.drivers.compiled.sources import Sources
from mykernel.drivers.line import Line
from mykernel.errors import ChildNotStarted

_CRASH = re.compile(
    r"^(panic|fatal error|SIG[A-Z]+): (.*?)(?=\nPC=|\n\s*\n|\ngoroutine |\[signal |\Z)",
    re.MULTILINE | re.DOTALL,
)
_FRAME = re.compile(r"^(\S.*)\n\t(cell\d+):(\d+)", re.MULTILINE)
_SAID_BY_COMPILER = re.compile(r"^(?:.*?/)??(\w+):(\d+)(?::(\d+))?: (.*)$", re.MULTILINE)
_RED, _BOLD, _OFF = "\x1b[31m", "\x1b[1m", "\x1b[0m"
EXITED = "os.Exit ended the cell there; variables are as they were before it"
# Calls that are shown of a stack.
_CALLS = 20
# Places of goroutines that are named.
_PLACES = 5


def not_compiled(problems: Iterable[Mapping[str, Any]], sources: Sources) -> Failed:
    """problems: as the helper has them; at least one."""
    found = [
        Diagnostic(
            sources.named(str(one["message"])),
            sources.place(one["file"], int(one["line"]), int(one["column"])),
        )
        for one in problems
    ]
    return failed("CompileError", found)


def not_built(said: str, sources: Sources) -> Failed:
    """What compiler or linker say, which find more than go/types in rare cases."""
    if "no space left on device" in said:
        what = "there is no room for the program: the disk of its cache folder is full"
        return Failed("DiskFull", what, (what, said.strip()))
    problems = [
        {"message": found[4], "file": found[1], "line": found[2], "column": found[3] or 0}
        for found in _SAID_BY_COMPILER.finditer(said)
    ]
    whole = {"message": said.strip(), "file": "", "line": 0, "column": 0}
    return not_compiled(problems or [whole], sources)


def crashed(crash: str, said: str, sources: Sources) -> Failed:
    """A panic or another end that the runtime has told of, with the calls that are in cells.

    crash: what it wrote for us. said: on stderr, where alone it names an end that is no panic.
    """
    found = _CRASH.search(crash) or _CRASH.search(said)
    ename, evalue = (found[1], found[2].strip()) if found else ("fatal error", crash[:200])
    evalue = sources.named(evalue)
    shown = [f"{_RED}{_BOLD}{ename}{_OFF}: {evalue}"]
    # The first goroutine is the one that it happened in.
    stack = f"\n{crash}".partition("\ngoroutine ")[2].partition("\n\n")[0]
    for function, label, line in _FRAME.findall(stack)[:_CALLS]:
        place = sources.place(label, int(line))
        if place is None:
            continue
        if len(shown) == 1:
            shown += excerpt(place)
            continue
        call = f"in {_function(function)}, {place.source.name}, line {place.line}"
        if call != shown[-1]:
            shown.append(call)
    return Failed(ename, evalue, tuple(shown))


def _function(frame: str) -> str:
    """Its name as in the cell: main.(*P).Add(0xc000...) is (*P).Add."""
    if started := re.match(r"created by (\S+)", frame):
        return f"a goroutine of {_function(started[1] + '()')}"
    name = frame.removeprefix("main.").rpartition("(")[0]
    return name.replace("cell__body", "the cell").replace("cell__main", "main")


def is_fatal(said: str) -> bool:
    """Whether that, on stderr, is the runtime's word for an end without a stack: Goexit in main."""
    return re.fullmatch(r"fatal error: no goroutines \(.*\) - deadlock!\s*", said) is not None


def still_running(told: str, sources: Sources) -> list[str]:
    """A line for the goroutines that ended with their cell. told: as `cell.End` has it, or ""."""
    shown, count = [], 0
    for one in json.loads(told or "[]"):
        label, _, line = one["place"].partition(":")
        place = sources.place(label, int(line))
        where = f"{place.source.name}, line {place.line}" if place else one["place"]
        times = f"{one['count']} times " if one["count"] > 1 else ""
        shown.append(f"{times}{one['name'] or 'func'} ({where})")
        count += one["count"]
    if not shown:
        return []
    what = "1 goroutine was" if count == 1 else f"{count} goroutines were"
    more = f" and {len(shown) - _PLACES} more" if len(shown) > _PLACES else ""
    return [f"{what} still running and ended with the cell: {', '.join(shown[:_PLACES])}{more}"]


def exited(cell: Cell, status: int) -> Failed:
    """A cell that called os.Exit."""
    what = f"{status} ({EXITED})"
    return Failed("ExitStatus", what, failure.traceback("ExitStatus", what, cell, None))


def helper_died(cell: Cell, child: AgentChild, line: Line | None = None) -> Failed | Died:
    """A cell in which the helper has ended. line: that ran the program; None before that."""
    if line is not None and line.overrun is not None:
        return failure.killed_over_limit(cell, "Go's helper", "go", line.overrun)
    what = f"Go's helper ended ({child.ending})"
    if line is None:
        what += " before the cell ran; it is started anew: run the cell again"
    else:
        what += ", and the cell with it; the next cell runs in a new one, with all that there was"
        what = "; ".join([*(["interrupted", *line.steps] if line.steps else ()), what])
    return Failed("GoDied", what, failure.traceback("GoDied", what, cell, None))


def not_started(error: ChildNotStarted) -> Failed:
    """A cell for which there is no helper."""
    advice = (
        "Variables and declarations are kept. Run the cell again; where this goes on, look whether"
        " memory or processes are short (ulimit -a, free), and what the kernel's log says"
    )
    return Failed("GoNotStarted", str(error), (f"GoNotStarted: {error}", advice))


def killed(cell: Cell, name: str) -> Failed:
    """A cell whose program a signal has ended. name: the signal's."""
    what = f"the cell's program ended by {name}; variables are as they were before it"
    return Failed("Signal", what, failure.traceback("Signal", what, cell, None))
