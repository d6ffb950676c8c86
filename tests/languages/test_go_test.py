"""%test in Go: what runs, and how it is shown."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from frontend import FrontEnd, Result, results
from frontend import traceback as shown_error
from hypothesis import given
from hypothesis import strategies as st
from toolchains import needs_language

from mykernel.drivers.outputs import Unseen
from mykernel.languages.go.tests import TestOutput

SGR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def go(go: FrontEnd) -> FrontEnd:
    """A kernel that remembers one function and one variable."""
    cell = "%reset\nfunc add(a, b int) int {\n\treturn a + b\n}\nlimit := 3"
    assert go.execute(cell).status == "ok"
    return go


def displays(result: Result) -> list[dict[str, Any]]:
    return [one["data"] for one in result.of_type("display_data")]


def table(result: Result) -> list[list[str]]:
    """The words of each row of the first table."""
    return [SGR.sub("", line).split() for line in displays(result)[0]["text/plain"].split("\n")]


def marks(result: Result) -> dict[str, str]:
    """By test, how it went."""
    return {row[1]: row[0] for row in table(result)[:-1]}


PASSES = """
func TestAdd(t *testing.T) {
    if add(1, 2) != limit {
        t.Error("no")
    }
}"""
FAILS = """
func TestMore(t *testing.T) {
    t.Log("before")
    if got := add(1, 2); got != 4 {
        t.Errorf("got %d\\nnot 4", got)
    }
    t.Log("after")
}"""

MEASURES = """
func BenchmarkAdd(b *testing.B) {
    for b.Loop() {
        add(1, 2)
    }
}"""


def test_tests_of_the_cell_reach_what_cells_have_left(go):
    result = go.execute(f"%test{PASSES}")
    assert (result.status, result.stdout) == ("ok", "")
    assert table(result)[0][:2] == ["✓", "TestAdd"]
    assert table(result)[-1][:2] == ["1", "passed"]
    assert "TestAdd" in displays(result)[0]["text/html"]


def test_without_functions_all_that_are_remembered_run(go):
    assert go.execute(f"%test{PASSES}").status == "ok"
    assert go.execute(FAILS).status == "ok"
    result = go.execute("%test")
    assert marks(result) == {"TestAdd": "✓", "TestMore": "✗"}
    assert result.evalue == "1 of 2 failed: TestMore"


def test_a_failure_shows_what_was_logged_and_the_line(go):
    result = go.execute(f"%test{FAILS}")
    name = f"In[{result.content['execution_count']}]"
    assert (result.ename, result.evalue) == ("TestFailure", "1 of 1 failed: TestMore")
    shown = SGR.sub("", shown_error(result)).split("\n")
    assert f"{name}:3: before" in shown
    assert f"{name}:5: got 3" in shown
    assert "    not 4" in shown
    assert any(line.startswith("---->") for line in shown)
    assert "cell1" not in "".join(shown) + str(displays(result))


def test_without_tests_there_is_a_hint(go):
    refused = go.execute("%test")
    assert refused.ename == "DirectiveError"
    assert "there are no functions Test*" in refused.evalue


def test_a_name_that_goes_on_in_small_letters_is_no_test(go):
    assert go.execute("%test\nfunc Testing(t *testing.T) {}").ename == "DirectiveError"


def test_prints_are_shown_and_logs_of_tests_that_pass_are_not(go):
    cell = '\nfunc TestA(t *testing.T) {\n\tfmt.Println("printed")\n\tt.Log("logged")\n}'
    assert go.execute(f"%test{cell}").stdout == "printed\n"
    verbose = go.execute(f"%test -v{cell}").stdout
    assert "=== RUN   TestA\n" in verbose
    assert ":4: logged\n" in verbose


def test_subtests_skips_and_parallel_tests(go):
    cell = """%test
func TestOuter(t *testing.T) {
    t.Run("a b", func(t *testing.T) { t.Parallel() })
    t.Run("bad", func(t *testing.T) { t.Parallel(); t.Fatal("<wrong>") })
    t.Run("left", func(t *testing.T) { t.Skip("why") })
    t.Setenv("A", "b")
    os.WriteFile(t.TempDir()+"/x", nil, 0o600)
}"""
    result = go.execute(cell.replace('    t.Setenv("A", "b")\n', ""))
    assert marks(result) == {"TestOuter": "✗", "a_b": "✓", "bad": "✗", "left": "-"}
    assert "&lt;wrong&gt;" in displays(result)[0]["text/html"]
    assert "why" in displays(result)[0]["text/plain"]


def test_environment_and_folders_of_tests(go):
    cell = """%test
