"""One long-lived interactive shell, and the cells that run in it."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shlex
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mykernel.contract import (
    Cell,
    CellOutput,
    Completeness,
    Completions,
    Failed,
    Ok,
    Outcome,
    SessionOptions,
    Toolchain,
)
from mykernel.drivers.agent import AgentChild, leader_of
from mykernel.drivers.line import Line, Program
from mykernel.drivers.outputs import NamedCells
from mykernel.drivers.start import StartQuestions
from mykernel.errors import ChildNotStarted
from mykernel.languages.bash import failure
from mykernel.languages.bash.completion import complete
from mykernel.languages.bash.delivery import ByFile, ByTerminal, Delivery, with_terminal
from mykernel.languages.bash.inspection import inspect
from mykernel.languages.bash.standin import Answers, answers, stand_in
from mykernel.languages.bash.syntax import SyntaxFault, check, completeness

log = logging.getLogger(__name__)

# Seconds that other people's completion functions and man may take.
_QUERY_TIMEOUT = 3.0
# Seconds after a cell until the shell's names are noted for answers while the next one runs.
_SNAPSHOT_DELAY = 0.3
# Such a cell is not parsed as one unit: what it sets counts for the lines after it.
_CHANGES_PARSING = re.compile(r"\b(?:alias|unalias|shopt)\b")
# Lines of a cell that Bash parses as one unit. Its stack grows with them, until it crashes.
_LONGEST_GROUP = 2000
_SETS_EXIT_TRAP = re.compile(r"\btrap\b.*\b(?:EXIT|exit|0)\b")
_END = '{ __mk_end "$?"; } &>/dev/null\n'
# Under set -v Bash shows what runs around a cell, too.
_AROUND = re.compile(r"(?m)^\{ __mk_.*\n")
# How Bash begins its message on an expansion that fails.
_BLAMED = re.compile(r"(?m)^bash: (\w+): ")
_BRACES = re.compile(r"[{}]")


class BashSession:
    """See `mykernel.contract.Session`."""

    def __init__(self, toolchain: Toolchain, options: SessionOptions) -> None:
        self._bash = toolchain.path
        self._options = replace(options, launcher=with_terminal(options.launcher))
        self._delivery: Delivery = ByTerminal() if options.launcher else ByFile(self._bash)
        self._questions = StartQuestions()
        self._child: AgentChild | None = None
        self._lock = asyncio.Lock()
        self._status = 0
        # Said at the head of the next cell's stderr.
        self._notes: list[str] = []
        self._closed = False
        self._interrupted = False
        self._snapshot: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bring the shell up. Raises `ChildNotStarted`."""
        async with self._lock:
            await self._living()

    async def execute(self, cell: Cell, output: CellOutput) -> Outcome:
        if self._snapshot is not None:
            self._snapshot.cancel()
        self._questions.put_to(output)
        self._interrupted = False
        async with self._lock:
            try:
                # A shell that has died since the last cell may be found out only by this one.
                outcome = await self._try(cell, output) or await self._try(cell, output)
                return outcome or failure.not_begun(cell)
            except ChildNotStarted as e:
                if self._interrupted:
                    return failure.interrupted(cell, None, ())
                return Failed("ShellNotStarted", str(e), (str(e),))
            except OSError as e:
                what = f"the cell could not be handed to the shell: {e}"
                return Failed("OSError", what, (what,))
            finally:
                self._questions.put_to(None)
                if not self._options.launcher:
                    self._snapshot_soon()

    async def _try(self, cell: Cell, output: CellOutput) -> Outcome | None:
        """Run the cell in the shell that lives; None when it was gone before the cell began."""
        if self._interrupted:
            return failure.interrupted(cell, None, ())
        if self._child is not None:
            self._notes += [overrun.text for overrun in self._child.overruns]
            self._child.overruns.clear()
        child = await self._living()
        for note in self._notes:
            output.text("stderr", f"mykernel: {note}\n")
        self._notes.clear()
        if self._interrupted:
            return failure.interrupted(cell, None, ())
        if _is_blank(cell.code):
            return Ok()
        if "\0" in cell.code:
            return _nul(cell)
        if _may_leave_group(cell.code) and (fault := await check(self._bash, cell.code)):
            return failure.syntax_failure(cell, fault)
        return await self._run(child, cell, output)

    async def evaluate(self, expressions: Mapping[str, str]) -> dict[str, str | Failed]:
        """Each expression is expanded as within double quotes: "$x", "$((6 * 7))", "$(pwd)"."""
        async with self._lock:
            child = await self._living()
            return {key: await self._expand(child, text) for key, text in expressions.items()}

    async def complete(self, code: str, cursor_pos: int) -> Completions:
        return await complete(self._ask, code, cursor_pos)

    async def inspect(self, code: str, cursor_pos: int, detail_level: int) -> Mapping[str, str]:
        return await inspect(self._ask, code, cursor_pos, detail_level, self._options.columns)

    async def is_complete(self, code: str) -> Completeness:
        child = self._child
        if child is None or child.ending is not None:
            return Completeness("unknown")
        if "\0" in code:
            return Completeness("invalid")
        return completeness(code, await check(self._bash, code))

    async def ask(self, question: str, text: str) -> str | Failed:
        if separator := {"env": "\0", "who": "\n"}.get(question):
            replies = await self._ask(question)
            if not replies or replies[-1][0] != "done":
                return Failed("NotAnswered", "the shell did not answer in time")
            return separator.join(value for _, value in replies[:-1])
        builtin = {"cd": r"\builtin cd --", "setenv": r"\builtin export --"}[question]
        # In the shell itself, where a query of the agent's runs in a subshell.
        script = (
            f'{{ if {builtin} {shlex.quote(text)} 2>|"$__mk_dir/said"; then'
            " __mk_reply done 1; fi; } &>/dev/null\n"
        )
        async with self._lock:
            child = await self._living()
            line = await child.run(self._typed_query(script))
            self._delivery.done("query")
            return "" if answers(line.replies) else Failed("NotDone", await self._said(child))

    @property
    def process(self) -> int | None:
        return leader_of(self._child, self._options)

    def interrupt(self) -> None:
        # Seen before a cell's line is typed, as when a new shell is still to come up.
        self._interrupted = True
        if self._child is not None:
            self._child.interrupt()

    async def close(self) -> None:
        self._closed = True
        if self._snapshot is not None:
            self._snapshot.cancel()
        if self._child is not None:
            await self._child.close()

    async def _living(self) -> AgentChild:
        """The shell that runs, or a new one. Raises `ChildNotStarted`."""
        child = self._child
        # A shell whose private folder somebody has cleared away can be handed nothing.
        if child is not None and child.ending is None and child.folder.exists():
            return child
        if self._closed:
            raise ChildNotStarted([str(self._bash)], "", "the kernel is shutting down")
        if child is not None:
            await child.close()
            self._notes.append(
                f"the shell had ended ({child.ending}). This is a new one, without its state."
            )
        try:
            child = await self._spawn(self._options.startup_files)
        except ChildNotStarted as e:
            if self._closed or not self._options.startup_files or self._options.launcher:
                raise
            child = await self._spawn(startup_files=False)
            self._notes.append(f"the shell was started without ~/.bashrc, since with it {e}")
        self._status = 0
        return child

    async def _spawn(self, startup_files: bool) -> AgentChild:
        def program(folder: Path, nonce: str) -> Program:
            return self._delivery.program(folder, nonce, startup_files)

        # Known before it has started, so that `close` can end it.
        child = self._child = AgentChild(program, self._options, last_field="e")
        try:
            line = await child.started(self._questions if self._options.launcher else None)
        except ChildNotStarted:
            self._child = None
            raise
        for key, value in answers(line.replies):
            if key == "folder":
                self._delivery.folder = f"{value}/"
        return child

    async def _run(self, child: AgentChild, cell: Cell, output: CellOutput) -> Outcome | None:
        script = _script(cell, self._status).encode("utf-8", "surrogatepass")
        messages = _Messages(self._delivery.folder, output, child.streams[-1:])
        line = await child.run(self._delivery.typed(cell.name, script), messages)
        messages.flush()
        self._delivery.done(cell.name)
        if child.ending is not None and line.overrun is not None:
            return failure.killed_over_limit(cell, line.overrun)
        if child.ending is not None:
            begun = line.begun or line.interrupted
            return failure.died(cell, child.ending, line.steps) if begun else None
        return await self._outcome(cell, line, messages.said)

    async def _outcome(self, cell: Cell, line: Line, said: str) -> Outcome:
        if any(key == "arrived" for key, _ in answers(line.replies)):
            return failure.not_delivered(cell)
        self._status = status = int(line.fields["s"])
        exited = bool(line.fields["x"])
        if line.overrun is not None:
            where = _line_in(cell, line.fields["e"])
            return failure.over_limit(cell, where, line.overrun, line.steps)
        if line.starved and not line.interrupted:
            return failure.starved(cell)
        if status == 0 and not exited:
            return Ok()
        where = _line_in(cell, line.fields["e"])
        if line.interrupted and not exited:
            return failure.interrupted(cell, where, line.steps)
        began = line.fields["n"] == str(cell.number)
        if not began or (status in (1, 2) and where is None and not exited):
            if fault := await check(self._bash, cell.code):
                return failure.syntax_failure(cell, fault)
            if not began:
                what = line.collected.replace(self._delivery.folder, "").strip()
                return failure.syntax_failure(cell, SyntaxFault(1, what, False))
        return failure.status_failure(cell, status, where or _blamed(cell, said), exited)

    async def _expand(self, child: AgentChild, expression: str) -> str | Failed:
        # The delimiter is unguessable, so that the expression is data to the file around it.
        end = f"__mk_{os.urandom(16).hex()}"
        query = (
            "unset -v __mk_v\n"
            # What is said goes to a file: on the terminal, background jobs may write among it.
            f"{{ IFS= read -r -d '' __mk_v <<{end} || :\n{expression}\n{end}\n"
            '} 2>|"$__mk_dir/said"\n'
            'if [[ ${__mk_v+x} ]]; then __mk_reply value "$__mk_v"; fi\n'
        )
        line = await child.run(self._typed_query(query))
        if child.ending is not None:
            return Failed("ShellDied", f"the shell ended ({child.ending})")
        for _, value in answers(line.replies):
            return value.removesuffix("\n")
        what = await self._said(child)
        return Failed("ExpansionError", what or f"exit status {line.fields['s']}")

    async def _said(self, child: AgentChild) -> str:
        """What the shell has written of a failure to the file for that."""
        said = dict(await self._query(child, "said")).get("said", "")
        return said.replace(self._delivery.folder, "").strip()

    async def _ask(self, *words: str) -> Answers:
        """Put a question to the agent, or to a stand-in while a cell runs."""
        if self._closed or any("\0" in word for word in words):
            return []
        child = self._child
        if self._lock.locked() and child is not None and child.ending is None:
            if self._options.launcher:
                return []
            return await stand_in(self._bash, child, words, _QUERY_TIMEOUT)
        async with self._lock:
            return await self._query(await self._living(), *words)

    def _snapshot_soon(self) -> None:
        """What names there are is noted once the shell has been idle for a while."""
        self._snapshot = asyncio.get_running_loop().call_later(
            _SNAPSHOT_DELAY, lambda: self._in_background(self._take_snapshot())
        )

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_snapshot(self) -> None:
        child = self._child
        if child is not None and child.ending is None and not self._lock.locked():
            async with self._lock:
                await self._query(child, "snapshot")

    async def _query(self, child: AgentChild, *words: str) -> Answers:
        query = "__mk_query " + " ".join(map(shlex.quote, words)) + "\n"
        late = asyncio.get_running_loop().call_later(_QUERY_TIMEOUT, child.interrupt)
        line = await child.run(self._typed_query(query))
        late.cancel()
        return answers(line.replies)

    def _typed_query(self, query: str) -> str:
        return self._delivery.typed("query", query.encode("utf-8", "surrogatepass"))


