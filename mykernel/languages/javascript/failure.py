"""How a cell that did not end well is told: ename, evalue, and a traceback."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mykernel.contract import Cell, Died, Failed
from mykernel.drivers.limits import Overrun
from mykernel.terminal import Ending

_RED, _OFF = "\x1b[31m\x1b[1m", "\x1b[0m"
_OUT_OF_MEMORY = re.compile(r"FATAL ERROR: .*(?:heap out of memory|invalid array length)")


def thrown(content: Mapping[str, Any]) -> Failed:
    """What the agent says of an error: it knows the cell's lines."""
    return Failed(
        str(content["ename"]),
        str(content["evalue"]),
        tuple(str(line) for line in content["traceback"]),
    )


def exited(status: str) -> Failed:
    """A cell that called process.exit."""
    what = f"{status} (process.exit ended the cell there; Node.js and its variables live on)"
    return Failed("ExitStatus", what, _traceback("ExitStatus", what))


def interrupted(steps: Sequence[str]) -> Failed:
    """A cell that ended because the user interrupted it. steps: what that took beyond ^C."""
    what = "; ".join(["interrupted", *steps, "Node.js and its variables live on"])
    return Failed("KeyboardInterrupt", what, _traceback("KeyboardInterrupt", what))


def overrun(found: Overrun) -> Failed:
    """A cell during which a limit was hit."""
    what = f"{found.text}; Node.js and its variables live on"
    return Failed(found.ename, what, _traceback(found.ename, what))


def starved() -> Failed:
    """A cell that wanted input where there is nobody to ask."""
    what = "the cell waits for input, which this front end cannot give; it was given end-of-file"
    return Failed("StdinNotImplementedError", what, _traceback("StdinNotImplementedError", what))


def not_begun(cell: Cell) -> Died:
    """A cell that two processes in a row did not live to begin."""
    what = f"Node.js ended before {cell.name} began, twice"
    return Died("NodeDied", what, _traceback("NodeDied", what))


def died(ending: Ending, steps: Sequence[str], said: str) -> Died:
    """A cell whose Node.js is gone. steps: what was done to end it. said: its last stderr."""
    if steps:
        what = f"interrupted; {'; '.join(steps)}; the next cell runs in a new Node.js"
        return Died("NodeDied", what, _traceback("NodeDied", what))
    ename, what = "NodeDied", f"Node.js ended ({ending})"
    if _OUT_OF_MEMORY.search(said):
        ename = "OutOfMemory"
        what = (
            f"Node.js ended ({ending}): its heap is full. To give it more, set the environment"
            " variable NODE_OPTIONS=--max-old-space-size=8192 (in MB) for the kernel"
        )
    what += "; the next cell runs in a new one, without its state"
    return Died(ename, what, _traceback(ename, what))


def _traceback(ename: str, evalue: str) -> tuple[str, ...]:
    return (f"{_RED}{ename}{_OFF}: {evalue}",)
