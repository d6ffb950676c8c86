"""What to connect to, with the password apart, so that it is never shown or saved."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_SCHEME = re.compile(r"([a-z][a-z0-9+]+):", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"://[^/@\s]*:[^@\s]+@")
_KEYWORD_PASSWORD = re.compile(r"\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)
# CREATE ROLE x PASSWORD 'y', and secrets of DuckDB.
_SQL_PASSWORD = re.compile(
    r"\b(?:PASSWORD|SECRET|TOKEN)\s+'|\bCREATE\b[^;]*\bSECRET\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Connection:
    """target: a URL, a file, or a libpq string, without the password; "" for the default."""

    target: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Connection({self.target!r})"


def parse(text: str, schemes: Sequence[str]) -> Connection:
    """What the user gave. Raises ValueError when it is a URL of something else."""
    text = text.strip()
    scheme = _SCHEME.match(text)
    # One letter would be a drive.
    if scheme and scheme[1].lower().partition("+")[0] not in schemes:
        raise ValueError(f"this kernel takes {schemes[0]}: URLs, and not {scheme[1]}:")
    if scheme and "://" in text:
        return _url(text)
    if found := _KEYWORD_PASSWORD.search(text):
        password = re.sub(r"\\(.)", r"\1", found[1].strip("'"))
        return Connection(_KEYWORD_PASSWORD.sub("", text).strip(), password)
    return Connection(text[scheme.end() :] if scheme else text)


def from_environment(environment: Mapping[str, str], schemes: Sequence[str]) -> Connection:
    """What DATABASE_URL says, where it is of this kind."""
    try:
        return parse(environment.get("DATABASE_URL", ""), schemes)
    except ValueError:
        return Connection()


def holds_secret(code: str) -> bool:
    """Whether a password stands in the cell, in a URL, a libpq string or a statement."""
    return any(
        pattern.search(code) for pattern in (_URL_PASSWORD, _KEYWORD_PASSWORD, _SQL_PASSWORD)
    )


def file_of(target: str) -> str:
    """The path that a URL such as sqlite:///path names, or the target itself."""
    _, found, path = target.partition("://")
    if not found:
        return target
    # Three slashes are for a relative path, four for an absolute one, as in SQLAlchemy.
    return unquote(path.partition("?")[0].removeprefix("/"))


def _url(text: str) -> Connection:
    parts = urlsplit(text)
    name, at, host = parts.netloc.rpartition("@")
    user, _, password = name.partition(":")
    query = parse_qsl(parts.query, keep_blank_values=True)
    for key, value in query:
        if key.lower() == "password":
            password = value
    kept = urlencode([pair for pair in query if pair[0].lower() != "password"])
    scheme = parts.scheme.partition("+")[0]
    # Not by urlunsplit, which drops the empty host of sqlite:///path.
    rest = parts.path + (f"?{kept}" if kept else "")
    return Connection(f"{scheme}://{user}{at}{host}{rest}", unquote(password))
