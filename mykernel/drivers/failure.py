"""How a cell that failed is told, the same in every language."""

from __future__ import annotations

from collections.abc import Sequence

from mykernel.contract import Cell, Died, Failed
from mykernel.drivers.limits import Overrun
from mykernel.terminal import Ending

_RED, _GREEN, _BOLD, _OFF = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
# Lines shown before and after the one that failed.
_AROUND = 2
_NO_INPUT = "StdinNotImplementedError"


def interrupted(cell: Cell, who: str, line: int | None, steps: Sequence[str]) -> Failed:
    """A cell that ended because the user interrupted it. steps: what that took beyond ^C."""
    what = "; ".join(["interrupted", *steps, f"{who} and its variables live on"])
    return Failed("KeyboardInterrupt", what, traceback("KeyboardInterrupt", what, cell, line))


def over_limit(
    cell: Cell, who: str, language: str, line: int | None, overrun: Overrun, steps: Sequence[str]
) -> Failed:
    """A cell in which the session went over a limit of memory or processes."""
    what = "; ".join([overrun.text, *steps, f"{who} and its variables live on"])
    told = traceback(overrun.ename, what, cell, line)
    return Failed(overrun.ename, what, (*told, _how_to_change(overrun, language)))


def killed_over_limit(cell: Cell, who: str, language: str, overrun: Overrun) -> Died:
    """A cell whose child alone went over the limit."""
    what = f"{overrun.text}; {who} was ended; the next cell runs in a new one"
    told = traceback(overrun.ename, what, cell, None)
    return Died(overrun.ename, what, (*told, _how_to_change(overrun, language)))


def _how_to_change(overrun: Overrun, language: str) -> str:
    option = overrun.option.partition("=")[0]
    return f"For another limit: python -m mykernel.install {language} {option}=N (0 for none)"


def starved(cell: Cell) -> Failed:
    """A cell that wanted input where there is nobody to ask."""
    what = "the cell waits for input, which this front end cannot give; it was given end-of-file"
    return Failed(_NO_INPUT, what, traceback(_NO_INPUT, what, cell, None))


def died(cell: Cell, who: str, ename: str, ending: Ending, steps: Sequence[str]) -> Died:
    """A cell whose child is gone. steps: what was done to end it, if anything."""
    what = f"{who} ended ({ending}); the next cell runs in a new one"
    if steps:
        what = f"interrupted; {'; '.join(steps)}; the next cell runs in a new one"
    return Died(ename, what, traceback(ename, what, cell, None))


def traceback(ename: str, evalue: str, cell: Cell, line: int | None) -> tuple[str, ...]:
    """The error, and the cell's lines around the one that failed (from 1), where it is known."""
    head = f"{_RED}{_BOLD}{ename}{_OFF}: {evalue}"
    lines = cell.code.split("\n")
    if line is None or not 1 <= line <= len(lines) + 1:
        return (head,)
    shown = []
    width = len(str(min(line + _AROUND, len(lines))))
    for number in range(max(1, line - _AROUND), min(line + _AROUND, len(lines)) + 1):
        text = shorten(lines[number - 1], 160)
        if number == line:
            shown.append(f"{_GREEN}----> {number:>{width}}{_OFF} {text}")
        else:
            shown.append(f"      {number:>{width}} {text}")
    return (head, f"{_GREEN}{cell.name}, line {line}{_OFF}", *shown)


def shorten(text: str, most: int = 60) -> str:
    """The text in at most so many code points."""
    return text if len(text) <= most else text[: most - 3] + "..."
