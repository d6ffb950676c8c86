"""`python -m mykernel.install`, run for real in a Python environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import fresh_environment
import pytest
from fresh_environment import FreshEnvironment
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from toolchains import needs

import mykernel
from mykernel import kernelspecs, languages

SHIPPED = Path(__file__).parent.parent / "share" / "jupyter" / "kernels" / "mykernel-bash"
FILES = {"kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}


@pytest.fixture
def fresh(tmp_path: Path) -> FreshEnvironment:
    needs("bash", "bash")
    return fresh_environment.make(tmp_path)


def contents(folder: Path) -> set[str]:
    return {item.name for item in folder.iterdir()} if folder.is_dir() else set()


def test_without_names_every_language_with_a_toolchain_is_installed(
    fresh: FreshEnvironment,
) -> None:
    fresh.add_language("toy")
    done = fresh.install()
    assert done.returncode == 0, done.stderr
    assert contents(fresh.user_kernels) >= {"mykernel-bash", "mykernel-toy"}


def test_it_says_what_was_installed_where_and_how_to_go_on(fresh: FreshEnvironment) -> None:
    done = fresh.install("bash")
    assert f"Installed mykernel-bash in {fresh.user_kernels / 'mykernel-bash'}" in done.stdout
    assert shutil.which("bash") or "" in done.stdout
    assert done.stdout.endswith('Next: open JupyterLab and pick "Bash".\n')


def test_jupyter_finds_what_was_installed(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    spec = fresh.jupyter_finds("mykernel-bash")
    assert spec["display_name"] == "Bash"
    assert spec["language"] == languages.language("bash").language_id
    assert spec["interrupt_mode"] == "message"
    assert spec["env"] == {}
    assert spec["metadata"] == {
        "debugger": False,
        "supported_encryption": ["curve"],
        "mykernel": {"language": "bash", "version": mykernel.__version__},
    }


def test_the_kernel_is_started_by_the_python_that_installed_it_links_unresolved(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash")
    argv = fresh.jupyter_finds("mykernel-bash")["argv"]
    assert fresh.python.is_symlink()
    started = ["-m", "mykernel", "kernel", "bash", "-f", "{connection_file}"]
    assert argv == [str(fresh.python), *started]


def test_the_logos_come_along(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    assert contents(fresh.user_kernels / "mykernel-bash") == FILES


def test_a_third_partys_language_without_logos_is_installed(fresh: FreshEnvironment) -> None:
    fresh.add_language("toy")
    done = fresh.install("toy")
    assert done.returncode == 0, done.stderr
    assert contents(fresh.user_kernels / "mykernel-toy") == {"kernel.json"}


def test_a_language_without_toolchain_is_skipped_with_the_package_to_install(
    fresh: FreshEnvironment,
) -> None:
    fresh.add_language("toy")
    done = fresh.install(PATH=str(fresh.prefix / "bin"))
    assert done.returncode == 0
    assert "Skipped bash: bash was not found on PATH" in done.stderr
    assert "apt install bash" in done.stderr
    installed = contents(fresh.user_kernels)
    assert "mykernel-toy" in installed
    assert "mykernel-bash" not in installed


def test_the_exit_status_is_1_when_nothing_could_be_installed(fresh: FreshEnvironment) -> None:
    done = fresh.install("bash", PATH=str(fresh.prefix / "bin"))
    assert done.returncode == 1
    assert contents(fresh.user_kernels) == set()


def test_a_language_whose_package_is_broken_does_not_hinder_the_others(
    fresh: FreshEnvironment,
) -> None:
    fresh.add_language("toy")
    (fresh.site_packages / "toy_language.py").unlink()
    done = fresh.install()
    assert done.returncode == 0
    assert "Skipped toy: its package cannot be loaded" in done.stderr
    assert contents(fresh.user_kernels) >= {"mykernel-bash"}


def test_an_unknown_language_is_a_usage_error_that_names_the_known_ones(
    fresh: FreshEnvironment,
) -> None:
    done = fresh.install("bahs")
    assert done.returncode == 2
    assert "there is no language 'bahs'; there is: bash" in done.stderr


def test_sys_prefix_installs_into_this_environment_alone(fresh: FreshEnvironment) -> None:
    assert fresh.install("--sys-prefix").returncode == 0
    assert contents(fresh.own_kernels) >= {"mykernel-bash"}
    assert contents(fresh.user_kernels) == set()
    assert fresh.jupyter_finds("mykernel-bash")["display_name"] == "Bash"


def test_a_prefix_off_the_jupyter_path_is_found_once_jupyter_path_is_set_as_told(
    fresh: FreshEnvironment, tmp_path: Path
) -> None:
    prefix = tmp_path / "else where"
    done = fresh.install("--prefix", str(prefix))
    assert done.returncode == 0
    assert contents(prefix / "share" / "jupyter" / "kernels") >= {"mykernel-bash"}
    told = done.stdout.splitlines()[-1].strip()
    jupyter_path = subprocess.run(
        ["bash", "-c", f'{told}; printf %s "$JUPYTER_PATH"'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = fresh.jupyter_finds("mykernel-bash", JUPYTER_PATH=jupyter_path)
    assert found["argv"][0] == str(fresh.python)


def test_a_prefix_on_the_jupyter_path_is_not_warned_of(
    fresh: FreshEnvironment, tmp_path: Path
) -> None:
    done = fresh.install(
        "--prefix", str(tmp_path / "p"), JUPYTER_PATH=str(tmp_path / "p" / "share" / "jupyter")
    )
    assert "JUPYTER_PATH" not in done.stdout
    assert 'pick "Bash"' in done.stdout


def test_a_name_and_a_display_name_may_be_given(fresh: FreshEnvironment) -> None:
    text = 'Bash "größer" $(touch x)'
    assert fresh.install("bash", "--name", "My.bash-2_x", "--display-name", text).returncode == 0
    assert contents(fresh.user_kernels) == {"my.bash-2_x"}
    assert fresh.jupyter_finds("my.bash-2_x")["display_name"] == text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--name", "x"],
        ["--display-name", "X"],
        ["bash", "bash", "--name", "x"],
        ["bash", "--name", "größer"],
        ["bash", "--name", "a/b"],
        ["bash", "--name", "a\n"],
        ["bash", "--name", ".."],
        ["bash", "--name", ""],
        ["bash", "--prefix", ""],
        ["bash", "--user", "--sys-prefix"],
        ["--list", "--remove"],
    ],
)
def test_a_command_line_that_makes_no_sense_ends_in_2_and_writes_nothing(
    fresh: FreshEnvironment, arguments: list[str]
) -> None:
    done = fresh.install(*arguments)
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert contents(fresh.user_kernels) == set()


def test_installing_again_replaces_what_was_there(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    folder = fresh.user_kernels / "mykernel-bash"
    (folder / "left-over").touch()
    (folder / "kernel.json").write_text("{")
    assert fresh.install("bash").returncode == 0
    assert contents(folder) == FILES
    assert contents(fresh.user_kernels) == {"mykernel-bash"}


def test_somebody_elses_kernelspec_is_not_overwritten(fresh: FreshEnvironment) -> None:
    other = fresh.user_kernels / "python3"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["theirs"]}')
    done = fresh.install("bash", "--name", "python3")
    assert done.returncode == 1
    assert f"{other} is there already and is not mykernel's" in done.stderr
    assert (other / "kernel.json").read_text() == '{"argv": ["theirs"]}'


def test_a_file_in_the_kernelspecs_place_is_left_alone(fresh: FreshEnvironment) -> None:
    fresh.user_kernels.mkdir(parents=True)
    (fresh.user_kernels / "mykernel-bash").write_text("a file")
    done = fresh.install("bash")
    assert done.returncode == 1
    assert str(fresh.user_kernels / "mykernel-bash") in done.stderr
    assert (fresh.user_kernels / "mykernel-bash").read_text() == "a file"


@pytest.mark.parametrize("place", ["{home}/file/below", "/proc", "/dev/null"])
def test_it_refuses_where_it_may_not_write_and_names_the_way_out(
    fresh: FreshEnvironment, place: str
) -> None:
    (fresh.home / "file").touch()
    prefix = place.format(home=fresh.home)
    done = fresh.install("bash", "--prefix", prefix)
    assert done.returncode == 1
    assert f"Not installed: {prefix}/share/jupyter/kernels/mykernel-bash cannot" in done.stderr
    assert "--user" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_write_that_fails_half_way_leaves_the_former_kernelspec_whole(
    fresh: FreshEnvironment,
) -> None:
    fresh.install("bash", "--display-name", "Former")
    # Files of 1,024 bytes at most: kernel.json goes through, a logo does not.
    limited = ["bash", "-c", 'ulimit -f 1; exec "$@"', "-", str(fresh.python)]
    done = subprocess.run(
        [*limited, "-m", "mykernel.install", "bash"],
        env=fresh.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=fresh.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "Make room there" in done.stderr
    assert contents(fresh.user_kernels) == {"mykernel-bash"}
    assert contents(fresh.user_kernels / "mykernel-bash") == FILES
    assert fresh.jupyter_finds("mykernel-bash")["display_name"] == "Former"


def test_list_shows_name_language_interpreter_and_folder(fresh: FreshEnvironment) -> None:
    fresh.install("bash", "--name", "mine")
    done = fresh.install("--list")
    assert done.returncode == 0
    heading, row = done.stdout.splitlines()
    assert heading.split() == ["NAME", "LANGUAGE", "INTERPRETER", "FOLDER"]
    assert row.split() == ["mine", "bash", str(fresh.python), str(fresh.user_kernels / "mine")]


def test_list_marks_an_interpreter_that_is_gone(fresh: FreshEnvironment, tmp_path: Path) -> None:
    fresh.install("bash", "--name", "mine")
    path = fresh.user_kernels / "mine" / "kernel.json"
    path.write_text(path.read_text().replace(str(fresh.python), str(tmp_path / "gone")))
    assert f"{tmp_path / 'gone'} (missing)" in fresh.install("--list").stdout


def test_list_shows_no_kernelspec_but_ours_and_fails_when_there_is_none(
    fresh: FreshEnvironment,
) -> None:
    other = fresh.user_kernels / "other"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["theirs"], "metadata": {}}')
    done = fresh.install("--list")
    assert done.returncode == 1
    assert "other" not in done.stdout
    assert "-m mykernel install" in done.stdout


def test_remove_takes_ours_and_leaves_others(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    fresh.install("bash", "--sys-prefix")
    other = fresh.user_kernels / "other"
    other.mkdir()
    (other / "kernel.json").write_text('{"argv": ["theirs"], "metadata": {}}')
    done = fresh.install("--remove")
    assert done.returncode == 0
    assert f"Removed mykernel-bash from {fresh.user_kernels / 'mykernel-bash'}" in done.stdout
    assert contents(fresh.user_kernels) == {"other"}
    assert contents(fresh.own_kernels) == set()


def test_remove_by_language_leaves_other_languages(fresh: FreshEnvironment) -> None:
    fresh.add_language("toy")
    fresh.install()
    assert fresh.install("--remove", "bash").returncode == 0
    installed = contents(fresh.user_kernels)
    assert "mykernel-toy" in installed
    assert "mykernel-bash" not in installed


def test_remove_by_name_leaves_other_names(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    fresh.install("bash", "--name", "mine")
    assert fresh.install("--remove", "--name", "mine").returncode == 0
    assert contents(fresh.user_kernels) == {"mykernel-bash"}


def test_remove_keeps_to_the_place_that_is_given(fresh: FreshEnvironment) -> None:
    fresh.install("bash")
    fresh.install("bash", "--sys-prefix")
    assert fresh.install("--remove", "--user").returncode == 0
    assert contents(fresh.own_kernels) == {"mykernel-bash"}


def test_remove_of_somebody_elses_name_removes_nothing(fresh: FreshEnvironment) -> None:
    other = fresh.user_kernels / "other"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["theirs"], "metadata": {}}')
    done = fresh.install("--remove", "--name", "other")
    assert done.returncode == 1
    assert "Nothing to remove" in done.stdout
    assert contents(fresh.user_kernels) == {"other"}


def test_remove_takes_a_symbolic_link_and_leaves_what_it_points_to(
    fresh: FreshEnvironment, tmp_path: Path
) -> None:
    fresh.install("bash", "--prefix", str(tmp_path / "p"))
    real = tmp_path / "p" / "share" / "jupyter" / "kernels" / "mykernel-bash"
    fresh.user_kernels.mkdir(parents=True)
    (fresh.user_kernels / "mykernel-bash").symlink_to(real)
    assert fresh.install("--remove").returncode == 0
    assert contents(fresh.user_kernels) == set()
    assert contents(real) == FILES


def test_install_runs_in_a_folder_whose_files_are_named_as_pythons_own(
    fresh: FreshEnvironment, tmp_path: Path
) -> None:
    done = fresh.run_in(misleading(tmp_path), "-m", "mykernel.install", "bash")
    assert done.returncode == 0, done.stderr


def test_a_kernel_answers_in_a_folder_whose_files_are_named_as_pythons_own(
    fresh: FreshEnvironment, tmp_path: Path
) -> None:
    fresh.install("bash")
    specs = KernelSpecManager(kernel_dirs=[str(fresh.user_kernels)], ensure_native_kernel=False)
    manager = KernelManager(kernel_name="mykernel-bash", kernel_spec_manager=specs)
    manager.start_kernel(cwd=str(misleading(tmp_path)), env=fresh.environ)
    client: BlockingKernelClient = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        said = []
        reply = client.execute_interactive(
            "echo here", timeout=60, output_hook=lambda message: said.append(message["content"])
        )
        assert reply["content"]["status"] == "ok"
        assert {"name": "stdout", "text": "here\n"} in said
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def misleading(tmp_path: Path) -> Path:
    """A folder with files that take the place of modules when it comes first on sys.path."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("json", "signal", "random", "argparse", "tempfile", "pexpect", "zmq"):
        (folder / f"{name}.py").write_text("raise RuntimeError(__file__)\n")
    return folder


