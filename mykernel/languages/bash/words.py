"""The command line around the cursor, as Bash would split it. Pure functions.

Nothing here is evaluated: a word with an expansion in it has no literal value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SEPARATORS = ";&|\n"
# After these a command follows, as at the beginning of a line.
_BEFORE_COMMAND = frozenset(
    "if then elif else while until do ! time { sudo command builtin exec env nohup xargs".split()  # noqa: SIM905
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^]]*\])?\+?=")


@dataclass(slots=True)
class Word:
    """A word, or the beginning of one.

    start: code points from 0. raw: as typed. literal: its value, None when it holds an
    expansion. quote: the quote that is open at its end, "" for none; quote_at: where it
    opened, in code points from the word's start.
    """

    start: int
    raw: str = ""
    literal: str | None = ""
    quote: str = ""
    quote_at: int = -1


@dataclass(slots=True)
class Context:
    """The simple command that the cursor stands in.

    words: its words so far without assignments and redirections; the last one is at the
    cursor and may be empty. redirection: the last word is a file to redirect to.
    comment: the cursor stands in a comment.
    """

    words: list[Word] = field(default_factory=list)
    redirection: bool = False
    comment: bool = False

    @property
    def current(self) -> Word:
        return self.words[-1]

    @property
    def is_command(self) -> bool:
        """Whether the word at the cursor is the command's name."""
        return len(self.words) == 1 and not self.redirection


def context(code: str, cursor_pos: int) -> Context:
    """What stands before the cursor (code points from 0)."""
    return _Scanner(code[:cursor_pos]).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._context = Context()
        self._word: Word | None = None
        # Commands around the one at hand, for $( and `: (context, word, closing character).
        self._outer: list[tuple[Context, Word | None, str]] = []

    def scan(self) -> Context:
        while self._at < len(self._text):
            self._step(self._text[self._at])
        self._close_word(at_cursor=True)
        return self._context

    def _step(self, char: str) -> None:
        word = self._word
        if self._context.comment:
            if char == "\n":
                self._new_command()
            self._at += 1
        elif word is not None and word.quote:
            self._quoted(word, char)
        elif char == "\\":
            self._take(self._text[self._at : self._at + 2], self._text[self._at + 1 : self._at + 2])
        elif char in "'\"":
            word = self._open_word()
            word.quote, word.quote_at = char, len(word.raw)
            self._take(char, "")
        elif char == "$" or char == "`":
            self._expansion(char)
        elif char in " \t":
            self._close_word()
            self._at += 1
        elif self._outer and char == self._outer[-1][2]:
            self._leave()
        elif char in _SEPARATORS or char in "()":
            self._close_word()
            self._new_command()
            self._at += 1
        elif char in "<>":
            self._redirect()
        elif char == "#" and word is None:
            self._context.comment = True
            self._at += 1
        else:
            self._take(char, None if char in "*?[" else char)

    def _quoted(self, word: Word, char: str) -> None:
        if char == word.quote:
            word.quote, word.quote_at = "", -1
            self._take(char, "")
        elif word.quote == '"' and char in "$`":
            if self._outer and char == self._outer[-1][2] == "`":
                self._leave()
            else:
                self._expansion(char)
        elif word.quote == '"' and char == "\\":
            pair = self._text[self._at : self._at + 2]
            self._take(pair, pair[1:] if pair[1:] in ("$", "`", '"', "\\") else pair)
        else:
            self._take(char, char)

    def _expansion(self, char: str) -> None:
        if char == "`" and self._outer and self._outer[-1][2] == "`":
            self._leave()
            return
        opens_command = char == "`" or (
            self._text.startswith("$(", self._at) and not self._text.startswith("$((", self._at)
        )
        length = 2 if char == "$" and opens_command else 1
        self._take(self._text[self._at : self._at + length], None)
        if opens_command:
            self._outer.append((self._context, self._word, "`" if char == "`" else ")"))
            self._context, self._word = Context(), None

    def _leave(self) -> None:
        self._context, self._word, closing = self._outer.pop()
        self._take(closing, None)

    def _take(self, raw: str, literal: str | None) -> None:
        word = self._open_word()
        word.raw += raw
        if literal is None or word.literal is None:
            word.literal = None
        else:
            word.literal += literal
        self._at += len(raw)

    def _open_word(self) -> Word:
        if self._word is None:
            self._word = Word(self._at)
        return self._word

    def _close_word(self, at_cursor: bool = False) -> None:
        word = self._word
        self._word = None
        if at_cursor:
            self._context.words.append(word or Word(len(self._text)))
            return
        if word is None:
            return
        if self._context.redirection:
            self._context.redirection = False
        elif not self._context.words and (
            word.raw in _BEFORE_COMMAND or _ASSIGNMENT.match(word.raw)
        ):
            pass
        else:
            self._context.words.append(word)

    def _redirect(self) -> None:
        if self._word is not None and self._word.raw.isdigit():
            self._word = None
        self._close_word()
        while self._at < len(self._text) and self._text[self._at] in "<>&|":
            if self._text.startswith(("<(", ">("), self._at):
                self._at += 2
                self._new_command()
                return
            self._at += 1
        self._context.redirection = True

    def _new_command(self) -> None:
        self._context, self._word = Context(), None


def quoted(literal: str, quote: str) -> str:
    """The literal as one would type it inside that quote ("" for none), unclosed."""
    if quote == "'":
        return literal.replace("'", "'\\''")
    if quote == '"':
        return re.sub(r'([$`"\\])', r"\\\1", literal)
    if any(ord(c) < 32 or ord(c) == 127 for c in literal):
        return "$'" + "".join(_ansi_c(c) for c in literal) + "'"
    return re.sub(r"([^\w@%+=:,./\-\u0080-\U0010ffff])", r"\\\1", literal)


def _ansi_c(char: str) -> str:
    if char in "'\\":
        return "\\" + char
    return f"\\x{ord(char):02x}" if ord(char) < 32 or ord(char) == 127 else char


def name_at(code: str, cursor_pos: int) -> str:
    """The name that the cursor stands in or at the end of, "" for none."""
    for found in re.finditer(r"[^\s\"'`$(){};|&<>=\\]+", code):
        if found.start() <= cursor_pos <= found.end():
            return found.group()
    return ""
