"""A line that was typed to a child with an agent, and the program that such a child is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mykernel.contract import CellOutput, StreamName
from mykernel.drivers.interruption import Interruption
from mykernel.drivers.limits import Overrun
from mykernel.drivers.prompts import FixedPrompts, Prompted
from mykernel.drivers.stream import CellStream
from mykernel.markers import Mark
from mykernel.terminal import Ending


@dataclass(frozen=True, slots=True)
class Program:
    """What to start.

    error_variable: as in `terminal.Command`.
    works_between: whether what comes between lines is output, of jobs or timers, say; else it
    is nothing but prompts.
    greeting: what is typed at the start, each at the first sight of a prompt, as pairs of
    the two. Empty for a program that has its agent from the beginning.
    marks_stderr: whether the agent writes its marks to stderr, too. Else the driver puts
    them there: C when it types a line, D behind all that was there when stdout's D came; and
    it takes what stdout has before C for the echo of a line editor, which is not to the letter.
    unblock: what is typed behind ^C for a child that goes on reading when it gets one, "" for
    nothing. Who waits even after that is given end-of-file: the child must never do so without
    having written its D mark. None where it may; then nobody is given anything.
    interrupts_once: whether the child ends at a second ^C.
    prompts: of a program whose prompt does not carry the D mark.
    interrupts_child: whether an interrupt of another program in the foreground is the child's, too;
    else it would go on with the cell.
    single_threaded: whether the child, when it reads the terminal itself, does nothing else.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    error_variable: str = ""
    works_between: bool = True
    greeting: Sequence[tuple[str, str]] = ()
    marks_stderr: bool = True
    unblock: str | None = None
    interrupts_once: bool = False
    prompts: FixedPrompts | None = None
    interrupts_child: bool = False
    single_threaded: bool = False


@dataclass(slots=True)
class Line:
    """A typed line and what has come of it so far.

    number: from 1, rising; the agent repeats it in its D mark as "i".
    output: takes text between C and D; None for a query, which is to write nothing.
    starved: whether it asked for input that nobody could give.
    overrun: the limit that was hit while it ran.
    """

    number: int
    output: CellOutput | None
    done: asyncio.Future[Ending | None]
    typed: str = ""
    times_typed: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    replies: list[Mark] = field(default_factory=list)
    collected: str = ""
    begun: set[StreamName] = field(default_factory=set)
    ended: set[StreamName] = field(default_factory=set)
    interruption: Interruption | None = None
    overrun: Overrun | None = None
    retype: asyncio.TimerHandle | None = None
    stream: CellStream | None = None
    prompted: Prompted | None = None
    # Waits, behind its end, for one who goes on drawing; what came of that by then.
    lingering: asyncio.Task[None] | None = None
    left: dict[StreamName, str] = field(default_factory=dict)
    # Whether a newline comes next that the C mark has announced.
    newline: bool = False

    def unless_it_arrives(self, seconds: float, call: Callable[..., None], *args: object) -> None:
        """Have that called so much later, and nothing that was to be called before."""
        self.arrived()
        self.retype = asyncio.get_running_loop().call_later(seconds, call, *args)

    def arrived(self) -> None:
        """The child has it, or had."""
        if self.retype is not None:
            self.retype.cancel()
            self.retype = None

    @property
    def interrupted(self) -> bool:
        return self.interruption is not None

    @property
    def cut(self) -> bool:
        """Whether it was interrupted, and then found at a prompt that tells no more."""
        return self.interrupted and self.prompted is not None and self.prompted.ending

    @property
    def unfinished(self) -> bool:
        """Whether it left something open, such as a string, that kept its end from being seen."""
        return self.prompted is not None and self.prompted.unfinished

    @property
    def steps(self) -> Sequence[str]:
        """What it took to interrupt the line, beyond ^C."""
        return self.interruption.steps if self.interruption is not None else ()

    @property
    def starved(self) -> bool:
        return self.stream is not None and self.stream.input.starved
