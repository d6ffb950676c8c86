"""What a real gopls adds to what the helper finds, and that nothing waits for it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from frontend import PATIENCE, FrontEnd
from toolchains import missing, needs, needs_language

from mykernel.languages.go.toolchain import find_toolchain

Start = Callable[..., FrontEnd]
SHIP = 'type Ship struct { Name string; Home struct{ Harbour string } }\nship := Ship{Name: "Anna"}'


@pytest.fixture
def start(start_kernel: Start, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Starts kernels that have gopls."""
    needs_language("go")
    program, toolchain = needs("gopls", "gopls"), find_toolchain()
    argv = [str(toolchain.path), "version", str(program)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    if f": go{toolchain.version.rpartition('.')[0]}" not in said:
        missing(f"{said.strip()} is older than Go; Debian's unstable has one")
    monkeypatch.setenv("MYKERNEL_GOPLS", str(program))
    return start_kernel


def matches(go: FrontEnd, code: str) -> list[str]:
    return list(go.request("complete", code=code, cursor_pos=len(code)).content["matches"])


def inspected(go: FrontEnd, code: str, cursor_pos: int) -> str:
    content = go.request("inspect", code=code, cursor_pos=cursor_pos, detail_level=0).content
    return str(content["data"]["text/plain"]) if content["found"] else ""


def until(answer: Callable[[], bool]) -> None:
    """Ask until it is so: nothing tells when gopls has read all of the standard library."""
    end = time.monotonic() + PATIENCE
    while not answer():
        assert time.monotonic() < end


def with_gopls(go: FrontEnd, code: str = SHIP) -> FrontEnd:
    """Run that cell, and wait for gopls to know of it."""
    matches(go, "fmt.")
    assert go.execute(code).status == "ok"
    until(lambda: "ship.Home.Harbour" in matches(go, "Harb"))
    return go


def server(go: FrontEnd) -> psutil.Process:
    [found] = [one for one in psutil.Process(go.pid).children() if one.name() == "gopls"]
    return found


def test_members_of_members_are_found_by_their_names(start: Start) -> None:
    go = with_gopls(start("go"))
    assert matches(go, "Harb") == ["ship.Home.Harbour"]
    assert "Home.Harbour" in matches(go, "ship.")
    assert "ship.Home.Harbour" in matches(go, 's := "🚢"; x := Harb')


def test_what_the_helper_finds_comes_first_and_once(start: Start) -> None:
    go = with_gopls(start("go"))
    found = matches(go, "ship.")
    assert found[:2] == ["Home", "Name"]
    assert len(found) == len(set(found))
    assert matches(go, "fmt.Print")[:3] == ["Print", "Printf", "Println"]


def test_functions_of_the_cell_and_of_earlier_ones_are_known(start: Start) -> None:
    go = with_gopls(start("go"))
    go.execute("func (s Ship) Sail(to string) error { return nil }")
    cell = "func second() Ship { return ship }\nfunc third() {\n\tother := second()\n\tHarb"
    assert "other.Home.Harbour" in matches(go, cell)
    until(lambda: "ship.Sail" in matches(go, "Sai"))


def test_names_of_ours_are_not_offered(start: Start) -> None:
    go = with_gopls(start("go"))
    go.execute('import "net/url"\nwhere, _ := url.Parse("x:y")')
    assert not [one for one in matches(go, "cel") + matches(go, "p") if "__" in one]


def test_shift_tab_on_what_is_no_name_says_what_gopls_does(start: Start) -> None:
    go = with_gopls(start("go"))
    code = "x := 0x2a"
    assert "42" in inspected(go, code, len(code))


def test_a_batch_starts_none(start: Start) -> None:
    go = start("go")
    for _ in range(2):
        assert go.execute(SHIP).status == "ok"
    assert [one for one in psutil.Process(go.pid).children() if one.name() == "gopls"] == []


def test_a_question_does_not_wait_for_one_that_hangs(start: Start) -> None:
    go = with_gopls(start("go"))
    server(go).suspend()
    assert matches(go, "ship.N") == ["Name"]


def test_one_that_dies_is_started_anew_by_the_next_cell(start: Start) -> None:
    go = with_gopls(start("go"))
    first = server(go)
    first.kill()
    assert matches(go, "ship.N") == ["Name"]
    assert with_gopls(go).execute("ship.Name").status == "ok"
    assert server(go).pid != first.pid


def test_it_knows_the_modules_that_count(start: Start, tmp_path: Path) -> None:
    go = with_gopls(start("go"))
    (tmp_path / "other" / "harbour").mkdir(parents=True)
    (tmp_path / "other" / "go.mod").write_text("module example.org/other\n\ngo 1.24\n")
    source = tmp_path / "other" / "harbour" / "harbour.go"
    source.write_text("package harbour\n\ntype Berth struct{ Place struct{ Number int } }\n")
    cell = '%cd other\nimport "example.org/other/harbour"\nvar berth harbour.Berth'
    assert go.execute(cell).status == "ok"
    until(lambda: "berth.Place.Number" in matches(go, "Numb"))
    source.write_text(source.read_text().replace("Number", "Numbered"))
    until(lambda: "berth.Place.Numbered" in matches(go, "Numb"))


def test_it_ends_with_the_kernel(start: Start) -> None:
    go = with_gopls(start("go"))
    gopls = server(go)
    go.control("shutdown", restart=False)
    gopls.wait(PATIENCE)


def test_it_ends_with_a_kernel_that_is_killed(start: Start) -> None:
    go = with_gopls(start("go"))
    gopls = server(go)
    psutil.Process(go.pid).kill()
    gopls.wait(PATIENCE)


@pytest.mark.parametrize("program", ["", sys.executable, "/nowhere/gopls", "go", "gofmt"])
def test_what_is_no_gopls_changes_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """gofmt was compiled by the same Go, and waits for what is typed; go ends at once."""
    if program.startswith("go"):
        program = str(find_toolchain().path.with_name(program))
    monkeypatch.setenv("MYKERNEL_GOPLS", program)
    go = start("go")
    matches(go, "fmt.")
    for _ in range(2):
        assert go.execute(SHIP).status == "ok"
        assert matches(go, "ship.") == ["Home", "Name"]
