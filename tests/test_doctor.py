"""`python -m mykernel doctor`, run for real in a Python environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import fresh_environment
import pytest
from fresh_environment import FreshEnvironment
from toolchains import needs

from mykernel import languages
from mykernel.contract import Toolchain
from mykernel.doctor.finding import Finding
from mykernel.doctor.toolchains import judged


@pytest.fixture
def fresh(tmp_path: Path) -> FreshEnvironment:
    needs("bash", "bash")
    return fresh_environment.make(tmp_path)


def doctor(fresh: FreshEnvironment, status: int, **variables: str) -> list[Finding]:
    """What it finds, once it has ended with that status."""
    done = fresh.run("-m", "mykernel", "doctor", "--json", **variables)
    assert done.returncode == status, done.stdout + done.stderr
    return [Finding(**check) for check in json.loads(done.stdout)["checks"]]


def about(findings: list[Finding], subject: str) -> Finding:
    """The one finding about a subject."""
    (finding,) = [finding for finding in findings if finding.subject == subject]
    return finding


def edit_spec(folder: Path, **changes: Any) -> None:
    path = folder / "kernel.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_working_installation_has_nothing_wrong_and_its_kernel_answers(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash")
    findings = doctor(fresh, status=0)
    live = about(findings, "Live kernel mykernel-bash")
    assert live.status == "ok"
    assert "answered" in live.detail
    assert about(findings, "Kernelspec mykernel-bash").status == "ok"
    assert about(findings, "Bash").detail.endswith(str(shutil.which("bash")))
    assert about(findings, "Python").detail.endswith(str(fresh.python))


def test_each_finding_is_a_line_with_its_fix_below(fresh: FreshEnvironment) -> None:
    done = fresh.run("-m", "mykernel", "doctor")
    assert done.returncode == 1
    *lines, summary = done.stdout.splitlines()
    at = lines.index(
        "wrong    Kernelspecs: there is none of mykernel's on the Jupyter path",
    )
    assert lines[at + 1] == f"         fix: {fresh.python} -m mykernel install"
    assert {line.split(maxsplit=1)[0] for line in lines} <= {"ok", "warning", "wrong", "fix:"}
    assert summary.startswith("1 of these is wrong")


def test_the_fix_of_a_missing_interpreter_mends_it(fresh: FreshEnvironment, tmp_path: Path) -> None:
    fresh.install("bash", "--sys-prefix", "--name", "mine", "--display-name", "My Bash")
    edit_spec(fresh.own_kernels / "mine", argv=[str(tmp_path / "gone"), "-m", "mykernel"])
    broken = about(doctor(fresh, status=1), "Kernelspec mine")
    assert broken.status == "wrong"
    assert str(tmp_path / "gone") in broken.detail
    fix = broken.fix.partition(" (or")[0]
    subprocess.run(fix, shell=True, env=fresh.environ, capture_output=True, check=True)
    assert about(doctor(fresh, status=0), "Kernelspec mine").status == "ok"
    assert fresh.jupyter_finds("mine")["display_name"] == "My Bash"


def test_the_other_fix_of_a_missing_interpreter_removes_the_kernelspec(
    fresh: FreshEnvironment, tmp_path: Path
) -> None:
    fresh.install("bash")
    folder = fresh.user_kernels / "mykernel-bash"
    edit_spec(folder, argv=[str(tmp_path / "gone")])
    fix = about(doctor(fresh, status=1), "Kernelspec mykernel-bash").fix
    removal = fix.partition("to remove it: ")[2].removesuffix(")")
    subprocess.run(removal, shell=True, env=fresh.environ, capture_output=True, check=True)
    assert not folder.exists()


def test_a_python_without_mykernel_is_found_out(fresh: FreshEnvironment, tmp_path: Path) -> None:
    other = fresh_environment.make_bare(tmp_path / "bare")
    fresh.install("bash")
    edit_spec(fresh.user_kernels / "mykernel-bash", argv=[str(other), "-m", "mykernel"])
    finding = about(doctor(fresh, status=1), "Kernelspec mykernel-bash")
    assert finding.status == "wrong"
    assert f"{other} cannot import mykernel: ModuleNotFoundError" in finding.detail


def test_a_kernelspec_that_cannot_be_read_is_wrong_and_its_fix_mends_it(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash")
    (fresh.user_kernels / "mykernel-bash" / "kernel.json").write_text("{ not JSON")
    broken = about(doctor(fresh, status=1), "Kernelspec mykernel-bash")
    assert "kernel.json cannot be read" in broken.detail
    fix = broken.fix.partition(" (or")[0]
    subprocess.run(fix, shell=True, env=fresh.environ, capture_output=True, check=True)
    assert about(doctor(fresh, status=0), "Kernelspec mykernel-bash").status == "ok"


def test_a_kernel_that_dies_is_wrong_with_what_it_wrote_last(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    script = "raise SystemExit('no luck today')"
    argv = [str(fresh.python), "-c", script, "{connection_file}"]
    edit_spec(fresh.user_kernels / "mykernel-bash", argv=argv)
    live = about(doctor(fresh, status=1), "Live kernel mykernel-bash")
    assert live.status == "wrong"
    assert "no luck today" in live.detail


def test_a_hidden_kernelspec_that_starts_another_python_is_a_warning(
    fresh: FreshEnvironment, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    second.mkdir()
    other = fresh_environment.make(second)
    fresh.install("bash")
    other.install("bash", "--prefix", str(tmp_path / "p"))
    jupyter_path = str(tmp_path / "p" / "share" / "jupyter")
    findings = doctor(fresh, status=0, JUPYTER_PATH=jupyter_path)
    (hidden,) = [finding for finding in findings if "is hidden by" in finding.detail]
    assert hidden.status == "warning"
    assert str(fresh.user_kernels / "mykernel-bash") in hidden.detail
    assert "--remove --name mykernel-bash --user" in hidden.fix


def test_jupyter_of_another_environment_is_fine_with_a_kernelspec_of_the_user(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash", "--user")
    finding = about(doctor(fresh, status=0, PATH=path_with_this_jupyter()), "jupyter on PATH")
    assert finding.status == "ok"
    assert "of another environment" in finding.detail
    assert "finds mykernel-bash" in finding.detail


def test_jupyter_of_another_environment_is_wrong_with_a_kernelspec_of_this_alone(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash", "--sys-prefix", "--name", "mine")
    finding = about(doctor(fresh, status=1, PATH=path_with_this_jupyter()), "jupyter on PATH")
    assert finding.status == "wrong"
    assert "does not find mine" in finding.detail
    assert finding.fix == f"{fresh.python} -m mykernel install"


def path_with_this_jupyter() -> str:
    """A PATH on which `jupyter` is that of the environment that runs the tests."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def test_a_runtime_folder_that_cannot_be_written_is_wrong(fresh: FreshEnvironment) -> None:
    (fresh.home / "file").touch()
    folder = fresh.home / "file" / "below"
    findings = doctor(fresh, status=1, JUPYTER_RUNTIME_DIR=str(folder))
    assert about(findings, "Runtime folder").status == "wrong"
    assert str(folder) in about(findings, "Runtime folder").detail


