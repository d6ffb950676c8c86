"""Parameters as Go source."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from papermill import translators
from papermill.models import Parameter

from mykernel.papermill.parameters import BadParameter

# Source: The Go Programming Language Specification, "Keywords".
_KEYWORDS = frozenset(
    """break case chan const continue default defer else fallthrough for func go goto if import
    interface map package range return select struct switch type var""".split()  # noqa: SIM905
)
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_STRING = r'"(?:[^"\\\n]|\\.)*" | `[^`]*` | \'(?:[^\'\\\n]|\\.)+\''
_DEFINITION = re.compile(
    rf"""^[ \t]*(?:var[ \t]+)?(?P<name>[^\W\d]\w*)(?:[ \t]+(?P<type>[^=:\n]+?))?[ \t]*:?=[ \t]*
    (?P<value>(?: {_STRING} | (?!//)[^"`\'\n] )*?)
    [ \t]*;?[ \t]*(?://[ \t]*(?P<help>[^\n]*))?$""",
    re.VERBOSE | re.MULTILINE,
)
_INT = range(-(1 << 63), 1 << 63)


class GoTranslator(translators.Translator):  # type: ignore[misc]
    """Values as Go source, each as a variable that the cells below may read and set.

    A list whose elements have one type is a slice of that, a dictionary a map from strings; what
    is mixed holds `any`, and None is a nil `any`. 2 is an int also where the notebook's own value
    is a float64; 2.0 is one.
    """

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        """The source of the injected cell. Raises `BadParameter`."""
        lines = [cls.comment(comment)]
        for name, value in parameters.items():
            _check_name(name)
            try:
                lines.append(f"var {name} {_type(value)} = {cls.translate(value)}")
            except BadParameter as error:
                raise BadParameter(name, error.reason) from None
        return "\n".join(lines) + "\n"

    @classmethod
    def comment(cls, cmt_str: str) -> str:
        """Every line of the text as a comment."""
        return "\n".join(f"// {line}".strip() for line in cmt_str.splitlines()) or "//"

    @classmethod
    def translate(cls, val: Any) -> str:
        """An expression of the type that `val` becomes. Raises `BadParameter`."""
        return _expression(val, _type(val))

    @classmethod
    def inspect(cls, parameters_cell: Mapping[str, Any]) -> list[Any]:
        """The parameters of a cell's `name := value // help` lines, as papermill's `Parameter`.

        default: the value's source, as it stands in the cell.
        """
        return [
            Parameter(
                name=found["name"],
                inferred_type_name=found["type"] or "None",
                default=found["value"],
                help=(found["help"] or "").strip(),
            )
            for found in _DEFINITION.finditer(parameters_cell["source"])
        ]


def _type(value: Any) -> str:
    match value:
        case None:
            return "any"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case dict():
            return f"map[string]{_common(value.values())}"
        case list() | tuple():
            return f"[]{_common(value)}"
    return "string"


def _common(values: Iterable[Any]) -> str:
    """The type that all of these can have."""
    types = {_type(value) for value in values}
    if types == {"int", "float64"}:
        return "float64"
    return types.pop() if len(types) == 1 else "any"


def _expression(value: Any, of: str) -> str:
    """The value as an expression of that type."""
    match value:
        case None:
            return "nil"
        case bool():
            return str(value).lower()
        case int():
            if value not in _INT:
                raise BadParameter("", "does not fit into an int, which has 64 bits")
            return f"{value}.0" if of == "float64" else str(value)
        case float():
            return _float(value)
        case dict():
            inner = of.removeprefix("map[string]")
            pairs = (f"{quote(str(key))}: {_inner(one, inner)}" for key, one in value.items())
            return f"{of}{{{', '.join(pairs)}}}"
        case list() | tuple():
            inner = of.removeprefix("[]")
            return f"{of}{{{', '.join(_inner(one, inner) for one in value)}}}"
    return quote(str(value))


def _inner(value: Any, of: str) -> str:
    return _expression(value, _type(value) if of == "any" else of)


def _float(value: float) -> str:
    if math.isnan(value):
        return "math.NaN()"
    if math.isinf(value):
        return f"math.Inf({1 if value > 0 else -1})"
    # Go folds a constant -0.0 into 0.
    if value == 0 and math.copysign(1, value) < 0:
        return "math.Copysign(0, -1)"
    return repr(value)


def quote(text: str) -> str:
    """The text as an interpreted string literal, on one line.

    Raises `BadParameter` for half a surrogate pair, which UTF-8 cannot hold.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadParameter("", "contains half a surrogate pair, which UTF-8 cannot hold")
    # JSON's escapes are Go's. A byte order mark is refused in Go's source.
    return json.dumps(text, ensure_ascii=False).replace("\ufeff", "\\ufeff")


def _check_name(name: str) -> None:
    if not _IDENTIFIER.fullmatch(name) or name == "_":
        raise BadParameter(
            name, "is no name for a Go variable: letters, digits and _, no digit first"
        )
    if name in _KEYWORDS:
        raise BadParameter(name, "is a keyword of Go; choose another name")
