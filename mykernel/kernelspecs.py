"""What a kernelspec of ours says, which of them are on the Jupyter path, and how one is written.

Jupyter's own search decides where kernelspecs live and which of two of one name
is taken; nothing of that is done over here.
Source: jupyter_client, "Making kernels for Jupyter", kernel specs.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

import mykernel
from mykernel import options
from mykernel.contract import Language
from mykernel.errors import InstallError
from mykernel.options import KernelOptions

_DEFAULTS = KernelOptions()
_SHARE = ("share", "jupyter", "kernels")
_VALID_NAME = re.compile(r"[A-Za-z0-9._\-]+", re.ASCII)
# jupyter_client starts these with the interpreter that it runs in itself.
_CLIENTS_OWN = {"python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info)}


@dataclass(frozen=True, slots=True)
class InstalledSpec:
    """A kernelspec of ours as it stands on the disk.

    name: as Jupyter lists it, in lower case.
    language, version: what it was written for, and by which mykernel.
    argv: what starts the kernel; empty when kernel.json could not be read.
    problem: why kernel.json could not be read, or "".
    """

    name: str
    folder: Path
    language: str = ""
    version: str = ""
    display_name: str = ""
    argv: tuple[str, ...] = ()
    problem: str = ""

    @property
    def interpreter(self) -> str:
        """What argv[0] comes to when this environment's Jupyter starts the kernel."""
        program = self.argv[0] if self.argv else ""
        return sys.executable if program in _CLIENTS_OWN else program

    @property
    def interpreter_exists(self) -> bool:
        """Whether the interpreter is there and may be executed."""
        return shutil.which(self.interpreter) is not None


def spec_name(language: str, launcher: Sequence[str] = ()) -> str:
    """The kernelspec's name for a language, when the user gives no other."""
    where = re.sub(r"[^a-z0-9]+", "-", " ".join(launcher).lower())
    return f"mykernel-{language}-{where}".strip("-") if launcher else f"mykernel-{language}"


def valid_name(name: str) -> bool:
    """Whether Jupyter takes the name: ASCII letters, digits and - . _ alone."""
    return _VALID_NAME.fullmatch(name) is not None and name.strip(".") != ""


def display_name(language: Language, launcher: Sequence[str] = ()) -> str:
    """What the launcher shows, when the user gives no other: "Bash", "Bash (ssh host)"."""
    return (
        f"{language.display_name} ({shlex.join(launcher)})" if launcher else language.display_name
    )


def kernel_json(
    language: Language, shown: str = "", told: KernelOptions = _DEFAULTS
) -> dict[str, Any]:
    """What kernel.json holds for a language, started by the interpreter that runs now.

    shown: the display name. told: what the kernel is told at its start.

    The interpreter's path is not resolved: in a venv it is a symbolic link, and what
    it points to knows nothing of the venv.
    """
    start = [
        os.path.abspath(sys.executable),
        "-m",
        "mykernel",
        "kernel",
        language.reference or language.name,
    ]
    return {
        "argv": [*start, *options.words(told), "-f", "{connection_file}"],
        "display_name": shown or display_name(language, told.launcher),
        "language": language.language_id,
        "interrupt_mode": "message",
        "env": {},
        "metadata": {
            "debugger": False,
            "supported_encryption": ["curve"],
            "mykernel": {"language": language.name, "version": mykernel.__version__},
        },
    }


def logos(language: str) -> dict[str, bytes]:
    """The logo files that we ship for a language, by file name; none for a third party's."""
    folder = _shipped(spec_name(language))
    return {logo.name: logo.read_bytes() for logo in sorted(folder.glob("logo-*"))}


def installed(kernel_dirs: Sequence[str] | None = None) -> list[InstalledSpec]:
    """Our kernelspecs, first those that Jupyter looks at first.

    kernel_dirs: folders of kernelspecs; this environment's Jupyter path when None.
    A later one of the same name is hidden by the earlier.
    """
    found: list[InstalledSpec] = []
    for kernel_dir in dict.fromkeys(jupyter_dirs() if kernel_dirs is None else kernel_dirs):
        one = KernelSpecManager(kernel_dirs=[kernel_dir], ensure_native_kernel=False)
        for name, folder in sorted(one.find_kernel_specs().items()):
            if spec := read(name, Path(folder)):
                found.append(spec)
    return found


