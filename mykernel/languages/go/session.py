"""One long-lived helper, and the programs that cells become, which it builds and runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
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
    Toolchain,
)
from mykernel.drivers import failure as shared
from mykernel.drivers import head
from mykernel.drivers.agent import AgentChild, leader_of
from mykernel.drivers.compiled.commands import Handler
from mykernel.drivers.control import Control
from mykernel.drivers.line import Program
from mykernel.drivers.outputs import Unseen
from mykernel.drivers.refusal import Refused, refusal
from mykernel.errors import ChildNotStarted
from mykernel.languages.go import questions
from mykernel.languages.go.directives import GoRun
from mykernel.languages.go.export import export
from mykernel.languages.go.flags import Flags
from mykernel.languages.go.helper import find_helper
from mykernel.languages.go.home import Home
from mykernel.languages.go.modules import Modules, Stopped
from mykernel.languages.go.programs import Programs
from mykernel.languages.go.progress import Progress
from mykernel.languages.go.vet import Vet

_NOT_INHERITED = frozenset({"COLUMNS", "JPY_PARENT_PID", "LINES"})
# Seconds for what may have to compile packages of std first. It can be interrupted.
_COMPOSING = 600.0
_GONE = "Go's helper ended"


class GoSession:
    """See `mykernel.contract.Session`."""

    def __init__(self, toolchain: Toolchain, options: SessionOptions) -> None:
        self._toolchain = toolchain
        self._options = options
        self._home = Home()
        self._programs = Programs(toolchain, self._home.folder)
        self._helper = Path()
        self._finding: asyncio.Task[Path] | None = None
        self._child: AgentChild | None = None
        # For what a cell waits for, and for questions, which have little time.
        self._builder: Control | None = None
        self._control: Control | None = None
        self._modules: Modules | None = None
        self._handlers: Mapping[str, Handler[GoRun]] = {}
        self._vet: Vet | None = None
        self._lock = asyncio.Lock()
        # Said at the head of the next cell's stderr.
        self._note = self._home.note
        self._interrupted = self._closed = False

    async def start(self) -> None:
        """Bring the helper up. Raises `ChildNotStarted`."""
        async with self._lock:
            await self._living()

    async def execute(self, cell: Cell, output: CellOutput) -> Outcome:
        return await self._execute(cell, output, keep=True)

    async def evaluate(self, expressions: Mapping[str, str]) -> dict[str, str | Failed]:
        """Each is run as a cell that leaves nothing."""
        found: dict[str, str | Failed] = {}
        for name, code in expressions.items():
            output = Unseen()
            outcome = await self._execute(Cell(code, 0, name), output, keep=False)
            if isinstance(outcome, Ok):
                found[name] = str(output.result.data["text/plain"]) if output.result else ""
            else:
                found[name] = Failed(outcome.ename, outcome.evalue, outcome.traceback)
        return found

    async def complete(self, code: str, cursor_pos: int) -> Completions:
        lines, left = head.parted(code)
        for line in lines:
            if line.name_end < cursor_pos <= line.end:
                return self._choices(line, code[:cursor_pos])
        return await questions.complete(self._ask, self._programs.left, left, cursor_pos)

    async def inspect(self, code: str, cursor_pos: int, detail_level: int) -> Mapping[str, str]:
        code, left = head.parted(code)[1], self._programs.left
        return await questions.inspect(self._ask, left, code, cursor_pos, detail_level)

    def _choices(self, line: head.Line, typed: str) -> Completions:
        """What may stand behind a directive. typed: the cell up to the cursor."""
        word = typed[max(typed.rfind(" "), line.name_end - 1) + 1 :]
        there = self._programs.directives.choices(line.name)
        items = [Completion(one) for one in there if one.startswith(word)]
        return Completions(len(typed) - len(word), len(typed), items)

    async def is_complete(self, code: str) -> Completeness:
        lines, code = head.parted(code)
        if lines and not code.strip():
            return Completeness("complete")
        match await self._ask("is_complete", code=code):
            case {"status": "incomplete", "indent": str(indent)}:
                return Completeness("incomplete", indent)
            case {"status": "complete" | "invalid" as status}:
                return Completeness(status)
        return Completeness("unknown")

    async def ask(self, question: str, text: str) -> str | Failed:
        async with self._lock:
            await self._living()
            if question == "who":
                shown = {k: one.kind for one in self._programs.left.memory for k in one.keys}
                return "".join(f"{name}\t{kind}\n" for name, kind in sorted(shown.items()))
            answer = await self._ask(question, code=text)
        if answer is None:
            return Failed("NotAnswered", "it did not answer in time")
        return str(answer["text"]) if "text" in answer else Failed("Error", answer["failure"])

    @property
    def process(self) -> int | None:
        return leader_of(self._child, self._options)

    def interrupt(self) -> None:
        # Seen before the next line is typed.
        self._interrupted = True
        if self._finding is not None:
            self._finding.cancel()
        if self._child is not None:
            self._child.interrupt()
        if self._builder is not None:
            self._builder.send("cancel")

    async def close(self) -> None:
        self._closed = True
        if self._finding is not None:
            self._finding.cancel()
        self._disconnect()
        if self._child is not None:
            await self._child.close()
        self._home.close()

    def _disconnect(self) -> None:
        for control in (self._builder, self._control):
            if control is not None:
                control.close()
        self._builder = self._control = None

    async def _living(self) -> AgentChild:
        """The helper that runs, or a new one. Raises `ChildNotStarted`."""
        if self._child is not None and self._child.ending is None:
            return self._child
        if self._child is not None:
            ending = self._child.ending
            self._note = f"{_GONE} ({ending}). This is a new one, without its state."
        self._disconnect()
        self._programs = Programs(self._toolchain, self._home.folder)
        await self._find_helper()
        child = AgentChild(self._program, self._options, last_field="s")
        await child.started()
        self._child = child
        self._builder = Control(child.folder, _COMPOSING)
        self._control = Control(child.folder)
        await self._builder.connect()
        await self._control.connect()
        self._modules = Modules(child, self._builder)
        self._vet = Vet(self._builder)
        self._handlers = {
            **self._programs.directives.named,
            **self._modules.named,
            "%export": self._export,
            "%goflags": Flags(self._builder).set,
            **self._vet.named,
        }
        self._builder.send("warm")
        return child

    async def _find_helper(self) -> None:
        """It may have to be compiled first. Raises `ChildNotStarted`, also when interrupted."""
        self._finding = asyncio.create_task(find_helper(self._toolchain, self._home))
        try:
            self._helper = await self._finding
        except OSError as e:
            raise ChildNotStarted(["go"], "", f"its helper has no place: {e}") from None
        except asyncio.CancelledError:
            if not self._interrupted:
                raise
            raise ChildNotStarted(["go"], "", "it was interrupted") from None
        finally:
            self._finding = None

    def _program(self, folder: Path, nonce: str) -> Program:
        env = {key: value for key, value in os.environ.items() if key not in _NOT_INHERITED}
        env |= {
            **self._home.env,
            "TERM": "xterm-256color",
            "MYKERNEL_DIR": str(folder),
            "MYKERNEL_NONCE": nonce,
            "MYKERNEL_MERGED": str(int(self._options.merge_stderr)),
            "MYKERNEL_GO": str(self._toolchain.path),
            "MYKERNEL_AGENT": str(self._helper),
        }
        return Program([str(self._helper / "bin")], env)

    async def _execute(self, cell: Cell, output: CellOutput, keep: bool) -> Outcome:
        self._interrupted = False
        waiting = Progress(output, self._doing)
        async with self._lock:
            try:
                return await self._try(cell, output, keep, waiting)
            except Refused as e:
                return refusal(str(e))
            except Stopped as e:
                return e.outcome
            except ChildNotStarted as e:
                if self._interrupted:
                    return shared.interrupted(cell, "Go", None, ())
                return Failed("GoNotStarted", str(e), (str(e),))
            except OSError as e:
                what = f"the cell could not be handed to Go: {e}"
                return Failed("OSError", what, (what,))
            finally:
                waiting.end()

    async def _doing(self) -> str:
        """What a cell has to wait for that is compiled once; "" for nothing."""
        if self._finding is not None:
            return "Go compiles mykernel's helper, once for this machine"
        found = await self._builder.ask("progress") if self._builder is not None else None
        if not found or not found["packages"]:
            return ""
        of = f" of {found['all']}" if found["all"] else ""
        return f"Go compiles packages, once for this machine: {found['packages']}{of}"

    async def _try(self, cell: Cell, output: CellOutput, keep: bool, waiting: Progress) -> Outcome:
        if self._interrupted:
            return shared.interrupted(cell, "Go", None, ())
        child = await self._living()
        if self._note:
            output.text("stderr", f"mykernel: {self._note}\n")
            self._note = ""
        lines, code = head.parted(cell.code)
        assert self._builder is not None  # noqa: S101
        assert self._modules is not None  # noqa: S101
        assert self._vet is not None  # noqa: S101
        args = self._programs.directives.args
        run = GoRun(cell, code, output, args, ask=self._builder.ask)
        for line in lines:
            await self._handlers[line.name](line.argument, run)
        run.check()
        if not run.code.strip() and run.tests is None:
            if run.shows:
                run.say(self._programs.last)
            return Ok()
        program = await self._programs.compose(self._builder, self._modules, run)
        if self._interrupted:
            return shared.interrupted(cell, "Go", None, ())
        if isinstance(program, Failed):
            return program
        if run.shows:
            run.say(program.shown)
            return Ok()
        waiting.end()
        if keep:
            self._vet.begin(run, program)
        outcome = await self._programs.execute(child, run, program, keep)
        await self._vet.end()
        return outcome

    async def _export(self, argument: str, run: GoRun) -> None:
        assert self._builder is not None  # noqa: S101
        await export(self._builder, self._programs.left, argument, run)

    async def _ask(self, op: str, **question: Any) -> Any:
        if self._control is None and not self._closed and not self._lock.locked():
            return None
        if self._control is None and not self._closed:
            async with self._lock:
                pass  # It has started, or could not be.
        return await self._control.ask(op, **question) if self._control is not None else None
