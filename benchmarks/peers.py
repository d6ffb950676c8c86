"""The kernels that are measured, and the environments that the peers get.

Each is started by its argv, never by a kernelspec of the user's.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
_ENVIRONMENTS = ROOT / ".venv-bench"
_INSTALL_WITHIN = 600.0

Language = Literal["bash", "python", "nothing", "output"]
Role = Literal["ours", "peer", "python", "floor", "ceiling", "reference"]

# The peers' own pins. What is common is what mykernel was developed against.
_COMMON = (
    "ipykernel==7.4.0",
    "jupyter_client==8.10.0",
    "pexpect==4.9.0",
    "pyzmq==27.3.0",
    "tornado==6.6.1",
    "traitlets==5.16.1",
)
_BASH_KERNEL = ("bash_kernel==0.10.0", *_COMMON)
_METAKERNEL = ("metakernel==1.0.7", *_COMMON)
_METAKERNEL_BASH = "metakernel_bash==0.11.3"


_DENO = ("deno==2.9.8",)
_OCTAVE_KERNEL = ("octave_kernel==1.1.1", "metakernel==1.0.7", *_COMMON)
_GNUPLOT_KERNEL = ("gnuplot_kernel==0.5.0", "metakernel==1.0.7", *_COMMON)
_CONNECTION = ("-f", "{connection_file}")
_OURS = Path(sys.executable)


class NotInstalled(Exception):
    """A peer's environment could not be made. The message carries pip's last words."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel to measure.

    argv: as in a kernelspec, with {connection_file}.
    python: the interpreter whose environment it lives in.
    distributions: the packages whose versions the report names.
    role: "reference" is shown beside the others, and nothing is set against it.
    language: what its cells are written in; "nothing" takes any and does nothing,
        "output" runs Bash cells for their output alone.
    interrupt_mode: as in its kernelspec.
    prepare: makes its environment when it is missing. Blocks; raises `NotInstalled`.
    note: what the report says of it besides.
    noop: the cell that does nothing, in its language.
    """

    name: str
    role: Role
    python: Path
    argv: tuple[str, ...]
    distributions: tuple[str, ...]
    language: Language = "bash"
    interrupt_mode: Literal["signal", "message"] = "signal"
    prepare: Callable[[], None] = lambda: None
    note: str = ""
    noop: str = ":"


def kernels() -> tuple[Kernel, ...]:
    """Those of Bash and what they are set against, in the order of the table's columns."""
    bash_kernel, metakernel_bash = _python("bash_kernel"), _python("metakernel_bash")
    return (
        ours("bash"),
        Kernel(
            name="bash_kernel",
            role="peer",
            python=bash_kernel,
            argv=(str(bash_kernel), "-m", "bash_kernel", *_CONNECTION),
            distributions=("bash_kernel", "ipykernel"),
            prepare=lambda: _install("bash_kernel", _BASH_KERNEL),
        ),
        Kernel(
            name="metakernel_bash",
            role="peer",
            python=metakernel_bash,
            argv=(str(metakernel_bash), "-m", "metakernel_bash", *_CONNECTION),
            distributions=("metakernel", "ipykernel"),
            prepare=_install_metakernel_bash,
            note=f"{_METAKERNEL_BASH}, its module taken from the sdist: its setup.py needs "
            "IPython.kernel, which is gone; with today's metakernel and ipykernel it runs. "
            "It sends a cell's output once, at the end, as the repr of one result.",
        ),
        Kernel(
            name="ipykernel",
            role="python",
            python=_OURS,
            argv=(str(_OURS), "-m", "ipykernel_launcher", *_CONNECTION),
            distributions=("ipykernel", "ipython"),
            language="python",
            note="the Python kernel.",
            noop="pass",
        ),
        FLOOR,
        Kernel(
            name="floor-nosleep",
            role="reference",
            python=_OURS,
            argv=(*FLOOR.argv, "--FloorKernel._execute_sleep=0.0"),
            distributions=("ipykernel",),
            language="nothing",
            # Without this column, a ratio to the floor hides how much of it is that sleep.
            note="the floor without ipykernel's sleep of 0.5 ms before each execute_reply, "
            "which mykernel turns off too. Compare round trips with this one as well.",
        ),
        Kernel(
            name="ceiling",
            role="ceiling",
            python=_OURS,
            argv=(str(_OURS), "-m", "benchmarks.ceiling_kernel", *_CONNECTION),
            distributions=("jupyter_client", "pyzmq"),
            language="output",
            note="a bare os.read loop on a pty, which decodes and sends through jupyter_client's "
            "Session, 256 KiB a message, and does nothing else.",
        ),
    )


