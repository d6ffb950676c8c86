"""One long-lived Node.js with its agent, and the cells that run in it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import string
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from mykernel.contract import (
    Cell,
    CellOutput,
    Completeness,
    Completion,
    Completions,
    Failed,
    Ok,
    Outcome,
    SessionOptions,
    StreamName,
    Toolchain,
)
from mykernel.drivers.agent import AgentChild, leader_of
from mykernel.drivers.control import Control
from mykernel.drivers.line import Line, Program
from mykernel.drivers.outputs import Passing
from mykernel.errors import ChildNotStarted
from mykernel.languages.javascript import failure
from mykernel.languages.javascript.advice import Advice

_NOT_INHERITED = frozenset({"COLUMNS", "JPY_PARENT_PID", "LINES"})
# Code points of output that are looked through for why Node.js died.
_SAID = 4000
# Seconds after ^C until a read of the terminal, which ^C does not end, is given end-of-file.
_RELEASE = 0.2
_INDENT = "  "
_NAME = string.ascii_letters + string.digits + "_$"


class NodeSession:
    """See `mykernel.contract.Session`. typescript: whether cells are TypeScript."""

    def __init__(
        self, toolchain: Toolchain, options: SessionOptions, typescript: bool = False
    ) -> None:
        self._node = toolchain.path
        self._options = options
        self._typescript = typescript
        self._child: AgentChild | None = None
        self._starting: AgentChild | None = None
        self._control: Control | None = None
        self._advice = Advice(Path.cwd(), ".ts" if typescript else ".js")
        self._lock = asyncio.Lock()
        # Set once Node.js has started, or could not be.
        self._tried = asyncio.Event()
        # Said at the head of the next cell's stderr.
        self._note = ""
        self._interrupted = self._closed = False
        # Whether an interrupted cell was given end-of-file, behind which it may seem to end well.
        self._released = False

    async def start(self) -> None:
        """Bring Node.js up. Raises `ChildNotStarted`."""
        try:
            async with self._lock:
                await self._living()
        finally:
            self._tried.set()

    async def execute(self, cell: Cell, output: CellOutput) -> Outcome:
        self._interrupted = self._released = False
        async with self._lock:
            try:
                # One that has died since the last cell may be found out only by this one.
                outcome = await self._try(cell, output) or await self._try(cell, output)
                return outcome or failure.not_begun(cell)
            except ChildNotStarted as e:
                if self._interrupted:
                    return failure.interrupted(())
                return Failed("NodeNotStarted", str(e), (str(e),))
            except OSError as e:
                what = f"the cell could not be handed to Node.js: {e}"
                return Failed("OSError", what, (what,))

    async def evaluate(self, expressions: Mapping[str, str]) -> dict[str, str | Failed]:
        """Each is an expression, shown as `util.inspect` shows it."""
        async with self._lock:
            child = await self._living()
            (child.folder / "values").write_text(json.dumps(dict(expressions)), encoding="utf-8")
            line = await child.run("{i} values values 0")
        found: dict[str, str | Failed] = {}
        for mark in line.replies:
            reply = json.loads(mark.fields(last="c")["c"])
            error = reply.get("failure")
            found[reply["key"]] = failure.thrown(error) if error else reply["text"]
        gone = Failed("NotEvaluated", "it was interrupted, or Node.js ended")
        return {key: found.get(key, gone) for key in expressions}

    async def complete(self, code: str, cursor_pos: int) -> Completions:
        before = code[:cursor_pos]
        answer = await self._ask("complete", before=before, code=code)
        if answer is None:
            return Completions(cursor_pos, cursor_pos)
        items = [Completion(*map(str, item)) for item in answer["items"]]
        # Of a name that is yet to be declared or imported, the live context knows nothing.
        prefix = answer["prefix"] or before[len(before.rstrip(_NAME)) :]
        known = {item.text for item in items}
        more = await self._advice.complete(code, cursor_pos, prefix)
        items += [item for item in more if item.text not in known]
        return Completions(cursor_pos - len(prefix), cursor_pos, items)

    async def inspect(self, code: str, cursor_pos: int, detail_level: int) -> Mapping[str, str]:
        before, after = code[:cursor_pos], code[cursor_pos:]
        text = await self._ask("inspect", before=before, after=after, detail=detail_level)
        text = text or await self._advice.describe(code, cursor_pos)
        return {"text/plain": text} if text else {}

    async def is_complete(self, code: str) -> Completeness:
        status = await self._ask("is_complete", code=code)
        if status == "incomplete":
            return Completeness("incomplete", _indent(code))
        return Completeness(status if status in ("complete", "invalid") else "unknown")

    async def ask(self, question: str, text: str) -> str | Failed:
        async with self._lock:
            await self._living()
            answer = await self._ask("directive", directive=question, text=text)
        if answer is None:
            return Failed("NotAnswered", "it did not answer in time")
        return str(answer["text"]) if "text" in answer else Failed("Error", answer["failure"])

    @property
    def process(self) -> int | None:
        return leader_of(self._child, self._options)

    def interrupt(self) -> None:
        child, control = self._child, self._control
        if self._starting is not None:
            self._starting.terminal.end()
        # Seen before the next line is typed.
        self._interrupted = True
        if child is None or control is None:
            return
        child.interrupt()
        # ^C reaches processes, and code that comes back to its event loop; this reaches the rest.
        control.send("interrupt", line=child.number)
        asyncio.get_running_loop().call_later(_RELEASE, self._release, child, child.number)

    def _release(self, child: AgentChild, number: int) -> None:
        """^C does not end a read of the terminal: the system starts it again.

        number: of the line that was interrupted. A later one may read by now, too.
        """
        if child.running and child.number == number and child.ending is None:
            foreground = child.terminal.foreground
            reader = foreground.reader()
            # Who has told that it reads is at its event loop, to which ^C comes. An end-of-file
            # would be read by whoever is next, and that is what takes our lines.
            told = reader is not None and reader.wakings > 0 and not reader.thread
            if reader is None or told:
                return
            if not foreground.program() and reader.mode == "line":
                self._released = True
                child.terminal.end_input(reader)

    async def close(self) -> None:
        self._closed = True
        self._tried.set()
        await self._advice.close()
        if self._control is not None:
            self._control.close()
        for child in (self._starting, self._child):
            if child is not None:
                await child.close()

    async def _living(self) -> AgentChild:
        """The process that runs, or a new one. Raises `ChildNotStarted`."""
        if self._child is not None and self._child.ending is None:
            return self._child
        if self._child is not None:
            ending = self._child.ending
            self._advice.forget()
            self._note = f"Node.js had ended ({ending}). This is a new one, without its state."
        if self._control is not None:
            self._control.close()
        child = self._starting = AgentChild(self._program, self._options, last_field="e")
        try:
            await child.started()
            self._control = Control(child.folder)
            await self._control.connect()
        finally:
            self._starting = None
        self._child = child
        return child

    def _program(self, folder: Path, nonce: str) -> Program:
        with as_file(files(__package__) / "agent") as agent:
            shutil.copytree(agent, folder / "agent")
        env = {key: value for key, value in os.environ.items() if key not in _NOT_INHERITED}
        env |= {
            "TERM": "xterm-256color",
            "MYKERNEL_DIR": str(folder),
            "MYKERNEL_NONCE": nonce,
            "MYKERNEL_TYPESCRIPT": str(int(self._typescript)),
            "MYKERNEL_MERGED": str(int(self._options.merge_stderr)),
        }
        # Node.js takes an interrupted callback for a fault of its own otherwise, and aborts.
        options = ["--no-force-async-hooks-checks"]
        return Program([str(self._node), *options, str(folder / "agent" / "main.js")], env)

    async def _try(self, cell: Cell, output: CellOutput) -> Outcome | None:
        """Run the cell in what lives; None when it was gone before the cell began."""
        child = await self._living()
        if self._note:
            output.text("stderr", f"mykernel: {self._note}\n")
            self._note = ""
        if self._interrupted:
            return failure.interrupted(())
        if not cell.code.strip():
            return Ok()
        self._advice.start()
        if self._typescript:
            # It runs nevertheless, as Node.js does not look at types.
            for fault in await self._advice.faults(cell):
                output.text("stderr", f"{fault}\n")
        if self._interrupted:
            return failure.interrupted(())
        file = child.folder / cell.name
        file.write_text(cell.code, encoding="utf-8", errors="surrogatepass", newline="")
        watched = _Watched(output)
        line = await child.run(f"{{i}} cell {cell.name} {cell.number}", watched)
        file.unlink(missing_ok=True)
        if child.ending is not None:
            begun = line.begun or line.interrupted
            return failure.died(child.ending, line.steps, watched.said) if begun else None
        if self._released and line.interrupted:
            return failure.interrupted(line.steps)
        outcome = _outcome(line)
        if getattr(outcome, "ename", "") != "SyntaxError":
            self._advice.learn(cell)
        return outcome

    async def _ask(self, op: str, **question: Any) -> Any:
        """Put a question to the agent's second thread, which answers while a cell runs, too."""
        # Not for the lock, which a cell that was sent meanwhile may hold to its end.
        await self._tried.wait()
        if self._closed or self._control is None:
            return None
        return await self._control.ask(op, **question)


class _Watched(Passing):
    """It remembers the last of what was written, which tells why Node.js died."""

    def __init__(self, output: CellOutput) -> None:
        super().__init__(output)
        self.said = ""

    def text(self, name: StreamName, text: str) -> None:
        self.said = (self.said + text)[-_SAID:]
        super().text(name, text)


def _outcome(line: Line) -> Outcome:
    status, said = line.fields["s"], line.fields["e"]
    content = json.loads(said) if said else {}
    if status == "exit":
        return failure.exited(str(content["evalue"]))
    if line.overrun is not None:
        return failure.overrun(line.overrun)
    if line.starved and not line.interrupted:
        return failure.starved()
    if status == "ok":
        return Ok()
    if line.interrupted or status == "interrupted":
        return failure.interrupted(line.steps)
    return failure.thrown(content)


def _indent(code: str) -> str:
    """What the next line starts with: as the last one, and deeper behind an open bracket."""
    last = code.rstrip("\n").rpartition("\n")[2]
    deeper = _INDENT if last.rstrip().endswith(("{", "(", "[", "=>")) else ""
    return last[: len(last) - len(last.lstrip())] + deeper
