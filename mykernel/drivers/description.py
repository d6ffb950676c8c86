"""What a language says of its REPL, so that `drivers.repl` can drive it without knowing it.

Some of the strings hold places, which are filled in as they stand:

- {program}: the path of the interpreter that was found
- {folder}: the session's private folder, without a slash at its end
- {nonce}: what each mark carries, see `mykernel.markers`
- {startup_files}: 1 when the user's own start-up files are to be read, else nothing
- {i}: the number of the typed line, from 1, rising
- {path}: a file in the private folder

What is typed, as `run` everywhere, may hold {folder} and {nonce} beside {i} and {path}.

The private folder's path consists of ASCII letters, digits and / . _ + - alone, so that it needs no
quoting in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Programs:
    """Which interpreter it is.

    programs: names to look for on PATH; the first that is there is taken.
    packages: what to install when none is there, by package manager: {"apt": "lua5.4"}.
    version: arguments that have the program tell its version, on stdout or stderr.
    version_pattern: a regular expression for that text, whose first group is the version.
    """

    programs: tuple[str, ...]
    packages: Mapping[str, str]
    version: tuple[str, ...] = ("--version",)
    version_pattern: str = r"(\d+(?:\.\d+)+)"


@dataclass(frozen=True, slots=True)
class Start:
    """How the REPL comes up. Places: {program}, {folder}, {nonce}, {startup_files}.

    argv: what to run. environment: variables to set beside those of the kernel.
    files: by name, what is written into the private folder first: start-up code in the language.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """How a cell is run.

    run: the line that runs the cell in {path}. It may be typed twice with one {i} and runs once.
    {content} stands for a file with the same text whose name is no pattern to anybody.
    Where prompts are fixed it may leave out {path}: then the cell's lines are typed behind it, one
    at each prompt, up to one that fails (see `Failure.sign`).
    unblock: what is typed after ^C when the cell waits for a line, which ^C does not end. Who waits
    even after that is given end-of-file; "" for end-of-file alone. Not for a REPL that heeds ^C a
    while later, or that may wait for its next line without having shown its prompt.
    interrupts_child: whether the REPL itself is interrupted, too, when a program of the cell is;
    not for one that ends the cell in that case.
    """

    run: str
    unblock: str | None = None
    interrupts_child: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that cannot be made to carry the D mark.

    texts: the prompts to the letter, those for unfinished lines among them; "" for a program that
    shows none, which then cannot ask for input either. {n} in one stands for a number.
    run: the line that writes the D mark, with {i}. It is typed when the program waits at one of
    these prompts though the mark has not come: at the start, and where an error or ^C has kept the
    end of the `run` of a cell from being reached.
    What the program says between two cells, when nothing was typed, is taken for prompts.
    recover: a line that is typed when `run` did not write the mark, before it is typed again: one
    that leads out of what the cell has left open, where ^C does not.
    no_input: what is typed, instead of end-of-file, where a cell wants input that nobody can give.
    """

    texts: tuple[str, ...]
    run: str
    recover: str = ""
    no_input: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a failure is read. All of it is about the text in the file `error`, or, where there is
    none, about what the cell wrote last.

    pattern: a regular expression with groups ename and evalue; where it does not match or a group
    is absent, ename is as below and evalue the first line, or the first that `sign` matches. ^ and
    $ are those of a line.
    ename: what a failure is called that has no name of its own.
    line: a regular expression in which {cell} stands for the cell's name, such as In[3], and
    whose first group is the line in the cell, from 1.
    sign: a regular expression: a cell that wrote what it matches has failed, whatever its D mark
    says. For a REPL that goes on after an error.
    begins: how a line on stderr begins with which the REPL itself tells that a cell fails, {cell}
    as above. Where the cell does fail, what stands on stderr from there on is the failure's text,
    with that of `error` behind it; else it is output as all else.
    warning: what such a line holds that tells of no failure.
    """

    ename: str = "Error"
    pattern: str = ""
    line: str = r"{cell}:(\d+)"
    sign: str = ""
    begins: tuple[str, ...] = ()
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """How a question about code is asked. Nothing of the code may be executed.

    run: the line that reads what is asked from {path} and writes what is answered to the file
    `answer` in the private folder.
    token: a regular expression for what the cursor stands at the end of, or in.
    """

    run: str
    token: str = r"\w+"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Directives:
    """How a cell's directives, such as %time, are written, and what the language does for them.

    leader: "%", or "#%" where % begins code, or a comment, of the language.
    shell: "!" where no code begins with that, so that it may begin a shell command; else "".

    The others are code of the language, run as a cell that nobody sees; "" where there is no such
    thing in it. A failure is told to the user. Places: {folder}, and {path}, a file whose whole
    content is what the directive was given, without a newline.

    cd: goes to the folder named in {path}. setenv: takes NAME=VALUE in {path} into the environment.
    env: writes the environment to the file `answer` in {folder}, as NAME=VALUE with a NUL behind
    each. who: writes there the names that cells have defined, one a line; a tab and what kind it is
    may follow.
    """

    leader: str = "%"
    shell: str = ""
    cd: str = ""
    setenv: str = ""
    env: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Quit:
    """run: the line that ends the REPL."""

    run: str


@dataclass(frozen=True, slots=True)
class Description:
    """All that is said of a language.

    name: on the command line. display_name: what Jupyter's launcher shows.
    language_id: VS Code's. language_info, help_links: as in `kernel_info_reply`.
    completion: the file holds the token in its first line, and the code before the cursor
    behind that. Each line of the answer is one way to go on that takes the token's place, a tab
    and its kind may follow.
    inspection: the file holds the token in its first line, and the detail level (0, or 1 for the
    source, too) in its second; the file `before` in the private folder holds the code up to the
    token's end. The answer is plain text.
    completeness: the file holds the code; the answer is complete, incomplete, invalid or unknown.
    """

    name: str
    display_name: str
    language_id: str
    language_info: Mapping[str, Any]
    toolchain: Programs
    start: Start
    cell: Run
    prompt: Prompt | None = None
    failure: Failure = field(default_factory=Failure)
    completion: Question | None = None
    inspection: Question | None = None
    completeness: Question | None = None
    quit: Quit | None = None
    directives: Directives = field(default_factory=Directives)
    help_links: tuple[Mapping[str, str], ...] = ()
