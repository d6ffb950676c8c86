"""A helper that runs, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from mykernel.drivers.agent import AgentChild
from mykernel.drivers.control import Control
from mykernel.errors import ChildNotStarted

# Seconds for what may have to compile packages of std first. It can be interrupted.
_COMPOSING = 600.0


@dataclass(frozen=True, slots=True)
class Helper:
    """builder: for what a cell waits for. control: for questions, which have little time."""

    child: AgentChild
    builder: Control
    control: Control

    @property
    def gone(self) -> bool:
        """Whether it is known to have ended, or to be about to."""
        return self.child.ending is not None or self.builder.ended

    async def lives(self) -> bool:
        """Whether it answers, and has a place for files.

        The end of a process is not seen at once.
        """
        if self.gone or not self.child.folder.is_dir():
            return False
        return await self.builder.ask("progress") is not None

    async def close(self) -> str:
        """End it, if it has not ended by itself. Returns what the user is to know of that."""
        self.builder.close()
        self.control.close()
        removed = not self.child.folder.is_dir()
        await self.child.close()
        if removed:
            return f"{self.child.folder} was removed, and the values of variables with it"
        return f"Go's helper had ended ({self.child.ending}) and was started anew"


async def connected(child: AgentChild) -> Helper:
    """The helper that this child is. Raises `ChildNotStarted` when it has ended already."""
    helper = Helper(child, Control(child.folder, _COMPOSING), Control(child.folder))
    try:
        await helper.builder.connect()
        await helper.control.connect()
        answered = await helper.lives()
    except OSError:
        answered = False
    if not answered:
        await helper.close()
        raise ChildNotStarted(["go"], "", f"its helper ended ({child.ending})")
    helper.builder.send("warm")
    return helper
