"""`%goflags`: how all that cells are made of is built."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from mykernel.drivers.refusal import Refused
from mykernel.languages.go.directives import GoRun

HELP = (
    "%goflags",
    "[FLAG...]",
    'build with these flags of go build from now on, such as -race; %goflags "" for none',
)


class Flags:
    """now: the flags that were set."""

    def __init__(self) -> None:
        self.now: Sequence[str] = ()

    async def set(self, argument: str, run: GoRun) -> None:
        """Raises `Refused` when go does not take them."""
        if not argument:
            run.say(f"%goflags {shlex.join(self.now)}".rstrip())
            return
        try:
            flags = _joined(shlex.split(argument))
        except ValueError as e:
            raise Refused(f"%goflags: {e}") from e
        answer = await run.ask("goflags", flags=flags)
        if answer is None or "failure" in answer:
            raise Refused(f"%goflags: {(answer or {}).get('failure', 'it was interrupted')}")
        self.now = flags


def _joined(words: list[str]) -> list[str]:
    """Each flag with its value: "-tags x" is "-tags=x"."""
    flags: list[str] = []
    for word in filter(None, words):
        if word.startswith("-") or not flags or "=" in flags[-1]:
            flags.append(word)
        else:
            flags[-1] += f"={word}"
    return flags