def jupyter_dirs() -> list[str]:
    """Where this environment's Jupyter looks for kernelspecs, first the one that wins."""
    return list(KernelSpecManager().kernel_dirs)


def read(name: str, folder: Path) -> InstalledSpec | None:
    """The kernelspec in a folder, None when it is not one of ours."""
    try:
        spec = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        # Whose it is cannot be read any more; our default name is taken for a sign.
        ours = name.startswith(spec_name(""))
        return InstalledSpec(name, folder, problem=str(error)) if ours else None
    try:
        mark = spec["metadata"]["mykernel"]
    except (KeyError, TypeError):
        return None
    try:
        return InstalledSpec(
            name=name,
            folder=folder,
            language=str(mark["language"]),
            version=str(mark["version"]),
            display_name=str(spec["display_name"]),
            argv=tuple(str(word) for word in spec["argv"]),
        )
    except (KeyError, TypeError) as error:
        return InstalledSpec(name, folder, problem=f"it lacks {error}")


def write(
    target: Path, language: Language, shown: str = "", told: KernelOptions = _DEFAULTS
) -> None:
    """Write a kernelspec whole or not at all; one of ours that is there already is replaced.

    target: the kernelspec's own folder, which need not be there.
    shown, told: as for `kernel_json`.
    Raises `InstallError` when the folder belongs to somebody else or cannot be written.
    """
    if not valid_name(target.name):
        raise InstallError(f"{target}: Jupyter does not take that name. Give one with --name.")
    if os.path.lexists(target) and not _may_replace(target):
        raise InstallError(
            f"{target} is there already and is not mykernel's. Move it away, or use --name."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Jupyter lists the folders right below kernels/ alone: what is one deeper is unseen.
        with tempfile.TemporaryDirectory(prefix=".mykernel-", dir=target.parent) as scratch:
            new, old = Path(scratch, "new"), Path(scratch, "old")
            _fill(new, kernel_json(language, shown, told), logos(language.name))
            _swap(target, new, old)
    except OSError as error:
        raise InstallError(_refusal(target, error)) from error


def _may_replace(target: Path) -> bool:
    return target.is_dir() and read(target.name, target) is not None


def _fill(folder: Path, spec: Mapping[str, Any], images: Mapping[str, bytes]) -> None:
    folder.mkdir()
    text = json.dumps(spec, indent=2, ensure_ascii=False) + "\n"
    (folder / "kernel.json").write_text(text, encoding="utf-8")
    for name, image in images.items():
        (folder / name).write_bytes(image)


def _swap(target: Path, new: Path, old: Path) -> None:
    """Put new in target's place. Either of them is there afterwards, whatever is raised."""
    if not os.path.lexists(target):
        new.rename(target)
        return
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise


def _refusal(target: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        way_out = "Make room there, or use --prefix DIR with a folder on another disk."
    else:
        way_out = "Choose a place that you may write: use --user, --sys-prefix or --prefix DIR."
    return f"{target} cannot be written: {reason}. No kernelspec was changed. {way_out}"


def remove(folder: Path) -> None:
    """Remove a kernelspec's folder, or the symbolic link to it. Raises `InstallError`."""
    try:
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InstallError(
            f"{folder} cannot be removed: {reason}. Remove it as the user who owns it."
        ) from error


def own_command(subcommand: str) -> str:
    """A line that a person can paste to run this very mykernel."""
    return f"{own_python()} -m mykernel {subcommand}"


def own_python() -> str:
    """The interpreter that runs now, quoted for a shell; a venv's link is kept."""
    return shlex.quote(os.path.abspath(sys.executable))


def _shipped(name: str) -> Path:
    """Where a wheel carries the kernelspec, or else the checkout of an editable install."""
    package = Path(mykernel.__file__).parent
    inside = package.joinpath(*_SHARE, name)
    return inside if inside.is_dir() else package.parent.joinpath(*_SHARE, name)
