"""REPLs whose prompt is a fixed text, which cannot carry a mark.

That text alone ends nothing, since a cell may print it, too. It has to be the last thing that was
said, and the REPL's own process has to wait for the terminal behind it. Then a line of the language
is typed which writes the D mark, so that the end still comes in-band and with its number. Should a
cell have asked for input with the very text of the prompt, it gets that line as the answer, and the
line is typed again at the true prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mykernel.contract import StreamName
from mykernel.terminal import Reader, Terminal

# Times that the line is typed at a prompt before what it may have been swallowed by, such as a
# string that was left open, is interrupted; and before the program is given up.
_PLAIN = 3
_MOST = 6
# Code points that a line which asks for the end may have said, of errors for example.
_KEPT = 4000


@dataclass(frozen=True, slots=True)
class FixedPrompts:
    """texts: what the program shows when it waits for a line; "" where it shows nothing.

    run: the line, in which {i} stands for the number, that writes the D mark of a line that
    has come to the prompt without it.
    """

    texts: Sequence[str]
    run: str


NONE = FixedPrompts((), "")


class Prompted:
    """What is typed at the prompts that come while one line runs. Methods do not block.

    fixed: `NONE` where there are no such prompts; then nothing here does anything.
    number, first: the line, which was typed; once more it is typed at a prompt that comes before
    it has begun, since an interrupt of the line before may have had it thrown away.
    rest: what is to be typed next, one at each prompt, before the end is asked for.
    home: the process that reads at the prompts; 0 when it is not known, as at the start.
    begun: whether its C mark has come.
    ending: whether the end was asked for.
    """

    def __init__(
        self,
        fixed: FixedPrompts,
        terminal: Terminal,
        number: int = 0,
        first: str = "",
        rest: Sequence[str] = (),
        home: int = 0,
    ) -> None:
        self._texts = tuple(fixed.texts)
        # By stream, what it ended in that may be the beginning of a prompt, and how much of that
        # is kept back.
        self._tails: dict[StreamName, str] = {}
        self._held: dict[StreamName, str] = {}
        self._run = fixed.run.replace("{i}", str(number))
        self._terminal = terminal
        self._first = first
        self._rest = list(rest)
        self._times = 0
        self._echoing = self._interrupted = False
        self.home = home
        self.begun = False

    def __bool__(self) -> bool:
        return bool(self._texts)

    @property
    def ending(self) -> bool:
        return self._times > 0

    @property
    def shown(self) -> bool:
        """Whether a prompt is the last that was said."""
        return "" in self._texts or any(map(self._texts.count, self._tails.values()))

    @property
    def holds(self) -> bool:
        """Whether something is kept back."""
        return any(self._held.values())

    def waits(self, reader: Reader) -> bool:
        """Whether that reader waits at the REPL's own prompt, not for input to the cell."""
        return self.shown and (not self.home or reader.pid in (0, self.home))

    def withhold(self, name: StreamName, text: str) -> str:
        """Keep back the text's end while it may be a prompt, or the beginning of one.

        Once the end was asked for all is kept back for a while: behind it a prompt tells that it
        was what came of the line, and anything else that it was the cell's.
        """
        if self._echoing and name == "stdout":
            # Not to the letter: a line editor redraws, and cuts what is longer than its line.
            _, newline, text = text.partition("\n")
            self._echoing = not newline
        tail = self._beginning(self._tails.get(name, "") + text)
        text = self._held.get(name, "") + text
        kept = len(text) if self.ending and len(text) < _KEPT else min(len(tail), len(text))
        text, held = text[: len(text) - kept], text[len(text) - kept :]
        self._tails[name], self._held[name] = tail, held
        while self._interrupted and held and text.endswith(held):
            # Each ^C has left one.
            text = text.removesuffix(held)
        return text

    def _beginning(self, text: str) -> str:
        """The longest end of the text with which a prompt begins."""
        longest = min(max(map(len, self._texts), default=0), len(text))
        ends = (text[-n:] for n in range(longest, 0, -1))
        return next((end for end in ends if any(one.startswith(end) for one in self._texts)), "")

    def give_back(self) -> Iterator[tuple[StreamName, str]]:
        """What was kept back and is not to wait any longer, or was no prompt."""
        held, self._held = self._held, {}
        return ((name, text) for name, text in held.items() if text)

    def stop(self) -> None:
        """The line was interrupted: of what it consists nothing more is typed."""
        self._interrupted = True
        self._first = ""
        self._rest.clear()

    def go_on(self, reader: Reader) -> None:
        """That reader waits at the prompt: type what comes next."""
        self.home = self.home or reader.pid
        self._tails.clear()
        self._held.clear()
        if self._first and not self.begun:
            typed, self._first = self._first, ""
        elif self._rest and self.begun:
            typed = self._rest.pop(0) + "\n"
        else:
            typed = self._run + "\n"
            self._times += 1
            if self._times > _MOST:
                self._terminal.end()
            elif self._times > _PLAIN:
                self._terminal.interrupt()
        # Who takes single keys at a prompt draws them itself.
        self._echoing = reader.mode != "line" or reader.echo is not False
        self._terminal.write(typed.encode("utf-8", "surrogateescape"))
