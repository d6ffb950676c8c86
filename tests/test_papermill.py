"""Parameters that papermill writes into a Bash notebook."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from nbformat.v4.nbjson import JSONWriter
from papermill.translators import BashTranslator as PapermillsOwn
from papermill.translators import papermill_translators
from toolchains import needs

from mykernel.install import main as install
from mykernel.papermill import Engine
from mykernel.papermill.bash import BashTranslator, quote
from mykernel.papermill.parameters import BadParameter

# What a Bash variable can hold: any text without NUL.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
KEY = TEXT.filter(bool)
HOSTILE = "$(touch made) `touch made` ${x:-$(touch made)} \"'\\ !! ~ * {a,b} [0]=x; touch made #"
PARAMETERS = {"tags": ["parameters"]}


def in_bash(source: str, folder: Path | None = None) -> bytes:
    """What Bash writes on stdout when it reads the source from a file."""
    bash = needs("bash", "bash")
    argv = [bash, "--norc", "/dev/fd/0"]
    return subprocess.run(
        argv, input=source.encode(), capture_output=True, check=True, cwd=folder
    ).stdout


def values(parameters: dict[str, Any], *expressions: str, before: str = "") -> list[str]:
    """The expressions' values after the assignments, each taken to its last byte."""
    show = "".join(f"printf '%s\\0' {expression}\n" for expression in expressions)
    written = in_bash(before + BashTranslator.codify(parameters) + show)
    return written.decode().split("\0")[:-1]


@given(TEXT)
def test_text_comes_back_as_it_was(text: str) -> None:
    assert values({"x": text}, '"$x"') == [text]


@given(st.lists(TEXT))
def test_list_comes_back_as_an_indexed_array(texts: list[str]) -> None:
    got = values({"x": texts}, '"${#x[@]}"', '"${x[@]}"')
    assert got == [str(len(texts)), *(texts or [""])]


@given(st.dictionaries(KEY, TEXT, min_size=1))
def test_dict_comes_back_as_an_associative_array(pairs: dict[str, str]) -> None:
    got = values({"x": pairs}, '"${!x[@]}"', '"${x[@]}"')
    half = len(got) // 2
    assert dict(zip(got[:half], got[half:], strict=True)) == pairs


@given(TEXT)
def test_assignment_is_one_line(text: str) -> None:
    """So that the injected cell can be read, and its line numbers counted."""
    assert "\n" not in quote(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (None, ""),
        (0, "0"),
        (-(2**70), str(-(2**70))),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        ("", ""),
        ("-n", "-n"),
        ("~", "~"),
        (Path("a b"), "a b"),
    ],
)
def test_value_becomes_text(value: Any, text: str) -> None:
    assert values({"x": value}, '"$x"') == [text]


def test_none_is_told_from_an_empty_string_by_a_comment() -> None:
    assert "x=''  # None\n" in BashTranslator.codify({"x": None})


def test_tuple_is_an_array_and_its_elements_are_text() -> None:
    assert values({"x": (1, None, True, "a b")}, '"${x[@]}"') == ["1", "", "true", "a b"]


def test_nested_values_are_json() -> None:
    deep = {"k": [1, {"a": None}], "é": "'"}
    first, second = values({"x": [deep], "y": {"z": deep}}, '"$x"', '"${y[z]}"')
    assert json.loads(first) == json.loads(second) == deep


def test_text_stays_text_where_the_notebook_declared_an_integer(tmp_path: Path) -> None:
    """Bash computes what an integer is set to, and an index in it may be a command."""
    source = "declare -i x=1\n" + BashTranslator.codify({"x": "a[$(touch made)]"})
    assert in_bash(source + 'printf %s "$x"\n', tmp_path) == b"a[$(touch made)]"
    assert list(tmp_path.iterdir()) == []


def test_export_of_the_default_holds_for_the_parameter() -> None:
    source = "export x=default\n" + BashTranslator.codify({"x": "given"})
    assert in_bash(source + "printenv x\n") == b"given\n"


@pytest.mark.parametrize("default", ["x=text", "x=(1 2 3)", "declare -A x=([a]=1 [b]=2)"])
@pytest.mark.parametrize(("value", "shown"), [(["new"], "new"), ({"k": "new"}, "new")])
def test_array_takes_the_place_of_any_default(default: str, value: Any, shown: str) -> None:
    assert values({"x": value}, '"${x[@]}"', before=default + "\n") == [shown]


@pytest.mark.parametrize("name", ["a-b", "1x", "", "a b", "x;touch made", "é", "a\n", "x[0]"])
def test_name_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(BadParameter, match="is no name for a Bash variable"):
        BashTranslator.codify({name: 1})


@pytest.mark.parametrize(
    "name", ["UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO", "GROUPS"]
)
def test_name_that_bash_keeps_is_refused(name: str) -> None:
    """Bash itself is asked whether an assignment would have had an effect."""
    bash = needs("bash", "bash")
    argv = [bash, "-c", f'{name}=4711; [[ "${name}" == 4711 ]]']
    assert subprocess.run(argv, capture_output=True).returncode != 0
    with pytest.raises(BadParameter, match=f"{name}.*choose another name"):
        BashTranslator.codify({name: 4711})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\0b", "'x' contains a NUL character"),
        (["a\0b"], "'x' contains a NUL character"),
        ({"a\0b": 1}, "'x' contains a NUL character"),
        ("\udc80", "'x' contains half a surrogate pair"),
        ({"": 1}, "'x' has an empty key"),
        ([{(1, 2): 3}], "'x' is nested and has no form in JSON"),
    ],
)
def test_value_that_bash_cannot_hold_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(BadParameter, match=reason):
        BashTranslator.codify({"x": value})


