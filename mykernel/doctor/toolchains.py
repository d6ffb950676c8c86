"""The languages' interpreters and compilers, and the tools that make more of them."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from mykernel import kernelspecs, languages
from mykernel.contract import Language, Toolchain
from mykernel.doctor.finding import Finding
from mykernel.errors import MykernelError, ToolchainMissing

# Where the agent script of Bash looks for it, in this order.
_BASH_COMPLETION = tuple(
    f"{prefix}/share/bash-completion/bash_completion"
    for prefix in ("/usr", "/usr/local", "/opt/homebrew", "/opt/local")
)
# The versions that the languages were made for; what is older may lack what they use.
_MADE_FOR = {"bash": (4, 0)}


def found() -> Iterator[Finding]:
    """Which toolchain each language would run."""
    installed = {spec.language for spec in kernelspecs.installed()}
    for name in dict.fromkeys(languages.names()):
        try:
            language = languages.language(name)
        except (ImportError, AttributeError, TypeError) as error:
            fix = "reinstall or uninstall the package that brings this language"
            yield Finding("warning", name, f"its package cannot be loaded: {error}", fix)
            continue
        except MykernelError as error:  # a file of the user's own
            yield Finding("warning", name, str(error), "mend that line, or remove the file")
            continue
        try:
            toolchain = language.find_toolchain()
        except ToolchainMissing as error:
            if name not in installed and name not in languages.installed_unasked():
                continue  # nobody has asked for it
            yield Finding(
                "wrong" if name in installed else "warning",
                language.display_name,
                f"{error.program} is not on PATH",
                how_to_install(error.packages),
            )
        else:
            yield judged(language, toolchain)


def judged(language: Language, toolchain: Toolchain) -> Finding:
    """Whether a toolchain is new enough. On macOS, /bin/bash has been 3.2 since 2007."""
    detail = f"{toolchain.version} at {toolchain.path}"
    least = _MADE_FOR.get(language.name)
    numbers = tuple(int(number) for number in re.findall(r"\d+", toolchain.version)[:2])
    if least is None or not numbers or numbers >= least:
        return Finding("ok", language.display_name, detail)
    wanted = ".".join(map(str, least))
    fix = f"{how_to_install(dict(language.packages))}, then see that it comes first on PATH"
    return Finding("warning", language.display_name, f"{detail} is older than {wanted}", fix)


def optional_tools() -> Iterator[Finding]:
    """What Bash can do without, and what is lost then."""
    script = next((path for path in _BASH_COMPLETION if Path(path).is_file()), None)
    if script:
        yield Finding("ok", "bash-completion", script)
    else:
        yield Finding(
            "warning",
            "bash-completion",
            "not found; Tab knows commands, variables and paths, but no command's own arguments",
            how_to_install({"apt": "bash-completion", "brew": "bash-completion@2"}),
        )
    man = shutil.which("man")
    if man:
        yield Finding("ok", "man", man)
    else:
        yield Finding(
            "warning",
            "man",
            "not found; Shift+Tab shows help and types of commands, but no manual pages",
            how_to_install({"apt": "man-db", "dnf": "man-db"}),
        )


def how_to_install(packages: dict[str, str]) -> str:
    """A command for a package manager that is here, or for all when none is known.

    packages: as in `Language.packages`.
    """
    order = ["brew", *packages] if sys.platform == "darwin" else list(packages)
    here = [tool for tool in order if tool in packages and shutil.which(tool)]
    commands = [f"{tool} install {packages[tool]}" for tool in here[:1] or packages]
    return " or ".join(commands)
