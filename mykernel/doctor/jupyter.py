"""Jupyter, the kernelspecs that it finds, and whether what they start is there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

import mykernel
from mykernel import kernelspecs
from mykernel.doctor.environment import belongs_here
from mykernel.doctor.finding import Finding
from mykernel.kernelspecs import InstalledSpec, own_command

_PATIENCE = 20.0  # seconds, for another program to answer
_PARTS = ("jupyter_client", "jupyterlab")


def here() -> Iterator[Finding]:
    """Which parts of Jupyter this environment has, and what they find."""
    names = sorted({spec.name for spec in kernelspecs.installed()})
    finds = ", ".join(names) or "no kernelspec of mykernel"
    yield Finding("ok", "Jupyter here", f"{', '.join(map(_version_of, _PARTS))}; finds {finds}")


def on_path() -> Iterator[Finding]:
    """Whether the `jupyter` that a person types finds our kernelspecs too."""
    command = shutil.which("jupyter")
    if command is None:
        fix = f"{kernelspecs.own_python()} -m pip install jupyterlab, unless Jupyter is elsewhere"
        if ours := shutil.which("jupyter", path=sysconfig.get_path("scripts")):
            fix = f"use {shlex.quote(ours)}, or put its folder on PATH"
        yield Finding("warning", "jupyter on PATH", "there is none", fix)
    elif belongs_here(command):
        yield Finding("ok", "jupyter on PATH", f"{command}, of this environment")
    else:
        yield _of_another_environment(command)


def kernelspecs_work() -> Iterator[Finding]:
    """Whether there are kernelspecs, and each can be read and starts a Python with mykernel."""
    specs = kernelspecs.installed()
    if not specs:
        detail = "there is none of mykernel's on the Jupyter path"
        yield Finding("wrong", "Kernelspecs", detail, own_command("install"))
    for spec in specs:
        yield examined(spec)


def hidden_kernelspecs() -> Iterator[Finding]:
    """Which kernelspecs Jupyter never takes, since one of the same name comes first."""
    first: dict[str, InstalledSpec] = {}
    for spec in kernelspecs.installed():
        winner = first.setdefault(spec.name, spec)
        if winner is spec:
            continue
        detail = f"the one in {spec.folder} is hidden by the one in {winner.folder}"
        subject = f"Kernelspec {spec.name}"
        if spec.interpreter == winner.interpreter:
            yield Finding("ok", subject, f"{detail}; both start the same Python")
        else:
            fix = f"remove one of the two, such as the hidden one: {removal(spec)}"
            yield Finding("warning", subject, f"{detail}, which starts another Python", fix)


def examined(spec: InstalledSpec) -> Finding:
    """Whether a kernelspec starts a Python that has mykernel. Runs that Python."""
    subject = f"Kernelspec {spec.name}"
    fix = f"{reinstallation(spec)} (or to remove it: {removal(spec)})"
    if spec.problem:
        detail = f"{spec.folder / 'kernel.json'} cannot be read: {spec.problem}"
        return Finding("wrong", subject, detail, fix)
    if not spec.interpreter_exists:
        detail = f"it starts {spec.interpreter}, which is not there or cannot be executed"
        return Finding("wrong", subject, f"{detail} (in {spec.folder})", fix)
    version, trouble = _mykernel_of(spec)
    if trouble:
        detail = f"{spec.interpreter} cannot import mykernel: {trouble}"
        return Finding("wrong", subject, f"{detail} (in {spec.folder})", fix)
    detail = f"in {spec.folder}, starts {spec.interpreter} with mykernel {version}"
    if version != mykernel.__version__:
        detail += f", while this is mykernel {mykernel.__version__}"
        return Finding("warning", subject, detail, fix)
    return Finding("ok", subject, detail)


def reinstallation(spec: InstalledSpec) -> str:
    """The command that writes a kernelspec anew in its place, for this Python."""
    language = spec.language or spec.name.removeprefix(kernelspecs.spec_name(""))
    words = [language]
    if spec.name != kernelspecs.spec_name(language):
        words += ["--name", spec.name, "--display-name", spec.display_name or spec.name]
    return f"{own_command('install')} {shlex.join(words + _location(spec))}"


def removal(spec: InstalledSpec) -> str:
    """The command that removes a kernelspec, and none of the same name elsewhere."""
    location = _location(spec)
    if not location or not spec.language:
        return shlex.join(["rm", "-r", str(spec.folder)])
    return f"{own_command('install')} {shlex.join(['--remove', '--name', spec.name, *location])}"


def _version_of(part: str) -> str:
    try:
        return f"{part} {metadata.version(part)}"
    except metadata.PackageNotFoundError:
        return f"no {part}"


def _location(spec: InstalledSpec) -> list[str]:
    """The option of `install` that names a kernelspec's place; none when there is no such one."""
    kernel_dir = spec.folder.parent
    if kernel_dir == Path(KernelSpecManager().user_kernel_dir):
        return ["--user"]
    if kernel_dir == Path(sys.prefix, "share", "jupyter", "kernels"):
        return ["--sys-prefix"]
    if kernel_dir.parts[-3:] == ("share", "jupyter", "kernels"):
        return ["--prefix", str(kernel_dir.parents[2])]
    return []


