"""Find out by trial how a REPL is driven: its prompts, how it prints, loads, fails and ends."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mykernel.errors import MykernelError
from mykernel.new import candidates
from mykernel.new.conversation import Conversation, Said, numbered

# Seconds after which a line that is no loop has had its answer.
_RUNS_ON = 0.5
_HELLO = "mykernel says hello"
# Code points that errors have to begin with alike, to be known by them.
_TELLING = 6


class NotUnderstood(MykernelError):
    """The program is no REPL that could be driven, as far as was found out."""


@dataclass(slots=True)
class Findings:
    """What was found out; "" and empty where nothing was.

    prompts: the first is the main one; "" for a program that shows none.
    print: the line that prints {text}. escapes: how ESC and BEL are written in it.
    newline: whether it ends the line.
    load: the line that runs the file {path}; separator: what may stand between it and a print.
    aborts: whether an error in the file keeps what follows in that line from being run.
    errors: samples of what the program says to wrong lines. sign, pattern, line: as in `Failure`.
    echoes: whether what is typed is seen. edits: whether the program has a line editor.
    stuck: whether ^C does not lead out of an unfinished line.
    loop: a line that runs on; interrupted: what became of it.
    """

    prompts: list[str] = field(default_factory=list)
    print: str = ""
    escapes: tuple[str, str] = ("", "")
    newline: bool = False
    load: str = ""
    separator: str = ""
    aborts: bool = False
    errors: list[str] = field(default_factory=list)
    sign: str = ""
    pattern: str = ""
    line: str = ""
    echoes: bool = True
    stuck: bool = False
    edits: bool = False
    loop: str = ""
    interrupted: str = ""
    quit: str = ""

    def mark(self, payload: str) -> str:
        """The line that writes a mark, such as C;k=...;i=1."""
        before, after = self.escapes
        return self.print.replace("{text}", f"{before}]133;{payload}{after}")


class Search:
    """Tries one thing after the other, each at the main prompt; `found` fills up.

    tell: is told each finding, in words. Raises `ChildNotStarted` and `NotUnderstood`.
    """

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], tell: Callable[[str], None]
    ) -> None:
        self._argv = argv
        self._env = env
        self._tell = tell
        self._talk: Conversation | None = None
        self._number = 0
        # Whether each line is given to a new run of the program.
        self._anew = False
        self.found = Findings()

    async def run(self, line: str = "") -> Findings:
        """Try it all. line: prints {text}, where that is known."""
        try:
            await self._find_prompt()
            await self._find_print(line)
            await self._find_continuations()
            await self._find_load()
            await self._find_errors()
            await self._find_interrupt()
            await self._find_quit()
        finally:
            await self._leave()
        return self.found

    async def _find_prompt(self) -> None:
        _, said = await self._begin()
        self.found.prompts = [said.prompt]
        self.found.edits = said.reader is not None and said.reader.mode != "line"
        self._tell(f"prompt: {said.prompt!r}" if said.prompt else "prompt: it shows none")

    async def _find_print(self, line: str) -> None:
        forms = [line] if line else candidates.PRINTS
        # What is no line of the language may leave an unfinished one, unseen.
        for self._anew, form in itertools.product((False, True), forms):
            said = await self._try(form.replace("{text}", _HELLO), _HELLO)
            if _HELLO not in said.answer.split("\n"):
                continue
            self.found.echoes = form.replace("{text}", _HELLO) in said.stdout
            if await self._can_write_marks(form):
                self._tell(f"prints text: {self.found.print}")
                return
        prompt = self.found.prompts[0]
        if not prompt:
            raise NotUnderstood(
                "it shows no prompt, and none of the lines that print text in other languages"
                " does so in it. Is it a REPL, and is there an option that makes it interactive?"
                " If so, name the line that prints: --print 'say \"{text}\"'"
            )
        raise NotUnderstood(
            f"its prompt is {prompt!r}, but none of the lines that print text in other languages"
            " prints the control characters ESC and BEL in it. Name the line that prints a text:"
            " --print 'say \"{text}\"'"
        )

    async def _can_write_marks(self, form: str) -> bool:
        self.found.print = form
        for escapes in candidates.ESCAPES:
            talk = await self._at_prompt()
            self.found.escapes = escapes
            rest = await self._writes_mark(talk)
            if rest is not None:
                self.found.newline = rest.startswith(("\n", "\r"))
                return True
            self.found.escapes = "", ""
        self.found.print = ""
        return False

    async def _writes_mark(
        self, talk: Conversation, load: str = "", file: Path | None = None
    ) -> str | None:
        """What comes behind the mark that a line writes; None where it writes none.

        load: the line, which runs that file, where the mark is printed; else it is printed itself.
        """
        self._number += 1
        mark = f"D;k={talk.nonce};i={self._number}"
        if file is not None:
            self._print_to(file, mark)
        said = await talk.say(load or self.found.mark(mark))
        for before, seen in said.marks:
            # A line editor may draw what was typed, and with it the mark.
            run = "\n" in before or not self.found.echoes
            if run and seen.fields().get("i") == str(self._number):
                return said.stdout.removeprefix(before)
        return None

    def _print_to(self, file: Path, mark: str) -> None:
        # What quotes a key is for the terminal.
        _write(file, self.found.mark(mark).replace("\x16", ""))

    async def _find_continuations(self) -> None:
        blank = ""
        for opening in candidates.UNFINISHED:
            said = await self._try(opening)
            shown = said.prompt
            if said.reader is None or numbered(shown) in map(numbered, self.found.prompts):
                continue
            if shown:
                self.found.prompts.append(shown)
                self._tell(f"prompt of an unfinished line, as {opening}: {shown!r}")
                self.found.stuck = self.found.stuck or not await self._leads_out()
            elif not said.answer.strip():
                blank = opening
        if blank and self.found.prompts[0]:
            self._tell(f"an unfinished line, as {blank}, has no prompt")

    async def _leads_out(self) -> bool:
        """Whether ^C leads from an unfinished line to the main prompt."""
        if self._talk is None:
            return False
        await self._talk.interrupt()
        return self._talk.at(self.found.prompts[0])

    async def _find_load(self) -> None:
        with tempfile.TemporaryDirectory(prefix="mykernel-") as folder:
            # With the name that cells have.
            file = Path(folder, "In[1]")
            for load in candidates.LOADS:
                typed = load.replace("{path}", str(file))
                if await self._writes_mark(await self._at_prompt(), typed, file) is None:
                    continue
                if await self._goes_between(typed, file):
                    self.found.load = load
                    self._tell(f"runs a file: {load}")
                    await self._look_at_errors(typed, file)
                    return
        self._tell("runs a file: not found; a cell's lines are typed, one at each prompt")

    async def _goes_between(self, typed: str, file: Path) -> bool:
        """Whether marks can be printed before and after the load in one line."""
        for separator in candidates.SEPARATORS:
            self.found.separator = separator
            talk = await self._at_prompt()
            self._print_to(file, f"R;k={talk.nonce}")
            said = await talk.say(self._between_marks(typed, talk))
            if [mark.kind for _, mark in said.marks] == ["C", "R", "D"]:
                return True
        return False

    def _between_marks(self, typed: str, talk: Conversation) -> str:
        begin, end = (self.found.mark(f"{kind};k={talk.nonce};i=0") for kind in "CD")
        return self.found.separator.join((begin, typed, end))

    async def _look_at_errors(self, typed: str, file: Path) -> None:
        """What an error in the third line of a file does, and says."""
        silent = self.found.print.replace("{text}", "")
        for wrong in candidates.WRONG:
            _write(file, f"{silent}\n{silent}\n{wrong}")
            said = await self._try(self._between_marks(typed, await self._at_prompt()))
            if not said.answer.strip() or said.reader is None:
                continue
            self.found.aborts = [mark.kind for _, mark in said.marks] == ["C"]
            self.found.errors.append(said.answer.replace(f"{file.parent}/", ""))
            self.found.line = self.found.line or _line_of(self.found.errors[-1])
            if self.found.aborts:
                self._tell("an error in the file keeps what follows in the line from being run")
                return

    async def _find_errors(self) -> None:
        for wrong in candidates.WRONG:
            said = await self._try(wrong)
            if said.answer.strip() and said.reader is not None:
                self.found.errors.append(said.answer)
        if not self.found.aborts:
            self.found.sign = _sign_of(self.found.errors)
            shown = self.found.sign or "not found"
            self._tell(f"what it writes of an error matches: {shown}")
        for pattern in candidates.PATTERNS:
            if any(re.search(pattern, text, re.MULTILINE) for text in self.found.errors):
                self.found.pattern = pattern
                break

    async def _find_interrupt(self) -> None:
        for loop in candidates.LOOPS:
            talk = await self._at_prompt()
            said = await talk.say(loop, _RUNS_ON)
            if said.reader is not None and said.prompt != self.found.prompts[0]:
                said = await talk.say("", _RUNS_ON)
            if said.reader is not None or said.ending is not None:
                continue
            self.found.loop = loop
            said = await talk.interrupt()
            if said.ending is not None:
                self.found.interrupted = f"ends the program ({said.ending})"
            elif said.reader is None:
                self.found.interrupted = "does nothing; after a while the kernel ends the program"
            else:
                self.found.interrupted = "ends the loop"
            self._tell(f"^C while it runs {loop}: {self.found.interrupted}")
            return
        self._tell("^C: not tried, no loop was found that does not end")

    async def _find_quit(self) -> None:
        for line in candidates.QUITS:
            talk = await self._at_prompt()
            if (await talk.say(line)).ending is not None:
                self.found.quit = line
                self._tell(f"ends by: {line}")
                return
        self._tell("ends by: not found; the kernel hangs up its terminal")

    async def _try(self, line: str, printed: str = "") -> Said:
        """Type a line at the main prompt, which may end the program. printed: as in `Said`."""
        return await (await self._at_prompt()).say(line, printed=printed)

    async def _at_prompt(self) -> Conversation:
        """The program at its main prompt: as it is, interrupted, or else started anew."""
        talk = self._talk
        prompt = self.found.prompts[0]
        if talk is not None and talk.waits and not talk.at(prompt):
            await talk.interrupt()
        if talk is not None and talk.at(prompt) and await self._runs_lines(talk):
            return talk
        await self._leave()
        talk, _ = await self._begin()
        return talk

    async def _runs_lines(self, talk: Conversation) -> bool:
        """Whether it is the prompt that it looks like: a line of before may be unfinished."""
        if not self.found.escapes[0]:
            return bool(self.found.prompts[0]) and not self._anew
        said = await talk.say(self.found.mark(f"R;k={talk.nonce}"))
        return any(mark.kind == "R" for _, mark in said.marks) and talk.at(self.found.prompts[0])

    async def _begin(self) -> tuple[Conversation, Said]:
        self._talk = Conversation(self._argv, self._env)
        return self._talk, await self._talk.begin()

    async def _leave(self) -> None:
        if self._talk is not None:
            await self._talk.close()
            self._talk = None


def _write(file: Path, text: str) -> None:
    file.write_text(f"{text}\n", encoding="utf-8")


def _line_of(error: str) -> str:
    """The regular expression that finds line 3 of the cell in it; "" where none does."""
    for pattern in candidates.LINES:
        found = re.search(pattern.replace("{cell}", re.escape("In[1]")), error)
        if found is not None and found[1] == "3":
            return pattern
    return ""


def _sign_of(errors: Sequence[str]) -> str:
    """A regular expression that matches each of the errors, as far as one was found."""
    signs: list[str] = []
    left = list(errors)
    for sign in candidates.SIGNS:
        rest = [error for error in left if not re.search(sign, error, re.MULTILINE)]
        if len(rest) < len(left):
            signs, left = [*signs, sign], rest
    firsts = [error.lstrip("\n").partition("\n")[0] for error in left]
    alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*firsts, strict=False))
    begin = "".join(letters[0] for letters in alike)
    if len(left) > 1 and len(begin.strip()) >= _TELLING:
        signs.append(f"^{re.escape(begin)}")
    return "|".join(signs)
