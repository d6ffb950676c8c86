"""What a cell can ask of what cells have left: `%ls`, `%rm`, `%reset`, `%show`, `%stale`."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mykernel.contract import Cell, CellOutput
from mykernel.drivers.compiled.left import Left
from mykernel.drivers.compiled.memory import Declaration
from mykernel.drivers.refusal import Refused

HELP = (
    (
        "%args",
        "[ARGUMENT...]",
        "show or set the arguments of programs; %args -- has them run without",
    ),
    ("%ls", "[BEGINNING]", "show the declarations that later cells can use, and where they stand"),
    ("%reset", "", "forget all declarations and variables"),
    ("%rm", "NAME...", "forget these declarations and variables; a method is TYPE.NAME"),
    ("%show", "", "show the program that the cell below would become, or the last one became"),
    ("%stale", "[on|off]", "whether to name the cells that used what a later one has changed"),
)
_PACKAGE = re.compile(r'"(?:[^"]*/)?([^"/]*)"\.')
# Code points of a declaration that %ls shows.
_SHOWN = 60


@dataclass(slots=True)
class Run:
    """A cell on its way to be run.

    code: what is left of it, with blanks where its directives stood.
    args: the arguments that its program is given, without its name.
    shows: whether its program is to be shown, and not run.
    """

    cell: Cell
    code: str
    output: CellOutput
    args: Sequence[str] = ()
    shows: bool = False

    def say(self, text: str) -> None:
        """A line for the user, on stdout."""
        self.output.text("stdout", f"{text}\n")


R = TypeVar("R", bound=Run)
# What a directive does to the cell that it heads. Raises `Refused`.
Handler = Callable[[str, R], Awaitable[None]]


class Commands:
    """The directives that all compiled languages have.

    args: what programs are given as arguments.
    """

    def __init__(self, left: Left) -> None:
        self._left = left
        self.args: Sequence[str] = ()
        self.named: Mapping[str, Handler[Run]] = {
            "%args": self._args,
            "%ls": self._ls,
            "%reset": self._reset,
            "%rm": self._rm,
            "%show": self._show,
            "%stale": self._stale,
        }

    def choices(self, name: str) -> list[str]:
        """What may stand behind that directive."""
        if name == "%stale":
            return ["off", "on"]
        return self._left.memory.keys() if name in ("%ls", "%rm") else []

    async def _args(self, argument: str, run: Run) -> None:
        if argument:
            given = words("%args", argument)
            self.args = run.args = () if given == ["--"] else given
        else:
            run.say(shlex.join(self.args) if self.args else "programs are given no arguments")

    async def _ls(self, argument: str, run: Run) -> None:
        found = [one for one in self._left.memory if _begins(one, argument)]
        if not found:
            such = f" that begins with {argument}" if argument else ""
            run.say(f"no declaration{such} is remembered")
            return
        rows = [(_keys(one), _place(one), _line_of(one)) for one in found]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for keys, place, text in rows:
            run.say(f"{keys:{widths[0]}}  {place:{widths[1]}}  {text}")

    async def _rm(self, argument: str, run: Run) -> None:
        wanted = argument.split()
        if not wanted:
            raise Refused("%rm wants names; %ls shows what there is, and %reset forgets all")
        there = self._left.memory.keys()
        for name in wanted:
            if name not in there:
                near = difflib.get_close_matches(name, there, 1)
                hint = f"did you mean {near[0]}?" if near else "%ls shows what there is"
                raise Refused(f"nothing of the name {name} is remembered; {hint}")
        methods = [key for key in there if key.partition(".")[0] in wanted]
        of_types = [
            one.keys[0] for one in self._left.memory if one.kind == "var" and one.uses & {*wanted}
        ]
        self._left.forget([*wanted, *methods, *of_types])
        if others := sorted({*methods, *of_types} - {*wanted}):
            run.say(f"with them went {', '.join(others)}")

    async def _reset(self, argument: str, _run: Run) -> None:
        if argument:
            raise Refused("%reset takes no names; %rm does")
        self._left.forget_all()

    async def _show(self, argument: str, run: Run) -> None:
        if argument:
            raise Refused("%show takes no name; it shows the whole program")
        run.shows = True

    async def _stale(self, argument: str, run: Run) -> None:
        if argument not in ("", "on", "off"):
            raise Refused("%stale is on or off")
        if argument:
            self._left.tells_stale = argument == "on"
        else:
            run.say(f"%stale {'on' if self._left.tells_stale else 'off'}")


def words(name: str, argument: str) -> list[str]:
    """The words of a directive's argument, as a shell has them. Raises `Refused`."""
    try:
        return shlex.split(argument)
    except ValueError as e:
        raise Refused(f"{name}: {e}; a word with a quote in it wants others around it") from e


def _begins(one: Declaration, beginning: str) -> bool:
    return any(key.startswith(beginning) for key in set(one.keys) - one.hidden)


def _keys(one: Declaration) -> str:
    return ", ".join(key for key in one.keys if key not in one.hidden)


def _place(one: Declaration) -> str:
    return f"{one.place.source.name}:{one.place.line}"


def _line_of(one: Declaration) -> str:
    """How it begins; of a variable, its type."""
    # In a type packages are paths in quotes.
    of = _PACKAGE.sub(r"\1.", one.text)
    text = f"{one.keys[0]} {of}" if one.kind == "var" else one.text
    first, newline, _ = text.partition("\n")
    shown = f"{one.kind} {first}" if not first.startswith(one.kind) else first
    return shown if len(shown) <= _SHOWN and not newline else f"{shown[:_SHOWN]} ..."
