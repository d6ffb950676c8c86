"""What Go's race detector says of a cell, told with the cells' lines.

Source: https://go.dev/doc/articles/race_detector (Report Format).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mykernel.contract import Failed
from mykernel.drivers.compiled.excerpts import excerpt
from mykernel.drivers.compiled.sources import Place, Sources

_RED, _BOLD, _OFF = "\x1b[31m", "\x1b[1m", "\x1b[0m"
_FRAME = re.compile(r"^  \S.*\n +(cell\d+):(\d+)", re.MULTILINE)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# Races that are told of one cell.
_SHOWN = 3


def reports(folder: Path) -> str:
    """What the processes of a cell have said, and is then forgotten."""
    said = ""
    for path in sorted(folder.glob("race.*")):
        said += path.read_text("utf-8", "replace")
        path.unlink()
    return said


def raced(said: str, sources: Sources) -> Failed:
    """A cell that ran to its end, in which goroutines used the same memory at the same time."""
    races = [one for one in re.split(r"^=+\n", said, flags=re.MULTILINE) if "DATA RACE" in one]
    steps = [list(_steps(one, sources)) for one in races]
    more = f" (and {len(races) - 1} more)" if len(races) > 1 else ""
    where = ", ".join(
        f"{heading} in {place.source.name}, line {place.line}" if place else heading
        for heading, place in (steps[0] if steps else [])[:2]
    )
    evalue = f"{where}{more}; the cell ran to its end, and its variables are kept"
    lines = [f"{_RED}{_BOLD}DataRace{_OFF}: {evalue}"]
    for race in steps[:_SHOWN]:
        for heading, place in race:
            lines.append(f"{_BOLD}{heading}{_OFF}")
            lines += excerpt(place) if place else []
    return Failed("DataRace", evalue, tuple(lines))


def _steps(race: str, sources: Sources) -> Iterator[tuple[str, Place | None]]:
    """What happened, each with its innermost call that is in a cell."""
    for section in race.replace("WARNING: DATA RACE\n", "").strip().split("\n\n"):
        heading, _, calls = section.partition("\n")
        places = (sources.place(label, int(line)) for label, line in _FRAME.findall(calls))
        yield _ADDRESS.sub("", heading).rstrip(":"), next(filter(None, places), None)
