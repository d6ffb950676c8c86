"""A REPL that nobody knows yet, in a terminal: lines are typed, and what it says is kept."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mykernel.contract import StreamName
from mykernel.errors import ChildNotStarted
from mykernel.markers import Event, Mark, Text, new_nonce
from mykernel.terminal import Command, Ending, Reader, Terminal

# Seconds between two looks at who waits; without output, before somebody is taken to wait; and the
# same where processes cannot be looked into.
_LOOK = 0.005
_QUIET = 0.015
_QUIET_UNSEEN = 1.0
# Seconds that a program has to come to its first prompt, and back to it.
START = 15.0
PATIENCE = 2.0
# Code points that are kept of one answer.
_MOST = 100_000
_SEQUENCES = re.compile("\x1b(?:\\[[0-9;:?]*[@-~]|.)")


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said to one line.

    stdout, stderr: all text, the echo of the line included, and marks left out.
    marks: those with the nonce, and the text on stdout that came before each.
    reader: who waits for the next line; None while the program still runs, or has ended.
    printed: what the line was to print, which may stand before the prompt.
    """

    stdout: str
    stderr: str
    marks: Sequence[tuple[str, Mark]]
    reader: Reader | None
    ending: Ending | None
    printed: str = ""

    @property
    def prompt(self) -> str:
        """The unfinished line that it waits behind; "" where there is none."""
        for text in (self.stdout, self.stderr):
            if last := text.rpartition("\n")[2].rpartition("\r")[2]:
                # What is drawn before the prompt is not drawn each time.
                drawn = _SEQUENCES.split(last)[-1] or last
                return drawn.removeprefix(self.printed)
        return ""

    @property
    def answer(self) -> str:
        """Both streams, without the echo of the line and without the prompt."""
        answered = self.stdout.partition("\n")[2]
        texts = (text.removesuffix(self.prompt) for text in (answered, self.stderr))
        return "".join(texts).replace("\r", "")


class Conversation:
    """One run of the program, from its start to its end. It is not started anew; make another."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Raises `ChildNotStarted` where the program cannot be executed."""
        self.nonce = new_nonce()
        self._loop = asyncio.get_running_loop()
        self._texts: dict[StreamName, str] = {"stdout": "", "stderr": ""}
        self._marks: list[tuple[str, Mark]] = []
        self._active = self._loop.time()
        self._ending: Ending | None = None
        self._gone = asyncio.Event()
        # What it said last.
        self._said = Said("", "", (), None, None)
        folder = tempfile.mkdtemp(prefix="mykernel-")
        command = Command(argv, env, folder, self.nonce, rows=24, columns=80)
        self._terminal = Terminal(command, self._receive, self._ended)

    async def begin(self) -> Said:
        """Wait for the first prompt. Raises `ChildNotStarted` where none comes."""
        said = await self._listen(START, starting=True)
        if said.ending is not None:
            reason = f"it ended at once ({said.ending}); is there an option for reading a terminal"
        elif said.reader is None:
            reason = f"it was not seen to wait for a line within {START:.0f} s"
        else:
            return said
        raise ChildNotStarted(["the program"], said.stdout + said.stderr, reason)

    @property
    def waits(self) -> bool:
        """Whether it waited for a line when it was heard last."""
        return self._said.reader is not None

    def at(self, prompt: str) -> bool:
        """Whether it waits at that prompt, as far as that can be seen by it."""
        return self.waits and numbered(self._said.prompt) == numbered(prompt)

    async def say(self, line: str, patience: float = PATIENCE, printed: str = "") -> Said:
        """Type a line, and wait until the program waits for the next one, or has ended.

        patience: seconds, after which it is taken to run on. printed: as in `Said`.
        """
        self._terminal.foreground.answered(self._said.reader)
        self._terminal.write(f"{line}\n".encode())
        return await self._listen(patience, printed)

    async def interrupt(self) -> Said:
        """Interrupt, and wait in the same way."""
        self._terminal.interrupt()
        return await self._listen(PATIENCE)

    async def close(self) -> None:
        """End the program and all that it started."""
        self._terminal.end()
        await self._gone.wait()

    async def _listen(self, patience: float, printed: str = "", starting: bool = False) -> Said:
        self._active = began = self._loop.time()
        reader = before = None
        while self._ending is None and self._loop.time() - began < patience:
            await asyncio.sleep(_LOOK)
            if starting:
                # What it polls at its prompt is looked at only when it is known who it is.
                self._terminal.settle(seen=False)
            found = self._terminal.foreground.reader()
            quiet = _QUIET if found is None or found.pid else _QUIET_UNSEEN
            if self._loop.time() - self._active < quiet:
                continue
            if found is not None and found == before and await self._terminal.caught_up():
                reader = found
                break
            before = found
        texts, self._texts = self._texts, {"stdout": "", "stderr": ""}
        marks, self._marks = self._marks, []
        out, err = texts["stdout"], texts["stderr"]
        self._said = Said(out, err, marks, reader, self._ending, printed)
        return self._said

    def _receive(self, name: StreamName, event: Event) -> None:
        self._active = self._loop.time()
        if isinstance(event, Text):
            self._texts[name] = (self._texts[name] + event.text)[-_MOST:]
        elif isinstance(event, Mark) and name == "stdout":
            self._marks.append((self._texts[name], event))

    def _ended(self, ending: Ending) -> None:
        self._ending = ending
        self._gone.set()


def numbered(prompt: str) -> str:
    """The prompt with {n} for the numbers in it, which may be others next time."""
    return re.sub(r"\d+", "{n}", prompt)