def test_a_dependency_that_is_too_old_is_wrong(fresh: FreshEnvironment) -> None:
    fresh.record("pexpect", "4.0")
    finding = about(doctor(fresh, status=1), "pexpect")
    assert finding.status == "wrong"
    assert "4.0 is too old" in finding.detail
    assert finding.fix == f"{fresh.python} -m pip install --upgrade 'pexpect>=4.9'"


def test_a_missing_toolchain_is_wrong_once_its_kernelspec_is_installed(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash")
    findings = doctor(fresh, status=1, PATH=str(fresh.prefix / "bin"))
    assert about(findings, "Bash").status == "wrong"
    assert "apt install bash" in about(findings, "Bash").fix


def test_without_man_one_is_told_what_is_lost_and_nothing_is_wrong(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash")
    (fresh.prefix / "bin" / "bash").symlink_to(shutil.which("bash") or "")
    finding = about(doctor(fresh, status=0, PATH=str(fresh.prefix / "bin")), "man")
    assert finding.status == "warning"
    assert "no manual pages" in finding.detail
    assert "apt install man-db" in finding.fix


def test_a_folder_of_scripts_that_is_not_on_path_is_a_warning(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    bash = Path(shutil.which("bash") or "").parent
    finding = about(doctor(fresh, status=0, PATH=str(bash)), "PATH")
    assert finding.status == "warning"
    assert f"{fresh.prefix / 'bin'} is not on PATH" in finding.detail


@pytest.mark.parametrize(
    ("version", "status"), [("3.2.57", "warning"), ("4.0", "ok"), ("5.2.15", "ok"), ("?", "ok")]
)
def test_bash_before_4_is_a_warning(version: str, status: str) -> None:
    finding = judged(languages.language("bash"), Toolchain(Path("/bin/bash"), version))
    assert finding.status == status


def test_a_language_whose_package_is_broken_is_a_warning(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    fresh.add_language("toy")
    (fresh.site_packages / "toy_language.py").unlink()
    assert about(doctor(fresh, status=0), "toy").status == "warning"


def test_a_kernel_of_a_third_partys_language_is_tried_out_too(fresh: FreshEnvironment) -> None:
    fresh.add_language("toy")
    fresh.install("toy")
    argv = [str(fresh.python), "-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"]
    edit_spec(fresh.user_kernels / "mykernel-toy", argv=argv)
    assert about(doctor(fresh, status=0), "Live kernel mykernel-toy").status == "ok"
