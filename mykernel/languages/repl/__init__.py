"""Languages that are data alone: a TOML file each, in this folder, the user's, or anywhere.

What such a file says is explained in `mykernel.drivers.description`, field by field.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from jupyter_core.paths import jupyter_config_dir

from mykernel.contract import Language, SessionOptions, Toolchain
from mykernel.drivers.description import Programs
from mykernel.drivers.programs import said
from mykernel.drivers.repl import ReplSession
from mykernel.errors import ToolchainMissing
from mykernel.languages.repl.schema import read

__all__ = ["load", "own", "shipped"]

# Keys of [directives] that are code, by what a session is asked.
_ANSWERS = ("cd", "setenv", "env", "who")


def shipped() -> dict[str, Path]:
    """The files that come with mykernel, by the language's name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}


def own() -> dict[str, Path]:
    """The user's files, by the language's name: mykernel/NAME.toml in Jupyter's config folder."""
    folder = Path(jupyter_config_dir(), "mykernel")
    return {path.stem: path.absolute() for path in sorted(folder.glob("*.toml"))}


def load(path: Path, reference: str = "") -> Language:
    """The language that a file describes. Raises `BadDescription`.

    reference: as in `Language`.
    """
    about = read(path)

    def find_toolchain() -> Toolchain:
        return _find(about.toolchain)

    def open_session(toolchain: Toolchain, options: SessionOptions) -> ReplSession:
        return ReplSession(about, toolchain, options)

    return Language(
        name=about.name,
        display_name=about.display_name,
        language_id=about.language_id,
        program=about.toolchain.programs[0],
        packages=about.toolchain.packages,
        language_info=about.language_info,
        find_toolchain=find_toolchain,
        open_session=open_session,
        help_links=about.help_links,
        reference=reference,
        leader="#%" if about.directives.leader == "#%" else "%",
        shell_leader="!" if about.directives.shell else "",
        answers=[name for name in _ANSWERS if getattr(about.directives, name)],
    )


def _find(about: Programs) -> Toolchain:
    """The first of the programs that is on PATH. Raises `ToolchainMissing`."""
    found = next(filter(None, map(shutil.which, about.programs)), None)
    if found is None:
        raise ToolchainMissing(" or ".join(about.programs), dict(about.packages))
    version = re.search(about.version_pattern, said([found, *about.version]))
    return Toolchain(Path(found), version[1] if version else "unknown")
