"""What the kernel and a language promise each other.

A `Language` is a value that describes a language and opens a `Session` with it.
A session runs cells in one long-lived child and answers questions about them.
Offsets in code are unicode code points from 0, as `cursor_pos` on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

StreamName = Literal["stdout", "stderr"]
DisplayKind = Literal["display_data", "execute_result", "update_display_data"]


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A language's interpreter or compiler as found on this machine."""

    path: Path
    version: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One `execute_request`.

    number: from 1, rising by one a cell of the session, silent ones included.
    name: how messages speak of the cell, such as "In[3]".
    """

    code: str
    number: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Display:
    """What a cell shows besides text. kind: the iopub message that it becomes.

    data: a MIME bundle: strings for text types, base64 for binary ones, any JSON value for
    JSON types. An update that has none takes away what the cell has displayed by that id.
    metadata: as in `display_data`, by MIME type.
    display_id: by which it is updated, or may be; "" for none.
    size: bytes, about; who takes it counts them as text.
    """

    kind: DisplayKind
    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    display_id: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class ClearOutput:
    """As `clear_output`. wait: until there is something new to show."""

    wait: bool


Shown = Display | ClearOutput


@dataclass(frozen=True, slots=True)
class Ok:
    """The cell ran to its end. result: its value, where the session has not displayed it itself."""

    result: Display | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The cell ended in an error; the session goes on with its state.

    traceback: lines as Jupyter shows them, ANSI colours allowed.
    html: the same for front ends that show HTML, everything escaped; "" for none.
    """

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class Died:
    """The child is gone, and what it knew with it. The next cell runs in a new one.

    evalue: the exit status or the signal by name.
    """

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()


Outcome = Ok | Failed | Died


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on. text replaces the code points from start to end."""

    text: str
    kind: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Completions:
    """What `complete_reply` carries. start and end: code points, from 0."""

    start: int
    end: int
    items: Sequence[Completion] = ()


@dataclass(frozen=True, slots=True)
class Completeness:
    """What `is_complete_reply` carries. indent: what to start the next line with."""

    status: Literal["complete", "incomplete", "invalid", "unknown"]
    indent: str = ""


class CellOutput(Protocol):
    """Where a session puts what a cell writes, and asks for what it reads.

    When the cell has ended, the kernel closes it; the session may go on with it for what the
    cell has left running, and closes it again in the end.
    """

    def text(self, name: StreamName, text: str) -> None:
        """Take text as it was written; it may end anywhere, also within a line.

        Of control sequences it holds colours (SGR) and cursor movement alone.
        """

    def display(self, shown: Shown) -> None:
        """Take a display, or have the output cleared, behind all text that was written before."""

    @property
    def full(self) -> bool:
        """Whether the child should wait for `drained` before it writes on."""

    async def drained(self) -> None:
        """Return when there is room again."""

    async def input(self, prompt: str, password: bool) -> str | None:
        """What the user types, without the line's end.

        None is end-of-file. Raises `NobodyThere` when the front end takes no requests
        for input.
        """

    def close(self) -> None:
        """Show what was held back. Text that still comes, of background jobs, begins anew."""


class NobodyThere(Exception):
    """The front end said `allow_stdin: false`, as nbclient and papermill do."""


class Session(Protocol):
    """One long-lived child. All methods are called on the event loop's thread."""

    async def start(self) -> None:
        """Bring the child up. Raises `MykernelError` when it does not come."""

    async def execute(self, cell: Cell, output: CellOutput) -> Outcome:
        """Run a cell to its end. A dead child is started anew first."""

    async def evaluate(self, expressions: Mapping[str, str]) -> dict[str, str | Failed]:
        """The values of `user_expressions`, as plain text, under their names."""

    async def complete(self, code: str, cursor_pos: int) -> Completions:
        """Ways to go on at the cursor. Executes nothing of what the user typed."""

    async def inspect(self, code: str, cursor_pos: int, detail_level: int) -> Mapping[str, str]:
        """A MIME bundle on what stands at the cursor, empty when nothing is known.

        detail_level: 0 for the short form, 1 with the source. Executes nothing of
        what the user typed.
        """

    async def is_complete(self, code: str) -> Completeness:
        """Whether the code is a whole cell."""

    async def ask(self, question: str, text: str) -> str | Failed:
        """What a directive wants of the language, out of `Language.answers`. Between cells.

        "cd": go to the folder text, an absolute path. "setenv": take text, NAME=VALUE, into the
        environment. "row_limit": of tables, show text rows at most from now on. These answer "".
        "env": the environment, as NAME=VALUE with a NUL behind each.
        "who": the names that were defined, one a line; a tab and its kind may follow.
        What has failed has changed nothing. Raises `MykernelError` when there is no child.
        """

    @property
    def process(self) -> int | None:
        """The interpreter's process id; None where it is not known, or on another machine."""

    def interrupt(self) -> None:
        """Ask the running cell to end, as ^C does. Nothing happens when none runs."""

    async def close(self) -> None:
        """End the child and all that it started. A cell that runs becomes `Died`."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What a session may be told from outside.

    rows, columns: the terminal's size, in character cells.
    startup_files: whether the user's own files (such as ~/.bashrc) are read first.
    merge_stderr: whether stderr comes as stdout, so that the order between them is exact.
    memory_limit: in MB (1,000,000 bytes), of all that the session runs together; 0 for none.
    process_limit: how many processes the session may run at a time, itself one; 0 for none.
    launcher: the command, in words, that runs the child elsewhere or confined, as `ssh host`
    does; empty to run it here.
    database: what a database language connects to first, a URL or a file; "" for the
    environment's choice.
    row_limit: rows of a table that are shown, 0 for all.
    """

    rows: int = 24
    columns: int = 80
    startup_files: bool = True
    memory_limit: int = 0
    process_limit: int = 0
    merge_stderr: bool = False
    launcher: tuple[str, ...] = ()
    database: str = ""
    row_limit: int = 1000


def _no_secret(_code: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Language:
    """All that mykernel knows of a language.

    name: its name on the command line and in the registry, such as "bash".
    display_name: what the launcher shows.
    language_id: a VS Code language id, written into the kernelspec.
    program: what `doctor` and `install` look for on PATH.
    packages: what to install when it is missing, by package manager.
    reference: by what the command line finds it where that is not its name: the absolute
    path of the file that describes it.
    language_info: as in `kernel_info_reply`; "version" is added from the toolchain.
    help_links: as in `kernel_info_reply`.
    find_toolchain: returns it or raises `ToolchainMissing`.
    open_session: does not block and starts nothing yet; `Session.start` does.
    holds_secret: whether a cell holds a password, and is not to be remembered.
    leader: what a directive begins with: "%", or "#%" where % begins code of the language.
    shell_leader: "!" where a line may begin with that for a shell command; "" where that is code.
    directives: what the session itself takes at a cell's head: name, arguments and one line
    of help.
    answers: what its sessions can be asked, see `Session.ask`.
    """

    name: str
    display_name: str
    language_id: str
    program: str
    packages: Mapping[str, str]
    language_info: Mapping[str, Any]
    find_toolchain: Callable[[], Toolchain]
    open_session: Callable[[Toolchain, SessionOptions], Session]
    help_links: Sequence[Mapping[str, str]] = field(default=())
    reference: str = ""
    holds_secret: Callable[[str], bool] = _no_secret
    leader: Literal["%", "#%"] = "%"
    shell_leader: Literal["!", ""] = ""
    directives: Sequence[tuple[str, str, str]] = ()
    answers: Collection[str] = ()
