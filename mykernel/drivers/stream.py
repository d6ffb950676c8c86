"""The way of a cell's text from the terminal to its output."""

from __future__ import annotations

import asyncio
import re

from mykernel.contract import CellOutput, Shown, StreamName
from mykernel.drivers.back_pressure import BackPressure
from mykernel.drivers.input import InputWatch
from mykernel.drivers.interruption import Interruption
from mykernel.drivers.prompts import Prompted
from mykernel.terminal import ApplicationKeys, ControlFilter, Query, Terminal
from mykernel.terminal.screen import moves_cursor

# To the upper left corner: who takes the keys for itself, too, draws on all of it.
_HOME = "\x1b[H"
# Seconds that a full-screen program has to give the screen back.
_PATIENCE = 1.0
_NO_SCREEN = "wants the whole screen, which a notebook does not have; it was"
# All up to the last time that the cursor is sent somewhere or the screen is given back.
_DRAWN = re.compile("(?s).*\x1b\\[(?:[0-9;]*[A-HJf]|\\?(?:47|1047|1049)l)")


class CellStream:
    """One cell's text: echoes of answers and sequences for terminals are taken out of it.

    A query is answered where the program has made the terminal ready for that. A
    full-screen program is ended. When the output is full, the child has to wait.
    """

    def __init__(
        self, terminal: Terminal, output: CellOutput, prompted: Prompted | None = None
    ) -> None:
        self._terminal = terminal
        self._output = output
        self._filters: dict[StreamName, ControlFilter] = {
            "stdout": ControlFilter(),
            "stderr": ControlFilter(),
        }
        self._full_screen = self._alternate = self._keys = self._ended = False
        self._interrupted = False
        self._held = {"stdout": "", "stderr": ""}
        # The last character of each; at the beginning a line begins.
        self._tails = {"stdout": "\n", "stderr": "\n"}
        self._insisting: asyncio.TimerHandle | None = None
        self._interruption: Interruption | None = None
        self._back_pressure = BackPressure(terminal)
        self.input = InputWatch(terminal, output, prompted)
        self.input.start()

    def interrupted(self, echo: str, unblock: str) -> None:
        """An echo to come, and the empty lines that a shell says at it, are not output.

        unblock: what is typed for a program that waits for input nevertheless.
        """
        self._interrupted = True
        self.input.interrupted(echo, unblock)

    def text(self, name: StreamName, text: str) -> None:
        """Pass on what the cell wrote."""
        if self._interrupted:
            text = self._without_empty_line(name, text)
        if self._full_screen and self._gone:
            # Some of what was drawn may come only now, with what others wrote behind it.
            text = _DRAWN.sub("", text, count=1)
            self._full_screen = self._alternate = False
            self._relent()
        text = self.input.passing(name, text)
        kept: list[str] = []
        for part in self._filters[name].feed(text):
            if isinstance(part, str):
                if part == _HOME and self._draws:
                    self._take_screen()
                # Of what a full-screen program leaves on its way out, text alone is of use.
                if not self._full_screen and not (self._ended and moves_cursor(part)):
                    kept.append(part)
            elif isinstance(part, Query):
                self._terminal.reply(part.reply)
            elif isinstance(part, ApplicationKeys):
                self._keys = part.taken
                if not part.taken and not self._alternate:
                    self._full_screen = False
                    self._relent()
            elif part.entered:
                self._take_screen()
                self._alternate = True
            else:
                self._alternate = self._full_screen = False
                self._relent()
        if text:
            self._tails[name] = text[-1]
        if kept:
            self.input.said(name, "".join(kept))
        self._back_pressure.heed(self._output)

    def display(self, shown: Shown) -> None:
        """Pass on what the cell displays, behind a line that may have been a prompt."""
        self.input.let_go()
        self._output.display(shown)
        self._back_pressure.heed(self._output)

    @property
    def _draws(self) -> bool:
        return self._keys or self._terminal.foreground.draws

    @property
    def _gone(self) -> bool:
        """Whether the full-screen program has ended.

        One that was killed may not have switched back from the alternate screen; top and its
        like do not switch at all, but once they are gone the terminal's mode tells.
        """
        return self._terminal.foreground.at_rest if self._alternate else not self._draws

    def _without_empty_line(self, name: StreamName, text: str) -> str:
        """Hold empty lines at the end back, until more comes or the cell has ended."""
        text = self._held[name] + text
        kept = text.rstrip("\n")
        if kept != text and (kept or self._tails[name]) != "\n":
            kept += "\n"
        self._held[name] = text[len(kept) :]
        return kept

    def _take_screen(self) -> None:
        """A full-screen program begins: end it, and show nothing of it."""
        if self._full_screen:
            return
        self._full_screen = self._ended = True
        self.input.let_go()
        who = self._terminal.foreground.program() or "a program"
        what = self._terminal.foreground.dismiss()
        self._output.text("stderr", f"mykernel: {who} {_NO_SCREEN} {what}\n")
        self._insisting = asyncio.get_running_loop().call_later(_PATIENCE, self._insist)

    def _insist(self) -> None:
        """It did not heed that: do all that an interrupt does."""
        if self._full_screen and not self._gone:
            self._interruption = Interruption(self._terminal)

    def _relent(self) -> None:
        for insisting in (self._insisting, self._interruption):
            if insisting is not None:
                insisting.cancel()

    def stop(self) -> None:
        """The cell has ended, or is to: nothing holds the terminal up any more."""
        self.input.stop()
        self._relent()
        self._back_pressure.release()
