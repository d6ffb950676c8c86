"""The head of a cell: what is a directive, what is code, and that places in the code stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mykernel.directives.head import SHELL, Grammar, masked, without


def _code_of(name: str, rest: str) -> str:
    return rest if name == "%time" else ""


PERCENT = Grammar("%", "!", _code_of, {"%%writefile"})
COMMENT = Grammar("#%", "", _code_of, {"%%writefile"})
GRAMMARS = st.sampled_from([PERCENT, COMMENT])
# Lines that are directives in one of the two, or look like them, and any others.
LINES = st.one_of(
    st.sampled_from(
        [
            "",
            "  ",
            "%time",
            "%time x",
            "#%time x ",
            " #%cd a",
            "%cd\ta",
            "!ls",
            "#%!ls",
            "#%%",
            "%%",
            "%%writefile f",
            "#%%writefile f",
            "x = 1",
            "# note",
            "#!/bin/sh",
            "\r",
            "%\r",
        ]
    ),
    st.text(st.characters(exclude_characters="\n")),
)
CELLS = st.lists(LINES, max_size=6).map("\n".join)


def names(grammar: Grammar, code: str) -> list[str]:
    return [line.name for line in grammar.head(code)]


@given(GRAMMARS, CELLS)
def test_lines_keep_their_numbers_and_offsets_stay(grammar: Grammar, code: str) -> None:
    lines = grammar.head(code)
    assert without(code, lines).count("\n") == code.count("\n")
    blank = masked(code, lines)
    assert len(blank) == len(code)
    assert all(now in (before, " ") for now, before in zip(blank, code, strict=True))
    assert [one.strip() for one in blank.split("\n")] == [
        one.strip() for one in without(code, lines).split("\n")
    ]


@given(GRAMMARS, CELLS)
def test_a_head_is_unbroken_and_in_order(grammar: Grammar, code: str) -> None:
    lines = grammar.head(code)
    at = 0
    for line in lines:
        assert not code[at : line.start].strip()
        assert line.start < line.name_end <= line.end
        assert "\n" not in code[line.start : line.end]
        assert line.code == code[line.end - len(line.code) : line.end]
        at = line.end
    assert not any(line.last for line in lines[:-1])


@given(GRAMMARS, CELLS, CELLS)
def test_what_stands_below_code_is_never_a_directive(
    grammar: Grammar, above: str, below: str
) -> None:
    head = grammar.head(f"{above}\nx = 1")
    assert grammar.head(f"{above}\nx = 1\n{below}") == head


@given(GRAMMARS, st.lists(st.sampled_from(["%cd", "%%writefile", "%nonsense", SHELL]), min_size=1))
def test_what_is_written_is_read(grammar: Grammar, wanted: list[str]) -> None:
    code = "\n".join(grammar.written(name) for name in wanted)
    end = wanted.index("%%writefile") + 1 if "%%writefile" in wanted else len(wanted)
    assert names(grammar, code) == wanted[:end]


@pytest.mark.parametrize(
    "comment",
    [
        "#%% cell",
        "#%%",
        "# %time",
        "#% time",
        "#%",
        "#%1",
        "#%%1",
        "#",
        "%time",
        "!ls",
        "#time",
        "#%_x",
        "#!ls",
        "##%time",
    ],
)
def test_a_comment_stays_one(comment: str) -> None:
    assert names(COMMENT, f"{comment}\n#%cd") == []


@pytest.mark.parametrize("code", ["x %time", "'''\n%time\n'''", "\\\n%time", "# %time\n%cd"])
def test_only_the_head_counts(code: str) -> None:
    assert names(PERCENT, code) == []


@pytest.mark.parametrize("code", ["%", "% time", "%%", "%1"])
def test_a_stray_percent_is_a_directive_that_there_is_not(code: str) -> None:
    assert names(PERCENT, code) == [code.split()[0]]


def test_the_parts_of_a_line() -> None:
    (line,) = PERCENT.head("\n  %cd  a folder \t\nls")
    assert (line.name, line.argument, line.code, line.last) == ("%cd", "a folder", "", False)
    assert (line.start, line.name_end, line.end) == (1, 6, 18)


def test_code_in_a_line_ends_the_head_and_stays() -> None:
    code = "%cd a\n%time  x = 1 \n%time\ny"
    lines = PERCENT.head(code)
    assert [line.code for line in lines] == ["", "x = 1 "]
    assert without(code, lines) == "\nx = 1 \n%time\ny"
    assert masked(code, lines) == "     \n       x = 1 \n%time\ny"


def test_a_file_s_text_ends_the_head() -> None:
    assert names(PERCENT, "%%writefile f\n%cd a") == ["%%writefile"]


def test_the_shell_where_it_stands_alone_and_where_it_does_not() -> None:
    assert [(one.name, one.argument) for one in PERCENT.head("!ls -l\n%!pwd")] == [
        (SHELL, "ls -l"),
        (SHELL, "pwd"),
    ]
    assert [(one.name, one.argument) for one in COMMENT.head("#%!ls -l\n!true")] == [
        (SHELL, "ls -l")
    ]


@pytest.mark.parametrize(
    ("before", "begun"),
    [
        ("%", "%"),
        ("  %ti", "%ti"),
        ("%cd a\n\n%%w", "%%w"),
        ("%time ", None),
        ("x\n%ti", None),
        ("%time x\n%ti", None),
        ("%%writefile f\n%ti", None),
        ("", None),
    ],
)
def test_where_a_name_can_be_completed(before: str, begun: str | None) -> None:
    assert PERCENT.name_begun(f"{before}\nmore", len(before)) == begun
    comment = before.replace("%%", "\0").replace("%", "#%").replace("\0", "#%%")
    assert COMMENT.name_begun(f"{comment}\nmore", len(comment)) == begun
