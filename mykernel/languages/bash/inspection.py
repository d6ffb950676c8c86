"""What Shift-Tab shows: `type`, source, `help` and the man page, as plain text and as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

from mykernel.languages.bash.completion import Ask
from mykernel.languages.bash.words import context, name_at

_OVERSTRUCK = re.compile("(?:.\x08)+.", re.DOTALL)
# With the short form a manual is cut here, in lines.
_SHORT = 60


async def inspect(
    ask: Ask, code: str, cursor_pos: int, detail_level: int, columns: int
) -> Mapping[str, str]:
    """A MIME bundle on the name at the cursor, or else on the command that it belongs to."""
    words = context(code, cursor_pos).words
    names = [name_at(code, cursor_pos), (words[0].literal or "") if words else ""]
    for name in dict.fromkeys(name for name in names if name):
        answers = await ask("describe", name, str(columns))
        if sections := _sections(name, answers, detail_level):
            return {
                "text/plain": "\n\n".join(_plain(title, text) for title, text in sections) + "\n",
                "text/html": "".join(_html(title, text) for title, text in sections),
            }
    return {}


def _sections(
    name: str, answers: Sequence[tuple[str, str]], detail_level: int
) -> list[tuple[str, str]]:
    """(title, text) pairs; text may hold overstrikes, as man writes them."""
    found: dict[str, list[str]] = {}
    for key, value in answers:
        if value.strip():
            found.setdefault(key, []).append(value)
    one = {key: values[0].strip("\n") for key, values in found.items()}
    sections = []
    if kinds := found.get("type"):
        where = f" ({one['path']})" if "path" in one else ""
        sections.append((f"{name}: {', '.join(kinds)}{where}", ""))
    if "variable" in one:
        sections.append(("Variable", one["variable"]))
    if "alias" in one:
        sections.append(("Alias", one["alias"]))
    if "function" in one:
        sections.append(("Function", one["function"]))
    if "help" in one:
        sections.append(("Help", one["help"]))
    if "man" in one:
        sections.append(("Manual", one["man"] if detail_level else _cut(one["man"], name)))
    return sections


def _cut(text: str, name: str) -> str:
    lines = text.split("\n")
    if len(lines) <= _SHORT:
        return text
    more = len(lines) - _SHORT
    return "\n".join([*lines[:_SHORT], f"... {more} more lines: run `man {name}` in a cell"])


def _plain(title: str, text: str) -> str:
    body = _OVERSTRUCK.sub(lambda found: found.group()[-1], text)
    return f"{title}\n{body}" if body else title


def _html(title: str, text: str) -> str:
    parts, at = [], 0
    for found in _OVERSTRUCK.finditer(text):
        parts.append(html.escape(text[at : found.start()]))
        last = html.escape(found.group()[-1])
        parts.append(f"<u>{last}</u>" if found.group()[0] == "_" else f"<b>{last}</b>")
        at = found.end()
    body = "".join([*parts, html.escape(text[at:])])
    body = body.replace("</b><b>", "").replace("</u><u>", "")
    heading = f"<strong>{html.escape(title)}</strong>"
    return f"<p>{heading}</p><pre>{body}</pre>" if body else f"<p>{heading}</p>"
