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
from mykernel.terminal.processes import kill_group
from mykernel.terminal.screen import moves_cursor

# To the upper left corner: who takes the keys for itself, too, draws on all of it.
_HOME = "\x1b[H"
# Seconds that a full-screen program has to give the screen back, or a shell to say that it is gone.
_PATIENCE = 1.0
# Code points that wait for that at most.
_MOST_WAITING = 1 << 16
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
        # The stream that the screen was taken on, and by whom, see `Foreground.group`.
        self._taken_on: StreamName = "stdout"
        self._taken_by: int | None = None
        # What is written waits: at first until it is looked who has the screen; and when that one
        # was gone, for word of that.
        self._taking: asyncio.Handle | None = None
        # When one that was ended has to be gone.
        self._deadline = 0.0
        self._leaving: asyncio.TimerHandle | None = None
        self._waiting: dict[StreamName, str] = {"stdout": "", "stderr": ""}
        self._interrupted = False
        self._held = {"stdout": "", "stderr": ""}
        # The last character of each; at the beginning a line begins.
        self._tails = {"stdout": "\n", "stderr": "\n"}
        self._insisting: asyncio.TimerHandle | None = None
        self._interruption: Interruption | None = None
        self._back_pressure = BackPressure(terminal)
        self.input = InputWatch(terminal, output, prompted)
        self.input.start()

    def interrupted(self, echo: str, unblock: str | None) -> None:
        """An echo to come, and the empty lines that a shell says at it, are not output.

        unblock: what is typed for a program that waits for input nevertheless; see `Program`.
        """
        self._interrupted = True
        self.input.interrupted(echo, unblock)

    def text(self, name: StreamName, text: str) -> None:
        """Pass on what the cell wrote."""
        if self._interrupted:
            text = self._without_empty_line(name, text)
        if self._full_screen and not self._waits and self._gone:
            # Some of what was drawn may come only now, with what others wrote behind it.
            text = _DRAWN.sub("", text, count=1)
            self._full_screen = self._alternate = False
            self._relent()
        text = self.input.passing(name, text)
        kept: list[str] = []
        for part in self._filters[name].feed(text):
            if isinstance(part, str):
                if part == _HOME and self._draws:
                    self._take_screen(name, kept)
                if self._waits:
                    self._waiting[name] += part
                # Of what a full-screen program leaves on its way out, text alone is of use.
                elif not self._full_screen and not (self._ended and moves_cursor(part)):
                    kept.append(part)
            elif isinstance(part, Query):
                self._terminal.reply(part.reply)
            elif isinstance(part, ApplicationKeys):
                self._keys = part.taken
                if not part.taken and not self._alternate:
                    self._give_back(name)
            elif part.entered:
                self._take_screen(name, kept)
                self._alternate = True
            else:
                self._give_back(name)
        if text:
            self._tails[name] = text[-1]
        if kept:
            self.input.said(name, "".join(kept))
        if self._leaving is not None and len(self._waiting[name]) > _MOST_WAITING:
            self._leave()
        self._back_pressure.heed(self._output)

    def command_ended(self, name: StreamName) -> None:
        """A command has ended, and all that it wrote to that stream has come.

        One that was made to end may still have children that draw.
        """
        if self._waits and name == self._taken_on:
            self._give_back(name)

    def display(self, shown: Shown) -> None:
        """Pass on what the cell displays, behind a line that may have been a prompt."""
        self.input.let_go()
        self._output.display(shown)
        self._back_pressure.heed(self._output)

    @property
    def dismissed(self) -> bool:
        """Whether a full-screen program was ended."""
        return self._deadline > 0

    @property
    def lingers(self) -> bool:
        """Whether some of a full-screen program that was ended may go on drawing, for a while.

        Nobody waits for a pager whose parent was quicker to end.
        """
        if not self._taken_by or asyncio.get_running_loop().time() > self._deadline:
            return False
        return self._terminal.foreground.lives(self._taken_by)

    def end_lingering(self) -> None:
        """Have who was told to end, and has not by its deadline, draw no more: end it by force."""
        if self._taken_by and self._terminal.foreground.lives(self._taken_by):
            kill_group(self._taken_by)

    @property
    def _draws(self) -> bool:
        return self._keys or self._terminal.foreground.draws

    @property
    def _gone(self) -> bool:
        """Whether the full-screen program has ended.

        One that was killed may not have switched back from the alternate screen; top and its
        like do not switch at all, but once they are gone the terminal's mode tells.
        """
        if not self._alternate:
            return not self._draws
        group = self._terminal.foreground.group
        return group == 0 or group != self._taken_by

    @property
    def _waits(self) -> bool:
        return self._taking is not None or self._leaving is not None

    def _without_empty_line(self, name: StreamName, text: str) -> str:
        """Hold empty lines at the end back, until more comes or the cell has ended."""
        text = self._held[name] + text
        kept = text.rstrip("\n")
        if kept != text and (kept or self._tails[name]) != "\n":
            kept += "\n"
        self._held[name] = text[len(kept) :]
        return kept

    def _take_screen(self, name: StreamName, before: list[str]) -> None:
        """A full-screen program begins, behind that text: end it, and show nothing of it."""
        if self._leaving is not None:
            self._give_back(name)
        if self._full_screen:
            return
        if before:
            self.input.said(name, "".join(before))
            before.clear()
        self.input.let_go()
        self._full_screen = self._ended = True
        self._taken_on = name
        # What has come together with this may say that it has ended.
        self._taking = asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        """See who has the screen. If nobody has any more, the shell may not have said so yet."""
        loop = asyncio.get_running_loop()
        self._taking = None
        self._taken_by = self._terminal.foreground.group
        if self._gone:
            self._leaving = loop.call_later(_PATIENCE, self._leave)
            return
        who = self._terminal.foreground.program() or "a program"
        self._tell(who, self._terminal.foreground.dismiss())
        self._waiting = {"stdout": "", "stderr": ""}
        self._deadline = loop.time() + _PATIENCE
        self._insisting = loop.call_at(self._deadline, self._insist)

    def _tell(self, who: str, what: str) -> None:
        self._output.text("stderr", f"mykernel: {who} {_NO_SCREEN} {what}\n")

    def _give_back(self, name: StreamName) -> None:
        """The screen is as it was. What waits of that stream was drawn on the other one."""
        self._waiting[name] = ""
        self._leave()
        self._alternate = self._full_screen = False
        self._relent()

    def _leave(self) -> None:
        """Who took the screen has ended by itself: show what others may have written."""
        if not self._waits:
            return
        for handle in (self._taking, self._leaving):
            if handle is not None:
                handle.cancel()
        self._taking = self._leaving = None
        self._alternate = self._full_screen = False
        self._tell("a program", "not given any")
        waiting, self._waiting = self._waiting, {"stdout": "", "stderr": ""}
        waiting[self._taken_on] = undrawn(waiting[self._taken_on])
        for name, text in waiting.items():
            if text:
                self.input.said(name, text)

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
        self._leave()
        self.input.stop()
        self._relent()
        self._back_pressure.release()


def undrawn(text: str) -> str:
    """What others may have written behind what a program has drawn that is gone."""
    parts = ControlFilter().feed(_DRAWN.sub("", text, count=1))
    return "".join(part for part in parts if isinstance(part, str) and not moves_cursor(part))
