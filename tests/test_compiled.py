"""The parts of the driver for compiled languages that know no language."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mykernel.drivers.compiled.cache import BuildCache, key
from mykernel.drivers.compiled.errors import Diagnostic, failed
from mykernel.drivers.compiled.memory import Declaration, Memory
from mykernel.drivers.compiled.sources import Place, Source, Sources

NAMES = "abcdef"
NOWHERE = Place(Source("In[1]", ""), 1)


def declaration(keys: tuple[str, ...], names: tuple[str, ...], uses: frozenset[str]) -> Declaration:
    return Declaration("func", keys, names, uses, "", NOWHERE)


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    """A function, a group of constants, or a method of a type."""
    keys = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)))
    uses = frozenset(draw(st.sets(st.sampled_from(NAMES), max_size=3)))
    if draw(st.booleans()):
        return declaration(keys, keys, uses)
    return declaration((f"{keys[0]}.method",), (keys[0],), uses)


changes = st.lists(st.one_of(declarations(), st.sampled_from([*NAMES, "a.method"])))


def reachable_by_hand(history: list[Declaration | str], uses: set[str]) -> list[Declaration]:
    """What the history leaves, looked at from the end, and a fixed point over all of it."""
    holds: dict[int, set[str]] = {}
    taken: set[str] = set()
    for number in reversed(range(len(history))):
        one = history[number]
        keys = {one} if isinstance(one, str) else set(one.keys)
        if not isinstance(one, str) and keys - taken:
            holds[number] = keys - taken
        taken |= keys
    wanted, found = set(uses), set()
    while True:
        new = set()
        for number, keys in holds.items():
            one = history[number]
            names = {n for n in one.names if n in keys or n not in one.keys}
            if number not in found and names & wanted:
                new.add(number)
        if not new:
            return [history[number] for number in sorted(found)]
        found |= new
        wanted |= {use for number in new for use in history[number].uses}


@given(changes, st.sets(st.sampled_from(NAMES)))
def test_any_history_of_declarations_reaches_what_it_should(history, uses):
    memory = Memory()
    for one in history:
        memory = memory.without([one]) if isinstance(one, str) else memory.with_([one])
    found = memory.reachable(uses)
    wanted = reachable_by_hand(history, uses)
    assert [(one.keys, one.uses) for one in found] == [(one.keys, one.uses) for one in wanted]
    for one in found:
        held = {key for key in one.keys if key in memory and memory[key] == one}
        assert held == set(one.keys) - one.hidden


@given(changes, changes)
def test_a_change_leaves_the_memory_that_it_was_made_on_alone(before, after):
    memory = Memory()
    for one in before:
        memory = memory.without([one]) if isinstance(one, str) else memory.with_([one])
    was = list(memory), memory.reachable(NAMES)
    changed = memory
    for one in after:
        changed = changed.without([one]) if isinstance(one, str) else changed.with_([one])
    assert (list(memory), memory.reachable(NAMES)) == was


def test_the_rest_of_a_group_lives_on_when_one_of_it_is_declared_anew():
    group = declaration(("a", "b"), ("a", "b"), frozenset())
    memory = Memory().with_([group, declaration(("b",), ("b",), frozenset("a"))])
    assert [one.hidden for one in memory.reachable("b")] == [frozenset("b"), frozenset()]
    assert [one.keys for one in memory.without("ab")] == []


def test_places_in_a_program_are_told_as_places_in_cells():
    sources = Sources()
    early, late = Source("In[2]", "x"), Source("In[7]", "y")
    assert [sources.label(one) for one in (late, early, late)] == ["cell1", "cell2", "cell1"]
    assert sources.place("cell2", 3, 4) == Place(early, 3, 4)
    assert sources.place("main.go", 3) is None
    said = "\tcell1:5 +0x1d\ncell2:1:2: no, not mycell1:3 nor cell9:1, /x/cell1:2"
    assert sources.named(said) == (
        "\tIn[7]:5 +0x1d\nIn[2]:1:2: no, not mycell1:3 nor cell9:1, /x/cell1:2"
    )
    assert sources.places(said) == [Place(late, 5), Place(early, 1, 2)]


def test_a_cell_that_is_run_again_has_the_same_label():
    first, again = Sources(), Sources()
    assert first.label(Source("In[1]", "x")) == again.label(Source("In[2]", "x"))


def test_an_error_is_shown_with_a_caret_below_its_column():
    source = Source("In[3]", "one\n\tzwölf := nix\nthree\nfour\nfive")
    # In bytes, of which ö has two.
    place = Place(source, 2, len("\tzwölf := ".encode()) + 1)
    found = failed("CompileError", [Diagnostic("undefined: nix", place), Diagnostic("and that")])
    assert found.evalue == "In[3]:2:12: undefined: nix (and 1 more)"
    shown = re.sub("\x1b\\[[0-9;]*m", "", "\n".join(found.traceback)).split("\n")
    assert shown == [
        "CompileError: undefined: nix (and 1 more)",
        "In[3], line 2",
        "      1 one",
        "----> 2 \tzwölf := nix",
        "        \t         ^",
        "      3 three",
        "      4 four",
        "and that",
    ]


def test_what_was_built_is_found_by_what_it_was_built_from(tmp_path: Path):
    cache = BuildCache(tmp_path / "deep" / "cache", most=1000)
    assert cache.find(key(["a", "b"])) is None
    built = cache.room()
    built.write_text("program")
    cache.keep(built, key(["a", "b"]))
    assert cache.find(key(["a", "b"])).read_text() == "program"
    assert cache.find(key(["ab"])) is None
    assert key(["a", "b"]) != key(["ab"]) != key(["a", b"b", ""])


def test_what_was_used_least_lately_goes_when_there_is_too_much(tmp_path: Path):
    cache = BuildCache(tmp_path, most=250)
    for number, name in enumerate(("old", "used", "new")):
        built = cache.room()
        built.write_bytes(bytes(100))
        path = cache.keep(built, name)
        os.utime(path, (number, number))
        if name == "used":
            cache.find("old")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def shown_of(*found: Diagnostic) -> tuple[list[str], str]:
    """How the errors are shown: the plain form, without colours, and the one in HTML."""
    outcome = failed("CompileError", found)
    return re.sub("\x1b\\[[0-9;]*m", "", "\n".join(outcome.traceback)).split("\n"), outcome.html


class Text(HTMLParser):
    """What is to be read of HTML. tags: all that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def at(code: str, line: int, column: int) -> Diagnostic:
    return Diagnostic("wrong", Place(Source("In[1]", code), line, column))


