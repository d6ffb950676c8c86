"""A language's own program on a terminal, with nothing between."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.client import TimedOut, Unmeasurable

_WITHIN = 30.0


class Bare:
    """It runs from here on, at its first prompt. A context manager that ends it.

    prompt: what its prompt matches, at the end of what it has written.
    home: the folder that it gets for HOME. Raises `Unmeasurable`.
    """

    def __init__(self, argv: Sequence[str], prompt: bytes, home: Path) -> None:
        self._prompt = re.compile(prompt + rb"\Z")
        self._terminal, its_end = pty.openpty()
        # The line itself would be taken for what comes of it.
        modes = termios.tcgetattr(its_end)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(its_end, termios.TCSANOW, modes)
        # Node.js and Python write escape sequences while one types, where they can.
        env = {**os.environ, "HOME": str(home), "TERM": "dumb", "NODE_NO_READLINE": "1"}
        env |= {"PYTHON_BASIC_REPL": "1", "NO_COLOR": "1"}
        self._process = subprocess.Popen(
            argv, stdin=its_end, stdout=its_end, stderr=its_end, env=env, start_new_session=True
        )
        os.close(its_end)
        self._until_prompt()

    def __enter__(self) -> Bare:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def line(self, text: str, shows: str) -> float:
        """Seconds from typing a line to the next prompt. Raises `Unmeasurable`."""
        begun = perf_counter()
        os.write(self._terminal, f"{text}\n".encode())
        said = self._until_prompt()
        seconds = perf_counter() - begun
        if shows.encode() not in said:
            raise Unmeasurable(f"{self._process.args!r} did not show {shows!r}, but {said!r}")
        return seconds

    def _until_prompt(self) -> bytes:
        said, deadline = b"", perf_counter() + _WITHIN
        while not self._prompt.search(said):
            if not select.select([self._terminal], [], [], deadline - perf_counter())[0]:
                raise TimedOut(f"{self._process.args!r} shows no prompt, but {said!r}")
            try:
                said += os.read(self._terminal, 65536)
            except OSError as e:
                raise Unmeasurable(f"{self._process.args!r} has ended: {said!r}") from e
        return said
