"""The way of a cell's text from the terminal to its output."""

from __future__ import annotations

import asyncio
import signal

from mykernel.contract import CellOutput, StreamName
from mykernel.drivers.input import InputWatch
from mykernel.terminal import ControlFilter, Query, Terminal
from mykernel.terminal.screen import moves_cursor

# To the upper left corner: in a terminal in raw mode, somebody draws on all of it.
_HOME = "\x1b[H"
_NO_SCREEN = "wants the whole screen, which a notebook does not have; it was ended"


class CellStream:
    """One cell's text: echoes of answers and sequences for terminals are taken out of it.

    A query is answered where the program has made the terminal ready for that. A
    full-screen program is ended. When the output is full, the child has to wait.
    """

    def __init__(self, terminal: Terminal, output: CellOutput) -> None:
        self._terminal = terminal
        self._output = output
        self._filters: dict[StreamName, ControlFilter] = {
            "stdout": ControlFilter(),
            "stderr": ControlFilter(),
        }
        self._full_screen = self._alternate = self._ended = False
        self._interrupted = False
        self._held = ""
        # The last character on stderr; at the beginning a line begins.
        self._error_tail = "\n"
        self._waiting: asyncio.Task[None] | None = None
        self.input = InputWatch(terminal, output)
        self.input.start()

    def interrupted(self, echo: str) -> None:
        """An echo to come, and the empty line that a shell says at an interrupt, are not output."""
        self._interrupted = True
        self.input.typed(echo)

    def text(self, name: StreamName, text: str) -> None:
        """Pass on what the cell wrote."""
        if name == "stderr" and self._interrupted:
            text = self._without_empty_line(text)
        if self._full_screen and not self._alternate:
            # top and its like take the screen without switching to the alternate one; once the
            # shell has the terminal back, its mode tells that they are gone.
            self._full_screen = self._terminal.raw
        text = self.input.passing(name, text)
        kept: list[str] = []
        for part in self._filters[name].feed(text):
            if isinstance(part, str):
                if part == _HOME and self._terminal.raw:
                    self._take_screen()
                # Of what a full-screen program leaves on its way out, text alone is of use.
                if not self._full_screen and not (self._ended and moves_cursor(part)):
                    kept.append(part)
            elif isinstance(part, Query):
                self._terminal.reply(part.reply)
            elif part.entered:
                self._take_screen()
                self._alternate = True
            else:
                self._alternate = self._full_screen = False
        if name == "stderr" and text:
            self._error_tail = text[-1]
        if kept:
            self.input.said("".join(kept))
            self._output.text(name, "".join(kept))
        if self._output.full and self._waiting is None:
            self._terminal.pause()
            self._waiting = asyncio.get_running_loop().create_task(self._wait())

    def _without_empty_line(self, text: str) -> str:
        """Hold an empty line at the end back, until more comes or the cell has ended."""
        text, self._held = self._held + text, ""
        if text.endswith("\n") and (text[:-1] or self._error_tail).endswith("\n"):
            text, self._held = text[:-1], "\n"
        return text

    def _take_screen(self) -> None:
        """A full-screen program begins: end it, and show nothing of it."""
        if self._full_screen:
            return
        self._full_screen = self._ended = True
        who = self._terminal.foreground_program()
        self._output.text("stderr", f"mykernel: {who or 'a program'} {_NO_SCREEN}\n")
        if who:  # and not the child itself, which may have written the sequence
            self._terminal.signal_foreground(signal.SIGTERM)
            self._terminal.signal_foreground(signal.SIGCONT)

    async def _wait(self) -> None:
        await self._output.drained()
        self._waiting = None
        self._terminal.resume()

    def stop(self) -> None:
        """The cell has ended, or is to: nothing holds the terminal up any more."""
        self.input.stop()
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._terminal.resume()
