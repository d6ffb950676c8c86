"""The languages, by name. A new one is one line here, or an entry point `mykernel.languages`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from mykernel.contract import Language
from mykernel.errors import UnknownLanguage

_SHIPPED = {
    "bash": "mykernel.languages.bash",
}


def names() -> list[str]:
    """The names of all languages, shipped ones first."""
    return [*_SHIPPED, *(p.name for p in entry_points(group="mykernel.languages"))]


def language(name: str) -> Language:
    """The language of that name. Raises `UnknownLanguage`."""
    if module := _SHIPPED.get(name):
        return _checked(name, import_module(module).LANGUAGE)
    for point in entry_points(group="mykernel.languages", name=name):
        return _checked(name, point.load())
    raise UnknownLanguage(name, names())


def _checked(name: str, value: object) -> Language:
    if not isinstance(value, Language):
        raise TypeError(f"the entry for language {name!r} is not a mykernel.contract.Language")
    return value
