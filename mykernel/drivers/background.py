"""The way of a background job's text, while no cell runs, to the output of a cell.

One terminal does not tell who writes. But it is known which cell started which of the jobs
that live: when they are all of one cell, what comes is of that cell.
"""

from __future__ import annotations

from collections.abc import Iterable

from mykernel.contract import CellOutput, Shown, StreamName
from mykernel.drivers.back_pressure import BackPressure
from mykernel.terminal import ControlFilter, Terminal


class Background:
    """Text goes to the cell that started all jobs that live, else to the latest one."""

    def __init__(self, terminal: Terminal) -> None:
        self._filters: dict[StreamName, ControlFilter] = {
            "stdout": ControlFilter(),
            "stderr": ControlFilter(),
        }
        self._back_pressure = BackPressure(terminal)
        self._latest: CellOutput | None = None
        self._starters: dict[int, CellOutput] = {}

    def cell_begins(self, output: CellOutput) -> None:
        """It is the latest one from here on."""
        before, self._latest = self._outputs(), output
        self._close(before - self._outputs())

    def jobs_live(self, jobs: Iterable[int]) -> None:
        """Note the jobs that live, by any number that stays theirs; new ones are the latest cell's.

        To be called when a line has ended.
        """
        if self._latest is not None:
            before, latest = self._outputs(), self._latest
            self._starters = {job: self._starters.get(job, latest) for job in jobs}
            self._close(before - self._outputs())

    def text(self, name: StreamName, text: str) -> None:
        """Pass on what a job wrote. Before the first cell, nobody is there to see it."""
        kept = [part for part in self._filters[name].feed(text) if isinstance(part, str)]
        if kept and (output := self._owner()):
            output.text(name, "".join(kept))

    def display(self, shown: Shown) -> None:
        """Pass on what a job displays, as `text`."""
        if output := self._owner():
            output.display(shown)

    def hold(self) -> None:
        """Let jobs that write too much wait; to be called after `text` while no line runs."""
        if output := self._owner():
            self._back_pressure.heed(output)

    def release(self) -> None:
        """A line is typed, whose marks come behind what jobs have written."""
        self._back_pressure.release()

    def close(self) -> None:
        """The child has ended, and all jobs with it."""
        self.release()
        self._close(self._outputs())

    def _owner(self) -> CellOutput | None:
        starters = set(self._starters.values())
        return starters.pop() if len(starters) == 1 else self._latest

    def _outputs(self) -> set[CellOutput]:
        return {*self._starters.values(), *([self._latest] if self._latest is not None else [])}

    def _close(self, outputs: set[CellOutput]) -> None:
        for output in outputs:
            output.close()
