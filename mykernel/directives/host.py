"""What directives act on: the session, the kernel's options, and what was captured."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace

from mykernel import options
from mykernel.contract import Failed, Language, Outcome, Session, SessionOptions, Toolchain
from mykernel.directives.capture import Captured
from mykernel.drivers.refusal import Refused
from mykernel.errors import ChildNotStarted, MykernelError
from mykernel.options import KernelOptions
from mykernel.terminal.processes import folder_of


class Host:
    """The state of one kernel's directives.

    options: those in force. wanted: those from the next `%restart` on.
    captured: outputs that `%%capture` has kept, by the name that was given to them.
    """

    def __init__(self, language: Language, toolchain: Toolchain, told: KernelOptions) -> None:
        self.language = language
        self.options = self.wanted = told
        self.captured: dict[str, Captured] = {}
        self._toolchain = toolchain
        self._interrupted = self._closed = False
        self.session = self._running = self._opened()

    def _opened(self) -> Session:
        names = [one.name for one in fields(SessionOptions)]
        told = SessionOptions(**{name: getattr(self.options, name) for name in names})
        return self.language.open_session(self._toolchain, told)

    @property
    def folder(self) -> str:
        """The current folder of the language where that is known, else of the kernel."""
        process = self.session.process
        return (folder_of(process) if process is not None else None) or os.getcwd()

    async def ask(self, question: str, text: str = "") -> str:
        """What the session answers, see the contract. Raises `Refused` where it does not."""
        try:
            answer = await self.session.ask(question, text)
        except (MykernelError, OSError) as e:
            raise Refused(str(e)) from e
        if isinstance(answer, Failed):
            raise Refused(f"{self.language.display_name}: {answer.evalue}")
        return answer

    async def configure(self, wanted: KernelOptions) -> None:
        """Take options. What the session was told at its start holds for the next one, but for what
        it can be told later."""
        self.wanted = wanted
        now = set(options.LIVE)
        for name in {*self.language.answers} & {one.name for one in fields(SessionOptions)}:
            await self.ask(name, str(getattr(wanted, name)))
            now.add(name)
        self.options = replace(self.options, **{name: getattr(wanted, name) for name in now})

    async def restart(self) -> None:
        """A new session in the place of the one that is. Raises `MykernelError`."""
        await self.session.close()
        if self._closed:
            raise ChildNotStarted([self.language.name], "", "the kernel is shutting down")
        self.options = self.wanted
        self.session = self._running = self._opened()
        await self.session.start()

    def begin(self) -> None:
        """A cell begins, which nobody has interrupted."""
        self._interrupted = False

    def interrupt(self) -> None:
        """Interrupt what runs, and whatever the cell would do next."""
        self._interrupted = True
        self._running.interrupt()

    @contextmanager
    def running(self, other: Session) -> Iterator[None]:
        """Meanwhile it is another session that an interrupt is for."""
        self._running = other
        try:
            yield
        finally:
            self._running = self.session

    def stopped(self) -> Outcome | None:
        """The error of a cell that was interrupted between two runs; None when it was not."""
        if not self._interrupted:
            return None
        return Failed("KeyboardInterrupt", "interrupted", ("KeyboardInterrupt: interrupted",))

    async def close(self) -> None:
        """End the session, and let no other begin."""
        self._closed = self._interrupted = True
        if self._running is not self.session:
            await self._running.close()
        await self.session.close()
