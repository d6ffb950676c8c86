"""`%vet`: what the toolchain's vet finds in a cell, told while the cell runs."""

from __future__ import annotations

import asyncio
import re

from mykernel.drivers.compiled.commands import Run
from mykernel.drivers.control import Control
from mykernel.drivers.refusal import Refused
from mykernel.languages.go.programs import Composed

HELP = ("%vet", "[on|off]", "whether to warn of what `go vet` finds in cells")
# Seconds that a cell's end waits for it at most. What comes later is told later.
_PATIENCE = 0.1
_OWN_PACKAGE = re.compile(r"\bmain\.(?=\w)")


class Vet:
    """Looks at each text of a cell once."""

    def __init__(self) -> None:
        self._on = True
        self._seen: set[str] = set()
        self._looking: set[asyncio.Task[None]] = set()
        self.named = {"%vet": self._switch}

    def begin(self, builder: Control, run: Run, program: Composed) -> None:
        """Look at a cell that is about to run."""
        if self._on and run.code not in self._seen:
            self._seen.add(run.code)
            looking = asyncio.create_task(self._look(builder, run, program))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)

    async def end(self) -> None:
        """The cell has run."""
        if self._looking:
            await asyncio.wait(self._looking, timeout=_PATIENCE)

    async def _switch(self, argument: str, run: Run) -> None:
        if argument not in ("", "on", "off"):
            raise Refused("%vet is on or off")
        if argument:
            self._on = argument == "on"
        else:
            run.say(f"%vet {'on' if self._on else 'off'}")

    async def _look(self, builder: Control, run: Run, program: Composed) -> None:
        label = program.sources.label(program.part.source)
        answer = await builder.ask(
            "vet", code=program.source, label=label, importcfg=program.recipe["importcfg"]
        )
        for one in (answer or {}).get("problems", ()):
            message = _OWN_PACKAGE.sub("", one["message"])
            run.output.text("stderr", f"{run.cell.name}:{one['line']}: vet: {message}\n")
