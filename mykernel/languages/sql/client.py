"""One run of a database's program, driven by scripts that it reads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mykernel.contract import CellOutput, Failed, NobodyThere, SessionOptions, StreamName
from mykernel.drivers.agent import AgentChild
from mykernel.drivers.line import Line, Program
from mykernel.drivers.outputs import Passing, Unseen
from mykernel.languages.sql import dotted
from mykernel.languages.sql.connection import Connection
from mykernel.languages.sql.dialect import Dialect
from mykernel.languages.sql.records import RowReader
from mykernel.terminal import Ending

# Seconds between two attempts to have a program go on that was interrupted.
_PATIENCE = 0.1
# Seconds until the first one.
_BEHIND = 0.01
# Seconds that a statement has to begin: a ^C before that would be forgotten, and DuckDB exits at
# a second one.
_SETTLED = 0.1


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a script. fault: the program's own words, "" when all went well.

    rows: what it wrote as rows; None for a script whose text goes to the terminal.
    """

    fault: str
    interrupted: bool
    starved: bool
    steps: tuple[str, ...]
    rows: RowReader | None


class Client:
    """A database's program from start to end. It is not started anew; make another."""

    def __init__(
        self, dialect: Dialect, program: Path, options: SessionOptions, connection: Connection
    ) -> None:
        self._dialect = dialect
        self.connection = connection
        self._number = 0
        # What stands for NULL, and no value is.
        self.null = f"null-{os.urandom(16).hex()}"
        # From the last mark: as psql's %x, " " where the program does not tell.
        self.transaction = ""
        self._line_runs, self._began = False, 0.0

        def start(folder: Path, nonce: str) -> Program:
            what = dialect.start(program, folder, nonce, connection, options.startup_files)
            os.mkfifo(folder / "rows", 0o600)
            once = bool(dialect.after_interrupt)
            return Program(what.argv, what.env, works_between=False, interrupts_once=once)

        # The order between the program's own streams is what tells an error from an output.
        told = replace(options, merge_stderr=True, launcher=())
        self._child = AgentChild(start, told, last_field="t")

    @property
    def process(self) -> int | None:
        """The program's process id; None when it has ended."""
        return self._child.terminal.leader or None if self._child.ending is None else None

    @property
    def ending(self) -> Ending | None:
        return self._child.ending

    @property
    def disconnected(self) -> bool:
        r"""Whether the program lives on without a database, as psql does behind a failed `\c`."""
        return self.transaction == "?"

    @property
    def ends(self) -> bool:
        """Whether it is gone or about to: its folder goes first. `close` waits for the rest."""
        return self.ending is not None or not self._child.folder.exists()

    async def started(self, asked: CellOutput | None) -> None:
        """Wait until it is ready. Raises `ChildNotStarted`."""
        await self._child.started(asked)

    async def run(
        self, statement: str, output: CellOutput, limit: int | None, read_rows: bool = True
    ) -> Ran:
        """Have a statement run. limit: of rows that are kept, None or 0 for all.

        Raises OSError when the statement cannot be handed over.
        """
        try:
            return await self._run(statement, output, limit, read_rows)
        except FileNotFoundError:
            # Its folder goes with the program, file by file, before its end is known.
            await self.close()
            return Ran("", False, False, (), None)

    async def _run(
        self, statement: str, output: CellOutput, limit: int | None, read_rows: bool
    ) -> Ran:
        dialect = self._dialect
        number = self._next()
        where = self._where(number)
        self._put(where["statement"], statement)
        middle = dialect.query if read_rows else dialect.plain
        self._write(where["here"], dialect.begins + middle + dialect.ends, where)
        if dialect.after_interrupt:
            self._write(where["after"], dialect.after_interrupt, where)
        rows = RowReader(Path(where["rows"]), dialect.wire, limit or 0) if read_rows else None
        said = _Said(dialect, where["after"], output, self._child.interrupt)
        self._line_runs, self._began = True, asyncio.get_running_loop().time()
        try:
            line = await self._child.run(self._typed(where["here"]), said)
            self._line_runs = False
            said.flush()
            if line.interrupted and self.ending is None:
                # The script may have come to its end before it has closed the pipe.
                await self._finish()
        finally:
            self._line_runs = False
            if rows is not None:
                rows.close()
        _remove(where["statement"])
        self.transaction = line.fields.get("t", "")
        starved = line.starved or said.starved
        interrupted = line.interrupted and not said.starved
        return Ran(said.fault, interrupted, starved, tuple(line.steps), rows)

    async def ask(self, command: str, text: str) -> str | Failed:
        """Run one of `Dialect.directives`: what it has written to its file."""
        if "\n" in text:
            return Failed("ValueError", f"{self._dialect.name} takes no newline here")
        answer = self._child.folder / "answer"
        name, _, value = text.partition("=")
        quote = self._dialect.quote
        script = command.format(text=quote(text), name=name, value=quote(value), answer=answer)
        said = Unseen()
        ran = await self.run(f"{script}\n", said, 0, read_rows=False)
        # None of these commands says anything when all goes well.
        if self.ending is not None or ran.interrupted or ran.fault or said.collected:
            return Failed("NotDone", (ran.fault + said.collected).strip() or "interrupted")
        found = answer.read_text("utf-8", "replace") if answer.exists() else ""
        answer.unlink(missing_ok=True)
        return found

    async def _finish(self) -> Line:
        where = self._where(self._next())
        self._write(where["here"], self._dialect.begins + self._dialect.ends, where)
        return await self._child.run(self._typed(where["here"]))

    def interrupt(self) -> None:
        """Interrupt what runs, if anything does."""
        loop = asyncio.get_running_loop()
        early = self._began + _SETTLED - loop.time()
        if self._line_runs and self._dialect.after_interrupt and early > 0:
            loop.call_later(early, self._interrupt_late, self._number)
            return
        self._child.interrupt()
        if self._child.running and self._dialect.after_interrupt and self._line_runs:
            # Behind ^C, which throws away what was typed.
            later = asyncio.get_running_loop().call_later
            later(_BEHIND, self._go_on, self._number)

    def _interrupt_late(self, number: int) -> None:
        if self._line_runs and number == self._number:
            self.interrupt()

    def _go_on(self, number: int) -> None:
        """^C has thrown away what was to be read next, the end of the script with it."""
        if self._line_runs and number == self._number and self.ending is None:
            path = self._where(number)["after"]
            self._child.terminal.write((self._typed(path) + "\n").encode())
            asyncio.get_running_loop().call_later(_PATIENCE, self._go_on, number)

    async def close(self) -> None:
        """End the program."""
        await self._child.close()

    def _next(self) -> int:
        """The number of the next script. The last one's stays: a line that was typed twice may
        still ask for it."""
        self._number += 1
        old = self._where(self._number - 2)
        _remove(old["here"], old["after"])
        return self._number

    def _where(self, number: int) -> Mapping[str, str]:
        folder = self._child.folder
        return {
            "here": str(folder / f"{number}"),
            "after": str(folder / f"{number}-after"),
            "statement": str(folder / f"{number}.sql"),
            "rows": str(folder / "rows"),
        }

    def _write(self, path: str, script: str, where: Mapping[str, str]) -> None:
        fields = {key: self._dialect.quote(value) for key, value in where.items()}
        fields |= {"k": self._child.nonce, "i": str(self._number), "null": self.null}
        self._put(path, script.format_map(fields))

    def _put(self, path: str, text: str) -> None:
        Path(path).write_text(text, "utf-8", "surrogatepass")

    def _typed(self, path: str) -> str:
        return self._dialect.read.format(path=self._dialect.quote(path))


