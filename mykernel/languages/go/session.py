"""One long-lived helper, and the programs that cells become, which it builds and runs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from collections.abc import Mapping
from functools import partial
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
from mykernel.drivers.agent import AgentChild, leader_of, private_folder
from mykernel.drivers.compiled.commands import Handler
from mykernel.drivers.line import Program
from mykernel.drivers.outputs import Unseen
from mykernel.drivers.refusal import Refused, refusal
from mykernel.errors import ChildNotStarted
from mykernel.languages.go import failure, questions
from mykernel.languages.go.directives import GoRun
from mykernel.languages.go.export import export
from mykernel.languages.go.flags import Flags
from mykernel.languages.go.gopls import Gopls
from mykernel.languages.go.helper import find_helper
from mykernel.languages.go.home import Home
from mykernel.languages.go.modules import Modules, Stopped
from mykernel.languages.go.programs import Programs
from mykernel.languages.go.progress import Progress
from mykernel.languages.go.running import Helper, connected
from mykernel.languages.go.vet import Vet

log = logging.getLogger(__name__)

_NOT_INHERITED = frozenset({"COLUMNS", "JPY_PARENT_PID", "LINES"})


class GoSession:
    """See `mykernel.contract.Session`."""

    def __init__(self, toolchain: Toolchain, options: SessionOptions) -> None:
        self._toolchain = toolchain
        self._options = options
        self._home = Home()
        self._programs = Programs(toolchain, self._home.folder)
        self._modules, self._flags, self._vet = Modules(), Flags(), Vet()
        self._gopls = Gopls(toolchain)
        self._handlers: Mapping[str, Handler[GoRun]] = {
            **self._programs.directives.named,
            **self._modules.named,
            "%export": self._export,
            "%goflags": self._flags.set,
            **self._vet.named,
        }
        # Has the values of variables; it is there for each helper of the session.
        self._folder: Path | None = None
        self._finding: asyncio.Task[Path] | None = None
        self._starting: AgentChild | None = None
        self._helper: Helper | None = None
        self._reviving: asyncio.Task[None] | None = None
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
        known, self._gopls.wanted = self._programs.left, True
        return await questions.complete(self._ask, self._gopls, known, left, cursor_pos)

    async def inspect(self, code: str, cursor_pos: int, detail_level: int) -> Mapping[str, str]:
        code, known = head.parted(code)[1], self._programs.left
        self._gopls.wanted = True
        return await questions.inspect(
            self._ask, self._gopls, known, code, cursor_pos, detail_level
        )

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
        child = self._helper.child if self._helper is not None else None
        return leader_of(child, self._options)

    def interrupt(self) -> None:
        # Seen before the next line is typed.
        self._interrupted = True
        if self._finding is not None:
            self._finding.cancel()
        if self._helper is not None:
            self._helper.child.interrupt()
            self._helper.builder.send("cancel")

    async def close(self) -> None:
        self._closed = True
        if self._finding is not None:
            self._finding.cancel()
        await self._gopls.close()
        if self._starting is not None:
            await self._starting.close()
        if self._helper is not None:
            await self._helper.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._home.close()

    async def _living(self) -> Helper:
        """The helper that runs, or a new one, which goes on with what cells have left.

        Raises `ChildNotStarted`.
        """
        if self._helper is not None:
            if await self._helper.lives():
                return self._helper
            self._note = await self._helper.close()
            self._helper = None
        if self._closed:
            raise ChildNotStarted(["go"], "", "the kernel is shutting down")
        agent = await self._find_helper()
        if self._folder is None or not self._folder.is_dir():
            self._folder = private_folder()
        program = partial(self._program, agent)
        self._starting = AgentChild(program, self._options, last_field="s", folder=self._folder)
        try:
            await self._starting.started()
            self._helper = await connected(self._starting)
        finally:
            self._starting = None
        return self._helper

    def _revive(self) -> asyncio.Task[None]:
        """Have a new helper started, in the place of one that has ended, once nobody else does."""
        if self._reviving is None or self._reviving.done():
            self._reviving = asyncio.create_task(self._start_again())
        return self._reviving

    async def _start_again(self) -> None:
        try:
            await self.start()
        except (ChildNotStarted, OSError) as e:
            # The next cell tries again, and tells the user.
            log.warning("%s", e)

    async def _find_helper(self) -> Path:
        """It may have to be compiled first. Raises `ChildNotStarted`, also when interrupted."""
        self._finding = asyncio.create_task(find_helper(self._toolchain, self._home))
        try:
            return await self._finding
        except OSError as e:
            raise ChildNotStarted(["go"], "", f"its helper has no place: {e}") from None
        except asyncio.CancelledError:
            if not self._interrupted:
                raise
            raise ChildNotStarted(["go"], "", "it was interrupted") from None
        finally:
            self._finding = None

    def _program(self, agent: Path, folder: Path, nonce: str) -> Program:
        env = {key: value for key, value in os.environ.items() if key not in _NOT_INHERITED}
        env |= {
            **self._home.env,
            "TERM": "xterm-256color",
            "MYKERNEL_DIR": str(folder),
            "MYKERNEL_NONCE": nonce,
            "MYKERNEL_MERGED": str(int(self._options.merge_stderr)),
            "MYKERNEL_GO": str(self._toolchain.path),
            "MYKERNEL_AGENT": str(agent),
            "MYKERNEL_FLAGS": json.dumps(self._flags.now),
        }
        return Program([str(agent / "bin")], env)

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
                return failure.not_started(e)
            except OSError as e:
                what = f"the cell could not be handed to Go: {e}"
                return Failed("OSError", what, (what,))
            finally:
                waiting.end()
                await self._bury()
                if self._helper is not None and not self._closed:
                    ask, left = self._helper.builder.ask, self._programs.left
                    self._gopls.refresh(ask, left, self._flags.now)

    async def _bury(self) -> None:
        """Of a helper that has ended within a cell, the cell's outcome has told."""
        if self._helper is not None and self._helper.gone:
            await self._helper.close()
            self._helper = None
            self._revive()

    async def _doing(self) -> str:
        """What a cell has to wait for that is compiled once; "" for nothing."""
        if self._finding is not None:
            return "Go compiles mykernel's helper, once for this machine"
        found = await self._helper.builder.ask("progress") if self._helper is not None else None
        if not found or not found["packages"]:
            return ""
        of = f" of {found['all']}" if found["all"] else ""
        return f"Go compiles packages, once for this machine: {found['packages']}{of}"

    async def _try(self, cell: Cell, output: CellOutput, keep: bool, waiting: Progress) -> Outcome:
        if self._interrupted:
            return shared.interrupted(cell, "Go", None, ())
        helper = await self._living()
        if self._note:
            output.text("stderr", f"mykernel: {self._note}\n")
            self._note = ""

        async def ask(op: str, **question: Any) -> Any:
            answer = await helper.builder.ask(op, **question)
            if answer is None and helper.gone:
                await helper.close()
                raise Stopped(failure.helper_died(cell, helper.child))
            return answer

        lines, code = head.parted(cell.code)
        args = self._programs.directives.args
        run = GoRun(cell, code, output, args, child=helper.child, ask=ask)
        for line in lines:
            await self._handlers[line.name](line.argument, run)
        run.check()
        if not run.code.strip() and run.tests is None:
            if run.shows:
                run.say(self._programs.last)
            return Ok()
        program = await self._programs.compose(self._modules, run)
        if self._interrupted:
            return shared.interrupted(cell, "Go", None, ())
        if isinstance(program, Failed):
            return program
        if run.shows:
            run.say(program.shown)
            return Ok()
        waiting.end()
        if keep:
            self._vet.begin(helper.builder, run, program)
        outcome = await self._programs.execute(run, program, keep)
        await self._vet.end()
        return outcome

    async def _export(self, argument: str, run: GoRun) -> None:
        await export(self._programs.left, argument, run)

    async def _ask(self, op: str, **question: Any) -> Any:
        """Of a helper that is not there, there is no answer. One that has ended is started anew."""
        if self._helper is not None and self._helper.gone:
            await asyncio.wait([self._revive()])
        elif self._helper is None and self._lock.locked():
            async with self._lock:
                pass  # It has started, or could not be.
        helper = self._helper
        if helper is None:
            return None
        answer = await helper.control.ask(op, **question)
        if answer is None and helper.gone:
            self._revive()
        return answer