func TestEnv(t *testing.T) {
    t.Setenv("MINE", "b")
    if err := os.WriteFile(t.TempDir()+"/x", []byte(os.Getenv("MINE")), 0o600); err != nil {
        t.Error(err)
    }
}"""
    assert go.execute(cell).status == "ok"
    assert results(go.execute('os.Getenv("MINE")')) == ['""']


def test_examples_are_compared(go):
    cell = "%test\nfunc ExampleAdd() {\n\tfmt.Println(add(1, 1))\n\t// Output: {}\n}"
    assert marks(go.execute(cell.replace("{}", "2"))) == {"ExampleAdd": "✓"}
    wrong = go.execute(cell.replace("{}", "3"))
    assert "got: 2 want: 3" in displays(wrong)[0]["text/plain"]
    assert shown_error(wrong).endswith("got:\n2\nwant:\n3")


def test_benchmarks_are_measured_and_compared_with_the_run_before(go):
    cell = f"%test -benchtime 10x{MEASURES}"
    first, again = table(go.execute(cell)), table(go.execute(cell))
    assert first[0] == ["benchmark", "runs", "ns/op", "B/op", "allocs/op"]
    assert first[1][:2] == ["BenchmarkAdd", "10"]
    assert again[0][-2:] == ["before", "change"]
    assert again[1][-1] == "%"


def test_benchmarks_that_are_remembered_run_when_asked_for(go):
    assert go.execute(MEASURES + PASSES).status == "ok"
    assert len(displays(go.execute("%test"))) == 1
    assert len(displays(go.execute("%test -bench . -benchtime 10x"))) == 2


def test_run_chooses(go):
    result = go.execute(f"%test -run More{PASSES}{FAILS}")
    assert marks(result) == {"TestMore": "✗"}


def test_a_test_that_fails_in_one_of_its_runs_has_failed(go):
    cell = "%test -count 3\nvar runs int\nfunc TestTwice(t *testing.T) {\n\truns++\n"
    result = go.execute(f"{cell}\tif runs == 2 {{\n\t\tt.Fail()\n\t}}\n}}")
    assert marks(result) == {"TestTwice": "✗"}
    assert result.evalue == "1 of 1 failed: TestTwice"


def test_coverage_counts_what_a_goto_leads_to(go):
    cell = """%test -cover
func jump() int {
    goto done
done:
    return 1
}
func TestJump(t *testing.T) { jump() }"""
    assert "100.0 %" in displays(go.execute(cell))[1]["text/plain"].split("\n")[0]


def test_coverage_marks_functions_and_lines(go):
    cell = """%test -cover
func sign(a int) int {
    if a < 0 {
        return -1
    }
    return add(1, 0)
}
func TestSign(t *testing.T) { sign(5) }"""
    shown = displays(go.execute(cell))[1]
    plain = SGR.sub("", shown["text/plain"]).split("\n")
    assert [line.split()[:2] for line in plain[:3]] == [
        ["add", "100.0"],
        ["sign", "66.7"],
        ["all", "75.0"],
    ]
    assert "-         return -1" in plain
    assert "+     if a < 0 {" in plain
    assert "  func TestSign(t *testing.T) { sign(5) }" in plain
    assert shown["text/html"].count("rgba(200, 0, 0") == 1


def test_fuzzing_finds_an_input_that_is_tried_again(go):
    cell = """
