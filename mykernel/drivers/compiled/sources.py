"""From what a compiler or a crash says of a program back to the cells that it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mykernel.contract import CellOutput, StreamName
from mykernel.drivers.outputs import Passing


# A question speaks of many declarations of the same few cells.
@lru_cache(maxsize=64)
def _lines(code: str) -> list[str]:
    return code.split("\n")


@dataclass(frozen=True, slots=True)
class Source:
    """A cell's text. name: how messages speak of it, such as "In[3]"."""

    name: str
    code: str

    def comment_above(self, line: int) -> str:
        """The lines of comment (by //) right above that line, "" where there are none."""
        lines = _lines(self.code)
        end = first = min(line - 1, len(lines))
        while first and lines[first - 1].startswith("//"):
            first -= 1
        return "\n".join(lines[first:end])


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. line: from 1. column: from 1, in UTF-8 bytes; 0 for unknown."""

    source: Source
    line: int
    column: int = 0


class Sources:
    """The cells of one program, under the names that stand in its line directives.

    They are told apart by their order in the program and not by the cells' numbers, so that the
    same cell makes the same program when it is run again, which need not be built then.
    """

    def __init__(self) -> None:
        self._labels: dict[Source, str] = {}
        self._sources: dict[str, Source] = {}

    def label(self, source: Source) -> str:
        """The file name that stands for the cell in the program."""
        if source not in self._labels:
            label = f"cell{len(self._labels) + 1}"
            self._labels[source], self._sources[label] = label, source
        return self._labels[source]

    @property
    def names(self) -> dict[str, str]:
        """How the cells are called, by what stands for them in the program."""
        return {label: source.name for label, source in self._sources.items()}

    def place(self, label: str, line: int, column: int = 0) -> Place | None:
        """The place in a cell; None where the label is none of these."""
        source = self._sources.get(label)
        return None if source is None else Place(source, line, column)

    def places(self, text: str) -> list[Place]:
        """All places in cells that the text speaks of, in its order."""
        return [
            Place(self._sources[found[1]], int(found[2]), int(found[3] or 0))
            for found in _SPOKEN_OF.finditer(text)
            if found[1] in self._sources
        ]

    def named(self, text: str) -> str:
        """The text with the cells called as the user knows them: "In[3]:2" for "cell1:2"."""

        def name(found: re.Match[str]) -> str:
            source = self._sources.get(found[1])
            return found[0] if source is None else source.name + found[0][len(found[1]) :]

        return _SPOKEN_OF.sub(name, text)


class NamedSources(Passing):
    """Lets what a program says speak of cells as the user knows them."""

    def __init__(self, output: CellOutput, sources: Sources) -> None:
        super().__init__(output)
        self._sources = sources

    def text(self, name: StreamName, text: str) -> None:
        self._output.text(name, self._sources.named(text))


# Where a compiler puts its own folder before the name of a file that it does not find.
_SPOKEN_OF = re.compile(r"(?<![\w./-])(cell\d+):(\d+)(?::(\d+))?")
