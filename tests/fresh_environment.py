"""A Python environment and a home of a test's own, to install kernelspecs into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


@dataclass(frozen=True, slots=True)
class FreshEnvironment:
    """A venv that borrows the packages of the Python that runs the tests.

    Its `sys.prefix` and its home are its own: what is installed or removed in them touches
    nothing of the person's who runs the tests.
    """

    prefix: Path
    home: Path

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return self.prefix / _SITE

    @property
    def user_kernels(self) -> Path:
        return self.home / "jupyter" / "kernels"

    @property
    def own_kernels(self) -> Path:
        return self.prefix / "share" / "jupyter" / "kernels"

    @property
    def environ(self) -> dict[str, str]:
        """The variables to start programs with; nothing of the caller's Jupyter is in them."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHON"))}
        return kept | {
            "HOME": str(self.home),
            "IPYTHONDIR": str(self.home / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "jupyter"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "PATH": f"{self.prefix / 'bin'}{os.pathsep}{kept['PATH']}",
            "XDG_DATA_HOME": str(self.home / "data"),
        }

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run this environment's Python in the home to its end.

        variables: what to start it with beside `environ`, by name.
        """
        return self.run_in(self.home, *arguments, **variables)

    def run_in(
        self, folder: Path, *arguments: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """The same, in another folder."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=folder,
            env=self.environ | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def install(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "mykernel.install", *arguments, **variables)

    def jupyter_finds(self, name: str, **variables: str) -> dict[str, Any]:
        """The kernelspec that this environment's jupyter_client takes for a name."""
        script = (
            "import sys; from jupyter_client.kernelspec import get_kernel_spec as get; "
            "print(get(sys.argv[1]).to_json())"
        )
        done = self.run("-c", script, name, **variables)
        assert done.returncode == 0, done.stderr
        spec: dict[str, Any] = json.loads(done.stdout)
        return spec

    def add_language(self, name: str) -> None:
        """Register a third party's language by entry point; its toolchain is Python itself."""
        (self.site_packages / f"{name}_language.py").write_text(
            "import sys\n"
            "from pathlib import Path\n"
            "from mykernel.contract import Language, Toolchain\n"
            "LANGUAGE = Language(\n"
            f"    name={name!r}, display_name={name.title()!r}, language_id='plaintext',\n"
            "    program='python', packages={}, language_info={},\n"
            "    find_toolchain=lambda: Toolchain(Path(sys.executable), '1.0'),\n"
            "    open_session=lambda toolchain, options: None,\n"
            ")\n"
        )
        self.record(f"{name}_language", "1.0")
        (self.site_packages / f"{name}_language-1.0.dist-info" / "entry_points.txt").write_text(
            f"[mykernel.languages]\n{name} = {name}_language:LANGUAGE\n"
        )

    def record(self, distribution: str, version: str) -> None:
        """Leave the record of an installed distribution, as pip does."""
        folder = self.site_packages / f"{distribution}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )


def make(folder: Path) -> FreshEnvironment:
    """Make one below a folder; it takes about a tenth of a second."""
    environment = FreshEnvironment(folder / "env", folder / "home")
    environment.home.mkdir()
    venv.EnvBuilder(with_pip=False, symlinks=True).create(environment.prefix)
    # Last on sys.path, so that what a test installs comes first.
    borrowed = [sysconfig.get_path("purelib"), str(Path(__file__).parent.parent)]
    (environment.site_packages / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    return environment


def make_bare(folder: Path) -> Path:
    """The Python of a venv without any package."""
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    return folder / "bin" / "python"
