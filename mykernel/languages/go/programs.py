"""Cells become programs, and these are built, run, and asked what they have left."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mykernel.contract import CellOutput, Failed, Ok, Outcome, Toolchain
from mykernel.drivers import failure as shared
from mykernel.drivers.agent import AgentChild, Line
from mykernel.drivers.compiled.cache import BuildCache, cache_folder, key
from mykernel.drivers.compiled.left import Left, Part
from mykernel.drivers.compiled.sources import NamedSources, Source, Sources
from mykernel.drivers.control import Control
from mykernel.drivers.outputs import WithoutFailure
from mykernel.languages.go import failure, report, wasm
from mykernel.languages.go.directives import Directives, GoRun
from mykernel.languages.go.modules import Modules, Stopped
from mykernel.languages.go.tests import TestOutput, reached_file

# Seconds after which it is told why a program for the browser takes so long.
_SLOW = 2.0
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
    tests: the functions that it runs in place of the cell.
    blocks: the statements that are counted when tests are to show what they cover.
    loader: the path of the script that runs it in a browser, where it is for that.
    """

    part: Part
    sources: Sources
    source: str
    recipe: dict[str, Any]
    variables: list[dict[str, Any]]
    tests: Sequence[str] = ()
    blocks: Sequence[Mapping[str, Any]] = ()
    loader: str = ""

    @property
    def shown(self) -> str:
        return _DIRECTIVE.sub("", self.source)


