"""The languages, by name.

A new one is a TOML file in `repl`, or one line here, or an entry point `mykernel.languages`, or a
TOML file of the user's own.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from mykernel.contract import Language
from mykernel.errors import UnknownLanguage
from mykernel.languages import repl

_SHIPPED = {
    "bash": "mykernel.languages.bash",
    "go": "mykernel.languages.go",
    "java": "mykernel.languages.java",
    "javascript": "mykernel.languages.javascript",
    "typescript": "mykernel.languages.javascript.typescript",
    "duckdb": "mykernel.languages.sql.duckdb",
    "postgresql": "mykernel.languages.sql.postgresql",
    "sqlite": "mykernel.languages.sql.sqlite",
}


def names() -> list[str]:
    """The names of all languages, shipped ones first."""
    third_party = (point.name for point in entry_points(group="mykernel.languages"))
    return list(dict.fromkeys([*_SHIPPED, *repl.shipped(), *third_party, *repl.own()]))


def installed_unasked() -> list[str]:
    """The names of those that `install` takes when none is named.

    Of those that come with mykernel, Bash: the others' interpreters (Node.js, Perl, bc) are on most
    machines, and a dozen kernels that nobody asked for make the launcher a haystack.
    """
    asked_for = {*_SHIPPED, *repl.shipped()} - {"bash"}
    return [name for name in names() if name not in asked_for or name in repl.own()]


def language(name: str) -> Language:
    """The language of that name, or described by the file of that path, which ends in .toml.

    A file of the user's own comes before what is shipped under its name. Raises
    `UnknownLanguage`, and `repl.schema.BadDescription` for a file that is wrong.
    """
    if name.endswith(".toml"):
        path = Path(name).absolute()
        return repl.load(path, reference=str(path))
    if own := repl.own().get(name):
        return repl.load(own, reference=str(own))
    if module := _SHIPPED.get(name):
        return _checked(name, import_module(module).LANGUAGE)
    if shipped := repl.shipped().get(name):
        return repl.load(shipped)
    for point in entry_points(group="mykernel.languages", name=name):
        return _checked(name, point.load())
    raise UnknownLanguage(name, names())


def _checked(name: str, value: object) -> Language:
    if not isinstance(value, Language):
        raise TypeError(f"the entry for language {name!r} is not a mykernel.contract.Language")
    return value
