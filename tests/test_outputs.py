"""What a REPL says of a failure on stderr is held back, wherever the terminal has split it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.drivers.outputs import Unseen, WithoutFailure

BEGINS = ("*** Exception: ", "In[3]:")
WARNING = ": warning:"


@dataclass
class Seen(Unseen):
    """All that came, by stream."""

    streams: dict[str, str] = field(default_factory=lambda: {"stdout": "", "stderr": ""})

    def text(self, name, text):
        self.streams[name] += text


def fed(text, points):
    seen = Seen()
    output = WithoutFailure(seen, BEGINS, WARNING)
    for a, b in itertools.pairwise(sorted({0, len(text), *points})):
        output.text("stderr", text[a:b])
    return seen, output


@pytest.mark.parametrize(
    ("before", "failure"),
    [
        ("", "*** Exception: boom\n"),
        ("mine\n", "\nIn[3]:1:2: error:\n    no\n\n"),
        ("\nIn[3]:1:2: warning: w\n  w\n", "\nIn[3]:1:2: error: no\n"),
        (
            "at In[3]: *** Exception: quoted\n",
            "In[3]:(1,2)-(3,4): error: no\nIn[3]:1: warning: w\n",
        ),
        ("*** Exce\nIn[\n\n\nmine\n", ""),
        ("no newline In[3]:1: error:", ""),
    ],
)
@given(points=st.lists(st.integers(0, 40), max_size=8))
def test_what_is_said_of_a_failure_is_kept_and_the_rest_passes(before, failure, points):
    text = before + failure
    seen, output = fed(text, {min(point, len(text)) for point in points})
    assert (seen.streams["stderr"], output.take()) == (before, failure)


@given(
    text=st.text(alphabet="\nIn[3]: *Exceptio:w", max_size=40), points=st.sets(st.integers(0, 40))
)
def test_nothing_is_lost_where_there_was_no_failure(text, points):
    seen, output = fed(text, {min(point, len(text)) for point in points})
    output.flush()
    assert seen.streams["stderr"] == text


def test_stdout_is_left_alone():
    seen = Seen()
    WithoutFailure(seen, BEGINS, WARNING).text("stdout", "*** Exception: printed")
    assert seen.streams["stdout"] == "*** Exception: printed"
