"""The nastiest cells leave the session in step: whatever one does, the next one runs as it should.

The cells are data, in bash_torture_cells.py.
"""

from __future__ import annotations

import itertools
import os
import queue
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pexpect
import pytest
from bash_torture_cells import CELLS, TortureCell
from frontend import FrontEnd, Result, launch_bash
from hypothesis import given, settings
from hypothesis import strategies as st

from mykernel.drivers.echo import Echo
from mykernel.markers import Mark, StreamDecoder, new_nonce
from mykernel.terminal import ControlFilter


@dataclass
class Torture:
    """One session under torture. in_step: whether all that was run so far came out right."""

    front_end: FrontEnd
    probes: int = 0
    in_step: bool = True

    def probe(self, where: str) -> None:
        """Run a cell that comes out right wherever the shell's stdout and its trace go."""
        self.probes += 1
        try:
            say = f"builtin printf 'probe %s\\n' {self.probes} >/dev/tty"
            result = self.front_end.execute(f"{{ {say}; }} 2>/dev/null")
        except queue.Empty:
            pytest.fail(f"no answer {where}")
        assert result.stdout == f"probe {self.probes}\n", f"out of step {where}"
        assert result.status == "ok", f"out of step {where}"

    def run(self, cell: TortureCell) -> Result:
        return self.front_end.execute(cell.code)

    def undo(self, cell: TortureCell) -> None:
        if cell.cleanup:
            self.front_end.execute(cell.cleanup)
            self.probe(f"after the cleanup of {cell.name!r}")


@pytest.fixture(scope="module")
def _sessions() -> Iterator[list[Torture]]:
    started: list[Torture] = []
    yield started
    for torture in started:
        torture.front_end.close()


@pytest.fixture
def torture(_sessions: list[Torture], tmp_path: Path) -> Torture:
    """The module's one session; another one only where it has been lost."""
    if not _sessions or not _sessions[-1].in_step:
        _sessions.append(start(tmp_path))
    session = _sessions[-1]
    session.in_step = False
    return session


def start(cwd: Path) -> Torture:
    return Torture(launch_bash(cwd))


@contextmanager
def started(cwd: Path) -> Iterator[Torture]:
    """A session of one's own."""
    torture = start(cwd)
    try:
        yield torture
    finally:
        torture.front_end.close()


def shown(result: Result) -> str:
    """All that the cell says, wherever it says it."""
    displays = [*result.of_type("display_data"), *result.of_type("update_display_data")]
    drawn = "".join(content["data"]["text/plain"] for content in displays)
    return result.stdout + result.stderr + drawn + str(result.content.get("evalue", ""))


def check(cell: TortureCell, result: Result) -> None:
    what = f"{cell.name!r}: {result.content.get('evalue')} {result.stderr[:500]}"
    assert result.content.get("ename", "") == cell.ename, what
    if cell.stdout is not None:
        assert result.stdout == cell.stdout, what
    assert cell.contains in shown(result), what


def assert_one_reply_and_idle_each(front_end: FrontEnd) -> None:
    front_end.request("kernel_info")
    requests = [msg_id for msg_id in front_end.sent if front_end.idles[msg_id]]
    assert {front_end.replies[msg_id] for msg_id in requests} == {1}
    assert {front_end.idles[msg_id] for msg_id in requests} == {1}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_cell_comes_out_as_bash_has_it_and_the_next_one_is_in_step(torture, cell):
    check(cell, torture.run(cell))
    torture.probe(f"after {cell.name!r}")
    torture.undo(cell)
    torture.in_step = True


# In any order, and interrupted

# More of them: MYKERNEL_TORTURE_ORDERS=20 python -m pytest tests/languages/test_bash_torture.py
ORDERS = int(os.environ.get("MYKERNEL_TORTURE_ORDERS", "3"))
some_orders = pytest.mark.parametrize("order", range(ORDERS))


@some_orders
def test_the_cells_come_out_the_same_in_any_order(tmp_path, order):
    chance = random.Random(order)
    with started(tmp_path) as torture:
        before: list[str] = []
        for cell in chance.sample(CELLS, len(CELLS)):
            before.append(cell.name)
            try:
                check(cell, torture.run(cell))
                torture.probe(f"after {cell.name!r}")
                torture.undo(cell)
            except BaseException as e:
                e.add_note(f"the cells before it, the last ones first: {before[::-1]}")
                raise
        assert_one_reply_and_idle_each(torture.front_end)


