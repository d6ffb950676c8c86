"""`python -m mykernel.install`: put kernelspecs where Jupyter finds them, list and remove them."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    # With -m the first entry is the current folder, whose json.py would be taken for Python's.
    del sys.path[0]

import argparse
import os
import shlex
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

from mykernel import kernelspecs, languages, options
from mykernel.contract import Language
from mykernel.errors import InstallError, ToolchainMissing, UnknownLanguage
from mykernel.kernelspecs import InstalledSpec
from mykernel.languages.repl.schema import BadDescription

# What a third party's entry point may raise while it is loaded.
_NOT_LOADED = (ImportError, AttributeError, TypeError)


def main(argv: Sequence[str] | None = None, prog: str = "python -m mykernel.install") -> int:
    """Run the command line. Returns 0 when something was done, 1 when nothing could be.

    argv: the arguments after the program's name; those of this process when None.
    Raises SystemExit with 2 when the arguments make no sense.
    """
    parser = _parser(prog)
    asked = parser.parse_args(argv)
    if asked.name is not None and not kernelspecs.valid_name(asked.name):
        parser.error(
            f"--name {asked.name!r}: Jupyter takes ASCII letters, digits and - . _ in a "
            "kernelspec's name, and nothing else"
        )
    if asked.list:
        return _list()
    if asked.remove:
        return _remove(asked)
    one = asked.name or asked.display_name or asked.launcher
    if one and len(asked.languages) != 1:
        parser.error("--name, --display-name and --launcher go with exactly one language: bash")
    try:
        chosen = _chosen(asked.languages)
    except (UnknownLanguage, BadDescription) as error:
        parser.error(str(error))
    return _install(chosen, asked)


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Install mykernel's languages as Jupyter kernels.",
        epilog="Exit status: 0 when something was installed, listed or removed, 1 when nothing "
        "could be, 2 for a command line that makes no sense.",
    )
    parser.add_argument(
        "languages",
        nargs="*",
        metavar="LANGUAGE",
        help="a language, such as bash, or a file that describes one, such as ./mylang.toml; "
        "without one, Bash and those that you have brought yourself",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--user", action="store_true", help="for you alone; this is the default")
    where.add_argument(
        "--sys-prefix", action="store_true", help="into this Python environment alone"
    )
    where.add_argument(
        "--prefix", metavar="DIR", help="below DIR, in share/jupyter/kernels", type=_folder
    )
    parser.add_argument("--name", help="the kernelspec's name, instead of mykernel-LANGUAGE")
    parser.add_argument("--display-name", metavar="TEXT", help="what Jupyter's launcher shows")
    options.add_to(parser.add_argument_group("what the kernel is told at its start"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--list", action="store_true", help="list mykernel's kernelspecs on the Jupyter path"
    )
    what.add_argument(
        "--remove",
        action="store_true",
        help="remove the languages' kernelspecs, or the one of --name, or else all of mykernel's, "
        "from the whole Jupyter path or from the place that is given",
    )
    return parser


def _folder(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty; a folder is wanted")
    return os.path.abspath(os.path.expanduser(text))


def _list() -> int:
    specs = kernelspecs.installed()
    if not specs:
        print("No kernelspec of mykernel is on the Jupyter path. To install them:")
        print(f"  {kernelspecs.own_command('install')}")
        return 1
    rows = [("NAME", "LANGUAGE", "INTERPRETER", "FOLDER")]
    for spec in specs:
        missing = "" if spec.interpreter_exists else " (missing)"
        started = f"(unreadable: {spec.problem})" if spec.problem else spec.interpreter + missing
        rows.append((spec.name, spec.language or "?", started, str(spec.folder)))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(map(str.ljust, row, widths)).rstrip())
    return 0


def _remove(asked: argparse.Namespace) -> int:
    located = asked.user or asked.sys_prefix or asked.prefix
    # A file's name may be all that is left of it.
    wanted = [Path(name).stem if name.endswith(".toml") else name for name in asked.languages]
    specs = [
        spec
        for spec in kernelspecs.installed([str(_kernel_dir(asked))] if located else None)
        if spec.language
        and spec.language in (wanted or [spec.language])
        and spec.name == (asked.name or spec.name).lower()
    ]
    if not specs:
        print("Nothing to remove: there is no such kernelspec of mykernel. To see what there is:")
        print(f"  {kernelspecs.own_command('install')} --list")
        return 1
    removed = [spec for spec in specs if _removed(spec)]
    return 0 if removed else 1


def _removed(spec: InstalledSpec) -> bool:
    try:
        kernelspecs.remove(spec.folder)
    except InstallError as error:
        print(f"Not removed: {error}", file=sys.stderr)
        return False
    print(f"Removed {spec.name} from {spec.folder}")
    return True


def _chosen(names: Sequence[str]) -> list[Language]:
    """The languages of those names, or those that nobody need ask for.

    Raises `UnknownLanguage` and `BadDescription`.
    """
    wanted = dict.fromkeys(names or languages.installed_unasked())
    return [language for name in wanted if (language := _loaded(name))]


def _loaded(name: str) -> Language | None:
    try:
        return languages.language(name)
    except _NOT_LOADED as error:
        print(f"Skipped {name}: its package cannot be loaded ({error})", file=sys.stderr)
        return None


def _install(chosen: Sequence[Language], asked: argparse.Namespace) -> int:
    told = options.given(asked)
    shown = []
    for language in chosen:
        name = asked.name or kernelspecs.spec_name(language.name, told.launcher)
        target = _kernel_dir(asked) / name.lower()
        title = asked.display_name or kernelspecs.display_name(language, told.launcher)
        try:
            what = _runs(language, told.launcher)
            kernelspecs.write(target, language, title, told)
        except ToolchainMissing as error:
            print(f"Skipped {language.name}: {error}", file=sys.stderr)
        except InstallError as error:
            print(f"Not installed: {error}", file=sys.stderr)
        else:
            print(f"Installed {target.name} in {target}")
            print(f"  {what}")
            print(f"  started by {kernelspecs.own_python()}")
            shown.append(title)
    if not asked.languages:
        _name_the_others()
    if not shown:
        return 1
    _say_how_to_go_on(_kernel_dir(asked), shown)
    return 0


def _name_the_others() -> None:
    """Say which languages could be installed by name."""
    there = []
    for name in languages.names():
        if name not in languages.installed_unasked() and (language := _loaded(name)):
            with suppress(ToolchainMissing):
                language.find_toolchain()
                there.append(name)
    if there:
        print("Found as well, and installed when they are named:")
        print(f"  {kernelspecs.own_command('install')} {' '.join(there)}")


def _runs(language: Language, launcher: Sequence[str]) -> str:
    """What runs the cells. Raises `ToolchainMissing`; behind a launcher nobody can look."""
    if launcher:
        if shutil.which(launcher[0]) is None:
            raise InstallError(f"{launcher[0]}, the launcher's first word, is not on PATH.")
        return f"{language.program} by {shlex.join(launcher)}"
    toolchain = language.find_toolchain()
    return f"{language.program} {toolchain.version} at {toolchain.path}"


def _kernel_dir(asked: argparse.Namespace) -> Path:
    """The folder of kernelspecs that the command line names."""
    prefix = sys.prefix if asked.sys_prefix else asked.prefix
    if prefix:
        return Path(prefix, "share", "jupyter", "kernels")
    return Path(KernelSpecManager().user_kernel_dir).absolute()


def _say_how_to_go_on(kernel_dir: Path, shown: Sequence[str]) -> None:
    if str(kernel_dir) in map(os.path.abspath, kernelspecs.jupyter_dirs()):
        pick = " or ".join(f'"{name}"' for name in shown)
        print(f"Next: open JupyterLab and pick {pick}.")
        return
    print(f"Note: this environment's Jupyter does not look in {kernel_dir}.")
    print("It looks there too when JUPYTER_PATH names the folder above, as set by:")
    print(f"  export JUPYTER_PATH={shlex.quote(str(kernel_dir.parent))}")


if __name__ == "__main__":
    sys.exit(main())
