"""What can go wrong on our side.

A cell that fails is a returned value (`contract.Failed`, `contract.Died`); an
exception from this tree means that mykernel itself could not do its work::

    MykernelError
    ├── ToolchainMissing    the language's interpreter or compiler is not here
    ├── ChildNotStarted     the child process did not come up
    ├── UnknownLanguage     no language of that name is registered
    └── InstallError        a kernelspec could not be written or removed
"""

from __future__ import annotations

from collections.abc import Sequence


class MykernelError(Exception):
    """The root of the tree. The message tells the user what to do next."""


class ToolchainMissing(MykernelError):
    """A language's interpreter or compiler was not found.

    program: what was looked for on PATH.
    packages: what to install for it, by package manager: {"apt": "bash"}.
    """

    def __init__(self, program: str, packages: dict[str, str]) -> None:
        self.program = program
        self.packages = packages
        how = " or ".join(f"{tool} install {name}" for tool, name in packages.items())
        super().__init__(f"{program} was not found on PATH. To install it: {how}")


class ChildNotStarted(MykernelError):
    """The child did not reach its first prompt.

    argv: the command that was started.
    output: what it wrote before it gave up, decoded, at most the last 2,000 code points.
    """

    def __init__(self, argv: Sequence[str], output: str, reason: str) -> None:
        self.argv = tuple(argv)
        self.output = output[-2000:]
        said = f" It wrote: {self.output.strip()!r}" if self.output.strip() else ""
        super().__init__(f"{argv[0]} did not start: {reason}.{said}")


class UnknownLanguage(MykernelError):
    """No language of that name is registered.

    known: the names that are.
    """

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"there is no language {name!r}; there is: {', '.join(known)}")


class InstallError(MykernelError):
    """A kernelspec could not be written or removed. The message names the folder."""
