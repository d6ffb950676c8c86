"""Parameters as Bash source."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from papermill import translators
from papermill.models import Parameter

from mykernel.papermill.parameters import BadParameter

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Read-only ones fail the cell; the others take an assignment and ignore it (bash(1), "Shell
# Variables").
_READ_ONLY = {"UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO"}
_KEPT_BY_BASH = _READ_ONLY | {"BASHPID", "FUNCNAME", "GROUPS", "_"}

_ESCAPES = {"\\": r"\\", "'": r"\'", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\x1b": r"\e"}

_QUOTED = r"""'[^']*' | "(?:\\.|[^"\\])*" | \\."""

_ASSIGNMENT = re.compile(
    rf"""^[ \t]*
    (?:(?:declare|export|typeset)[ \t]+(?P<flags>(?:-[A-Za-z]+[ \t]+)*))?
    (?P<name>[A-Za-z_][A-Za-z0-9_]*)=
    (?P<value>(?:
        \((?: {_QUOTED} | \((?: {_QUOTED} | [^()'"\\])*\) | [^()'"\\] )*\)
        | \$'(?:\\.|[^'\\])*' | \$(?!') | {_QUOTED} | [^\s()'"\\;\#$]
    )*)
    [ \t]*;?[ \t]*(?:\#[ \t]*(?P<help>[^\n]*))?$""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


class BashTranslator(translators.Translator):  # type: ignore[misc]
    """Values as Bash source. Text stays text: nothing in it is expanded or run.

    None is the empty string. Booleans are `true` and `false`. A list is an indexed array, a
    dictionary an associative one (Bash 4 or later), and what is nested deeper is JSON text.
    """

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        """The source of the injected cell. Raises `BadParameter`."""
        lines = [cls.comment(comment)]
        for name in parameters:
            _check_name(name)
        if texts := [name for name, value in parameters.items() if _is_text(value)]:
            # Where the notebook says `declare -i n`, Bash would compute the text, and
            # computing `a[$(command)]` runs the command.
            lines.append(f"declare +i {' '.join(texts)}  # plain text, not arithmetic")
        lines += (cls._assignment(name, value) for name, value in parameters.items())
        return "\n".join(lines) + "\n"

    @classmethod
    def _assignment(cls, name: str, value: Any) -> str:
        try:
            source = cls.translate(value)
        except BadParameter as error:
            raise BadParameter(name, error.reason) from None
        if value is None:
            return cls.assign(name, source) + "  # None"
        if isinstance(value, dict):
            return f"unset -v {name}; declare -A {cls.assign(name, source)}"
        if isinstance(value, list | tuple):
            return f"unset -v {name}; {cls.assign(name, source)}"
        return cls.assign(name, source)

    @classmethod
    def assign(cls, name: str, str_val: str) -> str:
        """A plain assignment. str_val: Bash source."""
        return f"{name}={str_val}"

    @classmethod
    def comment(cls, cmt_str: str) -> str:
        """Every line of the text as a comment."""
        return "\n".join(f"# {line}".strip() for line in cmt_str.splitlines()) or "#"

    @classmethod
    def translate(cls, val: Any) -> str:
        """The right side of an assignment. Raises `BadParameter`."""
        if isinstance(val, dict):
            return cls.translate_dict(val)
        if isinstance(val, list | tuple):
            return cls.translate_list(val)
        return quote(_text(val))

    @classmethod
    def translate_list(cls, val: Iterable[Any]) -> str:
        """`(one 'and two')`."""
        return f"({' '.join(quote(_element(item)) for item in val)})"

    @classmethod
    def translate_dict(cls, val: Mapping[Any, Any]) -> str:
        """`(['key']=value)`. Raises `BadParameter` for an empty key, which Bash has not."""
        keys = [_text(key) for key in val]
        if "" in keys:
            raise BadParameter("", "has an empty key; Bash wants one character at least")
        pairs = zip(keys, val.values(), strict=True)
        return f"({' '.join(f'[{quote(key)}]={quote(_element(item))}' for key, item in pairs)})"

    @classmethod
    def inspect(cls, parameters_cell: Mapping[str, Any]) -> list[Any]:
        """The parameters of a cell's `name=value  # help` lines, as papermill's `Parameter`.

        default: the value's source, as it stands in the cell.
        """
        return [
            Parameter(
                name=found["name"],
                inferred_type_name=_type_name(found["flags"] or "", found["value"]),
                default=found["value"],
                help=(found["help"] or "").strip(),
            )
            for found in _ASSIGNMENT.finditer(parameters_cell["source"])
        ]


def quote(text: str) -> str:
    """The text as one Bash word, on one line.

    Raises `BadParameter` for NUL and for half a surrogate pair, which Bash cannot hold.
    """
    if "\0" in text:
        raise BadParameter("", "contains a NUL character, which Bash cannot hold")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadParameter("", "contains half a surrogate pair, which UTF-8 cannot hold")
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{''.join(map(_escape, text))}'"


def _escape(character: str) -> str:
    if escaped := _ESCAPES.get(character):
        return escaped
    if character.isprintable():
        return character
    # Bytes, since \u means nothing in the C locale. Octal, which ends after three digits.
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _element(value: Any) -> str:
    if not isinstance(value, dict | list | tuple):
        return _text(value)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError) as error:
        raise BadParameter("", f"is nested and has no form in JSON: {error}") from error


def _is_text(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, int | dict | list | tuple)


def _check_name(name: str) -> None:
    if not _IDENTIFIER.fullmatch(name):
        raise BadParameter(
            name, "is no name for a Bash variable: letters, digits and _, no digit first"
        )
    if name in _KEPT_BY_BASH:
        raise BadParameter(name, "is a variable that Bash keeps for itself; choose another name")


def _type_name(flags: str, value: str) -> str:
    if "A" in flags:
        return "associative array"
    if "a" in flags or value.startswith("("):
        return "array"
    if "i" in flags or re.fullmatch(r"-?[0-9]+", value):
        return "integer"
    return "text"
