"""`python -m mykernel` and the script `mykernel`: hand each subcommand to its own file."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mykernel import __version__

_HELP = """\
usage: mykernel COMMAND [OPTION ...]

  install   install, list and remove the languages' Jupyter kernels
  doctor    check this installation, and say how to mend what is wrong
  new       look into a REPL, and write a first description of its language
  run       run a notebook from the terminal, cell by cell
  kernel    what Jupyter starts; there is no need to type it

mykernel COMMAND --help says more on a command, mykernel --version which one this is.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit status; 2 when there is no such command.

    argv: the arguments after the program's name; those of this process when None.
    """
    command, *rest = list(sys.argv[1:] if argv is None else argv) or [""]
    # Each import waits for its command: `doctor` must start where another one cannot.
    if command == "install":
        from mykernel.install import main as install

        return install(rest, prog="mykernel install")
    if command == "doctor":
        from mykernel.doctor import main as doctor

        return doctor(rest)
    if command == "run":
        from mykernel.run import main as run

        return run(rest)
    if command == "new":
        from mykernel.new import main as new

        return new(rest)
    if command == "kernel":
        from mykernel.app import main as kernel

        return kernel(rest)
    return _about(command)


def _about(command: str) -> int:
    if command in {"-V", "--version"}:
        print(f"mykernel {__version__}")
        return 0
    if command in {"-h", "--help"}:
        print(_HELP, end="")
        return 0
    if command:
        print(f"mykernel: there is no command {command!r}\n", file=sys.stderr)
    print(_HELP, end="", file=sys.stderr)
    return 2
