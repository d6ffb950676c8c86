"""Names that a database knows: completion and inspection. Nothing that was typed is executed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mykernel.contract import Completion, Completions
from mykernel.languages.sql.dialect import Dialect
from mykernel.languages.sql.records import Value

_WORD_BEFORE = re.compile(r'(?:(?:([\w$]+)|"([^"]*)")\.)?("[^"\n]*|[^\W\d][\w$]*)?\Z')
_WORD_AFTER = re.compile(r"[\w$]*")
_NEEDS_TABLE = re.compile(
    r"\b(?:from|join|into|update|table|describe|summarize|truncate|analyze)\s+\Z", re.IGNORECASE
)
# A table that the statement names, and perhaps a short name for it.
_TABLE = re.compile(
    r'\b(?:from|join|into|update|table|,)\s*(?:only\s+)?(?:[\w$]+\.)?("[^"]+"|[\w$]+)'
    r'(?:\s+(?:as\s+)?("[^"]+"|[\w$]+))?',
    re.IGNORECASE,
)
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")
_ORDER = {"column": 0, "table": 1, "schema": 2, "function": 3, "keyword": 4}
_MOST = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """kind: one of _ORDER. parent: the table of a column. detail: a type or a signature."""

    kind: str
    name: str
    parent: str
    detail: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: Sequence[Entry]

    def of_kind(self, *kinds: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind in kinds)

    def columns_of(self, table: str) -> list[Entry]:
        return [e for e in self.of_kind("column") if e.parent.lower() == table.lower()]


def parse(rows: Sequence[Sequence[Value]]) -> Catalogue:
    """The rows of a dialect's `catalogue`."""
    return Catalogue([Entry(*(str(value or "") for value in row[:4])) for row in rows])


def complete(dialect: Dialect, names: Catalogue, code: str, cursor_pos: int) -> Completions:
    """Ways to go on at the cursor."""
    before = code[:cursor_pos]
    line = before[before.rfind("\n") + 1 :]
    if line.lstrip().startswith(dialect.syntax.meta) and " " not in line.strip():
        word = line.lstrip()
        items = [Completion(c, "magic") for c in dialect.commands if c.startswith(word)]
        return Completions(cursor_pos - len(word), cursor_pos, items)
    found = _WORD_BEFORE.search(before)
    qualifier, word = (found[1] or found[2], found[3] or "") if found else (None, "")
    start = cursor_pos - len(word)
    if qualifier is None and not word and not _NEEDS_TABLE.search(before):
        return Completions(cursor_pos, cursor_pos)
    entries = _entries(dialect, names, code, before[: found.start()] if found else "", qualifier)
    begin = word.lstrip('"').lower()
    items = [
        Completion(_written(entry, word), entry.kind, entry.detail)
        for entry in entries
        if entry.name.lower().startswith(begin)
    ]
    return Completions(start, cursor_pos, list(dict.fromkeys(items))[:_MOST])


def inspect(names: Catalogue, code: str, cursor_pos: int) -> Mapping[str, str]:
    """A table's columns, a column's type, a function's parameters; empty when nothing is known."""
    word = _word_at(code, cursor_pos).lower()
    for entry in names.of_kind("table"):
        if entry.name.lower() == word:
            return _table(names, entry)
    lines = [
        f"{e.parent}.{e.name} {e.detail}".strip() if e.kind == "column" else f"{e.name}({e.detail})"
        for e in names.of_kind("column", "function")
        if e.name.lower() == word
    ]
    if not lines:
        return {}
    return {"text/plain": "\n".join(lines) + "\n"}


def keywords_at(names: Catalogue, code: str, cursor_pos: int) -> list[str]:
    """The keyword at the cursor, with up to two words behind it that are keywords, too."""
    start = cursor_pos - len(_word_before(code, cursor_pos))
    known = {entry.name for entry in names.of_kind("keyword")}
    words: list[str] = []
    for word in re.findall(r"[^\W\d]\w*", code[start : start + 200])[:3]:
        if word.upper() not in known:
            break
        words.append(word.upper())
    return words


def _entries(
    dialect: Dialect, names: Catalogue, code: str, before: str, qualifier: str | None
) -> list[Entry]:
    """What may stand at the cursor, the likeliest first."""
    tables = _tables(code)
    if qualifier is not None:
        table = tables.get(qualifier.lower(), qualifier)
        # Behind a schema any table may follow.
        return names.columns_of(table) or list(names.of_kind("table"))
    if _NEEDS_TABLE.search(before):
        return [*names.of_kind("table"), *names.of_kind("schema", "function")]
    here = [entry for table in dict.fromkeys(tables.values()) for entry in names.columns_of(table)]
    keywords = [Entry("keyword", word, "", "") for word in dialect.keywords]
    others = [] if here else list(names.of_kind("column"))
    rest = sorted(names.of_kind("table", "schema", "function", "keyword"), key=_order)
    return [*here, *others, *keywords, *rest]


def _order(entry: Entry) -> int:
    return _ORDER.get(entry.kind, len(_ORDER))


def _tables(code: str) -> dict[str, str]:
    """Tables that the code names, by their short names and their own, in lower case."""
    found: dict[str, str] = {}
    for written, short in _TABLE.findall(code):
        name = written.strip('"')
        found[name.lower()] = name
        if short:
            found[short.strip('"').lower()] = name
    return found


def _written(entry: Entry, typed: str) -> str:
    """The name as it is to stand in code."""
    if entry.kind == "keyword":
        return entry.name if typed[:1].isupper() else entry.name.lower()
    if entry.kind == "function" or (not typed.startswith('"') and _is_plain(entry.name)):
        return entry.name
    return '"' + entry.name.replace('"', '""') + '"'


def _is_plain(name: str) -> bool:
    return _PLAIN_NAME.fullmatch(name) is not None


def _word_before(code: str, cursor_pos: int) -> str:
    found = re.search(r"[\w$]*\Z", code[:cursor_pos])
    return found[0] if found else ""


def _word_at(code: str, cursor_pos: int) -> str:
    after = _WORD_AFTER.match(code, cursor_pos)
    return _word_before(code, cursor_pos) + (after[0] if after else "")


def _table(names: Catalogue, entry: Entry) -> Mapping[str, str]:
    columns = names.columns_of(entry.name)
    width = max((len(column.name) for column in columns), default=0)
    plain = [f"{entry.detail or 'table'} {entry.name}"]
    plain += [f"  {column.name:<{width}}  {column.detail}".rstrip() for column in columns]
    rows = "".join(
        f"<tr><td>{html.escape(column.name)}</td><td>{html.escape(column.detail)}</td></tr>"
        for column in columns
    )
    head = f"<p><strong>{html.escape(plain[0])}</strong></p>"
    return {"text/plain": "\n".join(plain) + "\n", "text/html": f"{head}<table>{rows}</table>"}
