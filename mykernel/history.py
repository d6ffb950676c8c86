"""History of cells across sessions, in a small SQLite file.

`do_history` of the messaging protocol: "tail", "range" and "search", with (session,
line, input) rows; session numbers and line numbers count from 1, and session 0 or a
negative number in "range" counts back from the current one.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html#history
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

log = logging.getLogger(__name__)

Row = tuple[int, int, str]

_SCHEMA = """
create table if not exists sessions (
    session integer primary key autoincrement, language text not null, started text not null);
create table if not exists cells (
    session integer not null, line integer not null, source text not null,
    primary key (session, line));
"""


class History:
    """One session's view of the history of its language.

    Where the file cannot be used (a full disk, no permission, another format), the
    history lives in memory, and a warning in the log says so.
    """

    def __init__(self, language: str, path: Path | None = None) -> None:
        self._language = language
        self._session = 0
        try:
            self._db = _open(path or default_path())
            self._begin()
        except (sqlite3.Error, OSError) as e:
            log.warning("history is kept in memory only: %s", e)
            self._fall_back()

    def _begin(self) -> None:
        row = self._db.execute(
            "insert into sessions (language, started) values (?, datetime('now'))",
            [self._language],
        )
        self._session = row.lastrowid or 1
        self._db.commit()

    def _fall_back(self) -> None:
        session = self._session
        self._db = _open(None)
        self._begin()
        self._session = session or self._session

    def add(self, line: int, source: str) -> None:
        """Remember a cell under its execution count."""
        try:
            self._insert(line, source)
        except sqlite3.Error as e:
            log.warning("history is kept in memory only from here on: %s", e)
            self._fall_back()
            self._insert(line, source)

    def _insert(self, line: int, source: str) -> None:
        self._db.execute(
            "insert or replace into cells values (?, ?, ?)",
            [self._session, line, source.encode("utf-8", "replace").decode()],
        )
        self._db.commit()

    def tail(self, n: int) -> list[Row]:
        """The last n cells of the language, oldest first."""
        rows = self._select("1", [], "session desc, line desc", n)
        return rows[::-1]

    def range(self, session: int, start: int, stop: int | None) -> list[Row]:
        """Lines start to stop (not included; None: all) of one session."""
        number = session if session > 0 else self._nth_back(-session)
        where, values = "session = ? and line >= ?", [number, start]
        if stop is not None:
            where, values = where + " and line < ?", [*values, stop]
        return self._select(where, values, "line", -1)

    def search(self, pattern: str, n: int | None, unique: bool) -> list[Row]:
        """The last n cells whose whole source matches a glob pattern, oldest first."""
        where = "source glob ?"
        if unique:
            where += (
                " and not exists (select 1 from cells later join sessions s using (session)"
                " where s.language = sessions.language and later.source = cells.source"
                " and (later.session, later.line) > (cells.session, cells.line))"
            )
        rows = self._select(where, [pattern], "session desc, line desc", -1 if n is None else n)
        return rows[::-1]

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    def _nth_back(self, back: int) -> int:
        row = self._db.execute(
            "select session from sessions where language = ? and session <= ?"
            " order by session desc limit 1 offset ?",
            [self._language, self._session, back],
        ).fetchone()
        return int(row[0]) if row else 0

    def _select(self, where: str, values: Sequence[object], order: str, limit: int) -> list[Row]:
        try:
            # Only our own words stand in where and order.
            return self._db.execute(
                "select cells.session, line, source from cells join sessions using (session)"  # noqa: S608
                f" where language = ? and {where} order by {order} limit ?",
                [self._language, *values, limit],
            ).fetchall()
        except sqlite3.Error as e:
            log.warning("history could not be read: %s", e)
            return []


def default_path() -> Path:
    """The history file in the user's Jupyter data folder."""
    return Path(jupyter_data_dir()) / "mykernel" / "history.sqlite"


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # Several kernels share the file: wait for each other's short writes, but not for long.
    db = sqlite3.connect(path or ":memory:", timeout=0.5)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = off")
    db.executescript(_SCHEMA)
    return db
