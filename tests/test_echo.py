"""The echo of what we type is taken out of the terminal's text, wherever it was split."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from mykernel.drivers.echo import Echo

TYPED = "__mk_i=7;. '/run/In[3]'\n"


@given(
    before=st.text(alphabet="_m\nab'", max_size=8),
    after=st.text(alphabet="_m\nab'", max_size=8),
    cuts=st.lists(st.integers(0, 60), max_size=10),
)
def test_the_echo_goes_and_the_rest_stays(before, after, cuts):
    text = before + TYPED + after
    points = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    echo = Echo()
    echo.expect(TYPED)
    pieces = [echo.remove(text[a:b]) for a, b in itertools.pairwise(points)]
    assert "".join(pieces) + echo.flush() == before + after


def test_what_only_looks_like_the_echo_comes_out_at_the_flush():
    echo = Echo()
    echo.expect(TYPED)
    assert echo.remove("done __mk") + echo.flush() == "done __mk"
