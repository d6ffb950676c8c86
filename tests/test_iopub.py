"""The governor sends the first text at once, keeps the order, and gathers what comes after."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
