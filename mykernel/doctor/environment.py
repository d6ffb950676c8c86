"""Python, our own package, what it depends on, PATH, and Jupyter's runtime folder."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

import mykernel
from mykernel.doctor.finding import Finding
from mykernel.kernelspecs import own_command, own_python


def python() -> Iterator[Finding]:
    """Which Python and which mykernel are looking."""
    yield Finding("ok", "Python", f"{platform.python_version()} at {sys.executable}")
    here = f"{mykernel.__version__} in {Path(mykernel.__file__).parent}"
    try:
        recorded = metadata.version("mykernel")
    except metadata.PackageNotFoundError:
        fix = f"{own_python()} -m pip install {shlex.quote(str(_checkout()))}"
        yield Finding("warning", "mykernel", f"{here}, which pip has not installed", fix)
        return
    if recorded == mykernel.__version__:
        yield Finding("ok", "mykernel", here)
    else:
        fix = f"{own_python()} -m pip install --force-reinstall --no-deps mykernel"
        if (_checkout() / "pyproject.toml").is_file():
            fix = f"{own_python()} -m pip install --editable {shlex.quote(str(_checkout()))}"
        yield Finding("warning", "mykernel", f"{here}, but pip's record says {recorded}", fix)


def dependencies() -> Iterator[Finding]:
    """Whether each package that ours needs is there, and new enough."""
    try:
        wanted = metadata.requires("mykernel") or []
    except metadata.PackageNotFoundError:
        return
    for requirement in wanted:
        spec, _, marker = requirement.partition(";")
        if "extra" not in marker:
            yield _dependency(spec.strip())


def scripts_on_path() -> Iterator[Finding]:
    """Whether the command `mykernel` is this environment's."""
    command = shutil.which("mykernel")
    if command and belongs_here(command):
        yield Finding("ok", "PATH", f"mykernel is {command}")
        return
    scripts = sysconfig.get_path("scripts")
    found = f"{scripts} is not on PATH: the command mykernel is not found, and kernels work without"
    if command:
        found = f"mykernel on PATH is {command}, of another environment"
    fix = f'export PATH={shlex.quote(scripts)}:"$PATH", or use {own_command("")}'.rstrip()
    yield Finding("warning", "PATH", found, fix)


def runtime_folder() -> Iterator[Finding]:
    """Whether Jupyter can write its connection files."""
    folder = jupyter_runtime_dir()
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        fix = "make it a folder that you may write, or name one: export JUPYTER_RUNTIME_DIR=DIR"
        yield Finding("wrong", "Runtime folder", f"{folder} cannot be written: {reason}", fix)
    else:
        yield Finding("ok", "Runtime folder", f"{folder} can be written")


def belongs_here(command: str) -> bool:
    """Whether a script, links followed, lies in a scripts folder of this environment."""
    schemes = [sysconfig.get_default_scheme(), f"{os.name}_user"]
    ours = {os.path.realpath(sysconfig.get_path("scripts", scheme)) for scheme in schemes}
    return os.path.dirname(os.path.realpath(command)) in ours


def _dependency(spec: str) -> Finding:
    found = re.match(r"[A-Za-z0-9._\-]+", spec)
    name = found[0] if found else spec
    fix = f"{own_python()} -m pip install --upgrade {shlex.quote(spec)}"
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding("wrong", name, f"not installed, and mykernel needs {spec}", fix)
    try:
        # Not ours to depend on: nearly every Jupyter brings it.
        from packaging.requirements import Requirement
    except ImportError:
        return Finding("ok", name, f"{version} (needed: {spec}; not compared, packaging is absent)")
    if Requirement(spec).specifier.contains(version, prereleases=True):
        return Finding("ok", name, f"{version} (needed: {spec})")
    return Finding("wrong", name, f"{version} is too old, mykernel needs {spec}", fix)


def _checkout() -> Path:
    return Path(mykernel.__file__).parent.parent
