"""Sequences for terminals do not reach the notebook, wherever they were split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.terminal.controls import AlternateScreen, ControlFilter, Query


def filtered(*chunks: str) -> list[object]:
    """What the filter lets through, neighbouring texts joined."""
    control = ControlFilter()
    joined: list[object] = []
    for part in (part for chunk in chunks for part in control.feed(chunk)):
        if joined and isinstance(joined[-1], str) and isinstance(part, str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b]0;a title\x07",
        "\x1b]2;a title\x1b\\",
        "\x1b]52;c;c2VjcmV0\x07",
        "\x1b]8;;http://localhost/\x1b\\",
        "\x1b]133;A\x07",
        "\x1b]1337;File=inline=1:AAAA\x07",
        "\x1bP+q544e\x1b\\",
        "\x1b_apc\x1b\\",
        "\x1b[?2004h",
        "\x1b[?25l",
        "\x1b[?1000;1006h",
        "\x1b[>4;2m",
        "\x1b[ q",
        "\x1b(B",
        "\x1b=",
        "\x1bc",
        "\x07",
        "\x0e",
    ],
)
def test_a_sequence_for_the_terminal_alone_goes(sequence):
    for cut in range(len(sequence) + 1):
        assert filtered("a" + sequence[:cut], sequence[cut:] + "b") == ["ab"]


@pytest.mark.parametrize(
    "sequence", ["\x1b[31m", "\x1b[1;38;2;1;2;3m", "\x1b[2A", "\x1b[K", "\x1b[10;1H", "\x1bM", "\r"]
)
def test_colours_and_cursor_movement_stay(sequence):
    for cut in range(len(sequence) + 1):
        assert filtered("a" + sequence[:cut], sequence[cut:] + "b") == [f"a{sequence}b"]


@pytest.mark.parametrize("query", ["\x1b[6n", "\x1b[5n", "\x1b[c", "\x1b[>c"])
def test_a_query_is_told_apart_with_its_answer(query):
    before, asked, after = filtered(f"a{query}b")
    assert (before, after) == ("a", "b")
    assert isinstance(asked, Query)
    assert asked.reply.startswith("\x1b[")


@pytest.mark.parametrize("mode", ["1049", "47", "1047", "25;1049"])
def test_the_alternate_screen_is_told_apart(mode):
    assert filtered(f"\x1b[?{mode}hx\x1b[?{mode}l") == [
        AlternateScreen(True),
        "x",
        AlternateScreen(False),
    ]


@given(st.text(alphabet=st.characters(exclude_characters="\x1b\x07\x0e\x0f"), max_size=50))
def test_plain_text_stays_as_it_is(text):
    assert "".join(map(str, filtered(text))) == text


@given(st.text(alphabet="\x1b[]0;1?hm\x07\\AP_ab\n", max_size=40), st.integers(0, 40))
def test_the_split_makes_no_difference(text, cut):
    assert filtered(text[:cut], text[cut:]) == filtered(text)


def test_an_unfinished_string_does_not_swallow_everything_for_ever():
    text = "x" * (1 << 20)
    assert len("".join(map(str, filtered("\x1b]0;", text, text)))) > len(text)
