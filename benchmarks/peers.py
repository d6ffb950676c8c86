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

    @property
    def noop(self) -> str:
        """The cell that does nothing, in its language."""
        return "pass" if self.language == "python" else ":"


def kernels() -> tuple[Kernel, ...]:
    """All of them, in the order of the table's columns."""
    ours = Path(sys.executable)
    bash_kernel, metakernel_bash = _python("bash_kernel"), _python("metakernel_bash")
    connection = ("-f", "{connection_file}")
    return (
        Kernel(
            name="mykernel",
            role="ours",
            python=ours,
            argv=(str(ours), "-m", "mykernel", "kernel", "bash", *connection),
            distributions=("mykernel", "ipykernel"),
            interrupt_mode="message",
        ),
        Kernel(
            name="bash_kernel",
            role="peer",
            python=bash_kernel,
            argv=(str(bash_kernel), "-m", "bash_kernel", *connection),
            distributions=("bash_kernel", "ipykernel"),
            prepare=lambda: _install("bash_kernel", _BASH_KERNEL),
        ),
        Kernel(
            name="metakernel_bash",
            role="peer",
            python=metakernel_bash,
            argv=(str(metakernel_bash), "-m", "metakernel_bash", *connection),
            distributions=("metakernel", "ipykernel"),
            prepare=_install_metakernel_bash,
            note=f"{_METAKERNEL_BASH}, its module taken from the sdist: its setup.py needs "
            "IPython.kernel, which is gone; with today's metakernel and ipykernel it runs. "
            "It sends a cell's output once, at the end, as the repr of one result.",
        ),
        Kernel(
            name="ipykernel",
            role="python",
            python=ours,
            argv=(str(ours), "-m", "ipykernel_launcher", *connection),
            distributions=("ipykernel", "ipython"),
            language="python",
            note="the Python kernel.",
        ),
        Kernel(
            name="floor",
            role="floor",
            python=ours,
            argv=(str(ours), "-m", "benchmarks.floor_kernel", *connection),
            distributions=("ipykernel",),
            language="nothing",
            note="a stock IPKernelApp around a Kernel that does nothing.",
        ),
        Kernel(
            name="floor-nosleep",
            role="reference",
            python=ours,
            argv=(
                *(str(ours), "-m", "benchmarks.floor_kernel", *connection),
                "--FloorKernel._execute_sleep=0.0",
            ),
            distributions=("ipykernel",),
            language="nothing",
            # Without this column, a ratio to the floor hides how much of it is that sleep.
            note="the floor without ipykernel's sleep of 0.5 ms before each execute_reply, "
            "which mykernel turns off too. Compare round trips with this one as well.",
        ),
        Kernel(
            name="ceiling",
            role="ceiling",
            python=ours,
            argv=(str(ours), "-m", "benchmarks.ceiling_kernel", *connection),
            distributions=("jupyter_client", "pyzmq"),
            language="output",
            note="a bare os.read loop on a pty, which decodes and sends through jupyter_client's "
            "Session, 256 KiB a message, and does nothing else.",
        ),
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
