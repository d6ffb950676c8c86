"""Cells become programs, and these are built, run, and asked what they have left."""

from __future__ import annotations

import json
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mykernel.contract import Cell, CellOutput, Failed, Ok, Outcome, Toolchain
from mykernel.drivers import failure as shared
from mykernel.drivers.agent import AgentChild, Line
from mykernel.drivers.compiled.cache import BuildCache, cache_folder, key
from mykernel.drivers.compiled.commands import Commands, Run
from mykernel.drivers.compiled.left import Left, Part
from mykernel.drivers.compiled.sources import Source, Sources
from mykernel.drivers.control import Control
from mykernel.drivers.outputs import WithoutFailure
from mykernel.languages.go import failure
from mykernel.languages.go.modules import Modules, Stopped

# Bytes of programs that are kept.
_MOST = 500_000_000
_PACKAGE_NAME = re.compile(r'"[^"]*"\.\w+')
_NAME = re.compile(r"[^\W\d]\w*")
_DIRECTIVE = re.compile(r"/\*line \w+:\d+(:\d+)?\*/")
# How lines begin on stderr with which the runtime tells of a crash.
_CRASHES = (
    "panic: ",
    "fatal error: ",
    "runtime: goroutine stack exceeds",
    *(f"SIG{name}: " for name in ("ABRT", "BUS", "FPE", "ILL", "QUIT", "SEGV", "SYS", "TRAP")),
)


@dataclass(frozen=True, slots=True)
class Composed:
    """The program that a cell becomes.

    source: its text, which speaks of cells as `sources` does. shown: for the user, without that.
    recipe: how it is built, as the helper has it.
    variables: those that the cell defines, as the helper has them.
    """

    part: Part
    sources: Sources
    source: str
    recipe: dict[str, Any]
    variables: list[dict[str, Any]]

    @property
    def shown(self) -> str:
        return _DIRECTIVE.sub("", self.source)


class Programs:
    """Composes and runs them.

    left: what cells have left. commands: what cells can begin with. last: the program that ran
    last, as the user is shown it.
    """

    def __init__(self, toolchain: Toolchain) -> None:
        self._toolchain = toolchain
        self._cache = BuildCache(cache_folder("go") / "programs", _MOST)
        self.left = Left(_own_names)
        self.commands = Commands(self.left)
        self.last = "no program has run yet"

    async def compose(self, builder: Control, modules: Modules, run: Run) -> Composed | Failed:
        """The cell's program, or what is wrong with it. Raises `Stopped`."""
        source, sources = Source(run.cell.name, run.cell.code), Sources()
        label = sources.label(source)
        answer = await builder.ask("split", code=run.code) or {}
        if answer.get("missing") and await modules.missing(answer["missing"], run):
            answer = await builder.ask("split", code=run.code) or {}
        if "declarations" in answer and not answer["problems"]:
            part = self.left.part(source, answer)
            known = self.left.told_to_helper(part.needed, sources)
            composing = builder.ask("compose", code=run.code, label=label, known=known)
            answer = await composing or {}
            if "source" in answer:
                variables = answer["variables"]
                return Composed(part, sources, answer["source"], answer["recipe"], variables)
        if "cancelled" in answer:
            raise Stopped(shared.interrupted(run.cell, "Go", None, ()))
        if answer.get("problems"):
            return failure.not_compiled(answer["problems"], sources)
        reason = answer.get("fault", "it did not answer")
        what = f"Go's helper could not make a program of the cell: {reason}"
        return Failed("HelperError", what, (what,))

    async def execute(self, child: AgentChild, run: Run, program: Composed, keep: bool) -> Outcome:
        """Build the program where it is not there yet, and run it. keep: what it leaves.

        `child.ending` is set when the helper has died. Raises `OSError`.
        """
        self.last, cell = program.shown, run.cell
        watched = WithoutFailure(run.output, _CRASHES, "")
        line = await self._run(child, cell, program, watched)
        if child.ending is not None:
            outcome: Outcome = shared.died(cell, "Go's helper", "GoDied", child.ending, line.steps)
        else:
            outcome = self._outcome(child, cell, program, line, watched, keep)
        if keep and isinstance(outcome, Ok):
            self.left.done(run.code, cell.name)
        watched.flush()
        return outcome

    async def _run(
        self, child: AgentChild, cell: Cell, program: Composed, output: CellOutput
    ) -> Line:
        folder = child.folder
        kept = folder / f"values-{cell.number}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for name in ("crash", "errors"):
            (folder / name).unlink(missing_ok=True)
        plan = {
            "values": self.left.paths(program.part.needed),
            "keep": str(kept),
            "crash": str(folder / "crash"),
            "nonce": child.nonce,
        }
        (folder / "plan").write_text(json.dumps(plan), encoding="utf-8")
        name = "cell-" + key([program.source, program.recipe["key"], str(self._toolchain.path)])
        built = self._cache.find(name)
        binary = built or self._cache.room()
        source = folder / "cell.go"
        source.write_text(program.source, encoding="utf-8", errors="surrogatepass", newline="")
        what = {
            "source": "" if built else str(source),
            "recipe": program.recipe,
            "binary": str(binary),
            "env": [f"MYKERNEL_CELL={folder / 'plan'}"],
            "errors": str(folder / "errors"),
        }
        (folder / "run").write_text(json.dumps(what), encoding="utf-8")
        line = await child.run("{i} run", output)
        if built is None:
            if line.fields.get("s", "").startswith(("exit", "signal")):
                self._cache.keep(binary, name)
            else:
                binary.unlink(missing_ok=True)
        return line

    def _outcome(
        self,
        child: AgentChild,
        cell: Cell,
        program: Composed,
        line: Line,
        output: WithoutFailure,
        keep: bool,
    ) -> Outcome:
        what, _, rest = line.fields["s"].partition(" ")
        kept = child.folder / f"values-{cell.number}"
        told = _read(kept / "kept.json")
        ran = what in ("exit", "signal")
        notes = []
        if ran and keep:
            notes += self.left.compiled(program.part)
        if told and ran and keep:
            source = program.part.source
            notes += self.left.ended(source, program.variables, json.loads(told), kept)
            notes += failure.still_running(_read(kept / "running.json"), program.sources)
        for note in notes:
            output.text("stderr", f"mykernel: {note}\n")
        if line.overrun is not None:
            return shared.over_limit(cell, "Go", "go", None, line.overrun, line.steps)
        if line.starved and not line.interrupted:
            output.take()
            return shared.starved(cell)
        if told and (what, rest) == ("exit", "0"):
            return Ok()
        if line.interrupted or what == "interrupted":
            output.take()
            return shared.interrupted(cell, "Go", None, line.steps)
        crash = _read(child.folder / "crash")
        said = output.take() if crash or (what, rest) == ("exit", "2") else ""
        if crash or failure.is_fatal(said):
            return failure.crashed(crash, said, program.sources)
        output.text("stderr", said)
        if what == "exit":
            return failure.exited(cell, int(rest))
        if what == "signal":
            return failure.killed(cell, signal.Signals(int(rest)).name)
        if what == "build":
            return failure.not_built(_read(child.folder / "errors"), program.sources)
        return Failed("OSError", rest, (rest,))


def _own_names(text: str) -> list[str]:
    """The names in a type that are no package's."""
    return _NAME.findall(_PACKAGE_NAME.sub("", text))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""