def test_html_has_the_same_lines_as_the_plain_form():
    plain, shown = shown_of(at("one\n\tzwölf := nix < 3\nthree", 2, 12))
    assert Text(shown).text == "In[1], line 2: wrong" + "\n".join(plain[2:])
    assert re.search("<span style=[^>]*underline[^>]*>nix</span> &lt; 3", shown)


def test_html_of_an_error_is_text_and_nothing_else():
    evil = '</pre></div><script>alert(1)</script><img src=x onerror="alert(1)">&lt;'
    place = Place(Source(f"In[{evil}]", f"{evil}\nx{evil}\n{evil}"), 2, 1)
    _, shown = shown_of(Diagnostic(evil, place), Diagnostic(evil))
    assert Text(shown).text.count(evil) == 6
    assert Text(shown).tags == {"b", "div", "pre", "span"}


@pytest.mark.parametrize(
    ("before", "blank"),
    [
        ("\t \t", "\t \t"),
        ("日本 ", "\u3000\u3000 "),
        ("e\u0301🙂\ufe0f", " \u3000"),
        ("\x1b[2J", "    "),
    ],
)
def test_the_caret_stands_below_its_column(before: str, blank: str):
    plain, shown = shown_of(at(f"{before}nix", 1, len(before.encode()) + 1))
    assert plain[3] == " " * 8 + blank + "^"
    assert Text(shown).text.endswith(f"\n{plain[3]}")
    assert "\x1b" not in plain[2] + shown


def test_of_a_long_line_there_is_what_is_near_the_column():
    code = "a" * 5000 + " nix " + "b" * 5000
    plain, shown = shown_of(at(f"{code}\n{code}", 1, 5002))
    assert re.fullmatch(r"----> 1 \.\.\.a+ nix b+\.\.\.", plain[2])
    assert plain[2].index("nix") == plain[3].index("^")
    assert max(map(len, plain)) < 120
    assert plain[3].index("^") < 80
    assert Text(shown).text.endswith("\n".join(plain[2:]))


@pytest.mark.parametrize(
    ("code", "line", "column", "lines"),
    [
        ("if x {", 1, 7, ["----> 1 if x {", "              ^"]),
        ("if x {\n", 2, 1, ["      1 if x {", "----> 2 ", "        ^"]),
        ("if x {", 2, 1, ["      1 if x {", "----> 2 ", "        ^"]),
        ("if x {", 900, 70, ["      1 if x {", "----> 2 ", "        ^"]),
        ("", 1, 0, ["----> 1 "]),
        ("one\r\ntwo\r\n", 1, 1, ["----> 1 one", "        ^", "      2 two", "      3 "]),
        ("é", 1, 2, ["----> 1 é", "        ^"]),
    ],
)
def test_an_error_at_the_end_is_shown_there(code: str, line: int, column: int, lines: list[str]):
    plain, shown = shown_of(at(code, line, column))
    assert plain[2:] == lines
    assert Text(shown).text.endswith("\n".join(lines))


def test_of_many_errors_the_first_ones_are_shown():
    code = "\n".join(f"a{number} := nix" for number in range(200))
    found = [at(code, number, 8) for number in range(1, 201)]
    outcome = failed("CompileError", found)
    assert outcome.evalue == (
        "In[1]:1:8: wrong (and 199 more: In[1]:2:8, In[1]:3:8, In[1]:4:8, ...)"
    )
    plain, shown = shown_of(*found)
    assert plain[-1] == "... and 190 more"
    assert Text(shown).text.endswith("... and 190 more")
    assert len(shown) < 20_000
