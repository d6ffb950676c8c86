"""jupyter console in a real terminal, looked at as a person would: at its screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import psutil
import pyte
import pytest

from mykernel.install import main as install

# Seconds within which anything that is awaited here comes on the slowest machine.
PATIENCE = 60
ENTER, END_OF_INPUT = "\r", "\x04"


class Console:
    """The console and the screen that it has drawn."""

    def __init__(self, folder: Path) -> None:
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "jupyter_console", "--kernel", "mykernel-bash"],
            cwd=str(folder),
            encoding="utf-8",
            dimensions=(50, 100),
            # The screen below answers no questions, such as where the cursor is.
            env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )
        self.screen = pyte.Screen(100, 50)
        self._stream = pyte.Stream(self.screen)

    def until(self, *lines: str) -> None:
        """Wait until the screen shows these lines, one under the other, spaces aside.

        Raises pexpect.TIMEOUT or pexpect.EOF when it never does.
        """
        while not self._shows(list(lines)):
            self._stream.feed(self.child.read_nonblocking(65536, timeout=PATIENCE))

    def type(self, text: str) -> None:
        """Type a line, and Enter once it stands on the screen; at once it would be a paste."""
        self.child.send(text)
        while text not in self.screen.display[self.screen.cursor.y]:
            self._stream.feed(self.child.read_nonblocking(65536, timeout=PATIENCE))
        self.child.send(ENTER)

    def _shows(self, lines: list[str]) -> bool:
        shown = [line.strip() for line in self.screen.display]
        return any(shown[i : i + len(lines)] == lines for i in range(len(shown)))


@pytest.fixture
def console(_own_home: None, tmp_path: Path) -> Iterator[Console]:
    """The console, waiting for its first cell."""
    assert install(["bash", "--user"]) == 0
    started = Console(tmp_path)
    started.until("In [1]:")
    yield started
    started.child.close(force=True)


def test_output_appears(console: Console) -> None:
    console.type("echo $((6 * 7))")
    console.until("42")
    console.until("In [2]:")


def test_state_lives_from_cell_to_cell(console: Console) -> None:
    console.type("word=kept")
    console.until("In [2]:")
    console.type('echo "<$word>"')
    console.until("<kept>")


def test_loop_goes_on_over_lines_until_it_is_whole(console: Console) -> None:
    """Enter asks the kernel's is_complete whether to run the cell or to go on."""
    console.type("for i in 1 2 3; do")
    console.until("In [1]: for i in 1 2 3; do", "...:")
    console.type("echo line-$i")
    console.until("...:     echo line-$i", "...:")
    console.type("done")
    console.until("line-1", "line-2", "line-3")


def test_error_is_shown(console: Console) -> None:
    console.type("cat nowhere")
    console.until("----> 1 cat nowhere")
    console.until("In [2]:")


def test_interrupt_ends_the_cell_and_keeps_the_shell(console: Console) -> None:
    console.type("word=kept; echo here; sleep 600")
    console.until("here")
    console.child.sendintr()
    console.until("In [2]:")
    console.type('echo "<$word>"')
    console.until("<kept>")


def test_read_asks_in_the_console(console: Console) -> None:
    console.type("read -r -p 'Your name? ' who; echo \"<$who>\"")
    console.until("Your name?")
    console.type("Ada")
    console.until("Your name? Ada", "<Ada>")


def test_hidden_input_is_not_shown(console: Console) -> None:
    console.type("read -r -s -p 'Password? ' word; echo; echo ${#word} characters")
    console.until("Password?")
    console.child.send("secret" + ENTER)
    console.until("6 characters")
    assert "secret" not in "".join(console.screen.display)


def test_end_of_input_at_a_question_is_for_the_program(console: Console) -> None:
    # What is typed before the console asks may be kept for its next prompt.
    console.type("printf 'Text? '; cat; echo end")
    console.until("Text?")
    console.type("hello")
    console.until("Text? hello", "hello")
    console.child.send(END_OF_INPUT)
    console.until("end")
    console.until("In [2]:")


def test_interrupt_ends_a_question_and_keeps_the_shell(console: Console) -> None:
    console.type("word=kept; read -r -p 'Your name? ' who")
    console.until("Your name?")
    console.child.sendintr()
    console.until("In [2]:")
    console.type('echo "<$word>"')
    console.until("<kept>")


def test_last_state_of_progress_is_shown_with_what_follows(
    console: Console, tmp_path: Path
) -> None:
    """The console ignores the updates in between."""
    lines = r"printf 'a: %s %%\e[K\nb: %s %%\e[K\n'"
    script = f"{lines} 0 0\nfor i in 50 100; do sleep 0.1; printf '\\e[2A'; {lines} $i $i; done\n"
    (tmp_path / "bars").write_text(script)
    console.type("bash bars; echo result")
    console.until("a: 100 %", "b: 100 %", "result")


def test_exit_ends_the_cell_and_not_the_console(console: Console) -> None:
    """As in a notebook, where it is an error; only a reply without one may end the console."""
    console.type("word=kept; exit")
    console.until("In [2]:")
    console.type('echo "<$word>"')
    console.until("<kept>")


def test_end_of_input_ends_the_console_and_the_kernel(console: Console) -> None:
    kernel_and_below = psutil.Process(console.child.pid).children(recursive=True)
    assert kernel_and_below
    console.child.send(END_OF_INPUT)
    console.until("Do you really want to exit ([y]/n)?")
    console.type("y")
    console.child.expect(pexpect.EOF, timeout=PATIENCE)
    _, alive = psutil.wait_procs(kernel_and_below, timeout=PATIENCE)
    assert alive == []
