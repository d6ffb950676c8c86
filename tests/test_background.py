"""What background jobs write: whose cell it goes to, and that a flood of it does no harm."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import psutil
import pytest
import zmq
from frontend import FrontEnd, Message


class Job:
    """A background job that waits until it is told to write."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._gate = folder / name
        os.mkfifo(self._gate)
        self.code = f"{{ read < {shlex.quote(str(self._gate))}; echo from {name}; }} &"

    def write(self) -> None:
        self._gate.write_text("\n")


@pytest.fixture
def jobs(tmp_path: Path) -> tuple[Job, Job]:
    return Job("first", tmp_path), Job("second", tmp_path)


def started(kernel: FrontEnd, code: str) -> str:
    """Run a cell; returns its msg_id, under which later output comes."""
    cell = kernel.send(code)
    kernel.result(cell)
    return cell


@pytest.mark.parametrize("more", ["", " disown", " exit 3"])
def test_output_goes_to_the_cell_that_started_the_only_job(
    shell: FrontEnd, jobs: tuple[Job, Job], more: str
) -> None:
    cell = started(shell, jobs[0].code + more)
    for code in ("echo a", "sleep 0.01 & wait $!", "false", "exit 2"):
        shell.execute(code)
    jobs[0].write()
    shell.until_text(cell, "from first\n")


def test_a_pipelines_output_goes_to_its_cell_when_its_first_program_has_ended(
    shell: FrontEnd, jobs: tuple[Job, Job]
) -> None:
    cell = started(shell, f"true | {jobs[0].code} disown")
    shell.execute("exit 2")
    jobs[0].write()
    shell.until_text(cell, "from first\n")


def test_output_goes_to_the_latest_cell_while_jobs_of_several_live(
    shell: FrontEnd, jobs: tuple[Job, Job]
) -> None:
    first, _ = (started(shell, job.code) for job in jobs)
    latest = started(shell, "echo latest")
    jobs[1].write()
    shell.until_text(latest, "from second\n")
    # Where one cell's jobs alone are left, it is known again who writes.
    shell.execute("wait %2")
    jobs[0].write()
    shell.until_text(first, "from first\n")


def test_jobs_of_one_cell_are_known_as_such(shell: FrontEnd, jobs: tuple[Job, Job]) -> None:
    cell = started(shell, f"{jobs[0].code} {jobs[1].code}")
    shell.execute("echo latest")
    jobs[0].write()
    shell.until_text(cell, "from first\n")
    shell.execute("echo latest")
    jobs[1].write()
    shell.until_text(cell, "from second\n")


def test_output_of_jobs_gets_into_no_answer(shell: FrontEnd) -> None:
    shell.execute("yes noise >&2 & yes noise &")
    for _ in range(20):
        asked = {"bad": "${missing_?not there}", "good": "$((6 * 7))"}
        found = shell.execute(":", user_expressions=asked).content["user_expressions"]
        assert "not there" in found["bad"]["evalue"]
        assert "noise" not in found["bad"]["evalue"]
        assert found["good"]["data"]["text/plain"] == "42"
    shell.execute("kill %1 %2; wait")


def test_a_cells_messages_do_not_name_the_private_folder_later_either(
    shell: FrontEnd, jobs: tuple[Job, Job]
) -> None:
    cell = started(shell, f"{jobs[0].code[:-3]} nonsense_; }} &")
    jobs[0].write()
    shell.until_text(cell, "In[")
    said = "".join(m["content"].get("text", "") for m in shell._iopub[cell])
    assert "mykernel-" not in said


def test_a_flood_between_cells_leaves_the_memory_flat_and_cells_work(bash: FrontEnd) -> None:
    kernel = psutil.Process(bash.pid)
    bash.execute("kept=1; seq 100000")
    before = kernel.memory_info().rss
    cell = started(bash, "yes &")
    seen = 0

    def enough(message: Message) -> bool:
        nonlocal seen
        seen += len(message["content"].get("text", ""))
        message["content"]["text"] = ""  # the test's own memory
        return seen > 200_000_000

    bash.until(cell, enough)
    assert kernel.memory_info().rss - before < 20_000_000
    for number in range(10):
        result = bash.execute(f"echo cell {number}; echo error {number} >&2")
        assert f"cell {number}\n" in result.stdout
        assert result.stderr == f"error {number}\n"
    running = bash.send("echo begun; sleep 60")
    bash.until_text(running, "begun\n")
    bash.interrupt()
    assert bash.result(running).ename == "KeyboardInterrupt"
    assert bash.execute("kill %1; wait; echo kept $kept").stdout.endswith("kept 1\n")
    assert bash.execute("echo next").stdout == "next\n"
    assert kernel.memory_info().rss - before < 20_000_000


def test_a_flood_that_a_client_does_not_take_holds_the_job_up(
    bash: FrontEnd, tmp_path: Path
) -> None:
    """The job's 300 MB get neither to the client nor into the kernel's memory."""
    bash.execute("seq 100000")
    kernel = psutil.Process(bash.pid)
    before = kernel.memory_info().rss
    with zmq.Context() as context, context.socket(zmq.SUB) as hanging:
        hanging.rcvhwm = 1
        hanging.subscribe("")
        hanging.connect(f"tcp://{bash.manager.ip}:{bash.manager.iopub_port}")
        hanging.poll()  # welcomed, it takes nothing from here on
        bash.execute("yes | head -c 300000000 & echo $! > job")
        job = psutil.Process(int((tmp_path / "job").read_text()))
        with pytest.raises(psutil.TimeoutExpired):
            job.wait(3)
        assert kernel.memory_info().rss - before < 40_000_000


def test_a_person_is_spared_the_middle_of_a_jobs_flood(bash: FrontEnd, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    cell = bash.send("{ read < gate; seq 300000; echo end > done; } &", allow_stdin=True)
    bash.result(cell)
    (tmp_path / "gate").write_text("\n")
    bash.until_text(cell, "this is much output")
    bash.execute("wait; cat done")
    bash.execute(":")
    bash.until_text(cell, "left out here; the whole of it is in ")