def test_the_short_command_installs_too(fresh: FreshEnvironment) -> None:
    assert fresh.run("-m", "mykernel", "install", "bash").returncode == 0
    assert contents(fresh.user_kernels) == {"mykernel-bash"}


def test_the_version_is_told(fresh: FreshEnvironment) -> None:
    assert fresh.run("-m", "mykernel", "--version").stdout == f"mykernel {mykernel.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["instal"]])
def test_an_unknown_command_ends_in_2_and_names_the_known_ones(
    fresh: FreshEnvironment, arguments: list[str]
) -> None:
    done = fresh.run("-m", "mykernel", *arguments)
    assert done.returncode == 2
    assert "doctor" in done.stderr


def test_the_shipped_kernelspec_says_what_install_writes_but_for_the_interpreter() -> None:
    shipped = json.loads((SHIPPED / "kernel.json").read_text())
    written = kernelspecs.kernel_json(languages.language("bash"))
    assert shipped == written | {"argv": ["python", *written["argv"][1:]]}


@pytest.mark.parametrize("size", [32, 64])
def test_the_logos_have_the_size_that_their_names_say_and_an_alpha_channel(size: int) -> None:
    image = (SHIPPED / f"logo-{size}x{size}.png").read_bytes()
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(image[at : at + 4], "big") for at in (16, 20))
    truecolour_with_alpha = 6
    assert (width, height, image[25]) == (size, size, truecolour_with_alpha)