def test_comment_of_several_lines_stays_a_comment() -> None:
    assert BashTranslator.codify({}, comment="one\ntouch made") == "# one\n# touch made\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("n=10  # how many", ("n", "integer", "10", "how many")),
        ("name='a # b' # who", ("name", "text", "'a # b'", "who")),
        ("export DIR=/tmp", ("DIR", "text", "/tmp", "")),
        ("declare -i n=1", ("n", "integer", "1", "")),
        ("list=(a 'b c')  # some", ("list", "array", "(a 'b c')", "some")),
        ("declare -A m=([k]=v)", ("m", "associative array", "([k]=v)", "")),
        ("today=$(date '+%F')", ("today", "text", "$(date '+%F')", "")),
        ("n=$((1 + 2))", ("n", "text", "$((1 + 2))", "")),
        ("empty=", ("empty", "text", "", "")),
    ],
)
def test_parameters_cell_is_inspected(line: str, expected: tuple[str, ...]) -> None:
    cell = {"source": f"# a comment\necho a=b\n{line}\n"}
    assert [tuple(parameter) for parameter in BashTranslator.inspect(cell)] == [expected]


@pytest.mark.parametrize(
    "order", ["papermill, mykernel.papermill", "mykernel.papermill, papermill"]
)
def test_entry_point_loads_whichever_is_imported_first(order: str) -> None:
    code = (
        f"import {order}; from papermill.engines import papermill_engines as engines; "
        "assert engines.get_engine('mykernel') is mykernel.papermill.Engine"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_our_translator_is_found_for_our_kernel_alone() -> None:
    find = papermill_translators.find_translator
    assert find("mykernel-bash", "bash") is BashTranslator
    assert find("my-own-name", "shellscript") is BashTranslator
    assert find("bash", "bash") is PapermillsOwn


class TestWithTheKernel:
    """papermill runs real notebooks in the real kernel."""

    @pytest.fixture(autouse=True)
    def _kernelspec(self, _own_home: None) -> None:
        assert install(["bash", "--user"]) == 0

    @pytest.fixture
    def execute(self, tmp_path: Path) -> Any:
        """Runs cells, of which the first is tagged parameters, and returns the last one's text."""

        def run(*cells: str, kernel: str = "mykernel-bash", **options: Any) -> str:
            tagged = [
                new_code_cell(c, metadata={} if i else PARAMETERS) for i, c in enumerate(cells)
            ]
            info = {
                "kernelspec": {"name": kernel, "display_name": kernel},
                "language_info": {"name": "bash"},
            }
            source = tmp_path / "in.ipynb"
            source.write_text(JSONWriter().writes(new_notebook(cells=tagged, metadata=info)))
            papermill.execute_notebook(
                source, tmp_path / "out.ipynb", progress_bar=False, cwd=tmp_path, **options
            )
            last = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1]
            return "".join(output.text for output in last.outputs)

        return run

    def test_parameters_of_every_type_arrive(self, execute: Any) -> None:
        given = {"s": "a 'b'", "i": 7, "b": True, "n": None, "l": ["x", "y z"], "d": {"k": "v"}}
        cell = 'printf \'<%s>\' "$s" "$i" "$b" "$n" "${l[@]}" "${d[k]}"'
        assert execute("s=default", cell, parameters=given) == "<a 'b'><7><true><><x><y z><v>"

    def test_command_in_a_parameter_stays_text(self, execute: Any, tmp_path: Path) -> None:
        given = {"s": HOSTILE, "l": [HOSTILE], "d": {HOSTILE: HOSTILE}}
        cell = 'printf \'%s\\n\' "$s" "$l" "${!d[@]}" "${d[@]}"'
        assert execute("declare -i s=1", cell, parameters=given) == f"{HOSTILE}\n" * 4
        assert not (tmp_path / "made").exists()

    def test_engine_gives_a_kernel_of_another_name_our_translator(self, execute: Any) -> None:
        """papermill's own translator has no dictionaries."""
        assert install(["bash", "--user", "--name", "my-shell"]) == 0
        options = {"parameters": {"d": {"k": "v"}}, "kernel": "my-shell"}
        assert execute(":", 'echo "${d[k]}"', engine_name="mykernel", **options) == "v\n"

    def test_failing_cell_fails_papermill(self, execute: Any) -> None:
        with pytest.raises(papermill.PapermillExecutionError, match="cat nowhere"):
            execute(":", "true\ncat nowhere", "echo after")

    def test_bad_parameter_is_refused_before_anything_runs(
        self, execute: Any, tmp_path: Path
    ) -> None:
        with pytest.raises(BadParameter, match="'UID' is a variable that Bash keeps"):
            execute(":", "touch made", parameters={"UID": 0})
        assert not (tmp_path / "made").exists()

    def test_notebook_is_inspected(self, execute: Any, tmp_path: Path) -> None:
        execute("city=Oslo  # where", ":")
        found = papermill.inspect_notebook(tmp_path / "in.ipynb")
        assert found["city"]["default"] == "Oslo"
        assert found["city"]["help"] == "where"

    def test_engine_of_ours_is_an_engine_of_papermills(self) -> None:
        assert papermill.execute.papermill_engines.get_engine("mykernel") is Engine