def ours(name: str, noop: str = ":") -> Kernel:
    """mykernel in that language."""
    return Kernel(
        name="mykernel",
        role="ours",
        python=_OURS,
        argv=(str(_OURS), "-m", "mykernel", "kernel", name, *_CONNECTION),
        distributions=("mykernel", "ipykernel"),
        interrupt_mode="message",
        noop=noop,
    )


def _other(peer: str, argv: tuple[str, ...], pins: tuple[str, ...], noop: str) -> Kernel:
    """Another kernel of a language, from its environment's folder of programs."""
    python = _python(peer)
    return Kernel(
        name=peer,
        role="peer",
        python=python,
        argv=(str(python.parent / argv[0]), *argv[1:]),
        distributions=(peer,),
        prepare=lambda: _install(peer, pins),
        noop=noop,
    )


def _python(peer: str) -> Path:
    return _ENVIRONMENTS / peer / "bin" / "python"


def _install(peer: str, pins: tuple[str, ...]) -> None:
    """Make the peer's environment, unless one with these pins is there."""
    stamp = _ENVIRONMENTS / peer / "pins.txt"
    if stamp.exists() and stamp.read_text().split() == list(pins):
        return
    _run(sys.executable, "-m", "venv", "--clear", str(_ENVIRONMENTS / peer))
    _pip(peer, "install", *pins)
    stamp.write_text("\n".join(pins) + "\n")


def _install_metakernel_bash() -> None:
    """metakernel by pip, and metakernel_bash's one module out of its sdist.

    Its setup.py installs a kernelspec while a wheel is built, by way of IPython.kernel,
    which is gone: no pip can install it.
    """
    _install("metakernel_bash", _METAKERNEL)
    packages = "import sysconfig; print(sysconfig.get_path('purelib'))"
    target = Path(_run(str(_python("metakernel_bash")), "-c", packages).strip())
    if (target / "metakernel_bash.py").exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        name = _METAKERNEL_BASH.partition("==")[0]
        only_source = ("--no-deps", "--no-binary", name)
        _pip("metakernel_bash", "download", *only_source, "-d", folder, _METAKERNEL_BASH)
        (sdist,) = Path(folder).iterdir()
        shutil.unpack_archive(sdist, Path(folder) / "sdist")
        (module,) = Path(folder).glob("sdist/*/metakernel_bash.py")
        shutil.copy(module, target)


def _pip(peer: str, *arguments: str) -> str:
    return _run(str(_python(peer)), "-m", "pip", "--disable-pip-version-check", *arguments)


def _run(*argv: str) -> str:
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, check=True, timeout=_INSTALL_WITHIN
        )
    except subprocess.CalledProcessError as error:
        raise NotInstalled((error.stderr or error.stdout).strip()[-500:]) from error
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"{argv[0]} took longer than {_INSTALL_WITHIN:.0f} s") from error
    return done.stdout


FLOOR = Kernel(
    name="floor",
    role="floor",
    python=_OURS,
    argv=(str(_OURS), "-m", "benchmarks.floor_kernel", *_CONNECTION),
    distributions=("ipykernel",),
    language="nothing",
    note="a stock IPKernelApp around a Kernel that does nothing.",
)
# By mykernel's names of their languages.
OTHERS = {
    "javascript": _other(
        "deno", ("deno", "jupyter", "--kernel", "--conn", "{connection_file}"), _DENO, "1"
    ),
    "octave": _other(
        "octave_kernel", ("python", "-m", "octave_kernel", *_CONNECTION), _OCTAVE_KERNEL, "1;"
    ),
    "gnuplot": _other(
        "gnuplot_kernel", ("python", "-m", "gnuplot_kernel", *_CONNECTION), _GNUPLOT_KERNEL, ""
    ),
}
