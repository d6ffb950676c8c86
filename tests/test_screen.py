"""Text that moves the cursor is drawn as a terminal draws it."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.contract import Display
from mykernel.iopub import StreamGovernor
from mykernel.iopub.overwritten import without_overwritten
from mykernel.terminal.screen import Region, moves_cursor, plain


def drawn(*texts: str) -> str:
    region = Region(24, 80)
    for text in texts:
        region.feed(text)
    return str(region)


def test_a_line_that_is_redrawn_from_below_shows_its_last_state():
    assert drawn("a: 0%\nb: 0%\n", "\x1b[2A\ra: 50%\x1b[1B\rb: 100%\n") == "a: 50%\nb: 100%\n"


def test_colours_are_kept():
    assert drawn("\x1b[2A\x1b[1;31mred\x1b[0m plain") == "\x1b[1;31mred\x1b[0m plain\n"


def test_lines_that_scroll_off_the_screen_are_kept():
    lines = "".join(f"line {i}\n" for i in range(100))
    assert drawn("\x1b[1A", lines) == lines


def test_a_long_line_is_told_as_one():
    assert drawn("\x1b[1A", "x" * 200) == "x" * 200 + "\n"


def test_a_long_line_that_scrolls_off_is_told_as_one():
    text = ("x" * 200 + "\n") * 30
    assert drawn("\x1b[1A", text) == text


def test_the_cursor_moves_over_the_rows_that_a_long_line_takes():
    assert drawn("above\n", "x" * 100, "\x1b[2K\x1b[1A\x1b[2K\rbelow\n") == "above\nbelow\n"


@pytest.mark.parametrize("text", ["plain", "\x1b[31mred\x1b[0m", "10%\r20%", "x\bx"])
def test_text_that_a_stream_can_show_moves_no_cursor(text):
    assert not moves_cursor(text)


@pytest.mark.parametrize("text", ["\x1b[01;31m\x1b[Kfound\x1b[m\x1b[K here\n", "x\x1b[K"])
def test_erasing_where_nothing_stands_is_no_movement(text):
    assert "\x1b[K" not in plain(text)
    assert not moves_cursor(plain(text))


@pytest.mark.parametrize("text", ["50%\r\x1b[K60%", "\x1b[2A\x1b[Kx"])
def test_erasing_what_was_written_is_movement(text):
    assert moves_cursor(plain(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1%\r2%\r3%", "1%\r3%"),
        ("\r1%\r2%\n", "\r2%\n"),
        ("\rlonger\rshort", "\rlonger\rshort"),
        ("a\r\nb\r\n", "a\r\nb\r\n"),
        ("\r\x1b[31m50%\x1b[0m\r\x1b[32m99%\x1b[0m", "\r\x1b[32m99%\x1b[0m"),
        ("\r50%\r", "\r50%\r"),
    ],
)
def test_what_a_carriage_return_overwrites_is_left_out(text, shown):
    assert without_overwritten(text) == shown


def overlaid(text: str) -> list[str]:
    """What a terminal shows of lines of plain characters and carriage returns."""
    lines = []
    for line in text.split("\n"):
        cells: list[str] = []
        for part in line.split("\r"):
            cells[: len(part)] = part
        lines.append("".join(cells))
    return lines


@given(st.text(alphabet="ab\r\n", max_size=60))
def test_leaving_out_the_overwritten_changes_nothing_to_be_seen(text):
    assert overlaid(without_overwritten(text)) == overlaid(text)


class Outputs:
    """A publisher that keeps what a notebook would keep. updates: whether it shows them."""

    def __init__(self, updates: bool = True) -> None:
        self.kept: list[str] = []
        self.longest_display = 0
        self._updates = updates

    def stream(self, name: str, text: str) -> None:
        self.kept.append(text)

    def display(self, text: str, display_id: str, update: bool) -> None:
        self.longest_display = max(self.longest_display, len(text))
        if not update:
            self.kept.append(text)
        elif self._updates:
            self.kept[-1] = text

    def bundle(self, display: Display) -> None:
        pass

    def clear(self) -> None:
        self.kept.clear()

    async def drained(self) -> None:
        pass


def test_lines_sent_as_plain_text_are_taken_back_when_the_cursor_reaches_them():
    async def run() -> list[str]:
        outputs = Outputs()
        governor = StreamGovernor(outputs, 3, 80)
        for text in ("1\n2\n3\n", "4\nbar 0%\n", "\x1b[1A\rbar 50%\n", "\x1b[1A\rbar 100%\n"):
            governor.text("stdout", text)
            governor.flush()
        governor.close()
        return outputs.kept

    assert "".join(asyncio.run(run())) == "1\n2\n3\n4\nbar 100%\n"


def test_once_the_redrawn_lines_are_out_of_reach_text_is_plain_again():
    async def run() -> list[str]:
        outputs = Outputs()
        governor = StreamGovernor(outputs, 5, 80)
        governor.text("stdout", "bar 0%\n\x1b[1A\rbar 100%\n")
        governor.flush()
        for i in range(20):
            governor.text("stdout", f"{i}\n")
            governor.flush()
        governor.close()
        return outputs.kept

    kept = asyncio.run(run())
    assert len(kept) > 2
    assert "".join(kept) == "bar 100%\n" + "".join(f"{i}\n" for i in range(20))


@pytest.mark.parametrize("flood", ["a line\n" * 100_000, "x" * 1_000_000 + "\n"])
def test_a_flood_behind_redrawn_lines_is_plain(flood):
    async def run() -> Outputs:
        outputs = Outputs()
        governor = StreamGovernor(outputs, 24, 80)
        governor.text("stdout", "bar 0%\n\x1b[1A\rbar 100%\n" + flood)
        governor.close()
        return outputs

    outputs = asyncio.run(run())
    assert "".join(outputs.kept).replace("\n", "") == "bar 100%" + flood.replace("\n", "")
    assert outputs.longest_display < 10_000


def test_lines_between_which_a_status_is_redrawn_do_not_make_updates_longer():
    async def run() -> Outputs:
        outputs = Outputs()
        governor = StreamGovernor(outputs, 24, 80)
        for i in range(5_000):
            governor.text("stdout", f"line {i}\nstatus\x1b[1G\x1b[K")
            governor.flush()
        governor.close()
        return outputs

    outputs = asyncio.run(run())
    assert "".join(outputs.kept) == "".join(f"line {i}\n" for i in range(5_000))
    assert outputs.longest_display < 20_000


def test_the_last_state_is_shown_where_updates_are_not():
    """As in jupyter console, which knows display_data alone."""

    async def run() -> list[str]:
        outputs = Outputs(updates=False)
        governor = StreamGovernor(outputs, 24, 80)
        for text in ("before\n", "bar 0%\n", "\x1b[1A\rbar 100%\n", "after\n"):
            governor.text("stdout", text)
            governor.flush()
        governor.close()
        return outputs.kept

    assert "".join(asyncio.run(run())) == "before\nbar 100%\nafter\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\r50%\r60%\n", "60%\n"),
        ("5\b6\n", "6\n"),
        ("a\r\nb\r\n", "a\r\nb\r\n"),
        ("50%\r\x1b[K60%\n", "60%\n"),
    ],
)
def test_where_streams_are_kept_as_sent_nothing_is_overwritten_in_them(text, kept):
    """As by nbclient; a client that is a person's gets "\\r" and "\\b" as they are."""

    async def run() -> str:
        outputs = Outputs()
        governor = StreamGovernor(outputs, 24, 80, kept_as_sent=True)
        for character in text:
            governor.text("stdout", character)
            governor.flush()
        governor.close()
        return "".join(outputs.kept)

    assert asyncio.run(run()) == kept


@pytest.mark.parametrize("kept_as_sent", [True, False])
@given(cuts=st.lists(st.integers(0, 60), max_size=5))
def test_a_spinner_is_erased_wherever_its_text_was_split(kept_as_sent, cuts):
    text = "a\n1\x1b[1G\x1b[0K2\x1b[1G\x1b[0K\nend\n3\x1b[1G\x1b[0K"
    tokens = re.findall("\x1b[^A-Z]*[A-Z]|.|\n", text)

    async def run() -> str:
        outputs = Outputs()
        governor = StreamGovernor(outputs, 24, 80, kept_as_sent=kept_as_sent)
        for position, token in enumerate(tokens):
            governor.text("stdout", token)
            if position in cuts:
                governor.flush()
        governor.close()
        return "".join(outputs.kept)

    assert overlaid(asyncio.run(run())) == ["a", "", "end", ""]