def _remove(*paths: str) -> None:
    for path in paths:
        Path(path).unlink(missing_ok=True)


class _Said(Passing):
    """What the program says to the terminal: errors are kept, all else is passed on.

    echo: what lines hold that were typed in our name while the statement ran.
    interrupt: ends a question that nobody answers. At an end-of-file psql itself would end.
    """

    def __init__(
        self, dialect: Dialect, echo: str, output: CellOutput, interrupt: Callable[[], None]
    ) -> None:
        super().__init__(output)
        self._interrupt = interrupt
        self.starved = False
        self._dialect = dialect
        self._echo = echo
        self._unfinished = ""
        self._begun = False
        self.fault = ""

    def text(self, _name: StreamName, text: str) -> None:
        *lines, self._unfinished = (self._unfinished + text).split("\n")
        for line in lines:
            self._line(line + "\n")

    def _line(self, line: str) -> None:
        # A mark is followed by the newline of the command that has printed it.
        if not self._begun and line == "\n" and self._dialect.after_interrupt:
            self._begun = True
            return
        self._begun = True
        if self._echo in line or line in (dotted.ECHO_OFF, "^CCancel request sent\n"):
            return
        own = self._dialect.prefix.sub("", line)
        if self.fault or self._dialect.fault.match(line):
            self.fault += own
        elif own:
            self._output.text("stdout" if own == line else "stderr", own)

    def flush(self) -> None:
        if self._unfinished:
            self._line(self._unfinished)
            self._unfinished = ""

    async def input(self, prompt: str, password: bool) -> str | None:
        self._begun = True
        try:
            return await super().input(prompt, password)
        except NobodyThere:
            self.starved = True
            self._output.text("stdout", prompt)
            self._interrupt()
            return await asyncio.Future()