func FuzzShort(f *testing.F) {
    f.Add("ab")
    f.Fuzz(func(t *testing.T, s string) {
        if len(s) > 2 {
            t.Error("too long")
        }
    })
}"""
    result = go.execute(f"%test -fuzz FuzzShort -fuzztime 60s{cell}")
    assert result.ename == "TestFailure"
    shown = SGR.sub("", shown_error(result))
    assert 'string("' in shown
    assert "too long" in shown
    again = go.execute("%test")
    assert marks(again)["FuzzShort"] == "✗"
    assert results(go.execute('files, _ := os.ReadDir(".")\nlen(files)')) == ["0"]


def test_fuzz_tests_run_with_their_own_inputs(go):
    cell = (
        "%test\nfunc FuzzAdd(f *testing.F) {\n\tf.Add(1)\n\tf.Fuzz(func(t *testing.T, a int) {})\n}"
    )
    assert marks(go.execute(cell)) == {"FuzzAdd": "✓", "seed#0": "✓"}


def test_a_panic_ends_the_tests_and_shows_its_line(go):
    cell = "func TestBad(t *testing.T) {\n\tvar p *int\n\t*p = 1\n}\nfunc TestNext(*testing.T) {}"
    result = go.execute(f"%test\n{cell}")
    assert result.ename == "TestFailure"
    assert result.evalue.startswith("TestBad: panic: runtime error: invalid memory address")
    assert "----> 4 \t*p = 1" in SGR.sub("", shown_error(result))
    assert result.stderr == ""


def test_a_test_that_takes_too_long_is_ended(go):
    result = go.execute("%test -timeout 100ms\nfunc TestSlow(t *testing.T) { select {} }")
    assert (result.ename, "timed out after 100ms" in result.evalue) == ("TestFailure", True)


def test_exit_in_a_test_is_told(go):
    result = go.execute("%test\nfunc TestExit(t *testing.T) { os.Exit(3) }")
    assert result.evalue == "the tests were ended in TestExit (exit 3)"


def test_main_of_tests_is_run(go):
    main = (
        'func TestMain(m *testing.M) {\n\tfmt.Println("setup")\n\tm.Run()\n\tfmt.Println("end")\n}'
    )
    assert go.execute(main).status == "ok"
    result = go.execute(f"%test{FAILS}")
    assert (result.stdout, result.evalue) == ("setup\nend\n", "1 of 1 failed: TestMore")


def test_a_test_can_be_interrupted(go):
    cell = go.send('%test\nfunc TestEndless(t *testing.T) {\n\tfmt.Println("ready")\n\tfor {}\n}')
    go.until_text(cell, "ready")
    go.interrupt()
    result = go.result(cell)
    assert result.ename == "KeyboardInterrupt"
    assert results(go.execute("limit")) == ["3"]


def test_a_test_of_the_wrong_kind_does_not_compile(go):
    result = go.execute("%test\nfunc TestWrong(n int) {}")
    assert result.ename == "CompileError"
    assert result.evalue.endswith(
        ":2:6: cannot use TestWrong (value of type func(n int)) as func(*testing.T) value"
    )


def test_tests_leave_variables_as_they_were(go):
    assert go.execute("%test\nfunc TestSet(t *testing.T) { limit = 9 }").status == "ok"
    assert results(go.execute("limit")) == ["3"]


@pytest.mark.parametrize(
    ("argument", "said"),
    [("-benc .", "did you mean -bench?"), ("-run", "-run wants a value"), ("all", "no option all")],
)
def test_what_is_no_option_is_refused(go, argument, said):
    refused = go.execute(f"%test {argument}{PASSES}")
    assert refused.ename == "DirectiveError"
    assert said in refused.evalue


def test_tab_offers_options(go):
    code = "%test -v -bench"
    found = go.request("complete", code=code, cursor_pos=len(code)).content["matches"]
    assert found == ["-bench", "-benchmem", "-benchtime"]


def test_tests_in_a_module_reach_its_packages(start_kernel, tmp_path):
    """With a vendor folder, too, in which nothing of ours is."""
    needs_language("go")
    (tmp_path / "thing").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "go.mod").write_text("module mine\n\ngo 1.24\n")
    (tmp_path / "vendor" / "modules.txt").write_text("")
    (tmp_path / "thing" / "thing.go").write_text("package thing\n\nconst Two = 2\n")
    code = "func TestThing(t *testing.T) {\n\tif thing.Two != 2 {\n\t\tt.Error()\n\t}\n}"
    result = start_kernel("go", cwd=tmp_path).execute(f'%test\nimport "mine/thing"\n{code}')
    assert marks(result) == {"TestThing": "✓"}


FRAME, WRONG = "\U000f0016", "\U000f000f"
SAID = (
    f"{FRAME}=== RUN   TestA\nprinted\nhalf{FRAME}=== NAME  TestA\n    cell1:3: logged\n"
    f"{WRONG}    cell1:4: bad\n        more\n{FRAME}--- FAIL: TestA (0.50s)\n{FRAME}=== NAME  \n"
    f"{FRAME}=== RUN   BenchmarkB\nBenchmarkB\nBenchmarkB-2   \t 100\t 2.5 ns/op\n{FRAME}FAIL\n"
)


@given(st.lists(st.integers(0, len(SAID))))
def test_what_testing_says_may_come_in_any_pieces(cuts):
    seen = Unseen()
    output = TestOutput(seen, verbose=False)
    places = sorted({0, len(SAID), *cuts})
    for start, end in pairwise(places):
        output.text("stdout", SAID[start:end])
    output.end(well=False)
    (one,) = output.tested.values()
    assert (one.name, one.status, one.seconds) == ("TestA", "FAIL", 0.5)
    assert one.said == ["    cell1:3: logged\n", "    cell1:4: bad\n", "        more\n"]
    assert one.wrong == 1
    assert [(m.name, m.runs, m.values) for m in output.measured] == [
        ("BenchmarkB", 100, {"ns/op": 2.5})
    ]
    assert seen.collected == "printed\nhalf"
