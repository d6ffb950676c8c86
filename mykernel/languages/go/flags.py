"""`%goflags`: how all that cells are made of is built."""

from __future__ import annotations

import shlex

from mykernel.drivers.compiled.commands import Run
from mykernel.drivers.control import Control
from mykernel.drivers.refusal import Refused

HELP = (
    "%goflags",
    "[FLAG...]",
    'build with these flags of go build from now on, such as -race; %goflags "" for none',
)


class Flags:
    """The flags that were set."""

    def __init__(self, builder: Control) -> None:
        self._builder = builder
        self._flags: list[str] = []

    async def set(self, argument: str, run: Run) -> None:
        """Raises `Refused` when go does not take them."""
        if not argument:
            run.say(f"%goflags {shlex.join(self._flags)}".rstrip())
            return
        try:
            flags = _joined(shlex.split(argument))
        except ValueError as e:
            raise Refused(f"%goflags: {e}") from e
        answer = await self._builder.ask("goflags", flags=flags)
        if answer is None or "failure" in answer:
            raise Refused(f"%goflags: {(answer or {}).get('failure', 'it was interrupted')}")
        self._flags = flags


def _joined(words: list[str]) -> list[str]:
    """Each flag with its value: "-tags x" is "-tags=x"."""
    flags: list[str] = []
    for word in filter(None, words):
        if word.startswith("-") or not flags or "=" in flags[-1]:
            flags.append(word)
        else:
            flags[-1] += f"={word}"
    return flags
