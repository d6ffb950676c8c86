"""The head of a cell: its first lines, as long as they are directives or blank.

A language's leader is "%", or "#%" where % begins code of its own. Names are the same in all
languages, as "%time" or "%%writefile", and "!" for the shell, however the language writes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

SHELL = "!"


@dataclass(frozen=True, slots=True)
class Line:
    """A directive's line.

    name: without what the leader has before its %.
    argument: what stands behind it, without blanks around, up to the code.
    code: the code that the line ends in, "" for none.
    start, name_end, end: places in the cell, in code points from 0; the newline is not within.
    last: whether the head ends with it, since what follows is code or a file's text.
    """

    name: str
    argument: str
    code: str
    start: int
    name_end: int
    end: int
    last: bool


class Grammar:
    """How a language writes directives.

    leader: "%" or "#%". shell: "!" where a line may begin with that alone, else "".
    code_of: given a name and what stands behind it, the code that this ends in, or "".
    bodies: the names of those below which no code stands.
    """

    def __init__(
        self,
        leader: str,
        shell: str,
        code_of: Callable[[str, str], str],
        bodies: Collection[str],
    ) -> None:
        self._comment = leader.removesuffix("%")
        self._shell = shell
        self._code_of = code_of
        self._bodies = bodies
        # Behind a comment sign only what looks like a name is one: "#%% cell" is a comment.
        name = r"%%?[^\W\d_]\S*" if self._comment else r"%[^\s!]\S*|%"
        bare = f"|{re.escape(shell)}" if shell else ""
        self._line = re.compile(
            rf"[ \t]*(?:{re.escape(self._comment)}(?P<name>%!|{name}){bare})(?P<rest>[^\n]*)"
        )
        self._begun = re.compile(rf"[ \t]*{re.escape(self._comment)}(?P<name>%\S*)")

    def written(self, name: str) -> str:
        """The name as a user of this language types it."""
        if name == SHELL:
            return self._shell or f"{self._comment}%!"
        return self._comment + name

    def head(self, code: str) -> Sequence[Line]:
        """The directives that the code begins with, in order, those that there are not included."""
        lines: list[Line] = []
        start = 0
        while start <= len(code) and not (lines and lines[-1].last):
            newline = code.find("\n", start)
            end = newline if newline >= 0 else len(code)
            if code[start:end].strip():
                if (line := self._directive(code, start, end)) is None:
                    break
                lines.append(line)
            start = end + 1
        return lines

    def name_begun(self, code: str, cursor_pos: int) -> str | None:
        """What is typed of a directive's name up to the cursor; None where none can stand."""
        start = code.rfind("\n", 0, cursor_pos) + 1
        above = code[:start]
        lines = self.head(above)
        if (lines and lines[-1].last) or without(above, lines).strip():
            return None
        begun = self._begun.fullmatch(code, start, cursor_pos)
        return begun["name"] if begun is not None else None

    def _directive(self, code: str, start: int, end: int) -> Line | None:
        found = self._line.fullmatch(code, start, end)
        if found is None:
            return None
        name = SHELL if found["name"] in (None, "%!") else found["name"]
        rest = found["rest"].lstrip()
        code_in_it = self._code_of(name, rest)
        argument = rest[: len(rest) - len(code_in_it)].strip()
        last = bool(code_in_it) or name in self._bodies
        return Line(name, argument, code_in_it, start, found.start("rest"), end, last)


def without(code: str, lines: Sequence[Line]) -> str:
    """The code with nothing in those lines but the code that they end in; line numbers stay."""
    return _replaced(code, lines, lambda line: line.code)


def masked(code: str, lines: Sequence[Line]) -> str:
    """As `without`, with blanks in the place of what is left out, so that offsets stay."""
    return _replaced(code, lines, lambda line: line.code.rjust(line.end - line.start))


def _replaced(code: str, lines: Sequence[Line], by: Callable[[Line], str]) -> str:
    parts, at = [], 0
    for line in lines:
        parts += [code[at : line.start], by(line)]
        at = line.end
    return "".join([*parts, code[at:]])
