"""What a kernel is told at its start: the same words for install and for the kernel."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel import options
from mykernel.options import KernelOptions

_WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def parsed(words: list[str]) -> KernelOptions:
    parser = argparse.ArgumentParser()
    options.add_to(parser)
    return options.given(parser.parse_args(words))


@given(
    st.builds(
        KernelOptions,
        startup_files=st.booleans(),
        rows=st.integers(1, 500),
        columns=st.integers(1, 500),
        output_limit=st.integers(0, 10**9),
        cell_timeout=st.integers(0, 10**9),
        memory_limit=st.integers(0, 10**9),
        process_limit=st.integers(0, 10**9),
        merge_stderr=st.booleans(),
        launcher=st.lists(_WORDS).map(tuple),
    )
)
def test_the_words_give_the_options_back(told: KernelOptions) -> None:
    assert parsed(options.words(told)) == told


def test_options_at_their_defaults_need_no_words() -> None:
    assert options.words(KernelOptions()) == []


@pytest.mark.parametrize(
    "words", [["--rows", "0"], ["--columns", "x"], ["--launcher", "ssh 'host"]]
)
def test_words_that_make_no_sense_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed(words)
    assert words[0] in capsys.readouterr().err