def _mykernel_of(spec: InstalledSpec) -> tuple[str, str]:
    """The version of mykernel that a kernelspec's Python imports, and what went wrong, or ""."""
    script = "import mykernel; print(mykernel.__version__)"
    # -c puts the current folder first: the kernelspec's own has no Python files in it.
    status, output, trouble = _run([spec.interpreter, "-c", script], cwd=spec.folder)
    if status == 0:
        return output.strip(), ""
    return "", trouble.strip().rpartition("\n")[2] or f"it ended with status {status}"


def _of_another_environment(command: str) -> Finding:
    subject = "jupyter on PATH"
    status, output, trouble = _run([command, "--paths", "--json"])
    try:
        folders = [os.path.join(folder, "kernels") for folder in json.loads(output)["data"]]
    except (ValueError, KeyError, TypeError):
        said = trouble.strip().rpartition("\n")[2] or f"it ended with status {status}"
        fix = (
            f"put a Jupyter that works first on PATH, or use {kernelspecs.own_python()} -m jupyter"
        )
        return Finding("warning", subject, f"{command} does not say where it looks: {said}", fix)
    # A kernelspec that says "python" would start that environment's Python, not ours.
    usable = {s.name for s in kernelspecs.installed(folders) if os.path.isabs(s.interpreter)}
    known = {spec.name for spec in kernelspecs.installed()}
    detail = f"{command}, of another environment{_parts_of(command)}"
    if known and known <= usable:
        return Finding("ok", subject, f"{detail}, finds {', '.join(sorted(known))}")
    missing = ", ".join(sorted(known - usable)) or "a kernelspec of mykernel"
    return Finding("wrong", subject, f"{detail}, does not find {missing}", own_command("install"))


def _parts_of(command: str) -> str:
    """Such as " (jupyter_client 8.10.0, jupyterlab 4.6.6)"."""
    lines = _run([command, "--version"])[1].splitlines()
    found = [re.match(r"(\S+)\s*:\s*(\S.*)", line) for line in lines]
    parts = [f"{m[1]} {m[2]}" for m in found if m and m[1] in _PARTS]
    return f" ({', '.join(parts)})" if parts else ""


def _run(argv: list[str], cwd: Path | None = None) -> tuple[int, str, str]:
    """Run a program without input: its status, its output, and what it said went wrong."""
    try:
        done = subprocess.run(
            argv,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, "", f"no answer within {_PATIENCE:.0f} s"
    except OSError as error:
        return -1, "", error.strerror or str(error)
    return done.returncode, done.stdout, done.stderr
