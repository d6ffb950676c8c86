"""What a directive is, and what it is called with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from mykernel.contract import CellOutput, Outcome
from mykernel.directives.head import Grammar
from mykernel.directives.host import Host


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a directive.

    argument: what stands behind its name, without the code. body: the cell below its line.
    rest: runs what follows it in the cell, with its output going where one says.
    directives: all that there are, by name, for `%help`.
    """

    argument: str
    body: str
    output: CellOutput
    host: Host
    rest: Callable[[CellOutput], Awaitable[Outcome]]
    grammar: Grammar
    directives: Mapping[str, Directive]

    def say(self, text: str) -> None:
        """A line for the user, on stdout."""
        self.output.text("stdout", f"{text}\n")


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive's name, and all that is said of it.

    usage: its arguments. help: one line. more: further lines, or "".
    run: what it does; raises `Refused` when it cannot. None for one of the language's own.
    wraps: whether it is about what follows, and runs that itself.
    code_of: the code that an argument ends in; None where it is never code.
    takes_body: whether what stands below it is no code.
    choices: given what is typed of its argument, what that may become, as far as can be listed.
    needs: what a language must answer to have it, see `Session.ask`; "" for nothing.
    """

    name: str
    usage: str
    help: str
    run: Callable[[Call], Awaitable[Outcome]] | None = None
    more: str = ""
    wraps: bool = False
    code_of: Callable[[str], str] | None = None
    takes_body: bool = False
    choices: Callable[[Host, str], list[str]] | None = None
    needs: str = ""
