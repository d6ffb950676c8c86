"""How a cell that failed is told: ename, evalue, and a traceback with the cell's line."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

from mykernel.contract import Cell, Died, Failed
from mykernel.drivers import failure
from mykernel.drivers.failure import shorten, traceback
from mykernel.drivers.limits import Overrun
from mykernel.languages.bash.syntax import SyntaxFault
from mykernel.terminal import Ending

_EXIT = re.compile(r"^(?:.*?[;&|({]|.*?\b(?:then|do|else))?\s*exit\b")


def status_failure(cell: Cell, status: int, line: int | None, exited: bool) -> Failed:
    """A cell whose last command failed, or that ended by `exit` or `set -e` (exited).

    line: of the command that failed, from 1, where it is known.
    """
    if exited and line is None:
        line = _only_exit(cell.code)
    what = str(status)
    if (name := _signal_name(status)) is not None:
        what += f" ({name})"
    if line is not None:
        what += f" in line {line}: {shorten(_line(cell.code, line))}"
    if exited:
        what += " (the cell ended there; the shell and its variables live on)"
    return Failed("ExitStatus", what, traceback("ExitStatus", what, cell, line))


def syntax_failure(cell: Cell, fault: SyntaxFault) -> Failed:
    """A cell that Bash could not parse."""
    what = f"{fault.message} (line {fault.line})"
    return Failed("SyntaxError", what, traceback("SyntaxError", what, cell, fault.line))


def interrupted(cell: Cell, line: int | None, steps: Sequence[str]) -> Failed:
    """A cell that ended because the user interrupted it. steps: what that took beyond ^C."""
    return failure.interrupted(cell, "the shell", line, steps)


def over_limit(cell: Cell, line: int | None, overrun: Overrun, steps: Sequence[str]) -> Failed:
    """A cell in which the session went over a limit of memory or processes."""
    return failure.over_limit(cell, "the shell", "bash", line, overrun, steps)


def killed_over_limit(cell: Cell, overrun: Overrun) -> Died:
    """A cell whose shell alone went over the limit."""
    return failure.killed_over_limit(cell, "the shell", "bash", overrun)


def not_begun(cell: Cell) -> Died:
    """A cell that two shells in a row did not live to begin."""
    what = "the shell ended before the cell began, twice; does ~/.bashrc end it?"
    return Died("ShellDied", what, traceback("ShellDied", what, cell, None))


def starved(cell: Cell) -> Failed:
    """A cell with a program that wanted input where there is nobody to ask."""
    what = "a program in the cell waits for input, which this front end cannot give"
    what += "; it was given end-of-file. Give it input with `<<<`, a pipe or a file"
    return Failed(
        "StdinNotImplementedError", what, traceback("StdinNotImplementedError", what, cell, None)
    )


def not_delivered(cell: Cell) -> Failed:
    """A cell that did not come through the terminal as it was typed."""
    what = "the cell did not reach the shell whole, and nothing of it was run; run it again"
    return Failed("CellNotDelivered", what, traceback("CellNotDelivered", what, cell, None))


def died(cell: Cell, ending: Ending, steps: Sequence[str]) -> Died:
    """A cell whose shell is gone. steps: what was done to end it, if anything."""
    return failure.died(cell, "the shell", "ShellDied", ending, steps)


def _line(code: str, line: int) -> str:
    lines = code.split("\n")
    return lines[line - 1].strip() if line <= len(lines) else ""


def _only_exit(code: str) -> int | None:
    """The line of the one `exit` in the code; None when there are several."""
    found = [n for n, text in enumerate(code.split("\n"), 1) if _EXIT.match(text)]
    return found[0] if len(found) == 1 else None


def _signal_name(status: int) -> str | None:
    try:
        return signal.Signals(status - 128).name if status > 128 else None
    except ValueError:
        return None
