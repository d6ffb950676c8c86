"""How a cell that failed is told: ename, evalue, and a traceback with the cell's line."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

from mykernel.contract import Cell, Died, Failed
from mykernel.drivers.limits import Overrun
from mykernel.languages.bash.syntax import SyntaxFault
from mykernel.terminal import Ending

_RED, _GREEN, _BOLD, _OFF = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_EXIT = re.compile(r"^(?:.*?[;&|({]|.*?\b(?:then|do|else))?\s*exit\b")
# Lines shown before and after the one that failed.
_AROUND = 2


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
        what += f" in line {line}: {_shorten(_line(cell.code, line))}"
    if exited:
        what += " (the cell ended there; the shell and its variables live on)"
    return Failed("ExitStatus", what, _traceback("ExitStatus", what, cell, line))


def syntax_failure(cell: Cell, fault: SyntaxFault) -> Failed:
    """A cell that Bash could not parse."""
    what = f"{fault.message} (line {fault.line})"
    return Failed("SyntaxError", what, _traceback("SyntaxError", what, cell, fault.line))


def interrupted(cell: Cell, line: int | None, steps: Sequence[str]) -> Failed:
    """A cell that ended because the user interrupted it. steps: what that took beyond ^C."""
    what = "; ".join(["interrupted", *steps, "the shell and its variables live on"])
    return Failed("KeyboardInterrupt", what, _traceback("KeyboardInterrupt", what, cell, line))


def over_limit(cell: Cell, line: int | None, overrun: Overrun, steps: Sequence[str]) -> Failed:
    """A cell in which the session went over a limit of memory or processes."""
    what = "; ".join([overrun.text, *steps, "the shell and its variables live on"])
    told = _traceback(overrun.ename, what, cell, line)
    return Failed(overrun.ename, what, (*told, _how_to_change(overrun)))


def killed_over_limit(cell: Cell, overrun: Overrun) -> Died:
    """A cell whose shell alone went over the limit."""
    what = f"{overrun.text}; the shell was ended; the next cell runs in a new one"
    told = _traceback(overrun.ename, what, cell, None)
    return Died(overrun.ename, what, (*told, _how_to_change(overrun)))


def _how_to_change(overrun: Overrun) -> str:
    option = overrun.option.partition("=")[0]
    return f"For another limit: python -m mykernel.install bash {option}=N (0 for none)"


def not_begun(cell: Cell) -> Died:
    """A cell that two shells in a row did not live to begin."""
    what = "the shell ended before the cell began, twice; does ~/.bashrc end it?"
    return Died("ShellDied", what, _traceback("ShellDied", what, cell, None))


def starved(cell: Cell) -> Failed:
    """A cell with a program that wanted input where there is nobody to ask."""
    what = "a program in the cell waits for input, which this front end cannot give"
    what += "; it was given end-of-file. Give it input with `<<<`, a pipe or a file"
    return Failed(
        "StdinNotImplementedError", what, _traceback("StdinNotImplementedError", what, cell, None)
    )


def not_delivered(cell: Cell) -> Failed:
    """A cell that did not come through the terminal as it was typed."""
    what = "the cell did not reach the shell whole, and nothing of it was run; run it again"
    return Failed("CellNotDelivered", what, _traceback("CellNotDelivered", what, cell, None))


def died(cell: Cell, ending: Ending, steps: Sequence[str]) -> Died:
    """A cell whose shell is gone. steps: what was done to end it, if anything."""
    what = f"the shell ended ({ending}); the next cell runs in a new one"
    if steps:
        what = f"interrupted; {'; '.join(steps)}; the next cell runs in a new shell"
    return Died("ShellDied", what, _traceback("ShellDied", what, cell, None))


def _traceback(ename: str, evalue: str, cell: Cell, line: int | None) -> tuple[str, ...]:
    head = f"{_RED}{_BOLD}{ename}{_OFF}: {evalue}"
    lines = cell.code.split("\n")
    if line is None or not 1 <= line <= len(lines) + 1:
        return (head,)
    shown = []
    width = len(str(min(line + _AROUND, len(lines))))
    for number in range(max(1, line - _AROUND), min(line + _AROUND, len(lines)) + 1):
        text = _shorten(lines[number - 1], 160)
        if number == line:
            shown.append(f"{_GREEN}----> {number:>{width}}{_OFF} {text}")
        else:
            shown.append(f"      {number:>{width}} {text}")
    return (head, f"{_GREEN}{cell.name}, line {line}{_OFF}", *shown)


def _line(code: str, line: int) -> str:
    lines = code.split("\n")
    return lines[line - 1].strip() if line <= len(lines) else ""


def _shorten(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _only_exit(code: str) -> int | None:
    """The line of the one `exit` in the code; None when there are several."""
    found = [n for n, text in enumerate(code.split("\n"), 1) if _EXIT.match(text)]
    return found[0] if len(found) == 1 else None


def _signal_name(status: int) -> str | None:
    try:
        return signal.Signals(status - 128).name if status > 128 else None
    except ValueError:
        return None
