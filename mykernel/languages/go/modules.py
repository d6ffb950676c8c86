"""`%get` and `%autoget`: packages of modules that go fetches."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

from mykernel.contract import CellOutput, Failed, Outcome, StreamName
from mykernel.drivers import failure as shared
from mykernel.drivers.compiled.commands import Run
from mykernel.drivers.outputs import Passing
from mykernel.drivers.refusal import Refused
from mykernel.languages.go import failure
from mykernel.languages.go.directives import GoRun

HELP = (
    ("%autoget", "[on|off]", "whether imports that no module has are fetched as by %get"),
    ("%get", "PATH[@VERSION]...", "fetch packages as `go get` does, for this and later cells"),
)
# What go says where it cannot reach what it is to fetch from.
_NO_WAY = re.compile(
    r"no such host|dial tcp|connection refused|network is unreachable|i/o timeout"
    r"|TLS handshake|disabled by GOPROXY=off|could not read Username"
)
_ADVICE = (
    "Where there is no network, set GOPROXY to a proxy or a folder of modules that can be reached"
    " (%env GOPROXY=file:///FOLDER), or take the module in by vendoring, by go.work, or by"
    " `replace` in go.mod. For repositories of your own, set GOPRIVATE"
)
# Code points of what go says that an error repeats.
_SAID = 2000


class Stopped(Exception):
    """What heads a cell did not work out. outcome: of the cell, which does not run."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Modules:
    """Fetches for the cell whose turn it is."""

    def __init__(self) -> None:
        self._automatic = True
        self.named = {"%autoget": self._autoget, "%get": self._get}

    async def missing(self, paths: Sequence[str], run: GoRun) -> bool:
        """Fetch what a cell imports, if that is wished. Raises `Stopped`."""
        if self._automatic:
            await self._fetch(paths, run, quiet=True)
        return self._automatic

    async def _autoget(self, argument: str, run: Run) -> None:
        if argument not in ("", "on", "off"):
            raise Refused("%autoget is on or off")
        if argument:
            self._automatic = argument == "on"
        else:
            run.say(f"%autoget {'on' if self._automatic else 'off'}")

    async def _get(self, argument: str, run: GoRun) -> None:
        try:
            words = shlex.split(argument)
        except ValueError as e:
            raise Refused(f"%get: {e}") from e
        if not words:
            raise Refused("%get wants the paths of packages, such as example.com/module@latest")
        await self._fetch(words, run, quiet=False)

    async def _fetch(self, words: Sequence[str], run: GoRun, *, quiet: bool) -> None:
        where = await run.ask("module")
        if where is None or "failure" in where:
            raise Refused(f"go get: {(where or {}).get('failure', 'it was interrupted')}")
        into = f" (into {where['file']})" if where["file"] else ""
        run.output.text("stderr", f"mykernel: go get {shlex.join(words)}{into}\n")
        what = {"go": ["get", *words], "recipe": {"place": where["place"]}}
        (run.child.folder / "run").write_text(json.dumps(what), encoding="utf-8")
        heard = _Heard(run.output, quiet)
        line = await run.child.run("{i} run", heard)
        if run.child.ending is not None:
            raise Stopped(failure.helper_died(run.cell, run.child, line))
        if line.interrupted:
            raise Stopped(shared.interrupted(run.cell, "Go", None, line.steps))
        if line.fields["s"] != "exit 0":
            raise Stopped(_not_fetched(words, heard.said))


def _not_fetched(words: Sequence[str], said: str) -> Failed:
    said = said.strip()[-_SAID:]
    evalue = f"go get {shlex.join(words)} failed: {said}"
    advice = (_ADVICE,) if _NO_WAY.search(said) else ()
    return Failed("GetError", "\n".join([evalue, *advice]), (f"GetError: {evalue}", *advice))


class _Heard(Passing):
    """said: what was written. quiet: whether it is not shown."""

    def __init__(self, output: CellOutput, quiet: bool) -> None:
        super().__init__(output)
        self._quiet = quiet
        self.said = ""

    def text(self, name: StreamName, text: str) -> None:
        self.said += text
        if not self._quiet:
            self._output.text(name, text)
