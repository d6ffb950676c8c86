"""Ask the user when a program in a cell waits for the terminal, though nobody announced it.

An unfinished line is held back until it is known whether it is a prompt, which the front
end shows with its question: shown before, it would stand there twice.
"""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import suppress

from mykernel.contract import CellOutput, NobodyThere, StreamName
from mykernel.drivers.echo import Echo
from mykernel.drivers.prompts import NONE, Prompted
from mykernel.terminal import Reader, Terminal

# Seconds after an unfinished line until a look whether it is a prompt, and the most that it is
# held back while a program runs that may come to wait.
_HOLD = 0.004
_LONGEST_HOLD = 0.06
# Seconds without output before anybody is looked for, the same before a line is typed, and the most
# between two looks.
_QUIET = 0.03
_SOON = 0.0005
_PATIENCE = 0.5
# Where processes cannot be looked into, seconds of quiet behind an unfinished line.
_QUIET_UNSEEN = 1.0
# Times that end-of-file is typed before a program that still reads is interrupted; then what
# is sent to one that reads on, as a pager does.
_ENDS_OF_FILE = 3
_LAST_RESORTS = signal.SIGTERM, signal.SIGKILL
# Code points of the unfinished line that are kept as the prompt.
_PROMPT = 1000
_SECRET = re.compile(r"pass(?:word|phrase|code)|\bPIN\b|verification code|secret", re.IGNORECASE)
# A line editor draws its line and puts the cursor where the next key goes.
_PLACED = re.compile("\r(?:\x1b\\[[0-9]*C)+\\Z")
_SEQUENCES = re.compile("\x1b(?:\\[[0-9;:]*[@-~]|.)")


