"""What Tab and Shift-Tab ask of the helper, and how its answers are shown."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mykernel.contract import Completion, Completions
from mykernel.drivers.compiled.left import Left
from mykernel.drivers.compiled.sources import Source, Sources
from mykernel.languages.go.gopls import Gopls

Ask = Callable[..., Awaitable[Any]]


async def complete(ask: Ask, gopls: Gopls, left: Left, code: str, cursor_pos: int) -> Completions:
    """Ways to go on at the cursor, the likely ones first, and behind them what gopls adds."""
    before, sources = code[:cursor_pos], Sources()
    answer = await ask(
        "complete",
        before=before,
        after=code[cursor_pos:],
        label=sources.label(Source("", code)),
        known=left.told_to_helper(left.around(code, _prefix(before)), sources),
        served=gopls.there,
    )
    if answer is None or "items" not in answer:
        return Completions(cursor_pos, cursor_pos)
    items = [Completion(one["text"], one["kind"], one["signature"]) for one in answer["items"]]
    if "document" in answer:
        there = {one.text for one in items}
        more = await gopls.complete(answer["document"], answer["prefix"])
        items += [one for one in more if one.text not in there]
    return Completions(cursor_pos - len(answer["prefix"]), cursor_pos, items)


async def inspect(
    ask: Ask, gopls: Gopls, left: Left, code: str, cursor_pos: int, detail_level: int
) -> Mapping[str, str]:
    """A MIME bundle on the name at the cursor and the call that it is an argument of.

    On what is no name, what gopls says.
    """
    sources = Sources()
    label = sources.label(Source("this cell", code))
    known = left.around(code, None)
    told = left.told_to_helper(known, sources)
    cells = {sources.label(one.place.source): one.place.source.code for one in known}
    found = await ask(
        "inspect",
        before=code[:cursor_pos],
        after=code[cursor_pos:],
        label=label,
        known=told,
        detail=detail_level,
        sources={label: code, **cells},
        served=gopls.there,
    )
    if not found or "fault" in found:
        return {}
    if "document" in found:
        said = await gopls.describe(found["document"])
        return {"text/plain": said} if said else {}
    where = _where(found, sources)
    return {"text/plain": _plain(found, where), "text/markdown": _markdown(found, where)}


def _prefix(before: str) -> str | None:
    """Of the session's names, the one that is typed; None behind a dot, where none is meant."""
    start = len(before)
    while start and (before[start - 1].isalnum() or before[start - 1] == "_"):
        start -= 1
    return None if before[:start].rstrip().endswith(".") else before[start:]


def _where(found: Mapping[str, Any], sources: Sources) -> str:
    """Where it was declared or, of a variable, set."""
    place = sources.place(found["label"], found["line"])
    if place is not None:
        return f"{place.source.name}, line {place.line}"
    return f"{found['path']}:{found['line']}" if found["line"] else str(found["path"])


def _plain(found: Mapping[str, Any], where: str) -> str:
    parts = [
        _lines(found["call"], found["marks"]),
        found["source"] or found["declared"],
        _instance(found),
        _lines(*found["methods"] or ()),
        found["doc"],
        where,
    ]
    return "\n\n".join(part for part in parts if part)


def _markdown(found: Mapping[str, Any], where: str) -> str:
    code = [
        _lines(found["call"], found["marks"]),
        found["source"] or found["declared"],
        _instance(found),
        _lines(*found["methods"] or ()),
    ]
    shown = [_fenced(part) for part in code if part] + [found["markdown"]]
    return "\n\n".join(part for part in [*shown, where and f"`{where}`"] if part)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _instance(found: Mapping[str, Any]) -> str:
    return f"here: {found['instance']}" if found["instance"] else ""


def _fenced(code: str) -> str:
    """As code, whatever is in it."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", code))])
    return f"{fence}go\n{code}\n{fence}"