class Programs:
    """Composes and runs them.

    left: what cells have left. directives: what cells can begin with. last: the program that ran
    last, as the user is shown it.
    """

    def __init__(self, toolchain: Toolchain) -> None:
        self._toolchain = toolchain
        self._cache = BuildCache(cache_folder("go") / "programs", _MOST)
        self.left = Left(_own_names)
        self.directives = Directives(self.left)
        # Of benchmarks, the ns/op of their last run.
        self._measured: dict[str, float] = {}
        self.last = "no program has run yet"

    async def compose(self, builder: Control, modules: Modules, run: GoRun) -> Composed | Failed:
        """The cell's program, or what is wrong with it. Raises `Stopped`."""
        source, sources = Source(run.cell.name, run.cell.code), Sources()
        label = sources.label(source)
        answer = await builder.ask("split", code=run.code) or {}
        if answer.get("missing") and await modules.missing(answer["missing"], run):
            answer = await builder.ask("split", code=run.code) or {}
        if "declarations" in answer and not answer["problems"]:
            tests = []
            if run.tests is not None:
                tests = run.tests.chosen(answer["declarations"], self.left.memory)
            part = self.left.part(source, {**answer, "uses": [*answer["uses"], *tests]})
            known = self.left.told_to_helper(part.needed, sources)
            slow = asyncio.get_running_loop().call_later(_SLOW, run.say_slow) if run.wasm else None
            composing = builder.ask(
                "compose",
                code=run.code,
                label=label,
                known=known,
                tests=tests,
                cover=run.tests is not None and run.tests.covers,
                wasm=run.wasm,
            )
            answer = await composing or {}
            if slow is not None:
                slow.cancel()
            if "source" in answer:
                return Composed(
                    part,
                    sources,
                    answer["source"],
                    answer["recipe"],
                    answer["variables"],
                    tests,
                    answer.get("blocks", ()),
                    answer.get("loader", ""),
                )
        if "cancelled" in answer:
            raise Stopped(shared.interrupted(run.cell, "Go", None, ()))
        if answer.get("problems"):
            return failure.not_compiled(answer["problems"], sources)
        reason = answer.get("fault", "it did not answer")
        what = f"Go's helper could not make a program of the cell: {reason}"
        return Failed("HelperError", what, (what,))

    async def execute(
        self, child: AgentChild, run: GoRun, program: Composed, keep: bool
    ) -> Outcome:
        """Build the program where it is not there yet, and run it. keep: what it leaves.

        `child.ending` is set when the helper has died. Raises `OSError`.
        """
        self.last, cell = program.shown, run.cell
        output = run.output
        if run.serves or run.tests is not None:
            output = NamedSources(run.output, program.sources)
        tests = None
        if run.tests is not None:
            output = tests = TestOutput(output, "v" in run.tests.flags)
        watched = WithoutFailure(output, _CRASHES, "")
        line = await self._run(child, run, program, watched)
        if child.ending is not None:
            outcome: Outcome = shared.died(cell, "Go's helper", "GoDied", child.ending, line.steps)
        else:
            if tests is not None:
                tests.end(line.fields["s"] == "exit 0")
                self._report(child.folder, run.output, program, tests)
            outcome = self._outcome(child, run, program, line, watched, keep, tests)
        if keep and tests is None and not run.wasm and isinstance(outcome, Ok):
            self.left.done(run.code, cell.name)
        watched.pass_all()
        return outcome

    def _report(
        self, folder: Path, output: CellOutput, program: Composed, tests: TestOutput
    ) -> None:
        """Show what the tests came to."""
        if tests.tested:
            output.display(report.table(tests.tested.values(), program.sources))
        if tests.measured:
            output.display(report.benchmarks(tests.measured, self._measured))
            self._measured |= {one.name: one.values.get("ns/op", 0) for one in tests.measured}
        if program.blocks and (reached := _read(reached_file(folder / "tests"))):
            output.display(report.coverage(program.blocks, reached, program.sources))

    def _in_browser(self, run: GoRun, program: Composed) -> Outcome:
        """Show the page that runs the program. Raises `OSError`."""
        shown = wasm.page(
            run.built.read_bytes(),
            Path(program.loader).read_text("utf-8"),
            self.left.paths(program.part.needed),
            run.args,
            program.sources.names,
        )
        run.output.display(shown)
        if note := wasm.too_large(shown):
            run.output.text("stderr", f"mykernel: {note}\n")
        return Ok()

    async def _run(
        self, child: AgentChild, run: GoRun, program: Composed, output: CellOutput
    ) -> Line:
        folder = child.folder
        kept = folder / f"values-{run.cell.number}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        args = list(run.args)
        if run.tests is not None:
            (folder / "tests").mkdir(exist_ok=True)
            reached_file(folder / "tests").unlink(missing_ok=True)
            args = run.tests.arguments(folder / "tests", program.tests)
        for name in ("crash", "errors"):
            (folder / name).unlink(missing_ok=True)
        plan = {
            "values": self.left.paths(program.part.needed),
            "keep": str(kept),
            "crash": str(folder / "crash"),
            "nonce": child.nonce,
            "serve": run.cell.name if run.serves else "",
        }
        (folder / "plan").write_text(json.dumps(plan), encoding="utf-8")
        fuzzes = run.tests is not None and "fuzz" in run.tests.flags
        compiling = ["-d=libfuzzer"] if fuzzes else []
        parts = [program.source, program.recipe["key"], str(self._toolchain.path), *compiling]
        name = f"cell-{key(parts)}"
        built = self._cache.find(name)
        run.built = binary = built or self._cache.room()
        source = folder / "cell.go"
        source.write_text(program.source, encoding="utf-8", errors="surrogatepass", newline="")
        what = {
            "source": "" if built else str(source),
            "recipe": program.recipe,
            "binary": str(binary),
            "compiling": compiling,
            "args": args,
            "tests": run.tests is not None,
            "env": [f"MYKERNEL_CELL={folder / 'plan'}"],
            "serve": plan["serve"],
            "errors": str(folder / "errors"),
        }
        (folder / "run").write_text(json.dumps(what), encoding="utf-8")
        line = await child.run("{i} run", output)
        if built is None:
            if line.fields.get("s", "").startswith(("exit", "signal")):
                run.built = self._cache.keep(binary, name)
            else:
                binary.unlink(missing_ok=True)
        return line

    def _outcome(
        self,
        child: AgentChild,
        run: GoRun,
        program: Composed,
        line: Line,
        output: WithoutFailure,
        keep: bool,
        tests: TestOutput | None,
    ) -> Outcome:
        cell = run.cell
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
        if run.wasm and ran:
            return self._in_browser(run, program)
        crash = _read(child.folder / "crash")
        said = output.take() if crash or (what, rest) == ("exit", "2") else ""
        fault = None
        if crash or failure.is_fatal(said):
            fault = failure.crashed(crash, said, program.sources)
        else:
            output.text("stderr", said)
        if tests is not None and ran:
            found = list(tests.tested.values())
            if (what, rest) == ("exit", "0"):
                return Ok()
            return report.failed(found, line.fields["s"], fault, program.sources)
        if fault is not None:
            return fault
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
