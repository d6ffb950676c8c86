"""Parameters that papermill writes into a Go notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from frontend import FrontEnd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from nbformat.v4.nbjson import JSONWriter
from papermill.translators import papermill_translators
from toolchains import needs_language

from mykernel.install import main as install
from mykernel.papermill.go import GoTranslator, quote
from mykernel.papermill.parameters import BadParameter

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
HOSTILE = '"; os.Exit(3); // ` \\ \n %rm \0 \ufeff \u2028 /* */ ${x}'


def values(go: FrontEnd, parameters: dict[str, Any]) -> Any:
    """What Go has of the parameters, by way of JSON."""
    pairs = ", ".join(f"{json.dumps(name)}: {name}" for name in parameters)
    show = f"json.NewEncoder(os.Stdout).Encode(map[string]any{{{pairs}}})"
    result = go.execute(f"{GoTranslator.codify(parameters)}{show}")
    assert result.status == "ok", result.content
    return json.loads(result.stdout)


@settings(max_examples=15, deadline=None, derandomize=True, database=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
@given(
    texts=st.lists(TEXT, max_size=5),
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5),
    pairs=st.dictionaries(TEXT, st.integers(-(1 << 63), (1 << 63) - 1), max_size=5),
)
def test_values_come_back_as_they_were(go, texts, numbers, pairs):
    came = values(go, {"texts": texts, "numbers": numbers, "pairs": pairs})
    assert (came["texts"], came["pairs"]) == (texts, pairs)
    # JSON writes large ones as integers are written.
    assert [float(one) for one in came["numbers"]] == numbers


def test_text_that_looks_like_code_stays_text(go):
    given = {"s": HOSTILE, "l": [HOSTILE], "d": {HOSTILE: HOSTILE}}
    assert values(go, given) == given


def test_what_is_mixed_and_nested_arrives(go):
    given = {"m": [1, "a", None, [True, 2.5], {"k": [1, 2]}], "n": None, "e": [], "f": {}}
    assert values(go, given) == given


@pytest.mark.parametrize(
    ("value", "of"),
    [
        (True, "bool"), (3, "int"), (3.0, "float64"), ("a", "string"), ([1, 2], "[]int"),
        ([1, 2.5], "[]float64"), ([[1], [2, 3]], "[][]int"), ([1, "a"], "[]interface {}"),
        ({"a": 1.0}, "map[string]float64"), ({"a": [1]}, "map[string][]int"), ((1, 2), "[]int"),
    ],
)  # fmt: skip
def test_a_value_has_the_type_that_its_elements_share(go, value, of):
    cell = f'{GoTranslator.codify({"x": value})}fmt.Printf("%T", x)'
    assert go.execute(cell).stdout == of


def test_floats_that_are_no_numbers_arrive(go):
    source = GoTranslator.codify({"a": float("inf"), "b": float("-inf"), "c": float("nan")})
    said = go.execute(f"{source}fmt.Print(a, b, c)").stdout
    assert said == "+Inf -Inf NaN"


@pytest.mark.parametrize("name", ["func", "a b", "", "1x", "_", "x;y", "a.b"])
def test_a_name_that_go_has_not_is_refused(name):
    with pytest.raises(BadParameter, match="Go"):
        GoTranslator.codify({name: 1})


@pytest.mark.parametrize("value", [1 << 63, "\ud800", ["\udc00"], {"\ud800": 1}])
def test_a_value_that_go_cannot_hold_is_refused(value):
    with pytest.raises(BadParameter, match="parameter 'x'"):
        GoTranslator.codify({"x": value})


@given(TEXT)
def test_a_literal_is_one_line(text):
    assert len(quote(text).split("\n")) == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rate := 0.5 // per cent", ("rate", "0.5", "None", "per cent")),
        ("var count int = 3", ("count", "3", "int", "")),
        ('var url = "http://x" // where', ("url", '"http://x"', "None", "where")),
        ('names := []string{`a // b`, "c"}', ("names", '[]string{`a // b`, "c"}', "None", "")),
    ],
)
def test_parameters_are_inspected(line, expected):
    (found,) = GoTranslator.inspect({"source": f"// all\n{line}\n"})
    assert (found.name, found.default, found.inferred_type_name, found.help) == expected


def test_our_translator_is_found():
    assert papermill_translators.find_translator("mykernel-go", "go") is GoTranslator
    assert papermill_translators.find_translator("my-go", "go") is GoTranslator


def test_papermill_runs_a_notebook_with_parameters(tmp_path: Path) -> None:
    needs_language("go")
    assert install(["go", "--user"]) == 0
    cells = [
        new_code_cell('greeting := "hello"', metadata={"tags": ["parameters"]}),
        new_code_cell("fmt.Println(greeting, names[1])"),
    ]
    info = {
        "kernelspec": {"name": "mykernel-go", "display_name": "Go"},
        "language_info": {"name": "go"},
    }
    source, made = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    source.write_text(JSONWriter().writes(new_notebook(cells=cells, metadata=info)))
    given = {"greeting": "hi", "names": ["Ada", "Bob"]}
    papermill.execute_notebook(source, made, parameters=given, progress_bar=False, cwd=tmp_path)
    (output,) = nbformat.read(made, as_version=4).cells[-1].outputs
    assert output.text == "hi Bob\n"
