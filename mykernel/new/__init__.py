"""`python -m mykernel new`: look into a REPL, and write a first TOML file for it."""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mykernel.contract import Cell, Failed, Language, Ok, Outcome, SessionOptions
from mykernel.drivers.outputs import Unseen
from mykernel.drivers.programs import said
from mykernel.drivers.repl import inherited
from mykernel.errors import ChildNotStarted, MykernelError
from mykernel.languages.repl import load
from mykernel.new import candidates, toml
from mykernel.new.search import Findings, NotUnderstood, Search

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_TIMEOUT = 5.0


def main(argv: Sequence[str]) -> int:
    """Run the command line. Returns 0 when the file is written and a cell works with it, else 1.

    argv: the arguments after `new`. Raises SystemExit with 2 when they make no sense.
    """
    arguments = list(argv)
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[cut + 1 :]
    parser = _parser()
    asked = parser.parse_args(arguments[:cut])
    if not command:
        parser.error("the command that starts the REPL comes behind --, as in: -- lua5.4 -i")
    if not _NAME.fullmatch(asked.name):
        parser.error(f"{asked.name!r}: a name begins with a-z, and holds a-z, 0-9, - and _ alone")
    if asked.print and "{text}" not in asked.print:
        parser.error("--print: the line has {text} where the text to print stands")
    target = Path(f"{asked.name}.toml")
    if target.exists():
        return _fail(f"{target} exists; take it away, or choose another name")
    program = shutil.which(command[0])
    if program is None:
        return _fail(f"{command[0]} was not found on PATH; is it installed, or spelt otherwise?")
    try:
        found = asyncio.run(_look([program, *command[1:]], asked.print))
    except (ChildNotStarted, NotUnderstood) as error:
        return _fail(f"{command[0]}: {error}")
    about = toml.Subject(
        asked.name, _on_path(program), command[1:], _version(program), _packages(program)
    )
    target.write_text(toml.compose(about, found), encoding="utf-8")
    return _report(target, found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mykernel new",
        usage="%(prog)s [-h] [--print LINE] NAME -- COMMAND [ARGUMENT ...]",
        description="Start a REPL, find out by trial how it is driven, and write NAME.toml, a first"
        " description of the language, into the current folder. What is typed prints text, loads a"
        " file, or is wrong on purpose; that much it runs.",
        epilog="Exit status: 0 when the file is written and a cell works with it, 1 when not, 2 for"
        " a command line that makes no sense.",
    )
    parser.add_argument("name", metavar="NAME", help="the language's name, such as mylang")
    parser.add_argument(
        "--print",
        metavar="LINE",
        default="",
        help="how the REPL prints a text, such as 'say \"{text}\"', where that is not found",
    )
    return parser


def _fail(reason: str) -> int:
    print(f"mykernel new: {reason}", file=sys.stderr)
    return 1


async def _look(argv: Sequence[str], line: str) -> Findings:
    def tell(finding: str) -> None:
        print(f"  {finding}", flush=True)

    print(f"Trying {' '.join(argv)}; this takes some seconds.", flush=True)
    return await Search(argv, {**inherited(), **candidates.ENVIRONMENT}, tell).run(line)


def _on_path(program: str) -> str:
    """The program's name where PATH leads to it, else its path."""
    path = Path(program)
    return path.name if shutil.which(path.name) == program else str(path.absolute())


def _version(program: str) -> tuple[str, str]:
    """The option that has it tell its version, and what it then says first."""
    for option in candidates.VERSIONS:
        answer = said([program, option], _TIMEOUT)
        line = next((line for line in answer.split("\n") if _VERSION.search(line)), "")
        if line:
            return option, line.strip()
    return "", ""


def _packages(program: str) -> Mapping[str, str]:
    """The Debian package that it came in."""
    if shutil.which("dpkg-query") is None:
        return {}
    owners = said(["dpkg-query", "-S", str(Path(program).resolve())], _TIMEOUT)
    owner, colon, _ = owners.partition(": ")
    return {"apt": owner.partition(":")[0]} if colon and " " not in owner else {}


def _report(target: Path, found: Findings) -> int:
    hello = found.print.replace("{text}", "hello")
    try:
        outcome, said = asyncio.run(_tried(load(target.absolute()), hello))
    except MykernelError as error:
        outcome, said = Failed("Error", str(error), ()), ""
    print(f"Wrote {target}. What was not found stands in its comments.")
    if not isinstance(outcome, Ok) or "hello" not in said:
        reason = getattr(outcome, "evalue", "") or f"it wrote {said!r}"
        return _fail(f"a cell of it, {hello}, does not work yet: {reason}")
    print(f"A cell with it works: {hello}")
    print(f"Next: python -m mykernel.install ./{target}")
    return 0


async def _tried(language: Language, code: str) -> tuple[Outcome, str]:
    """What became of a cell, and what it wrote. Raises `MykernelError`."""
    session = language.open_session(language.find_toolchain(), SessionOptions())
    output = Unseen()
    try:
        await session.start()
        return await session.execute(Cell(code, 1, "In[1]"), output), output.collected
    finally:
        await session.close()
