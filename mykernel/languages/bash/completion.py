"""What Tab offers. The shell lists names; it is never handed an expansion to evaluate."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from mykernel.contract import Completion, Completions
from mykernel.languages.bash.words import Context, Word, context, quoted

# Asks the agent: operation and literal arguments to (key, value) pairs.
Ask = Callable[..., Awaitable[Sequence[tuple[str, str]]]]

_VARIABLE = re.compile(r"(?<!\\)\$(\{?)[#!]?(\w*)\Z")
# Only such words reach the completion functions of other people, which may evaluate them.
_PLAIN = re.compile(r"[\w@%+=:,./^-]*\Z")
_COMMAND = re.compile(r"[\w][\w.+-]*\Z")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*\+?=")
# Their functions have make read the folder's Makefile, and so run what is in it.
_EVALUATING = frozenset("make gmake gnumake pmake bmake colormake".split())  # noqa: SIM905
_MOST = 1000
_KINDS = {
    "alias": "function",
    "builtin": "keyword",
    "command": "command",
    "folder": "path",
    "file": "path",
    "argument": "argument",
    "variable": "instance",
}


async def complete(ask: Ask, code: str, cursor_pos: int) -> Completions:
    """Ways to go on at the cursor. Executes nothing of what the user typed."""
    where = context(code, cursor_pos)
    word = where.current
    nothing = Completions(cursor_pos, cursor_pos)
    if where.comment:
        return nothing
    if word.quote != "'" and (found := _VARIABLE.search(word.raw)):
        return await _variables(ask, found, word.start, code, cursor_pos)
    if where.is_command and "/" not in word.raw and word.raw[:1] != "~":
        if word.literal is None or _ASSIGNED.match(word.raw):
            return await _files(ask, _after_equals(word), code, cursor_pos)
        return await _commands(ask, word, cursor_pos)
    if not where.redirection and not where.is_command:
        found_arguments = await _arguments(ask, where, code, cursor_pos)
        if found_arguments.items:
            return found_arguments
    return await _files(ask, word, code, cursor_pos)


async def _variables(
    ask: Ask, found: re.Match[str], word_start: int, code: str, end: int
) -> Completions:
    brace, prefix = found.groups()
    start = word_start + found.start(2)
    close = "}" if brace and code[end : end + 1] != "}" else ""
    answers = await ask("names", "variable", prefix)
    names = sorted({n for _, value in answers for n in value.split("\n") if n})
    names = [n for n in names if not n.startswith("__mk_")]
    return Completions(start, end, [Completion(n + close, "instance") for n in names[:_MOST]])


async def _commands(ask: Ask, word: Word, end: int) -> Completions:
    kinds = "alias keyword builtin function command"
    answers = await ask("names", kinds, word.literal or "")
    found: dict[str, str] = {}
    for kind, value in answers:
        for name in value.split("\n"):
            # compgen lists "command" last, and in it what the others have named already.
            if name and not name.startswith("__mk_"):
                found.setdefault(name, kind)
    items = [
        Completion(quoted(name, word.quote), _KINDS.get(kind, kind))
        for name, kind in sorted(found.items())
    ]
    return Completions(word.start, end, items[:_MOST])


async def _arguments(ask: Ask, where: Context, code: str, end: int) -> Completions:
    nothing = Completions(end, end)
    command, current = where.words[0].literal, where.current
    if not command or not _COMMAND.match(command) or command in _EVALUATING:
        return nothing
    if current.literal is None or not _PLAIN.match(current.literal):
        return nothing
    # Readline splits at = and :, and completes what stands behind the last of them.
    pieces = re.findall(r"[=:]+|[^=:]+", current.literal) if current.raw == current.literal else []
    if pieces and pieces[-1][0] in "=:":
        pieces.append("")
    last = pieces[-1] if pieces else current.literal
    before = [_plain(word) for word in where.words[:-1]]
    line = " ".join([*before, current.literal])
    words = [p for w in before for p in re.findall(r"[=:]+|[^=:]+", w)]
    answers = await ask("arguments", line, *words, *(pieces or [last]))
    start = end - len(last) if pieces else current.start
    items = []
    for key, text in dict.fromkeys(answers):
        if text := text.rstrip(" "):
            closing = "" if code[end : end + 1] == current.quote else current.quote
            tail = "/" if key == "folder" else closing
            typed = current.quote + quoted(text, current.quote) + tail
            items.append(Completion(typed, _KINDS.get(key, key)))
    return Completions(start, end, sorted(items, key=lambda item: item.text)[:_MOST])


def _plain(word: Word) -> str:
    """The word, or a stand-in for one that completion functions might evaluate."""
    return word.literal if word.literal and _PLAIN.match(word.literal) else "x"


async def _files(ask: Ask, word: Word, code: str, end: int) -> Completions:
    cut = word.raw.rfind("/") + 1
    # The quote that is still open where the file's own name begins.
    opened = word.quote if word.quote_at < cut else ""
    base = _literal(opened + word.raw[cut:])
    kind, name, rest = _root(word.raw[:cut])
    folder = _literal(rest)
    if base is None or folder is None or (not cut and base.startswith("~")):
        return Completions(end, end)
    answers = await ask("files", kind, name, folder, base)
    closing = "" if code[end : end + 1] == word.quote else word.quote
    opening = "" if opened else word.quote
    items = []
    for what, found in sorted(answers, key=lambda pair: pair[1]):
        typed = opening + quoted(found, word.quote)
        items.append(Completion(typed + ("/" if what == "folder" else closing), "path"))
    return Completions(word.start + cut, end, items[:_MOST])


def _root(folder: str) -> tuple[str, str, str]:
    """How a folder as typed begins ("~", "$" or ""), the name that belongs to it, and the rest."""
    if found := re.match(r"~([A-Za-z0-9._-]*)(?=/)", folder):
        return "~", found[1], folder[found.end() :]
    if found := re.match(r'("?)\$(?:\{(\w+)\}|(\w+))(?=/)', folder):
        return "$", found[2] or found[3], found[1] + folder[found.end() :]
    return "", "", folder


def _literal(raw: str) -> str | None:
    return context(raw, len(raw)).current.literal if raw else ""


def _after_equals(word: Word) -> Word:
    """What stands behind the = of an assignment, as a word of its own."""
    found = _ASSIGNED.match(word.raw)
    if not found:
        return word
    inner = context(word.raw[found.end() :], len(word.raw)).current
    return Word(word.start + found.end(), inner.raw, inner.literal, inner.quote, inner.quote_at)
