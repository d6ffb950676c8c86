"""The wheel, built from the checkout and installed as pip does it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import fresh_environment
import pytest
from fresh_environment import FreshEnvironment
from toolchains import missing, needs

CHECKOUT = Path(__file__).parent.parent
SHIPPED = sorted(
    f"share/jupyter/kernels/mykernel-bash/{path.name}"
    for path in (CHECKOUT / "share" / "jupyter" / "kernels" / "mykernel-bash").iterdir()
)


def pip(*arguments: str) -> None:
    if importlib.util.find_spec("pip") is None:
        missing("this environment has no pip: apt-get install python3-pip")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(CHECKOUT))
    (built,) = folder.glob("mykernel-*.whl")
    return built


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> FreshEnvironment:
    fresh = fresh_environment.make(tmp_path)
    pip("--python", str(fresh.python), "install", "--no-deps", "--no-index", str(wheel))
    return fresh


def test_the_wheel_carries_the_kernelspec_where_jupyter_looks(wheel: Path) -> None:
    carried = zipfile.ZipFile(wheel).namelist()
    data = wheel.name.removesuffix("-py3-none-any.whl") + ".data/data/"
    assert {data + path for path in SHIPPED} <= set(carried)


def test_the_wheel_carries_the_agent_scripts(wheel: Path) -> None:
    scripts = (CHECKOUT / "mykernel").rglob("agent.*")
    wanted = {str(path.relative_to(CHECKOUT)) for path in scripts if path.suffix != ".pyc"}
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())


def test_jupyter_lists_the_kernel_once_the_wheel_is_installed(installed: FreshEnvironment) -> None:
    done = installed.run("-m", "jupyter_client.kernelspecapp", "list", "--json")
    assert done.returncode == 0, done.stderr
    spec = json.loads(done.stdout)["kernelspecs"]["mykernel-bash"]
    assert Path(spec["resource_dir"]) == installed.own_kernels / "mykernel-bash"
    assert spec["spec"]["display_name"] == "Bash"


def test_install_finds_the_logos_of_an_installed_wheel(installed: FreshEnvironment) -> None:
    needs("bash", "bash")
    where = installed.run("-c", "import mykernel; print(mykernel.__file__)").stdout.strip()
    assert Path(where).is_relative_to(installed.site_packages)
    assert installed.install("bash").returncode == 0
    written = sorted(path.name for path in (installed.user_kernels / "mykernel-bash").iterdir())
    assert written == [os.path.basename(path) for path in SHIPPED]


def test_the_doctor_finds_nothing_wrong_with_an_installed_wheel(
    installed: FreshEnvironment,
) -> None:
    needs("bash", "bash")
    done = installed.run("-m", "mykernel", "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f" in {installed.site_packages / 'mykernel'}\n" in done.stdout
    assert "Live kernel mykernel-bash: answered" in done.stdout
