"""Drive a REPL by what its description says: one long-lived child, and the cells that run in it.

The description's start-up code is an agent, see `drivers.agent`, that marks stdout alone. All but
marks goes by files in the private folder: the cell, which the agent runs; and what came of it::

    error       how the cell failed, as text for people; where there is none, and nothing on
                stderr that begins as the description says, what the cell wrote last is taken for it
    result.txt  the value of its last expression, where it has one; result.html and so on for
                other forms of the same
    answer      to a question

A cell has failed when its D mark's "s" is not 0.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from mykernel.contract import (
    Cell,
    CellOutput,
    Completeness,
    Completion,
    Completions,
    Died,
    Failed,
    Ok,
    Outcome,
    SessionOptions,
    Toolchain,
)
from mykernel.drivers import failure
from mykernel.drivers.agent import AgentChild, leader_of
from mykernel.drivers.description import Description, Question
from mykernel.drivers.line import Line, Program
from mykernel.drivers.outputs import NamedCells, Unseen, WithoutFailure
from mykernel.drivers.prompts import FixedPrompts
from mykernel.drivers.results import take_result
from mykernel.errors import ChildNotStarted

# Seconds that an answer may take.
_QUERY_TIMEOUT = 3.0
_MOST = 1000
_NOT_INHERITED = frozenset({"COLUMNS", "JPY_PARENT_PID", "LINES"})
# A terminal and a line editor take these for keys, unless ^V comes before them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NEEDS_QUOTES = re.compile(r"[^A-Za-z0-9/._+-]")
_STATUSES: Mapping[str, Literal["complete", "incomplete", "invalid"]] = {
    "complete": "complete",
    "incomplete": "incomplete",
    "invalid": "invalid",
}


class ReplSession:
    """See `mykernel.contract.Session`."""

    def __init__(
        self, description: Description, toolchain: Toolchain, options: SessionOptions
    ) -> None:
        self._about = description
        self._who = description.display_name
        self._program = toolchain.path
        self._options = options
        self._child: AgentChild | None = None
        # Not yet at its first prompt.
        self._starting: AgentChild | None = None
        self._lock = asyncio.Lock()
        # Said at the head of the next cell's stderr.
        self._notes: list[str] = []
        # Whether a cell has the child.
        self._running = False
        self._interrupted = False
        # The cell's line that was typed last, from 1; None where a cell is not typed.
        self._typing: int | None = None

    async def start(self) -> None:
        """Bring the REPL up. Raises `ChildNotStarted`."""
        async with self._lock:
            await self._living()

    async def execute(self, cell: Cell, output: CellOutput) -> Outcome:
        self._interrupted = False
        async with self._lock:
            self._running = True
            try:
                # A child that has died since the last cell may be found out only by this one.
                outcome = await self._try(cell, output) or await self._try(cell, output)
            except ChildNotStarted as e:
                outcome = Failed("ReplNotStarted", str(e), (str(e),))
            except OSError as e:
                what = f"the cell could not be handed to {self._who}: {e}"
                outcome = Failed("OSError", what, (what,))
            finally:
                self._running = False
        if outcome is None:
            what = f"{self._who} ended before the cell began, twice; do start-up files end it?"
            outcome = Died("ReplDied", what, (what,))
        return outcome

    async def evaluate(self, expressions: Mapping[str, str]) -> dict[str, str | Failed]:
        """Each expression is run as a cell that nobody sees; its result counts."""
        values: dict[str, str | Failed] = {}
        for key, text in expressions.items():
            outcome = await self.execute(Cell(text, 0, "expression"), Unseen())
            if isinstance(outcome, Ok):
                bundle = outcome.result.data if outcome.result is not None else {}
                values[key] = str(bundle.get("text/plain", ""))
            else:
                values[key] = Failed(outcome.ename, outcome.evalue, outcome.traceback)
        return values

    async def complete(self, code: str, cursor_pos: int) -> Completions:
        how, before = self._about.completion, code[:cursor_pos]
        token = re.search(rf"(?:{how.token})\Z", before) if how is not None else None
        if how is None or token is None:
            return Completions(cursor_pos, cursor_pos)
        answer = await self._ask(how, f"{token[0]}\n{before}")
        items = [
            Completion(text, kind)
            for text, _, kind in (
                line.partition("\t") for line in dict.fromkeys(answer.split("\n"))
            )
            if text
        ]
        return Completions(token.start(), cursor_pos, items[:_MOST])

    async def inspect(self, code: str, cursor_pos: int, detail_level: int) -> Mapping[str, str]:
        how = self._about.inspection
        for token in re.finditer(how.token, code) if how is not None else ():
            if how is not None and token.start() <= cursor_pos <= token.end():
                before = code[: token.end()]
                answer = await self._ask(how, f"{token[0]}\n{detail_level}", before)
                return {"text/plain": answer.rstrip()} if answer.strip() else {}
        return {}

    async def is_complete(self, code: str) -> Completeness:
        how = self._about.completeness
        answer = await self._ask(how, code) if how is not None else ""
        return Completeness(_STATUSES.get(answer.strip(), "unknown"))

    async def ask(self, question: str, text: str) -> str | Failed:
        code = str(getattr(self._about.directives, question))
        self._interrupted = False
        async with self._lock:
            self._running = True
            try:
                child = await self._living()
                path = child.folder / "question"
                path.write_bytes(text.encode("utf-8", "surrogateescape"))
                code = code.replace("{folder}", str(child.folder)).replace("{path}", str(path))
                outcome = await self._run(child, Cell(code, 0, "directive"), Unseen())
            finally:
                self._running = False
        if outcome is None:
            return Failed("ReplDied", f"{self._who} had ended")
        if not isinstance(outcome, Ok):
            return Failed(outcome.ename, outcome.evalue, outcome.traceback)
        return _take(child.folder / "answer")

    @property
    def process(self) -> int | None:
        return leader_of(self._child, self._options)

    def interrupt(self) -> None:
        # Seen before a cell's line is typed, as when a new child is still to come up.
        self._interrupted = True
        if self._child is not None:
            self._child.interrupt()

    async def close(self) -> None:
        if self._starting is not None:
            await self._starting.close()
        if self._child is not None:
            await self._child.close(self._about.quit.run if self._about.quit is not None else "")

    async def _try(self, cell: Cell, output: CellOutput) -> Outcome | None:
        """Run the cell in the child that lives; None when it was gone before the cell began."""
        if self._child is not None:
            self._notes += [overrun.text for overrun in self._child.overruns]
            self._child.overruns.clear()
        child = await self._living()
        for note in self._notes:
            output.text("stderr", f"mykernel: {note}\n")
        self._notes.clear()
        if self._interrupted:
            return failure.interrupted(cell, self._who, None, ())
        return await self._run(child, cell, output) if cell.code.strip() else Ok()

    async def _run(self, child: AgentChild, cell: Cell, output: CellOutput) -> Outcome | None:
        how = self._about.failure
        begins = [one.replace("{cell}", cell.name) for one in how.begins]
        told = WithoutFailure(output, begins, how.warning)
        named = NamedCells(f"{child.folder}/", told)
        path = child.folder / cell.name
        data = cell.code.encode("utf-8", "surrogatepass")
        try:
            path.write_bytes(data)
            if "{content}" in self._about.cell.run:
                (child.folder / "content").write_bytes(data)
        except FileNotFoundError:
            if child.folder.exists():
                raise
            await child.close()
            return None
        self._typing = None
        run = _typed(self._about.cell.run, child, path)
        line = await child.run(run, named, self._rest(cell, named))
        named.flush()
        if child.ending is not None or line.fields.get("s") == "0":
            told.flush()
        if child.ending is not None and line.overrun is not None:
            return failure.killed_over_limit(cell, self._who, self._about.name, line.overrun)
        if child.ending is not None:
            if not (line.fields or "stdout" in line.begun or line.interrupted):
                return None
            return failure.died(cell, self._who, "ReplDied", child.ending, line.steps)
        return self._outcome(child.folder, cell, line, named.said, told.take().lstrip("\n"))

    def _rest(self, cell: Cell, named: NamedCells) -> Iterator[str]:
        """The cell's lines where they are typed, up to one that fails; keys in them are quoted."""
        if "{path}" in self._about.cell.run:
            return
        for number, line in enumerate(cell.code.rstrip("\n").split("\n"), 1):
            if self._is_failure(named.said):
                return
            self._typing = number
            yield _CONTROL.sub("\x16\\g<0>", line)

    def _outcome(self, folder: Path, cell: Cell, line: Line, said: str, told: str) -> Outcome:
        result = take_result(folder)
        written = told + _take(folder / "error").replace(f"{folder}/", "")
        said = written or said
        where = re.search(self._about.failure.line.replace("{cell}", re.escape(cell.name)), said)
        number = int(where[1]) if where is not None else self._typing
        if line.overrun is not None:
            who = self._who, self._about.name
            return failure.over_limit(cell, *who, number, line.overrun, line.steps)
        if line.starved and not line.interrupted:
            return failure.starved(cell)
        ended = not (line.cut or line.unfinished)
        if line.fields.get("s") == "0" and ended and not self._is_failure(said):
            return Ok(result)
        if line.interrupted:
            return failure.interrupted(cell, self._who, number, line.steps)
        if line.unfinished and not said.strip():
            said = "it is not finished: something that it opens is not closed"
        ename, evalue = self._named(said)
        # What the language adds to the message is its own trace.
        known = written.strip() in ("", evalue.strip(), f"{ename}: {evalue}".strip())
        own = () if known else tuple(written.rstrip().split("\n"))
        return Failed(ename, evalue, (*failure.traceback(ename, evalue, cell, number), *own))

    def _is_failure(self, said: str) -> bool:
        sign = self._about.failure.sign
        return bool(sign) and re.search(sign, said, re.MULTILINE) is not None

    def _named(self, said: str) -> tuple[str, str]:
        """ename and evalue of a failure that tells this of itself."""
        how = self._about.failure
        found = re.search(how.pattern, said, re.MULTILINE) if how.pattern else None
        groups = found.groupdict() if found is not None else {}
        sign = re.search(f"^.*(?:{how.sign}).*$", said, re.MULTILINE) if how.sign else None
        begins = sign.start() if sign is not None else 0
        evalue = groups.get("evalue") or said[begins:].strip().partition("\n")[0]
        return groups.get("ename") or how.ename, evalue or "it does not say why"

    async def _ask(self, how: Question, asked: str, before: str = "") -> str:
        """What is answered; nothing while a cell runs, or where there is no child."""
        if self._running:
            return ""
        async with self._lock:
            child = self._child
            if child is None or child.ending is not None:
                return ""
            path = child.folder / "question"
            path.write_bytes(asked.encode("utf-8", "surrogatepass"))
            if before:
                (child.folder / "before").write_bytes(before.encode("utf-8", "surrogatepass"))
            late = asyncio.get_running_loop().call_later(_QUERY_TIMEOUT, child.interrupt)
            await child.run(_typed(how.run, child, path))
            late.cancel()
            return _take(child.folder / "answer").replace(f"{child.folder}/", "")

    async def _living(self) -> AgentChild:
        """The child that runs, or a new one. Raises `ChildNotStarted`."""
        if self._child is not None:
            if self._child.ending is None:
                return self._child
            self._notes.append(
                f"{self._who} had ended ({self._child.ending}). This is a new one, without its"
                " state."
            )
        child = self._starting = AgentChild(self._start, self._options, last_field="s")
        try:
            await child.started()
        finally:
            self._starting = None
        self._child = child
        return child

    def _start(self, folder: Path, nonce: str) -> Program:
        if _NEEDS_QUOTES.search(str(folder)):
            raise ChildNotStarted(
                [str(self._program)],
                "",
                f"the path of its private folder, {folder}, has characters other than ASCII"
                " letters, digits and / . _ + -; set TMPDIR to one that has not",
            )
        places = {
            "{program}": str(self._program),
            "{folder}": str(folder),
            "{nonce}": nonce,
            "{startup_files}": "1" if self._options.startup_files else "",
        }

        def filled(text: str) -> str:
            for place, value in places.items():
                text = text.replace(place, value)
            return text

        start = self._about.start
        for name, text in start.files.items():
            (folder / name).write_text(filled(text), encoding="utf-8")
        env = {
            **inherited(),
            **{name: filled(value) for name, value in start.environment.items()},
        }
        prompt = self._about.prompt
        return Program(
            [filled(word) for word in start.argv],
            env,
            works_between=prompt is None,
            marks_stderr=False,
            unblock=self._about.cell.unblock,
            prompts=(
                FixedPrompts(prompt.texts, filled(prompt.run), prompt.recover, prompt.no_input)
                if prompt is not None
                else None
            ),
            interrupts_child=self._about.cell.interrupts_child,
        )


def _typed(run: str, child: AgentChild, path: Path) -> str:
    places = {
        "{path}": str(path),
        "{content}": str(child.folder / "content"),
        "{folder}": str(child.folder),
        "{nonce}": child.nonce,
    }
    for place, value in places.items():
        run = run.replace(place, value)
    return run


def inherited() -> dict[str, str]:
    """The kernel's environment, in which text is UTF-8, as it is in the kernel's terminals."""
    env = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    in_force = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if not re.search(r"utf-?8", in_force, re.IGNORECASE):
        name = "LC_ALL" if env.get("LC_ALL") else "LC_CTYPE"
        env[name] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    return env


def _take(path: Path) -> str:
    """What the file holds, which is removed; nothing where there is none."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
        path.unlink()
    except FileNotFoundError:
        return ""
    return text
