"""The governor sends the first text at once, keeps the order, and gathers what comes after."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.contract import ClearOutput, Display, DisplayKind
from mykernel.iopub import StreamGovernor

TEXTS = st.text(
    alphabet=st.characters(exclude_characters="\x1b\r", exclude_categories=["Cs"]),
    min_size=1,
    max_size=5,
)
NAMES = st.sampled_from(["stdout", "stderr"])


class Sent(list[tuple[str, str]]):
    """A publisher that keeps the stream messages."""

    def stream(self, name: str, text: str) -> None:
        self.append((name, text))

    def display(self, text: str, display_id: str, update: bool) -> None:
        raise AssertionError("plain text makes no display")

    def clear(self) -> None:
        raise AssertionError("plain text takes nothing back")

    async def drained(self) -> None:
        pass


async def published(
    texts: list[tuple[str, str]], limit: int | None = None
) -> list[tuple[str, str]]:
    sent = Sent()
    governor = StreamGovernor(sent, 24, 80, limit)
    for name, text in texts:
        governor.text(name, text)
    governor.close()
    return sent


@given(st.lists(st.tuples(NAMES, TEXTS), max_size=100))
def test_the_order_within_a_stream_is_exact(texts):
    sent = asyncio.run(published(texts))
    for stream in ("stdout", "stderr"):
        assert "".join(t for n, t in sent if n == stream) == "".join(
            t for n, t in texts if n == stream
        )


@given(st.lists(NAMES, min_size=1, max_size=20))
def test_a_few_changes_between_the_streams_keep_their_order(names):
    texts = [(name, f"{i};") for i, name in enumerate(names)]
    sent = asyncio.run(published(texts))
    assert "".join(t for _, t in sent) == "".join(t for _, t in texts)


def test_a_thousand_changes_of_stream_make_few_messages():
    texts = [("stdout" if i % 2 else "stderr", "x") for i in range(1000)]
    assert len(asyncio.run(published(texts))) <= 21


def test_the_first_text_goes_out_before_the_tick():
    async def first() -> list[tuple[str, str]]:
        sent = Sent()
        governor = StreamGovernor(sent, 24, 80)
        governor.text("stdout", "par")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        governor.close()
        return sent

    assert asyncio.run(first()) == [("stdout", "par")]


@pytest.mark.parametrize("size", [1, (1 << 20) + 1, 5 << 20])
def test_long_text_is_cut_into_messages_and_whole_when_put_together(size):
    sent = asyncio.run(published([("stdout", "y" * size)]))
    assert "".join(t for _, t in sent) == "y" * size
    assert all(len(t) <= 1 << 18 for _, t in sent)


def test_a_limit_cuts_the_middle_and_a_file_has_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    texts = [("stdout", f"line {i}\n") for i in range(20_000)]
    sent = "".join(t for _, t in asyncio.run(published(texts, limit=1000)))
    (file,) = tmp_path.iterdir()
    assert file.read_text() == "".join(t for _, t in texts)
    assert sent.startswith("line 0\n")
    assert sent.endswith("line 19999\n")
    assert len(sent) < 30_000
    assert sent.count(str(file)) == 2
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_the_file_cannot_be_written_the_cut_is_told(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    sent = "".join(t for _, t in asyncio.run(published([("stdout", "x" * 50_000)], limit=1000)))
    assert "cannot be kept in a file" in sent


def test_no_limit_cuts_nothing():
    sent = asyncio.run(published([("stdout", "x" * 3_000_000)]))
    assert sum(len(t) for _, t in sent) == 3_000_000


class Messages(list[tuple[str, Any]]):
    """A publisher that keeps all messages, by type."""

    def stream(self, name: str, text: str) -> None:
        self.append((name, text))

    def display(self, text: str, display_id: str, update: bool) -> None:
        self.append(("drawn", text))

    def bundle(self, display: Display) -> None:
        self.append((display.kind, display.data.get("text/plain")))

    def clear(self, wait: bool = True) -> None:
        self.append(("clear_output", wait))

    async def drained(self) -> None:
        pass


def display(
    text: str, kind: DisplayKind = "display_data", name: str = "", size: int = 1
) -> Display:
    return Display(kind, {"text/plain": text}, {}, name, size)


def messages(*parts: Display | ClearOutput | str) -> Messages:
    """What is sent of texts on stdout and displays."""

    async def send() -> Messages:
        sent = Messages()
        governor = StreamGovernor(sent, 24, 80)
        for part in parts:
            if isinstance(part, str):
                governor.text("stdout", part)
            else:
                governor.display(part)
        governor.close()
        return sent

    return asyncio.run(send())


def test_a_display_keeps_its_place_among_the_text():
    assert messages(
        "a", display("x"), "b", display("y", "execute_result"), ClearOutput(True), "c"
    ) == [
        ("stdout", "a"),
        ("display_data", "x"),
        ("stdout", "b"),
        ("execute_result", "y"),
        ("clear_output", True),
        ("stdout", "c"),
    ]


def test_of_many_updates_of_a_display_the_last_of_a_tick_is_sent():
    updates = [
        display(f"{name}{i}", "update_display_data", name) for i in range(10_000) for name in "pq"
    ]
    assert messages(display("p", name="p"), *updates) == [
        ("display_data", "p"),
        ("update_display_data", "p9999"),
        ("update_display_data", "q9999"),
    ]


def test_an_update_comes_before_the_display_that_follows_it():
    update = display("2", "update_display_data", "p")
    assert messages(display("1", name="p"), update, display("3", name="p")) == [
        ("display_data", "1"),
        ("update_display_data", "2"),
        ("display_data", "3"),
    ]


def test_an_update_keeps_its_place_among_the_text():
    """Of several in a tick, that is the place of the last."""
    one, two, three = (display(f"{n}", "update_display_data", "p") for n in range(1, 4))
    shown = display("p", name="p")
    assert messages(shown, "a", one, "b", display("q", "update_display_data", "q"), "c") == [
        ("display_data", "p"),
        ("stdout", "a"),
        ("update_display_data", "1"),
        ("stdout", "b"),
        ("update_display_data", "q"),
        ("stdout", "c"),
    ]
    assert messages(shown, "a", one, "b", two, "c", three, "d") == [
        ("display_data", "p"),
        ("stdout", "abc"),
        ("update_display_data", "3"),
        ("stdout", "d"),
    ]


def test_text_and_updates_in_turn_make_few_messages():
    def update(n: int) -> Display:
        return display(f"{n}", "update_display_data", f"{n % 2}")

    sent = messages(*(part for n in range(10_000) for part in (update(n), f"{n};")))
    assert [part for part in sent if part[0] != "stdout"] == [
        ("update_display_data", "9998"),
        ("update_display_data", "9999"),
    ]
    assert "".join(text for kind, text in sent if kind == "stdout") == "".join(
        f"{n};" for n in range(10_000)
    )
    assert sent[-1] == ("stdout", "9999;")
    assert len(sent) <= 5


def test_what_is_drawn_comes_before_the_update_that_follows_it():
    update = display("2", "update_display_data", "p")
    kinds = [kind for kind, _ in messages("\x1b[2J50 %", update, "\x1b[Hdone")]
    assert kinds[:3] == ["drawn", "update_display_data", "drawn"]


def test_the_cursor_goes_back_to_no_line_above_a_display():
    sent = messages("above\n", display("x"), "below\n", "\x1b[5Anew")
    last = max(i for i, (kind, _) in enumerate(sent) if kind == "clear_output")
    kinds = [kind for kind, _ in sent[last + 1 :]]
    assert [part for part in sent[last + 1 :] if part[0] != "drawn"] == [
        ("stdout", "above\n"),
        ("display_data", "x"),
    ]
    assert kinds[-1] == "drawn"
    assert "new" in sent[-1][1]
    assert "above" not in sent[-1][1]


def test_what_is_sent_anew_is_sent_as_it_was_updated():
    update = display("2", "update_display_data", "p")

    async def send() -> Messages:
        sent = Messages()
        governor = StreamGovernor(sent, 24, 80)
        governor.display(display("1", name="p"))
        governor.display(update)
        governor.text("stdout", "below\n")
        governor.flush()
        governor.text("stdout", "\x1b[Anew")
        governor.close()
        return sent

    sent = asyncio.run(send())
    last = max(i for i, (kind, _) in enumerate(sent) if kind == "clear_output")
    assert [part for part in sent[last:] if part[0] == "display_data"] == [("display_data", "2")]


def test_an_update_without_data_takes_its_display_away():
    gone = Display("update_display_data", {}, {}, "p")
    assert messages(display("1", name="p"), gone, "behind") == [
        ("display_data", "1"),
        ("clear_output", False),
        ("stdout", "behind"),
    ]
    assert messages("before", display("1", name="p"), "between", gone, "behind") == [
        ("stdout", "before"),
        ("display_data", "1"),
        ("stdout", "between"),
        ("clear_output", True),
        ("stdout", "before"),
        ("stdout", "between"),
        ("stdout", "behind"),
    ]


def test_an_update_without_data_of_what_an_earlier_cell_displayed_is_passed_on():
    gone = Display("update_display_data", {}, {}, "p")
    assert messages("before", gone) == [("stdout", "before"), ("update_display_data", None)]


def test_a_program_that_displays_much_has_to_wait():
    async def fill(size: int, count: int) -> tuple[bool, bool]:
        governor = StreamGovernor(Messages(), 24, 80)
        for _ in range(count):
            governor.display(display("x", size=size))
        before = governor.full
        await governor.drained()
        after = governor.full
        governor.close()
        return before, after

    assert asyncio.run(fill(1, 1)) == (False, False)
    assert asyncio.run(fill(1, 100)) == (True, False)
    assert asyncio.run(fill(1 << 25, 1)) == (True, False)
