"""What a kernel can be told when it is started, the same for `install` and for `kernel`.

An option is a field of `KernelOptions`: its name and type make the command line's option,
and `words` turns those that were given back into a command line, for a kernelspec's argv.
"""

from __future__ import annotations

import argparse
import difflib
import re
import shlex
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

# What a yes or no may be called.
_TRUTHS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
# Between the user's name and the host, or as a parameter.
_PASSWORD = re.compile(r"://[^/@\s]*:[^@\s]*@|\bpassword\s*=", re.IGNORECASE)


def _option(default: Any, text: str, metavar: str | None = None, least: int = 0) -> Any:
    return field(default=default, metadata={"help": text, "metavar": metavar, "least": least})


@dataclass(frozen=True, slots=True)
class KernelOptions:
    """Sizes are in character cells; of the limits, 0 is for none.

    output_limit: in code points. cell_timeout: in seconds. memory_limit: in 1,000,000 bytes.
    """

    startup_files: bool = _option(True, "do not read files such as ~/.bashrc")
    rows: int = _option(24, "the terminal's height (24)", "N", least=1)
    columns: int = _option(80, "the terminal's width (80)", "N", least=1)
    output_limit: int = _option(
        500_000,
        "characters of a cell's output beyond which its middle goes to a file, where the front"
        " end is a person's and not a batch run's; 0 for no limit (500000)",
        "N",
    )
    cell_timeout: int = _option(
        0, "seconds after which a cell is interrupted; 0 for no limit (0)", "N"
    )
    memory_limit: int = _option(
        0, "MB that all the session's processes together may use; 0 for no limit (0)", "N"
    )
    process_limit: int = _option(
        0, "processes that the session may run at a time; 0 for no limit (0)", "N"
    )
    merge_stderr: bool = _option(
        False, "show stderr as stdout, which keeps the exact order between the two"
    )
    launcher: tuple[str, ...] = _option(
        (),
        "run the language by this command, elsewhere or confined: 'ssh host', 'docker exec -it"
        " NAME', 'kubectl exec -it POD --', 'sudo -u NAME'",
        "COMMAND",
    )
    database: str = _option(
        "",
        "what a database language connects to: a URL without a password, or a file",
        "URL",
    )
    row_limit: int = _option(1000, "rows of a result table that are shown; 0 for all (1000)", "N")


def add_to(parser: argparse._ActionsContainer) -> None:
    """Let a command line have the kernel's options."""
    for one in fields(KernelOptions):
        if isinstance(one.default, bool):
            parser.add_argument(
                _flag(one), dest=one.name, action="store_const", const=not one.default,
                default=one.default, help=one.metadata["help"],
            )  # fmt: skip
        else:
            parser.add_argument(
                _flag(one), dest=one.name, default=one.default, type=_type(one),
                help=one.metadata["help"], metavar=one.metadata["metavar"],
            )  # fmt: skip


def given(arguments: argparse.Namespace) -> KernelOptions:
    """The options out of a parsed command line."""
    return KernelOptions(
        **{one.name: getattr(arguments, one.name) for one in fields(KernelOptions)}
    )


def words(options: KernelOptions) -> list[str]:
    """A command line that gives these options; those at their defaults are left out."""
    line: list[str] = []
    for one in fields(KernelOptions):
        value = getattr(options, one.name)
        if value != one.default:
            # In one word: a value of its own might begin with a dash.
            text = shlex.join(value) if isinstance(value, tuple) else str(value)
            line.append(_flag(one) if isinstance(value, bool) else f"{_flag(one)}={text}")
    return line


# Those that a session need not know of.
LIVE = ("cell_timeout", "output_limit")


def changed(options: KernelOptions, name: str, text: str) -> KernelOptions:
    """The options with one of them as the text says. Raises ValueError that tells what can be."""
    known = {one.name: one for one in fields(KernelOptions)}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(known)}"
        raise ValueError(f"there is no option {name}; {hint}")
    one = known[name]
    try:
        value: Any = _truth(text) if isinstance(one.default, bool) else _type(one)(text)
    except argparse.ArgumentTypeError as e:
        raise ValueError(f"{name}: {e}") from e
    return replace(options, **{name: value})


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return _TRUTHS[text.lower()]


def _flag(one: Field[Any]) -> str:
    return ("--no-" if one.default is True else "--") + one.name.replace("_", "-")


def _type(one: Field[Any]) -> Callable[[str], Any]:
    if isinstance(one.default, str):
        return _without_password
    return _command if isinstance(one.default, tuple) else _at_least(one.metadata["least"])


def _without_password(text: str) -> str:
    """Everybody may read a command line and a kernelspec."""
    if _PASSWORD.search(text):
        raise argparse.ArgumentTypeError(
            "a password does not belong here: put it into ~/.pgpass, PGPASSWORD or DATABASE_URL"
        )
    return text


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} up")
        return int(text)

    return number


def _command(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as e:
        raise argparse.ArgumentTypeError(f"{text!r} cannot be split into words: {e}") from None