class _Messages(NamedCells):
    """What Bash says, in the user's words."""

    def cleaned(self, text: str) -> str:
        return _AROUND.sub("", text) if "__mk_" in text else text


def _script(cell: Cell, status: int) -> str:
    """The file that carries a cell: what we need stands on the cell's own first line."""
    plain = (
        _CHANGES_PARSING.search(cell.code)
        or cell.code.count("\n") > _LONGEST_GROUP
        or _may_leave_group(cell.code)
    )
    trap = " 1" if _SETS_EXIT_TRAP.search(cell.code) else ""
    begin = f"{{ __mk_begin {cell.number} {0 if plain else status}{trap}; }} &>/dev/null"
    if plain:
        return f"{begin}; {cell.code}\n{_END}"
    # One group is parsed before any of it runs, and an expansion error leaves all of it. What
    # stands behind the last || sees $? and is subject to set -e as if it stood alone.
    then = "||" if status else ";"
    return f"{begin}{then} {{ {cell.code}\n\n}}\n{_END}"


def _is_blank(code: str) -> bool:
    """Whether there is nothing to run: empty lines and comments alone."""
    return all(line[:1] in ("", "#") for line in map(str.lstrip, code.split("\n")))


def _may_leave_group(code: str) -> bool:
    """Whether a closing brace may end the group that is put around a cell."""
    depth = 0
    for brace in _BRACES.findall(code):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return True
    return False


def _line_in(cell: Cell, where: str) -> int | None:
    """The line that "LINE PATH" names, when the path is this cell's."""
    line, _, path = where.partition(" ")
    return int(line) if line.isdigit() and path.endswith("/" + cell.name) else None


def _blamed(cell: Cell, said: str) -> int | None:
    """The only line with the name that Bash complains of last; an expansion runs no ERR trap."""
    names = _BLAMED.findall(said)
    if not names:
        return None
    word = re.compile(rf"\b{re.escape(names[-1])}\b")
    lines = [n for n, text in enumerate(cell.code.split("\n"), 1) if word.search(text)]
    return lines[0] if len(lines) == 1 else None


def _nul(cell: Cell) -> Failed:
    line = cell.code.count("\n", 0, cell.code.index("\0")) + 1
    what = r"Bash takes no NUL bytes in its code; to write one, use printf '\0'"
    return failure.syntax_failure(cell, SyntaxFault(line, what, False))
