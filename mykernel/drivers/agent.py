"""Drive a REPL that has an agent: a script of ours that runs in it and writes marks.

The driver types one line at a time and reads until the agent's D mark for that line has
come on both streams. Of a cell's line, what stands between its C mark and its D mark is
output; all else is the echo of what was typed, or comes from background jobs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mykernel.contract import CellOutput, SessionOptions, StreamName
from mykernel.drivers.echo import Echo
from mykernel.drivers.interruption import Interruption
from mykernel.drivers.stream import CellStream
from mykernel.errors import ChildNotStarted
from mykernel.markers import Event, Mark, Text, new_nonce
from mykernel.terminal import Command, ControlFilter, Ending, Terminal

log = logging.getLogger(__name__)

_STREAMS: tuple[StreamName, StreamName] = ("stdout", "stderr")
# Seconds until a child that has said nothing is taken to hang in its start files.
_START_TIMEOUT = 30.0
# Seconds that a line has to begin after a prompt that was not its own.
_RETYPE_DELAY = 0.05


@dataclass(frozen=True, slots=True)
class Program:
    """What to start. error_variable: as in `terminal.Command`."""

    argv: Sequence[str]
    env: Mapping[str, str]
    error_variable: str = ""


@dataclass(slots=True)
class Line:
    """A typed line and what has come of it so far.

    number: from 1, rising; the agent repeats it in its D mark as "i".
    output: takes text between C and D; None for a query, whose text is collected.
    starved: whether it asked for input that nobody could give.
    """

    number: int
    output: CellOutput | None
    done: asyncio.Future[Ending | None]
    typed: str = ""
    times_typed: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    replies: list[Mark] = field(default_factory=list)
    collected: list[str] = field(default_factory=list)
    begun: set[StreamName] = field(default_factory=set)
    ended: set[StreamName] = field(default_factory=set)
    interruption: Interruption | None = None
    retype: asyncio.TimerHandle | None = None
    stream: CellStream | None = None

    @property
    def interrupted(self) -> bool:
        return self.interruption is not None

    @property
    def steps(self) -> Sequence[str]:
        """What it took to interrupt the line, beyond ^C."""
        return self.interruption.steps if self.interruption is not None else ()

    @property
    def starved(self) -> bool:
        return self.stream is not None and self.stream.input.starved


class AgentChild:
    """One child with its agent, from start to end. It is not started anew; make another.

    program: given the private folder and the nonce, says what to start, and may put
    files into the folder first.
    last_field: the key of the D mark whose value may hold semicolons.
    """

    def __init__(
        self,
        program: Callable[[Path, str], Program],
        options: SessionOptions,
        last_field: str,
    ) -> None:
        self._options = options
        self._last_field = last_field
        self._echo = Echo()
        self._filters = {name: ControlFilter() for name in _STREAMS}
        self._line: Line | None = None
        self._count = 0
        self.ending: Ending | None = None
        self._gone = asyncio.get_running_loop().create_future()
        self.nonce = nonce = new_nonce()
        self.folder = Path(_private_folder())
        try:
            what = program(self.folder, nonce)
            self._argv = what.argv
            self._terminal = Terminal(
                Command(
                    argv=what.argv,
                    env=what.env,
                    folder=str(self.folder),
                    nonce=nonce,
                    rows=options.rows,
                    columns=options.columns,
                    error_variable=what.error_variable,
                ),
                self._receive,
                self._ended,
            )
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    async def started(self) -> Line:
        """Wait for the first D mark, which ends line 0. Raises `ChildNotStarted`."""
        line = self._line = Line(0, None, asyncio.get_running_loop().create_future())
        try:
            await asyncio.wait_for(asyncio.shield(line.done), _START_TIMEOUT)
        except asyncio.TimeoutError:
            await self.close()
            wrote = "".join(line.collected)
            reason = f"it gave no sign of life for {_START_TIMEOUT:.0f} s"
            raise ChildNotStarted(self._argv, wrote, reason) from None
        if self.ending is not None:
            wrote = "".join(line.collected)
            raise ChildNotStarted(self._argv, wrote, f"it ended ({self.ending})")
        return line

    async def run(self, typed: str, output: CellOutput | None = None) -> Line:
        """Type a line, in which {i} stands for its number, and wait for its end.

        It may have to be typed more than once, and must then run once: an interrupt that
        comes late, for the line before, makes a shell throw away what it has been given.
        When the child has died, `ending` is set. Lines must not overlap.
        """
        if self._line is not None:
            raise RuntimeError("a line is already running")
        self._count += 1
        line = Line(self._count, output, asyncio.get_running_loop().create_future())
        if self.ending is not None:
            return line
        self._line = line
        line.typed = typed.replace("{i}", str(line.number)) + "\n"
        self._type(line)
        await line.done
        for part in (line.stream, line.interruption):
            if part is not None:
                part.stop()
        return line

    def _type(self, line: Line) -> None:
        if self._line is line and not line.begun and not line.ended:
            line.times_typed += 1
            self._echo.expect(line.typed)
            self._terminal.restore_modes()
            self._terminal.write(line.typed.encode())

    @property
    def terminal(self) -> Terminal:
        return self._terminal

    def interrupt(self) -> None:
        """Interrupt the running line, once it has begun. Nothing happens when none runs."""
        line = self._line
        if line is None or line.number == 0:
            return
        if line.interruption is None:
            line.interruption = Interruption(self._terminal)
        # Before its C mark the shell would throw away what was typed, or what it reads.
        if line.output is None or "stdout" in line.begun:
            self._press(line)

    def _press(self, line: Line) -> None:
        echo = self._terminal.interrupt()
        if line.stream is not None:
            line.stream.interrupted(echo)

    async def close(self) -> None:
        """End the child and all that it started."""
        if self.ending is None:
            # Its absence tells the agent that the end is meant.
            shutil.rmtree(self.folder, ignore_errors=True)
            self._terminal.end()
        await asyncio.shield(self._gone)

    def _ended(self, ending: Ending) -> None:
        self.ending = ending
        shutil.rmtree(self.folder, ignore_errors=True)
        self._gone.set_result(None)
        if self._line is not None:
            self._finish(self._line, ending)

    def _finish(self, line: Line, ending: Ending | None) -> None:
        self._line = None
        if not line.done.done():
            line.done.set_result(ending)

    def _receive(self, name: StreamName, event: Event) -> None:
        if isinstance(event, Text):
            self._text(name, event.text)
        else:
            self._mark(name, event)

    def _text(self, name: StreamName, text: str) -> None:
        line = self._line
        if line is not None and line.output is not None and name in line.begun - line.ended:
            # stderr's C mark may come before stdout's.
            line.stream = line.stream or CellStream(self._terminal, line.output)
            line.stream.text(name, text)
            return
        if name == "stdout":
            text = self._echo.remove(text)
        if not text:
            return
        if line is not None and (line.output is None or name not in line.ended):
            # A query's own noise, or what the shell says of a line that it cannot parse.
            line.collected.append(text)
        else:
            self._between(name, text)

    def _between(self, name: StreamName, text: str) -> None:
        """Pass on what background jobs write while no cell runs."""
        kept = [part for part in self._filters[name].feed(text) if isinstance(part, str)]
        if kept:
            self._options.between_cells(name, "".join(kept))

    def _mark(self, name: StreamName, mark: Mark) -> None:
        line = self._line
        if line is None:
            return
        if mark.kind == "R":
            line.replies.append(mark)
        elif mark.kind == "C":
            self._begin(line, name)
        elif mark.kind == "D":
            fields = mark.fields(last=self._last_field)
            if fields.get("i") != str(line.number):
                # A prompt that an earlier interrupt has left behind, or a shell taken up anew.
                if name == "stdout" and line.number:
                    if line.retype is not None:
                        line.retype.cancel()
                    later = asyncio.get_running_loop().call_later
                    line.retype = later(_RETYPE_DELAY, self._type, line)
                return
            if name == "stdout":
                line.fields = fields
                self._terminal.leader = int(fields.get("p") or 0)
            line.ended.add(name)
            if len(line.ended) == len(_STREAMS):
                self._finish(line, None)

    def _begin(self, line: Line, name: StreamName) -> None:
        line.begun.add(name)
        if name == "stdout":
            if text := self._echo.flush():
                self._between("stdout", text)
            if line.output is not None:
                line.stream = line.stream or CellStream(self._terminal, line.output)
                if line.times_typed > 1:
                    # The last one may be echoed only now.
                    line.stream.input.typed(line.typed)
            if line.interrupted:
                self._press(line)


def _private_folder() -> str:
    """A new folder that only this user may enter, in memory where the system offers that."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    parent = runtime if runtime and os.access(runtime, os.W_OK | os.X_OK) else None
    return tempfile.mkdtemp(prefix="mykernel-", dir=parent)
