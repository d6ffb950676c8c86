"""Bash."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from mykernel.contract import Language, SessionOptions, Toolchain
from mykernel.drivers.programs import said
from mykernel.errors import ToolchainMissing
from mykernel.languages.bash.session import BashSession

_PACKAGES = {"apt": "bash", "dnf": "bash", "brew": "bash"}


def find_toolchain() -> Toolchain:
    """The first bash on PATH. Raises `ToolchainMissing`. Runs `bash --version` (about 2 ms)."""
    path = shutil.which("bash")
    if path is None:
        raise ToolchainMissing("bash", _PACKAGES)
    found = re.search(r"version (\d+(?:\.\d+)*)", said([path, "--version"]))
    return Toolchain(Path(path), found[1] if found else "unknown")


def open_session(toolchain: Toolchain, options: SessionOptions) -> BashSession:
    return BashSession(toolchain, options)


LANGUAGE = Language(
    name="bash",
    display_name="Bash",
    language_id="shellscript",
    program="bash",
    packages=_PACKAGES,
    language_info={
        "name": "bash",
        "mimetype": "text/x-sh",
        "file_extension": ".sh",
        "pygments_lexer": "bash",
        "codemirror_mode": "shell",
        "nbconvert_exporter": "script",
    },
    find_toolchain=find_toolchain,
    open_session=open_session,
    leader="#%",  # %1 brings a job to the foreground
    answers=("cd", "setenv", "env", "who"),
    help_links=(
        {"text": "Bash Reference Manual", "url": "https://www.gnu.org/software/bash/manual/"},
        {"text": "ShellCheck", "url": "https://www.shellcheck.net/wiki/"},
    ),
)
