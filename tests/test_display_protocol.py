"""What docs/display-protocol.md says, by its vectors; and that no payload raises."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.contract import ClearOutput, Display
from mykernel.drivers.display import LARGEST, DisplayReader, Trouble
from mykernel.markers import Mark, StreamDecoder, Text

DOCUMENT = json.loads(Path(__file__).with_name("display_vectors.json").read_text("utf-8"))
NONCE, VECTORS = DOCUMENT["nonce"], DOCUMENT["vectors"]


def shown(chunks: list[bytes]) -> list[dict[str, Any]]:
    """What a stream comes to, as the vectors have it; neighbouring texts joined."""
    decoder, reader = StreamDecoder(NONCE), DisplayReader()
    found: list[dict[str, Any]] = []
    events = itertools.chain.from_iterable(map(decoder.feed, chunks))
    for event in itertools.chain(events, decoder.close()):
        if not isinstance(event, Text):
            found += as_vector(reader.feed(event))
        elif found and "text" in found[-1]:
            found[-1]["text"] += event.text
        else:
            found.append({"text": event.text})
    return found + [part for trouble in reader.give_up() for part in as_vector(trouble)]


def as_vector(what: Display | ClearOutput | Trouble | None) -> list[dict[str, Any]]:
    if what is None:
        return []
    if isinstance(what, Trouble):
        return [{"trouble": what.reason}]
    if isinstance(what, ClearOutput):
        return [{"clear_output": {"wait": what.wait}}]
    transient = {"display_id": what.display_id} if what.display_id else {}
    content = {"data": what.data, "metadata": what.metadata, "transient": transient}
    return [{what.kind: content}]


def same(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> bool:
    return len(found) == len(expected) and all(
        b["trouble"] in a.get("trouble", "") if "trouble" in b else a == b
        for a, b in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector_comes_to_what_it_says(vector):
    found = shown([vector["stream"].encode()])
    assert same(found, vector["shown"]), found


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_it_does_so_split_at_every_byte(vector):
    data = vector["stream"].encode()
    cuts = range(len(data) + 1) if len(data) < 1000 else range(0, len(data), 97)
    for cut in cuts:
        found = shown([data[:cut], data[cut:]])
        assert same(found, vector["shown"]), (cut, found)
    assert same(shown([data[at : at + 1] for at in range(len(data))]), vector["shown"])


@given(
    vectors=st.lists(st.sampled_from([v for v in VECTORS if len(v["stream"]) < 500]), max_size=4),
    cuts=st.lists(st.integers(0, 2000), max_size=20),
)
def test_streams_of_vectors_come_to_the_same_however_they_are_split(vectors, cuts):
    data = "\n".join(vector["stream"] for vector in vectors).encode()
    points = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    assert shown([data[a:b] for a, b in itertools.pairwise(points)]) == shown([data])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KINDS = st.sampled_from(
    ["display_data", "execute_result", "update_display_data", "clear_output", "cancel", "stream"]
)
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        "data": JSON | st.dictionaries(st.sampled_from(["text/html", "image/png", "x"]), JSON),
        "metadata": JSON,
        "transient": JSON | st.fixed_dictionaries({"display_id": JSON}),
        "wait": JSON,
    },
)


@given(kind=KINDS, content=CONTENTS | JSON)
def test_what_is_shown_can_be_sent_whatever_the_content_is(kind, content):
    payload = base64.b64encode(json.dumps(content).encode()).decode()
    found = DisplayReader().feed(Mark("J", f"t={kind};base64={payload}"))
    if isinstance(found, Display):
        json.dumps([found.data, found.metadata], ensure_ascii=False, allow_nan=False).encode()
        assert all(
            isinstance(value, str) for mime, value in found.data.items() if "json" not in mime
        )
        assert isinstance(found.display_id, str)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_payload_raises(payload):
    reader = DisplayReader()
    reader.feed(Mark("J", payload))
    list(reader.give_up())


def test_what_is_given_up_is_told_once():
    reader = DisplayReader()
    reader.feed(Mark("J", "i=1;n=0;p=text/plain;text=x"))
    assert len(list(reader.give_up())) == 1
    assert reader.feed(Mark("J", "i=1;n=1;p=text/plain;text=y")) is None
    assert not list(reader.give_up())
    assert reader.feed(Mark("J", "i=1;n=2;t=display_data")) is None
    found = reader.feed(Mark("J", "i=1;p=text/plain;t=display_data;text=new"))
    assert isinstance(found, Display)


def test_a_message_that_is_too_large_is_refused_and_let_go():
    reader = DisplayReader()
    piece = "AAAA" * 250_000
    pieces = LARGEST // 750_000 + 1
    for number in range(pieces):
        assert reader.feed(Mark("J", f"i=1;n={number};p=image/png;base64={piece}")) is None
    (message,) = reader._messages.values()
    assert not message.parts
    found = reader.feed(Mark("J", f"i=1;n={pieces};t=display_data"))
    assert isinstance(found, Trouble)
    assert "larger than 32 MiB" in found.reason
