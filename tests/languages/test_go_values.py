"""What becomes of Go's values when all is not well, each in a real Go behind a real kernel."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from frontend import FrontEnd


@pytest.fixture(scope="module")
def go(go: FrontEnd) -> FrontEnd:
    go.execute("fmt.Print()")
    return go


def run(go: FrontEnd, *cells: str) -> None:
    for cell in cells:
        result = go.execute(cell)
        assert (result.status, result.stderr) == ("ok", ""), result.content


def private_folder(go: FrontEnd) -> Path:
    """Where the kernel's helper has what is its own."""
    for child in psutil.Process(go.pid).children(recursive=True):
        if folder := child.environ().get("MYKERNEL_DIR"):
            return Path(folder)
    raise AssertionError("there is no helper")


def file_of(go: FrontEnd, name: str) -> Path:
    (path,) = private_folder(go).glob(f"values-*/{name}")
    return path


# Programs may not write files that are longer, in bytes.
FULL = """
signal.Ignore(syscall.SIGXFSZ)
syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 8192, Max: 8192})
"""


def test_where_the_disk_is_full_values_are_as_they_were_and_the_others_are_kept(go: FrontEnd):
    run(go, "heavy := []int{1}\nlight := 1")
    result = go.execute(FULL + "heavy = make([]int, 5000)\nlight = 2\nfresh := make([]int, 5000)")
    assert result.status == "ok"
    assert result.stderr == (
        "mykernel: fresh is not there for later cells: file too large\n"
        "mykernel: heavy has the value of before this cell: file too large\n"
    )
    assert go.execute("fmt.Print(heavy, light)").stdout == "[1] 2"
    assert "undefined: fresh" in go.execute("fresh").evalue


def test_what_could_not_be_written_is_tried_again(go: FrontEnd):
    run(go, "again := []int{1}")
    assert "file too large" in go.execute(FULL + "again = make([]int, 5000)").stderr
    run(go, "again = make([]int, 5000)")
    assert go.execute("fmt.Print(len(again))").stdout == "5000"


def test_where_no_value_can_be_written_the_cell_fails_and_says_why(go: FrontEnd):
    run(go, "stays := 1")
    folder = private_folder(go)
    code = f"""
gone, _ := filepath.Glob("{folder}/values-*")
for _, one := range gone {{
    if _, err := os.Stat(one + "/stays"); err != nil {{
        os.Remove(one)
    }}
}}
stays = 2
"""
    result = go.execute(code)
    assert (result.ename, "no value of this cell was kept" in result.evalue) == ("panic", True)
    assert go.execute("fmt.Print(stays)").stdout == "1"


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-9], lambda data: data[:0], lambda data: data[:20] + b"!" + data[21:]],
    ids=["cut", "empty", "changed"],
)
def test_a_damaged_file_is_told_of_and_the_others_are_read(go: FrontEnd, damage):
    run(go, "spoilt := []string{`a`, `b`}\nsound := 1")
    path = file_of(go, "spoilt")
    path.write_bytes(damage(path.read_bytes()))
    result = go.execute("fmt.Print(spoilt, sound)")
    assert result.stdout == "[] 1"
    assert result.stderr == "mykernel: spoilt has lost its value: its file is damaged\n"


def test_a_file_that_is_gone_is_told_of(go: FrontEnd):
    run(go, "vanished := 5")
    file_of(go, "vanished").unlink()
    result = go.execute("fmt.Print(vanished)")
    assert result.stdout == "0"
    assert "vanished has lost its value: " in result.stderr
    assert "no such file" in result.stderr


def test_each_value_has_one_file(go: FrontEnd):
    run(go, "single := 1", "single++", "single++")
    assert file_of(go, "single").exists()
    run(go, "%rm single")
    assert not list(private_folder(go).glob("values-*/single"))


def test_a_variable_that_no_cell_reaches_is_not_read(go: FrontEnd):
    """Its file is damaged, and nobody is told."""
    run(go, "asleep := 1")
    file_of(go, "asleep").write_bytes(b"")
    run(go, "fmt.Print()")


def test_memory_that_is_not_there_ends_the_cell_alone(go: FrontEnd):
    run(go, "roomy := 1")
    code = """
syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 2 << 30, Max: 2 << 30})
hoard := [][]byte{}
for {
    hoard = append(hoard, make([]byte, 1<<28))
}
"""
    result = go.execute(code)
    assert result.ename == "fatal error"
    assert "out of memory" in result.evalue
    assert go.execute("fmt.Print(roomy)").stdout == "1"


def test_a_size_that_no_memory_has_is_a_panic(go: FrontEnd):
    result = go.execute("much := 1 << 50\n_ = make([]byte, much)")
    assert result.ename == "panic"
    assert "makeslice: len out of range" in result.evalue
