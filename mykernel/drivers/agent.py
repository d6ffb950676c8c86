"""Drive a REPL that has an agent: a script of ours that runs in it and writes marks.

The driver types one line at a time and reads until the agent's D mark for that line has
come on all streams. Of a cell's line, what stands between its C mark and its D mark is
output; all else is the echo of what was typed, or comes from background jobs.

Before ^C, the number of the line that it is for is written to the file `interrupted` in the
private folder: an agent that may hear of a signal late can tell whether it is for another one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal

from mykernel.contract import CellOutput, SessionOptions, Shown, StreamName
from mykernel.drivers.background import Background
from mykernel.drivers.display import DisplayReader, Trouble
from mykernel.drivers.echo import Echo
from mykernel.drivers.input import InputWatch
from mykernel.drivers.interruption import Interruption
from mykernel.drivers.limits import LimitWatch, Overrun
from mykernel.drivers.line import Line, Program
from mykernel.drivers.outputs import Unseen
from mykernel.drivers.prompts import Prompted
from mykernel.drivers.stream import CellStream, undrawn
from mykernel.errors import ChildNotStarted
from mykernel.markers import Event, Mark, Text, new_nonce
from mykernel.terminal import Command, Ending, Reader, Terminal
from mykernel.terminal.processes import time_used

log = logging.getLogger(__name__)

_MODES: Mapping[str, Literal["line", "key", "editor"]] = {
    "line": "line",
    "key": "key",
    "editor": "editor",
}
# Seconds until a child that has said nothing is taken to hang in its start files.
_START_TIMEOUT = 30.0
# Seconds of processor time in that while by which a start is known to go on, as a compiler does
# on a busy machine; and those from which on it is taken to go round in circles.
_AT_WORK, _ENDLESS = 0.5, 60.0
# Seconds that a child has to end by itself.
_FAREWELL = 1.0
# Seconds that a line has to begin after a prompt that was not its own.
_RETYPE_DELAY = 0.05
# Seconds between two looks whether the child still waits for a line that was typed.
_LOST_PAUSE = 0.25
# Seconds between two looks at one who may go on drawing.
_LINGER_PAUSE = 0.01
# Code points that are kept of what is said before a line begins.
_COLLECTED = 10_000


class AgentChild:
    """One child with its agent, from start to end. It is not started anew; make another.

    program: given the private folder and the nonce, says what to start, and may put
    files into the folder first.
    last_field: the key of the D mark whose value may hold semicolons.
    folder: of a session that goes on with it in another child, and removes it; None for a new
    one, which goes with the child.
    """

    def __init__(
        self,
        program: Callable[[Path, str], Program],
        options: SessionOptions,
        last_field: str,
        folder: Path | None = None,
    ) -> None:
        self._options = options
        self._last_field = last_field
        self._echo = Echo()
        merged = options.merge_stderr or bool(options.launcher)
        # Where it writes its marks; what it has to say of itself comes on the last of them.
        self.streams: tuple[StreamName, ...] = ("stdout",) if merged else ("stdout", "stderr")
        self._line: Line | None = None
        self._count = 0
        self._questions: InputWatch | None = None
        # Who reads at fixed prompts, once that is known.
        self._home: Reader | None = None
        self.ending: Ending | None = None
        # Limits that were hit while no cell ran.
        self.overruns: list[Overrun] = []
        self._gone = asyncio.get_running_loop().create_future()
        self.nonce = nonce = new_nonce()
        self.folder = folder or private_folder()
        self._keeps_folder = folder is not None
        try:
            what = self._program = program(self.folder, nonce)
            self._greeting = list(what.greeting)
            self._terminal = Terminal(
                Command(
                    argv=[*options.launcher, *what.argv],
                    env=what.env,
                    folder=str(self.folder),
                    nonce=nonce,
                    rows=options.rows,
                    columns=options.columns,
                    kept=self._keeps_folder,
                    merged=merged,
                    error_variable="" if merged else what.error_variable,
                    relayed=bool(options.launcher),
                ),
                self._receive,
                self._ended,
            )
        except BaseException:
            self._remove_folder()
            raise
        self._background = Background(self._terminal)
        self._displays = DisplayReader()
        self._limits = LimitWatch(self._terminal, options, self._over_limit)

    async def started(self, asked: CellOutput | None = None) -> Line:
        """Wait for the first D mark, which ends line 0. Raises `ChildNotStarted`.

        asked: who answers what a launcher asks, such as a password; None where it cannot.
        """
        line = self._line = Line(0, None, asyncio.get_running_loop().create_future())
        self._expect_prompts(line, ())
        if asked is not None or line.prompted is not None:
            self._questions = InputWatch(self._terminal, asked or Unseen(), line.prompted)
            self._questions.start()
        reason, used = "", 0.0
        while not reason and not line.done.done():
            await asyncio.wait([line.done], timeout=_START_TIMEOUT)
            if line.done.done() or (self._questions is not None and self._questions.asking):
                continue
            # Not at every start, since it takes a look at all processes of the machine.
            before, used = used, time_used(self._terminal.guardian)
            if used - before <= _AT_WORK or used >= _ENDLESS:
                reason = f"it did not come to its prompt in {_START_TIMEOUT:.0f} s"
        self._no_more_questions()
        if reason:
            await self.close()
        elif self.ending is not None:
            reason = f"it ended ({self.ending})"
        if reason:
            launcher = self._options.launcher
            if launcher:
                reason += f"; to see more, run `{shlex.join(launcher)} sh` in a terminal"
            argv = [*launcher, *self._program.argv]
            raise ChildNotStarted(argv, line.collected, reason)
        self._limits.start()
        return line

    def _expect_prompts(self, line: Line, rest: Iterable[str]) -> None:
        if (prompts := self._program.prompts) is not None:
            first = partial(self._type, line) if line.number else None
            line.prompted = Prompted(prompts, self._terminal, line.number, first, rest, self._home)

    def _no_more_questions(self) -> None:
        if self._questions is not None:
            self._questions.stop()
            self._questions = None

    async def run(
        self, typed: str, output: CellOutput | None = None, rest: Iterable[str] = ()
    ) -> Line:
        """Type a line, in which {i} stands for its number, and wait for its end.

        It may have to be typed more than once, and must then run once: an interrupt that
        comes late, for the line before, makes a shell throw away what it has been given.
        When the child has died, `ending` is set. Lines must not overlap.

        rest: what is typed at the prompts that follow, as it is, where prompts are fixed; see
        `Prompted`.
        """
        if self._line is not None:
            raise RuntimeError("a line is already running")
        self._count += 1
        line = Line(self._count, output, asyncio.get_running_loop().create_future())
        if self.ending is not None:
            return line
        self._line = line
        line.typed = typed.replace("{i}", str(line.number)) + "\n"
        self._expect_prompts(line, rest)
        if line.prompted is None:
            self._type(line)
        else:
            self._questions = InputWatch(self._terminal, Unseen(), line.prompted)
            self._questions.start()
        await line.done
        return line

    def _type(self, line: Line) -> None:
        if self._line is line and not {*line.begun, *line.ended} - {"stderr"}:
            line.times_typed += 1
            self._background.release()
            self._mark_stderr("C", line)
            self._echo.expect(line.typed)
            self._terminal.restore_modes()
            self._terminal.write(line.typed.encode())
            if self._program.single_threaded:
                line.unless_it_arrives(_LOST_PAUSE, self._look, line, None)

    def _look(self, line: Line, before: Reader | None) -> None:
        """Type a line again that somebody else in the terminal has thrown away (tcflush).

        before: who waited for input at the last look. When the child still waits, and there is
        nothing to be read, it has not got the line.
        """
        if self._line is not line:
            return
        reader = self._terminal.foreground.reader()
        at_rest = reader is not None and reader.pid == self._terminal.leader
        if at_rest and reader == before and not self._terminal.typed_ahead:
            self._type(line)
        else:
            line.unless_it_arrives(_LOST_PAUSE, self._look, line, reader)

    @property
    def number(self) -> int:
        """The number of the line that was typed last, 0 for none."""
        return self._count

    @property
    def running(self) -> bool:
        """Whether a typed line has not ended."""
        return self._line is not None

    @property
    def terminal(self) -> Terminal:
        return self._terminal

    def interrupt(self) -> None:
        """Interrupt the running line, once it has begun. Nothing happens when none runs."""
        line = self._line
        if line is None:
            return
        if line.number == 0:
            if self._questions is not None:  # which nobody wants to answer
                self._terminal.end()
            return
        if line.interruption is None:
            line.interruption = Interruption(self._terminal, self._program.interrupts_once)
        # Before its C mark the shell would throw away what was typed, or what it reads.
        if line.output is None or "stdout" in line.begun:
            self._press(line)

    def _press(self, line: Line) -> None:
        if line.prompted is not None:
            reader = self._terminal.foreground.reader()
            between = reader is not None and line.prompted.waits(reader)
            line.prompted.stop()
            if between:
                return  # nothing runs; what is typed next asks for the end
        with suppress(OSError):
            (self.folder / "interrupted").write_text(str(line.number), encoding="ascii")
        if self._program.interrupts_child:
            self._terminal.interrupt_child()
        echo = self._terminal.interrupt()
        if line.stream is not None:
            line.stream.interrupted(echo, self._program.unblock)

    def _over_limit(self, overrun: Overrun) -> None:
        line = self._line
        if line is None or line.output is None:
            self.overruns.append(overrun)
        else:
            line.overrun = line.overrun or overrun
            self.interrupt()
        if overrun.fatal:
            self._terminal.end()

    async def close(self, farewell: str = "") -> None:
        """End the child and all that it started.

        farewell: a line that has it end by itself; it is typed to a child at its prompt.
        """
        if farewell and self._line is None and self.ending is None:
            self._terminal.write(f"{farewell}\n".encode())
            await asyncio.wait([self._gone], timeout=_FAREWELL)
        if self.ending is None:
            # Its absence tells the agent that the end is meant.
            self._remove_folder()
            self._terminal.end()
        await asyncio.shield(self._gone)

    def _remove_folder(self) -> None:
        if not self._keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _ended(self, ending: Ending) -> None:
        self._limits.stop()
        self._no_more_displays()
        self._background.close()
        self.ending = ending
        self._remove_folder()
        self._gone.set_result(None)
        if self._line is not None:
            self._finish(self._line, ending)

    def _finish(self, line: Line, ending: Ending | None) -> None:
        self._line = None
        line.arrived()
        if line.prompted is not None:
            self._home = line.prompted.home
        if line.number:
            self._no_more_questions()
        if line.stream is not None:
            line.stream.stop()
        if line.interruption is not None:
            line.interruption.cancel()
        if not line.done.done():
            line.done.set_result(ending)

    def _receive(self, name: StreamName, event: Event) -> None:
        if isinstance(event, Text):
            self._text(name, event.text)
        elif event.kind == "J":
            self._display(self._displays.feed(event))
        elif isinstance(event, Mark):
            self._mark(name, event)

    def _text(self, name: StreamName, text: str) -> None:
        line = self._line
        if line is not None and line.output is not None and name in line.begun - line.ended:
            # stderr's C mark may come before stdout's.
            line.stream = line.stream or self._new_stream(line, line.output)
            if line.newline and name == "stdout":
                text, line.newline = text.removeprefix("\n"), False
            line.stream.text(name, text)
            return
        if name == "stdout":
            text = self._echo.remove(text)
        if not text:
            return
        if line is not None and name not in line.ended and self._is_its_own(line, name):
            line.collected = (line.collected + text)[-_COLLECTED:]
            if self._questions is not None:
                self._questions.said(name, self._questions.passing(name, text))
            if self._greeting:
                self._greet(line)
        else:
            self._between(name, text)

    def _new_stream(self, line: Line, output: CellOutput) -> CellStream:
        return CellStream(self._terminal, output, line.prompted)

    def _is_its_own(self, line: Line, name: StreamName) -> bool:
        """What the shell says when it starts, or of a line that it cannot parse; else a job's."""
        if line.number == 0 or not self._program.marks_stderr:
            return True
        alone = len(self.streams) == 1
        return name == self.streams[-1] and not (alone and line.output is None)

    def _greet(self, line: Line) -> None:
        prompt, typed = self._greeting[0]
        if prompt in line.collected:
            line.collected = ""
            self._greeting.pop(0)
            self._terminal.write(typed.encode())

    def _display(self, shown: Shown | Trouble | None) -> None:
        if isinstance(shown, Trouble):
            self._say(f"mykernel: a display could not be shown: {shown.reason}\n")
        elif shown is not None and (stream := self._stream_of_cell()):
            stream.display(shown)
        elif shown is not None:
            self._background.display(shown)
            if self._line is None:
                self._background.hold()

    def _say(self, text: str) -> None:
        if stream := self._stream_of_cell():
            stream.text("stderr", text)
        else:
            self._background.text("stderr", text)

    def _stream_of_cell(self) -> CellStream | None:
        """Where a display goes while a cell runs; between cells it comes from background jobs."""
        line = self._line
        return line.stream if line is not None and "stdout" in line.begun - line.ended else None

    def _no_more_displays(self) -> None:
        """Nobody lives who could go on with those that have begun."""
        for trouble in self._displays.give_up():
            self._display(trouble)

    def _between(self, name: StreamName, text: str) -> None:
        """Pass on what background jobs write while no cell runs."""
        if not self._program.works_between:
            return
        line = self._line
        if line is not None and line.stream is not None and line.stream.dismissed:
            # One who goes on drawing may do so before the D mark has come on the other stream.
            line.left[name] = line.left.get(name, "") + text
            return
        self._background.text(name, text)
        if self._line is None:
            self._background.hold()

    def _mark(self, name: StreamName, mark: Mark) -> None:
        line = self._line
        if line is None:
            return
        if mark.kind == "R":
            line.replies.append(mark)
        elif mark.kind == "X" and line.stream is not None:
            line.stream.command_ended(name)
        elif mark.kind == "W":
            self._terminal.foreground.told(_reader(mark.fields()))
        elif mark.kind == "C":
            line.newline = mark.fields().get("n") == "1"
            self._begin(line, name)
        elif mark.kind == "D":
            fields = mark.fields(last=self._last_field)
            if fields.get("i") != str(line.number):
                # A prompt that an earlier interrupt has left behind, or a shell taken up anew.
                if name == "stdout" and line.number and line.prompted is None:
                    line.unless_it_arrives(_RETYPE_DELAY, self._type, line)
                return
            if name == "stdout":
                line.fields = fields
                self._terminal.settle(seen=fields.get("w") == "1")
                jobs = fields.get("j", "")
                if not jobs:
                    self._no_more_displays()
                self._background.jobs_live(map(int, jobs.split()))
                self._mark_stderr("D", line)
                if line.stream is not None and (echo := line.stream.input.echo):
                    # What unblocked a reader that had just stopped reading is echoed only now.
                    self._echo.expect(echo)
            line.ended.add(name)
            if len(line.ended) == len(self.streams):
                self._end(line)

    def _end(self, line: Line) -> None:
        """Finish the line, once nobody whom it started draws any more."""
        if line.stream is not None and line.stream.dismissed:
            linger = self._linger(line, line.stream)
            line.lingering = asyncio.get_running_loop().create_task(linger)
        else:
            self._finish(line, None)

    async def _linger(self, line: Line, stream: CellStream) -> None:
        stream.input.stop()
        while stream.lingers:  # noqa: ASYNC110 - no event tells of the end of a process group
            await asyncio.sleep(_LINGER_PAUSE)
        stream.end_lingering()
        await self._terminal.caught_up()
        line.lingering = None
        if self._line is line:
            for name, text in line.left.items():
                self._background.text(name, undrawn(text))
            self._finish(line, None)

    def _mark_stderr(self, kind: str, line: Line) -> None:
        if "stderr" in self.streams and not self._program.marks_stderr:
            mark = f"\x1b]133;{kind};k={self.nonce};i={line.number}\a"
            self._terminal.write_behind_stderr(mark.encode())

    def _begin(self, line: Line, name: StreamName) -> None:
        line.arrived()
        line.begun.add(name)
        if name == "stdout":
            if text := self._echo.flush():
                self._between("stdout", text)
            if line.prompted is not None:
                line.prompted.begun = True
            if line.output is not None:
                self._no_more_questions()
                self._background.cell_begins(line.output)
                line.stream = line.stream or self._new_stream(line, line.output)
                if line.times_typed > 1:
                    # The last one may be echoed only now.
                    line.stream.input.typed(line.typed)
            if line.interrupted:
                self._press(line)


def _reader(fields: Mapping[str, str]) -> Reader | None:
    """Who reads on the other side, as its W mark tells; None where nobody does any more."""
    mode = _MODES.get(fields.get("m", ""))
    if mode is None:
        return None
    pid, wakings = (int(fields.get(key) or 1) for key in ("p", "t"))
    return Reader(pid, mode, fields.get("e") == "1", wakings=wakings)


def private_folder() -> Path:
    """A new folder that only this user may enter, in memory where the system offers that."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    parent = runtime if runtime and os.access(runtime, os.W_OK | os.X_OK) else None
    return Path(tempfile.mkdtemp(prefix="mykernel-", dir=parent))


def leader_of(child: AgentChild | None, options: SessionOptions) -> int | None:
    """The program's process id; None where it does not live, or a launcher stands before it."""
    if child is None or child.ending is not None or options.launcher:
        return None
    return child.terminal.leader or None