@some_orders
def test_the_session_is_in_step_when_cells_are_interrupted_anywhere(tmp_path, order):
    chance = random.Random(order)
    with started(tmp_path) as torture:
        front_end, before = torture.front_end, []
        for cell in chance.sample(CELLS, len(CELLS)):
            before.append(cell.name)
            try:
                msg_id = front_end.send(cell.code)
                if chance.random() < 1 / 3:
                    for _ in range(chance.randint(0, 4)):
                        front_end.control("kernel_info")
                    front_end.interrupt()
                front_end.result(msg_id)
                torture.probe(f"after {cell.name!r}")
                torture.undo(cell)
            except BaseException as e:
                e.add_note(f"the cells before it, the last ones first: {before[::-1]}")
                raise
        assert_one_reply_and_idle_each(front_end)


# The same bytes, cut anywhere

RECORDED = [
    cell
    for cell in CELLS
    if cell.name
    in {
        "a forged mark",
        "a shell integration's marks",
        "OSC garbage",
        "title",
        "colours",
        "a code point cut in two",
        "invalid UTF-8 at the end",
        "partial line",
        "all bytes",
        "single quotes in double",
        "cursor movement",
        "the alternate screen by hand",
    }
]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str], bytes]:
    """What a shell with our agent says on stdout to RECORDED: nonce, typed lines, bytes."""
    folder, nonce = tmp_path_factory.mktemp("recording"), new_nonce()
    agent = folder / "agent"
    agent.write_bytes(files("mykernel.languages.bash").joinpath("agent.bash").read_bytes())
    error_master, error_slave = os.openpty()
    env = {
        **os.environ,
        "__mk_dir": str(folder),
        "__mk_k": nonce,
        "__mk_rc": "",
        "__mk_error": os.ttyname(error_slave),
        "TERM": "xterm-256color",
    }
    child = pexpect.spawn(
        "bash", ["--noediting", "--rcfile", str(agent), "-i"], env=env, timeout=30
    )
    said, typed = b"", []
    try:
        for number, cell in enumerate([None, *RECORDED]):
            if cell is not None:
                file = folder / f"In[{number}]"
                file.write_text(f"__mk_begin {number} 0; {cell.code}\n")
                typed.append(f"__mk_i={number};. '{file}'\n")
                child.send(typed[-1])
            child.expect(f"\x1b\\]133;D;k={nonce};i={number};[^\x07]*\x07".encode())
            said += child.before + child.after
    finally:
        child.close(force=True)
        os.close(error_master)
        os.close(error_slave)
    return nonce, typed, said.replace(b"\r\n", b"\n")


def understood(nonce: str, typed: list[str], chunks: list[bytes]) -> list[tuple[str, object]]:
    """Each mark, and what stands between marks: a cell's output filtered, else without echo."""
    decoder, control, echo, lines = StreamDecoder(nonce), ControlFilter(), Echo(), iter(typed)
    found: list[tuple[str, object]] = []

    def add(kind: str, value: object) -> None:
        if isinstance(value, str) and found and found[-1][0] == kind:
            found[-1] = (kind, f"{found[-1][1]}{value}")
        elif value != "":
            found.append((kind, value))

    in_cell = False
    for event in (*(e for c in chunks for e in decoder.feed(c)), *decoder.close()):
        if isinstance(event, Mark):
            if event.kind == "D":
                control = ControlFilter()
                echo.expect(next(lines, ""))
            else:
                add("between", echo.flush())
            in_cell = event.kind == "C"
            add("mark", event)
        elif in_cell:
            for part in control.feed(event.text):
                add("text" if isinstance(part, str) else "control", part)
        else:
            add("between", echo.remove(event.text))
    return found


def cut(data: bytes, at: list[int]) -> list[bytes]:
    points = sorted({point % (len(data) + 1) for point in at} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(points)]


def test_a_recording_holds_each_cells_output_between_its_marks(recording):
    nonce, typed, data = recording
    found = understood(nonce, typed, [data])
    texts = "".join(str(value) for kind, value in found if kind == "text")
    assert [v.kind for k, v in found if k == "mark"] == ["D", *["C", "D"] * len(RECORDED)]
    for cell in RECORDED:
        assert (cell.stdout or cell.contains) in texts
    assert not [value for kind, value in found if kind == "between"]


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(at=st.lists(st.integers(0, 1 << 20), max_size=200))
def test_the_bytes_mean_the_same_wherever_they_are_split(recording, at):
    nonce, typed, data = recording
    assert understood(nonce, typed, cut(data, at)) == understood(nonce, typed, [data])


def test_the_bytes_mean_the_same_one_by_one(recording):
    nonce, typed, data = recording
    single = [data[i : i + 1] for i in range(len(data))]
    assert understood(nonce, typed, single) == understood(nonce, typed, [data])