def test_a_loop_of_links_is_refused_in_words(fresh: FreshEnvironment, tmp_path: Path) -> None:
    os.symlink(tmp_path / "loop", tmp_path / "loop")
    done = fresh.install("bash", "--prefix", str(tmp_path / "loop"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_what_the_kernel_is_told_stands_in_the_kernelspec(fresh: FreshEnvironment) -> None:
    done = fresh.install("bash", "--columns", "120", "--merge-stderr", "--no-startup-files")
    assert done.returncode == 0, done.stderr
    argv = fresh.jupyter_finds("mykernel-bash")["argv"]
    told = ["--no-startup-files", "--columns=120", "--merge-stderr"]
    assert argv[4:] == ["bash", *told, "-f", "{connection_file}"]


def test_a_launcher_gives_the_kernelspec_its_name(fresh: FreshEnvironment) -> None:
    done = fresh.install("bash", "--launcher", "env -i A='b c'")
    assert done.returncode == 0, done.stderr
    assert "bash by env -i 'A=b c'" in done.stdout
    spec = fresh.jupyter_finds("mykernel-bash-env-i-a-b-c")
    assert spec["display_name"] == "Bash (env -i 'A=b c')"
    assert "--launcher=env -i 'A=b c'" in spec["argv"]


def test_a_launcher_that_is_not_there_is_not_installed(fresh: FreshEnvironment) -> None:
    done = fresh.install("bash", "--launcher", "no-such-launcher host")
    assert done.returncode == 1
    assert "no-such-launcher, the launcher's first word, is not on PATH" in done.stderr
    assert contents(fresh.user_kernels) == set()


def test_a_launcher_goes_with_one_language_alone(fresh: FreshEnvironment) -> None:
    done = fresh.install("--launcher", "env")
    assert done.returncode == 2
    assert "exactly one language" in done.stderr
