"""Marks are found wherever the stream was split, and nothing else is taken for one."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from mykernel.markers import LONGEST, Broken, Event, Mark, StreamDecoder, Text, new_nonce

NONCE = "0123456789abcdef"


def decode(chunks: list[bytes]) -> list[Event]:
    """The events of a stream, neighbouring texts joined."""
    decoder = StreamDecoder(NONCE)
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    joined: list[Event] = []
    for event in [*events, *decoder.close()]:
        last = joined[-1] if joined else None
        if isinstance(last, Text) and isinstance(event, Text):
            joined[-1] = Text(last.text + event.text)
        else:
            joined.append(event)
    return joined


def mark(kind: str, payload: str) -> bytes:
    return f"\x1b]133;{kind};k={NONCE};{payload}\a".encode()


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    points = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(points)]


# What a user's program may well write, and what it may write to fool us.
TEXTS = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        [
            "\x1b]133;D;0\a",
            "\x1b]133;D;k=0123456789abcdee;i=1\a",
            "\x1b]133;D;k=",
            "\x1b]133",
            "\x1b",
            "\x1b]0;title\a",
            "é\N{GRINNING FACE}",
        ]
    ),
)
PAYLOADS = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x07\x1b"), max_size=30
)


# A J mark holds no control character.
PRINTABLE = st.text(
    alphabet=st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"])
)
MARKS = st.one_of(st.tuples(st.sampled_from("CDR"), PAYLOADS), st.tuples(st.just("J"), PRINTABLE))


@given(
    parts=st.lists(st.tuples(TEXTS, MARKS), max_size=5),
    cuts=st.lists(st.integers(0, 400), max_size=30),
)
def test_marks_are_found_wherever_the_bytes_are_split(parts, cuts):
    data = b"".join(text.encode() + mark(*found) for text, found in parts)
    expected: list[Event] = []
    for text, found in parts:
        expected += [Text(text)] if text else []
        expected.append(Mark(*found))
    # A text that ends in what a mark begins with is not told apart from one cut by us.
    if all(not ("\x1b]133;D;k=" + NONCE).startswith(t[t.rfind("\x1b") :]) for t, *_ in parts if t):
        assert decode(split(data, cuts)) == expected


@given(data=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=20))
def test_bytes_that_are_not_utf8_become_replacement_characters_wherever_split(data, cuts):
    text = "".join(e.text for e in decode(split(data, cuts)) if isinstance(e, Text))
    assert text == data.decode("utf-8", "replace")


def test_every_split_of_a_mark_between_code_points_gives_the_same():
    data = "é".encode() + mark("D", "i=1;s=0") + "\N{GRINNING FACE}".encode()
    for cut in range(len(data) + 1):
        assert decode([data[:cut], data[cut:]]) == [
            Text("é"),
            Mark("D", "i=1;s=0"),
            Text("\N{GRINNING FACE}"),
        ]


def test_a_mark_with_another_nonce_is_text():
    forged = b"\x1b]133;D;k=ffffffffffffffff;i=1\a"
    assert decode([forged]) == [Text(forged.decode())]


def test_an_unfinished_forgery_does_not_hold_text_back():
    decoder = StreamDecoder(NONCE)
    said = b"\x1b]133;D;k=ffff and then much more"
    assert "".join(e.text for e in decoder.feed(said) if isinstance(e, Text)) == said.decode()


def test_fields_are_keys_and_values_and_the_last_may_hold_semicolons():
    found = Mark("D", "i=1;s=0;e=4 /a;b=c").fields(last="e")
    assert found == {"i": "1", "s": "0", "e": "4 /a;b=c"}


def test_two_nonces_differ_and_have_128_bits():
    assert new_nonce() != new_nonce()
    assert len(bytes.fromhex(new_nonce())) == 16


@given(
    payload=PRINTABLE,
    stop=st.sampled_from(["\n", "\r\n", "\x1b[31m", "\x1b]0;title\a"]),
    cuts=st.lists(st.integers(0, 300), max_size=30),
)
def test_a_display_mark_that_is_cut_short_costs_no_text_behind_it_and_no_mark(payload, stop, cuts):
    begun = mark("J", payload)[:-1]
    data = b"before" + begun + stop.encode() + b"after" + mark("D", "i=1")
    broken = Broken("J", payload.encode()[:199].decode("utf-8", "replace"), too_long=False)
    assert decode(split(data, cuts)) == [
        Text("before"),
        broken,
        Text(f"{stop}after"),
        Mark("D", "i=1"),
    ]


def test_a_mark_whose_writer_died_is_told_at_the_end_of_the_stream():
    assert decode([mark("J", "i=1")[:-1]]) == [Broken("J", "i=1", too_long=False)]


def test_a_mark_that_is_too_long_is_told_and_ends_where_it_ends():
    piece = b"A" * (LONGEST // 4)
    begun = mark("J", "base64=")[:-1]
    assert decode([begun, *[piece] * 5, b"\a", b"text"]) == [
        Broken("J", "base64=" + "A" * 192, too_long=True),
        Text("text"),
    ]


def test_a_long_mark_is_looked_at_once():
    # Were each chunk to look at all that came before, this would take hours.
    decoder, size = StreamDecoder(NONCE), 50_000_000
    data = mark("J", "base64=" + "A" * size)
    events = [e for at in range(0, len(data), 97) for e in decoder.feed(data[at : at + 97])]
    assert [type(event) for event in events] == [Mark]
    assert isinstance(events[0], Mark)
    assert len(events[0].payload) == size + len("base64=")
