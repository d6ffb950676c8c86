"""A language's TOML file, checked. The schema is the dataclasses of `drivers.description`."""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomllib

from mykernel.drivers import description
from mykernel.drivers.description import Description
from mykernel.errors import MykernelError

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_KEY = re.compile(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=\s*(.*)""")
_PLACE = re.compile(r"\{[a-z_]+\}")
_TEXT_OF = {
    bool: "true or false",
    str: "a string",
    tuple: "a list of strings",
    Mapping: "a table",
}


class BadDescription(MykernelError):
    """A language's file does not say what it should.

    path, line: where, from 1; 0 for what the file lacks. key: as in TOML, "cell.run", or "".
    """

    def __init__(self, path: Path, line: int, key: str, reason: str) -> None:
        self.path = path
        self.line = line
        self.key = key
        self.reason = reason
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{where}: {key}: {reason}" if key else f"{where}: {reason}")


class _Wrong(Exception):
    """key, reason: as in `BadDescription`, for which the line has yet to be found."""

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        self.reason = reason


def read(path: Path) -> Description:
    """What the file says. Raises `BadDescription`."""
    try:
        text = path.read_text(encoding="utf-8")
        said = tomllib.loads(text)
    except OSError as error:
        raise BadDescription(path, 0, "", f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadDescription(path, 0, "", "it is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        reason, line = _told(str(error))
        raise BadDescription(path, line or text.count("\n") + 1, "", reason) from error
    try:
        about: Description = _value(Description, said, "")
        _check(about)
    except _Wrong as wrong:
        line = _lines(text).get(wrong.key, 0)
        raise BadDescription(path, line, wrong.key, wrong.reason) from None
    return about


def _told(message: str) -> tuple[str, int]:
    """tomllib has the line in its message alone."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column \d+\)", message, re.DOTALL)
    return (found[1], int(found[2])) if found else (message, 0)


def _value(wanted: Any, value: Any, key: str) -> Any:
    """The value as what the schema wants of it. Raises `_Wrong`."""
    if dataclasses.is_dataclass(wanted):
        return _table(wanted, value, key)
    if isinstance(wanted, types.UnionType):  # a table that may be left out
        return _value(next(t for t in wanted.__args__ if t is not type(None)), value, key)
    kind = typing.get_origin(wanted) or wanted
    inner = typing.get_args(wanted)
    if kind is tuple and isinstance(value, list):
        return tuple(_value(inner[0], item, key) for item in value)
    if kind is Mapping and isinstance(value, dict):
        return {k: _value(inner[1], item, f"{key}.{k}") for k, item in value.items()}
    if kind is Any or (kind in (str, bool) and type(value) is kind):
        return value
    raise _Wrong(key, f"{_TEXT_OF.get(kind, kind)} is wanted, not {value!r}")


def _table(wanted: Any, value: Any, key: str) -> Any:
    if not isinstance(value, dict):
        raise _Wrong(key, f"a table is wanted, not {value!r}")
    fields = {field.name: field for field in dataclasses.fields(wanted)}
    hints = typing.get_type_hints(wanted, vars(description))
    for name in value:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; there is: {', '.join(fields)}"
            raise _Wrong(_joined(key, name), f"there is no such key{hint}")
    for name, field in fields.items():
        needed = field.default is field.default_factory is dataclasses.MISSING
        if needed and name not in value:
            raise _Wrong(key, f"the key {name} is missing" + (f" in [{key}]" if key else ""))
    return wanted(**{n: _value(hints[n], v, _joined(key, n)) for n, v in value.items()})


def _joined(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _check(about: Description) -> None:
    """What a type does not tell. Raises `_Wrong`."""
    if not _NAME.fullmatch(about.name):
        raise _Wrong("name", "it begins with a-z, and holds a-z, 0-9, - and _ alone")
    for key in ("programs", "packages"):
        if not getattr(about.toolchain, key):
            raise _Wrong(f"toolchain.{key}", "it is empty")
    for key, allowed in (("leader", ("%", "#%")), ("shell", ("", "!"))):
        if getattr(about.directives, key) not in allowed:
            wanted = " or ".join(f'"{one}"' for one in allowed)
            raise _Wrong(f"directives.{key}", f"it is {wanted}")
    for key in ("cd", "setenv"):
        code = getattr(about.directives, key)
        if code and "{path}" not in code:
            raise _Wrong(f"directives.{key}", "{path} is missing in it")
    if not about.start.argv:
        raise _Wrong("start.argv", "it is empty")
    for name in about.start.files:
        if "/" in name:
            raise _Wrong(f"start.files.{name}", "a plain file name is wanted, without a folder")
    for key, text, places, more in _lines_with_places(about):
        _check_places(key, text, places, more)
    if about.prompt is not None and not about.prompt.texts:
        raise _Wrong("prompt.texts", 'it is empty; a program that shows no prompt has [""]')
    for key, pattern, groups in _patterns(about):
        try:
            found = re.compile(pattern.replace("{cell}", "x"))
        except re.error as error:
            raise _Wrong(key, f"this is no regular expression: {error}") from None
        if found.groups < groups:
            raise _Wrong(key, "the regular expression has no group, as in (...)")


def _lines_with_places(about: Description) -> Iterator[tuple[str, str, set[str], set[str]]]:
    """key, text, the places that must be in it, and those that may be."""
    session = {"{folder}", "{nonce}"}
    if about.prompt is None:
        yield "cell.run", about.cell.run, {"{i}", "{path}"}, {"{content}", *session}
    else:
        yield "cell.run", about.cell.run, {"{i}"}, {"{path}", "{content}", *session}
        yield "prompt.run", about.prompt.run, {"{i}"}, session
    for key in ("completion", "inspection", "completeness"):
        if (how := getattr(about, key)) is not None:
            yield f"{key}.run", how.run, {"{i}", "{path}"}, session


def _check_places(key: str, text: str, places: set[str], more: set[str]) -> None:
    if "\n" in text:
        raise _Wrong(key, "it is one line that is typed; what is longer goes to start.files")
    found = set(_PLACE.findall(text))
    for place in sorted(places - found):
        raise _Wrong(key, f"{place} is missing in it")
    for place in sorted(found - places - more):
        known = ", ".join(sorted(places | more))
        raise _Wrong(key, f"there is no place {place}; there is: {known}")


def _patterns(about: Description) -> Iterator[tuple[str, str, int]]:
    """key, regular expression, and how many groups it must have at least."""
    yield "toolchain.version_pattern", about.toolchain.version_pattern, 1
    yield "failure.pattern", about.failure.pattern, 0
    yield "failure.sign", about.failure.sign, 0
    yield "failure.line", about.failure.line, 1
    for key in ("completion", "inspection"):
        if (how := getattr(about, key)) is not None:
            yield f"{key}.token", how.token, 0


def _lines(text: str) -> dict[str, int]:
    """The line, from 1, of each table and key. tomllib does not tell; this skims the text.

    Keys are those that begin a line. What stands in a string of several lines is passed over.
    """
    found: dict[str, int] = {}
    table, closing = "", ""
    for number, line in enumerate(text.split("\n"), 1):
        if closing:
            if closing in line:
                closing = ""
            continue
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = header[1].replace('"', "").replace("'", "")
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[1].replace('"', "").replace("'", "")
            found.setdefault(_joined(table, name), number)
            quotes = key[2][:3]
            if quotes in ('"""', "'''") and quotes not in key[2][3:]:
                closing = quotes
    return found
