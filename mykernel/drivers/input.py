"""Ask the user when a program in a cell waits for the terminal, though nobody announced it."""

from __future__ import annotations

import asyncio
import re

from mykernel.contract import CellOutput, NobodyThere, StreamName
from mykernel.drivers.echo import Echo
from mykernel.terminal import Reader, Terminal

# Seconds without output before anybody is looked for, and the most between two looks.
_QUIET = 0.03
_PATIENCE = 0.5
# Where processes cannot be looked into, seconds of quiet behind an unfinished line.
_QUIET_UNSEEN = 1.0
# Times that end-of-file is typed before a program that still reads is interrupted.
_ENDS_OF_FILE = 3
# Code points of the unfinished line that are kept as the prompt.
_PROMPT = 1000
_SECRET = re.compile(r"pass(?:word|phrase|code)|\bPIN\b|verification code|secret", re.IGNORECASE)
_SEQUENCES = re.compile("\x1b(?:\\[[0-9;:]*[@-~]|.)")


class InputWatch:
    """Watches over one cell's terminal.

    asking: whether a question is open.
    starved: whether a program wanted input while the front end takes no such requests;
    it was given end-of-file.
    """

    def __init__(self, terminal: Terminal, output: CellOutput) -> None:
        self._terminal = terminal
        self._output = output
        self._loop = asyncio.get_running_loop()
        self._echo = Echo()
        self._unfinished = ""
        self._active = self._loop.time()
        self._task: asyncio.Task[None] | None = None
        self.asking = self.starved = False

    def start(self) -> None:
        self._task = self._loop.create_task(self._watch())

    def stop(self) -> None:
        """Give up a question that is still open."""
        if self._task is not None:
            self._task.cancel()
        if held := self._echo.flush():
            self._output.text("stdout", held)

    def typed(self, echo: str) -> None:
        """Something was typed that the terminal will echo."""
        self._echo.expect(echo)

    def passing(self, name: StreamName, text: str) -> str:
        """Note that the cell writes; returns it without the echo of an answer."""
        self._active = self._loop.time()
        return self._echo.remove(text) if name == "stdout" else text

    def said(self, text: str) -> None:
        """Note what of it is to be seen: its unfinished line is the next prompt."""
        tail = text.rpartition("\n")[2]
        self._unfinished = (tail if "\n" in text else self._unfinished + tail)[-_PROMPT:]

    async def _watch(self) -> None:
        ends = 0
        while True:
            reader = await self._waiting()
            prompt = _SEQUENCES.sub("", self._unfinished.rpartition("\r")[2])
            self.asking = True
            try:
                answer = await self._output.input(prompt, _hides(reader, prompt))
            except NobodyThere:
                self.starved = True
                answer = None
            self.asking = False
            self._terminal.foreground.answered(reader)
            if answer is None:
                ends += 1
                if ends > _ENDS_OF_FILE:
                    self._terminal.interrupt()
                else:
                    self._terminal.end_input()
            else:
                ends = 0
                echo = self._terminal.answer(reader, answer)
                if echo and not _hides(reader, prompt):
                    self._echo.expect(echo)
            self._unfinished = ""
            self._active = self._loop.time()

    async def _waiting(self) -> Reader:
        """Return when somebody has waited for the terminal at two looks in a row."""
        pause, before = _QUIET, None
        while True:
            await asyncio.sleep(pause)
            quiet = self._loop.time() - self._active
            if quiet < _QUIET:
                pause, before = _QUIET, None
                continue
            found = self._terminal.foreground.reader()
            if found is not None and not found.pid:
                found = found if quiet >= _QUIET_UNSEEN and self._unfinished else None
            if found is not None and found == before:
                return found
            pause = _QUIET if found is not None else min(2 * pause, _PATIENCE)
            before = found


def _hides(reader: Reader, prompt: str) -> bool:
    """Whether what is typed is not to be seen; where the system does not tell, the prompt does."""
    if reader.echo is None:
        return _SECRET.search(prompt) is not None
    return reader.password