class InputWatch:
    """Watches over one cell's terminal.

    prompted: what is typed at the program's own prompt, where that is a fixed text; a person is
    not asked there.
    asking: whether a question is open.
    starved: whether a program wanted input while the front end takes no such requests;
    it was given end-of-file.
    """

    def __init__(
        self, terminal: Terminal, output: CellOutput, prompted: Prompted | None = None
    ) -> None:
        self._terminal = terminal
        self._output = output
        self._prompted = prompted or Prompted(NONE, terminal)
        self._loop = asyncio.get_running_loop()
        self._echo = Echo()
        self._echo_on: StreamName = "stdout"
        self._unfinished = ""
        # The unfinished line where it is held back, its stream's name, and the next look at it.
        self._held: tuple[StreamName, str] | None = None
        self._look: asyncio.TimerHandle | None = None
        self._held_since = 0.0
        self._spoken = asyncio.Event()
        self._active = self._loop.time()
        self._task: asyncio.Task[None] | None = None
        self.asking = self.starved = False
        # What is typed for the next one who waits, in place of a question; and whether those who
        # wait after that are given end-of-file.
        self._unblock = ""
        self._ends = False

    def start(self) -> None:
        self._task = self._loop.create_task(self._watch())

    def stop(self) -> None:
        """Give up a question that is still open."""
        if self._task is not None:
            self._task.cancel()
        self.let_go()
        if held := self._echo.flush():
            self._output.text(self._echo_on, held)

    @property
    def echo(self) -> str:
        """What of that which was typed is yet to be echoed."""
        return self._echo.expected

    def typed(self, echo: str) -> None:
        """Something was typed that the terminal will echo."""
        self._echo_on = "stdout"
        self._echo.expect(echo)

    def interrupted(self, echo: str, unblock: str | None) -> None:
        """^C was sent. echo: what is to come of it.

        unblock: what ends a wait that ^C does not end, "" where it does; see `Program`.

        The program may wait without having been asked for yet, or come to wait only now. A
        question that is open is given up. Who waits nevertheless, since it takes ^C for itself, or
        wants more than what unblocks it, is given end-of-file.
        """
        self.typed(echo)
        if unblock is None and not self._prompted:
            return
        unblock = unblock or ""
        asked, self.asking = self.asking, False
        if asked and self._task is not None:
            self._task.cancel()
            self.start()
        if asked and self._prompted:
            self.typed(echo + _echoed(unblock))
            self._terminal.write(unblock.encode())
        else:
            self._unblock = unblock
        self._ends = not self._prompted

    def passing(self, name: StreamName, text: str) -> str:
        """Note that the cell writes; returns it without the echo of an answer."""
        self._active = self._loop.time()
        return self._echo.remove(text) if name == self._echo_on else text

    def said(self, name: StreamName, text: str) -> None:
        """Pass on what of it is to be seen: its unfinished line may be the next prompt."""
        text = self._prompted.withhold(name, text)
        if self._prompted.shown:
            self._spoken.set()
        if not text:
            return
        since = self._loop.time()
        if self._held is not None and self._held[0] == name:
            text, since = self._held[1] + text, self._held_since
            self._held, self._unfinished = None, ""
        self._show_unfinished()
        goes_on = bool(self._unfinished) and "\n" not in text
        before, newline, tail = text.rpartition("\n")
        self._unfinished = (tail if newline else self._unfinished + tail)[-_PROMPT:]
        long = len(tail) > _PROMPT or self._loop.time() - since > _LONGEST_HOLD
        if not tail or "\r" in tail or goes_on or long:
            self._output.text(name, text)
            return
        if newline:
            self._output.text(name, before + newline)
        self._held, self._held_since = (name, tail), since
        self._spoken.set()
        self._look = self._loop.call_later(_HOLD, self._look_at_held)

    def _look_at_held(self) -> None:
        # In this order, so that one which comes to wait in between is seen.
        busy, found = self._terminal.foreground.busy, self._terminal.foreground.reader()
        if found is not None and found.pid:
            return  # asked for soon, or let go by `_waiting`
        if busy and self._loop.time() - self._held_since < _LONGEST_HOLD:
            self._look = self._loop.call_later(_HOLD, self._look_at_held)
        else:
            self._show_unfinished()

    def let_go(self) -> None:
        """Show what is held back of either kind."""
        self._show_unfinished()
        for name, text in self._prompted.give_back():
            self._unfinished += text
            self._output.text(name, text)

    def _show_unfinished(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None
        if self._held is not None:
            self._output.text(*self._held)
            self._held = None

    async def _watch(self) -> None:
        ends = 0
        while True:
            reader = await self._waiting()
            if self._prompted.waits(reader):
                self._answer_prompt(reader)
                continue
            if self._unblock:
                self._terminal.foreground.answered(reader)
                self.typed(_echoed(self._unblock))
                self._terminal.write(self._unblock.encode())
                self._unblock = ""
                continue
            # Whose reader is not known may be at its prompt, and would end.
            if self._ends and reader.pid:
                self._terminal.foreground.answered(reader)
                self._terminal.end_input(reader)
                continue
            held = self._take_held()
            line = _PLACED.sub("", self._unfinished)
            prompt = _SEQUENCES.sub("", line.rpartition("\r")[2])
            self.asking = True
            try:
                answer = await self._output.input(prompt, _hides(reader, prompt))
            except NobodyThere:
                self.starved = True
                answer = None
                for name, text in held:
                    self._output.text(name, text)
            self.asking = False
            if answer is None:
                ends += 1
                typed = ends <= _ENDS_OF_FILE
                self._terminal.foreground.answered(reader if typed else None)
                self._end_input(reader, ends)
            else:
                ends = 0
                self._terminal.foreground.answered(reader)
                echo = self._terminal.answer(reader, answer)
                if echo and not _hides(reader, prompt):
                    self._echo_on = reader.terminal
                    self._echo.expect(echo)
            self._unfinished = ""
            self._active = self._loop.time()

    def _take_held(self) -> list[tuple[StreamName, str]]:
        """What is held back of the unfinished line, which is a prompt, or may be."""
        held = [self._held] if self._held is not None else []
        self._held = None
        for name, text in self._prompted.give_back():
            before, newline, tail = text.rpartition("\n")
            if newline:
                self._output.text(name, before + newline)
                self._unfinished = ""
            self._unfinished += tail
            held.append((name, tail))
        return held

    def _answer_prompt(self, reader: Reader) -> None:
        """At the program's own prompt nobody is asked, and the prompt is not shown."""
        self._terminal.foreground.answered(reader)
        self._prompted.go_on(reader)
        self.let_go()
        self._unfinished = ""
        self._active = self._loop.time()

    def _end_input(self, reader: Reader, times: int) -> None:
        """Tell a program that there is no input. times: from 1, the more the less gently."""
        if times <= _ENDS_OF_FILE and self._prompted.no_input:
            self._terminal.write(self._prompted.no_input.encode())
        elif times <= _ENDS_OF_FILE:
            self._terminal.end_input(reader)
        elif times == _ENDS_OF_FILE + 1:
            self._terminal.interrupt()
        else:
            later = min(times - _ENDS_OF_FILE - 2, len(_LAST_RESORTS) - 1)
            self._terminal.foreground.send(_LAST_RESORTS[later])

    async def _waiting(self) -> Reader:
        """Return when somebody has waited for the terminal at two looks in a row.

        At the program's own prompt one is enough.
        """
        pause, before = self._calm, None
        while True:
            await self._pause(pause)
            quiet = self._loop.time() - self._active
            if quiet < self._calm:
                pause, before = self._calm, None
                continue
            if self._prompted.starting:
                # What it polls at its prompt is looked at only when it is known who it is.
                self._terminal.settle(seen=False)
            holds = self._held is not None or self._prompted.holds
            busy = holds and self._terminal.foreground.busy
            found = self._terminal.foreground.reader()
            if found is not None and not found.pid:
                asks = self._unfinished or self._prompted.shown
                long = self._prompted.fresh or quiet >= _QUIET_UNSEEN
                found = found if long and asks else None
                busy = busy or (self._prompted.shown and found is None)
            if found is None and not busy:
                self.let_go()
            # A shell waits at its prompt in the same way, but has said so before.
            if (
                found is not None
                and (found == before or (self._prompted.sure and self._prompted.waits(found)))
                and await self._terminal.caught_up()
                and (not found.pid or found == self._terminal.foreground.reader())
            ):
                return found
            pause = _QUIET if found is not None else min(2 * pause, _PATIENCE)
            before = found

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or shorter when there is a line that may be a prompt."""
        # Not wait_for, which in Python 3.11 swallows a cancellation that comes with the event:
        # the watch would live on, and type for the cells after its own.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._spoken.wait()
            self._spoken.clear()
            await asyncio.sleep(self._calm)

    @property
    def _calm(self) -> float:
        """Seconds without output before anybody is looked for."""
        if self._prompted.fresh:
            return _SOON
        return _HOLD if self._prompted.sure else _QUIET


def _hides(reader: Reader, prompt: str) -> bool:
    """Whether what is typed is not to be seen; where the system does not tell, the prompt does.

    Nor does it for a line editor, which echoes for itself, if it does.
    """
    if reader.echo is None or reader.mode == "editor":
        return _SECRET.search(prompt) is not None
    return reader.password


def _echoed(typed: str) -> str:
    """What a terminal shows of it: ^A for the control character 1 (termios(3), ECHOCTL)."""
    return "".join(f"^{chr(ord(c) ^ 0x40)}" if c < " " and c != "\n" else c for c in typed)
