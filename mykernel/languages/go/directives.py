"""Go's own directives: other ways to run a cell."""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mykernel.drivers.agent import AgentChild
from mykernel.drivers.compiled import commands
from mykernel.drivers.compiled.commands import Commands, Handler, Run
from mykernel.drivers.compiled.left import Left
from mykernel.drivers.refusal import Refused
from mykernel.languages.go import tests
from mykernel.languages.go.tests import Tests

HELP = (
    *commands.HELP,
    ("%%main", "[ARGUMENT...]", "take the rest of the cell as the body of func main"),
    ("%main", "[ARGUMENT...]", "as %%main"),
    ("%exec", "FUNCTION [ARGUMENT...]", "run a function, with these arguments in os.Args"),
    ("%serve", "", "let the cell's program live on when the cell has ended, until %stop"),
    (
        "%test",
        "[OPTION...]",
        "run the cell's tests, or all there are; -v, -run, -bench, -cover, -fuzz",
    ),
    ("%wasm", "", "run the cell in the browser, in its output"),
    ("%stop", "", "end the program that %serve has left running"),
)
_OPENING, _CLOSING = "func main() {", "\n}"


@dataclass(slots=True, kw_only=True)
class GoRun(Run):
    """A cell of Go on its way to be run.

    child: the helper. ask: asks it, as `Control.ask`, but raises `Stopped` when it is gone.
    serves: whether its program is to live on when the cell has ended.
    tests: how its tests are to be run, in place of the cell.
    wasm: whether it runs in the browser.
    built: its program, once it is built.
    """

    child: AgentChild
    ask: Callable[..., Awaitable[Any]]
    serves: bool = False
    tests: Tests | None = None
    wasm: bool = False
    built: Path = Path()

    def check(self) -> None:
        """Raises `Refused` where it is to be run in two ways."""
        ways = {"%serve": self.serves, "%test": self.tests is not None, "%wasm": self.wasm}
        wanted = [name for name, is_so in ways.items() if is_so]
        if len(wanted) > 1:
            raise Refused(f"{' and '.join(wanted)} do not go together")


class Directives:
    """All that a cell of Go may begin with."""

    def __init__(self, left: Left) -> None:
        self._left = left
        self._commands = Commands(left)
        self.named: Mapping[str, Handler[GoRun]] = {
            **self._commands.named,
            "%%main": self._main,
            "%main": self._main,
            "%exec": self._exec,
            "%serve": self._serve,
            "%stop": self._stop,
            "%test": self._test,
            "%wasm": self._wasm,
        }

    @property
    def args(self) -> Sequence[str]:
        """What programs find in os.Args, behind their own name."""
        return self._commands.args

    def choices(self, name: str) -> list[str]:
        """What may stand behind that directive."""
        if name == "%test":
            return tests.OPTIONS
        return self._functions() if name == "%exec" else self._commands.choices(name)

    def _functions(self) -> list[str]:
        return [one.keys[0] for one in self._left.memory if one.kind == "func" and _alone(one.keys)]

    async def _main(self, argument: str, run: GoRun) -> None:
        """The line of the directive is blank, so that what stands on it moves nothing."""
        if argument:
            run.args = commands.words("%%main", argument)
        _, newline, body = run.code.partition("\n")
        run.code = _OPENING + newline + body + _CLOSING

    async def _exec(self, argument: str, run: GoRun) -> None:
        """Its call is a line of the cell, which is shown where it does not compile."""
        if not argument:
            raise Refused(f"%exec wants a function; there {_listed(self._functions())}")
        name, *run.args = commands.words("%exec", argument)
        if name not in self._functions() and not _declares(run.code, name):
            raise Refused(f"%exec: {self._missing(name)}")
        call = f"\n{name}()"
        run.code += call
        run.cell = replace(run.cell, code=run.cell.code + call)

    async def _serve(self, argument: str, run: GoRun) -> None:
        if argument:
            raise Refused("%serve takes no arguments; %args has those of programs")
        run.serves = True

    async def _stop(self, argument: str, run: GoRun) -> None:
        if argument:
            raise Refused("%stop takes no arguments; there is one program at most")
        stopped = await run.ask("stop")
        if stopped is None or not stopped["cell"]:
            raise Refused("no program of %serve is running")
        run.say(f"what {stopped['cell']} served was ended by {stopped['by']}")

    async def _test(self, argument: str, run: GoRun) -> None:
        run.tests = tests.tests_of(argument)

    async def _wasm(self, argument: str, run: GoRun) -> None:
        if argument:
            raise Refused("%wasm takes no arguments; %args has those of programs")
        run.wasm = True

    def _missing(self, name: str) -> str:
        there = self._functions()
        found = self._left.memory.get(name)
        if found is not None:
            return f"{name} is no function, but a {found.kind}"
        near = difflib.get_close_matches(name, there, 1)
        hint = f"did you mean {near[0]}?" if near else f"there {_listed(there)}"
        return f"no function {name} is remembered; {hint}"


def _alone(keys: Sequence[str]) -> bool:
    """Whether these are of a function that is no method."""
    return all("." not in key for key in keys)


def _declares(code: str, name: str) -> bool:
    return re.search(rf"^\s*func\s+{re.escape(name)}\s*[(\[]", code, re.MULTILINE) is not None


def _listed(functions: Sequence[str]) -> str:
    return f"are {', '.join(functions)}" if functions else "is none yet"
