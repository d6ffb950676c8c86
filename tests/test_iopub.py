"""The governor sends the first text at once, keeps the order, and gathers what comes after."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.iopub import StreamGovernor

NAMES = st.sampled_from(["stdout", "stderr"])


async def published(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    sent: list[tuple[str, str]] = []
    governor = StreamGovernor(lambda name, text: sent.append((name, text)))
    for name, text in texts:
        governor.text(name, text)
    governor.close()
    return sent


@given(st.lists(st.tuples(NAMES, st.text(min_size=1, max_size=5)), max_size=100))
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
    async def first() -> list[str]:
        sent: list[str] = []
        governor = StreamGovernor(lambda _name, text: sent.append(text))
        governor.text("stdout", "par")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        governor.close()
        return sent

    assert asyncio.run(first()) == ["par"]


@pytest.mark.parametrize("size", [1, (1 << 20) + 1, 5 << 20])
def test_long_text_is_cut_into_messages_and_whole_when_put_together(size):
    sent = asyncio.run(published([("stdout", "y" * size)]))
    assert "".join(t for _, t in sent) == "y" * size
    assert all(len(t) <= 1 << 20 for _, t in sent)
