"""REPLs whose prompt is a fixed text, which cannot carry a mark.

That text alone ends nothing, since a cell may print it, too. It has to be the last thing that was
said, and the REPL's own process has to wait for the terminal behind it. Then a line of the language
is typed which writes the D mark, so that the end still comes in-band and with its number. Should a
cell have asked for input with the very text of the prompt, it gets that line as the answer, and the
line is typed again at the true prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mykernel.contract import StreamName
from mykernel.terminal import Reader, Terminal

# Times that the line is typed at a prompt before what it may have been swallowed by, such as a
# string that was left open, is interrupted; and before the program is given up.
_PLAIN = 3
_MOST = 6
# Code points that a line which asks for the end may have said, of errors for example.
_KEPT = 4000
# Code points of a prompt.
_LONGEST = 1000
_PART = re.compile(r"(?s)\{n\}|.")


@dataclass(frozen=True, slots=True)
class FixedPrompts:
    """texts: what the program shows when it waits for a line; "" where it shows nothing.

    {n} in a text stands for a number, which may be another each time.
    run: the line, in which {i} stands for the number, that writes the D mark of a line that
    has come to the prompt without it.
    recover: a line that is typed when that one did not; it leads out of what was left open.
    no_input: what is typed where a cell wants input that nobody can give; "" for end-of-file.
    """

    texts: Sequence[str]
    run: str
    recover: str = ""
    no_input: str = ""


NONE = FixedPrompts((), "")


class Prompted:
    """What is typed at the prompts that come while one line runs. Methods do not block.

    fixed: `NONE` where there are no such prompts; then nothing here does anything.
    number: the line's, 0 for the start.
    first: types the line itself, and once more at a prompt that comes before it has begun, since
    an interrupt of the line before may have had it thrown away. None at the start.
    rest: what is to be typed next, one at each prompt, before the end is asked for. It is asked
    for the next one when all is known that the program said to the one before.
    home: who reads at the prompts; None when it is not known, as at the start.
    begun: whether its C mark has come.
    ending: whether the end was asked for.
    """

    def __init__(
        self,
        fixed: FixedPrompts,
        terminal: Terminal,
        number: int = 0,
        first: Callable[[], None] | None = None,
        rest: Iterable[str] = (),
        home: Reader | None = None,
    ) -> None:
        self._texts = tuple(fixed.texts)
        parts = [_PART.findall(text) for text in fixed.texts]
        self._whole = re.compile("|".join("".join(map(_pattern, of)) for of in parts))
        # Each part may be the last one that has come.
        self._begun = re.compile(f"(?:{'|'.join(map(_beginning, parts))})\\Z")
        # By stream, what it ended in that may be the beginning of a prompt, and how much of that
        # is kept back.
        self._tails: dict[StreamName, str] = {}
        self._held: dict[StreamName, str] = {}
        self._recover = fixed.recover
        self.no_input = fixed.no_input
        self._number = number
        self._run = fixed.run.replace("{i}", str(number))
        self._terminal = terminal
        self._first = first
        self._rest = iter(rest)
        self._tries = self._times = 0
        self._echoing = self._interrupted = False
        self.home = home
        self.begun = False

    def __bool__(self) -> bool:
        return bool(self._texts)

    @property
    def starting(self) -> bool:
        """Whether the program is on its way to its first prompt."""
        return bool(self) and not self._number

    @property
    def ending(self) -> bool:
        return self._times > 0

    @property
    def unfinished(self) -> bool:
        """Whether the line that asks for the end was taken for a part of what came before it."""
        return self._times > 1

    @property
    def shown(self) -> bool:
        """Whether a prompt is the last that was said."""
        if self.fresh or "" in self._texts:
            return True
        return any(map(self._whole.fullmatch, filter(None, self._tails.values())))

    @property
    def fresh(self) -> bool:
        """Whether the line has yet to be typed, at the prompt that the one before has led to."""
        return self._first is not None and not self._tries

    @property
    def sure(self) -> bool:
        """Whether one look at who waits is enough: nothing runs twice if it is misled."""
        return self.fresh or (self.begun and self.shown)

    @property
    def holds(self) -> bool:
        """Whether something is kept back."""
        return any(self._held.values())

    def waits(self, reader: Reader) -> bool:
        """Whether that reader waits at the REPL's own prompt, not for input to the cell.

        Many a REPL edits lines at its prompt alone. Behind ^C it may wait without having shown it.
        """
        home = self.home
        if home is None or not (home.pid and reader.pid):
            return self.shown
        if self._interrupted and reader.pid == home.pid:
            return True
        return self.shown and (reader.pid, reader.mode) == (home.pid, home.mode)

    def withhold(self, name: StreamName, text: str) -> str:
        """Keep back the text's end while it may be a prompt, or the beginning of one.

        Once the end was asked for all is kept back for a while: behind it a prompt tells that it
        was what came of the line, and anything else that it was the cell's.
        """
        if self._echoing and name == "stdout":
            # Not to the letter: a line editor redraws, and cuts what is longer than its line.
            _, newline, text = text.partition("\n")
            self._echoing = not newline
        found = self._begun.search((self._tails.get(name, "") + text)[-_LONGEST:])
        tail = found[0] if found is not None else ""
        text = self._held.get(name, "") + text
        kept = len(text) if self.ending and len(text) < _KEPT else min(len(tail), len(text))
        text, held = text[: len(text) - kept], text[len(text) - kept :]
        self._tails[name], self._held[name] = tail, held
        while self._interrupted and held and text.endswith(held):
            # Each ^C has left one.
            text = text.removesuffix(held)
        return text

    def give_back(self) -> Iterator[tuple[StreamName, str]]:
        """What was kept back and is not to wait any longer, or was no prompt."""
        held, self._held = self._held, {}
        return ((name, text) for name, text in held.items() if text)

    def stop(self) -> None:
        """The line was interrupted: of what it consists nothing more is typed."""
        self._interrupted = True
        self._first = None
        self._rest = iter(())

    def go_on(self, reader: Reader) -> None:
        """That reader waits at the prompt: type what comes next."""
        self.home = self.home or reader
        self._tails.clear()
        self._held.clear()
        self._tries += 1
        if self._first is not None and not self.begun and self._tries <= _MOST:
            self._first()
        elif self.begun and (line := next(self._rest, None)) is not None:
            self._type(line, reader)
        else:
            self._ask_for_end(reader)

    def _ask_for_end(self, reader: Reader) -> None:
        if not self._number:
            # Of a line editor that waits at its prompt.
            self._terminal.keep_modes()
        self._times += 1
        if self._times > _MOST:
            self._terminal.end()
        elif self._times > _PLAIN and not self._recover:
            self._terminal.interrupt()
        again = self._recover and self._times % 2 == 0
        self._type(self._recover if again else self._run, reader)

    def _type(self, line: str, reader: Reader) -> None:
        # Who takes single keys at a prompt draws them itself.
        self._echoing = reader.mode != "line" or reader.echo is not False
        self._terminal.write(f"{line}\n".encode("utf-8", "surrogateescape"))


def _pattern(part: str) -> str:
    return r"\d+" if part == "{n}" else re.escape(part)


def _beginning(parts: Sequence[str]) -> str:
    """A regular expression for a text that is made of the first of the parts, or of all."""
    return "(?:".join(map(_pattern, parts)) + ")?" * (len(parts) - 1)
