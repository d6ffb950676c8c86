"""What Go's kernel warns of, by the toolchain's vet."""

from __future__ import annotations

import pytest
from frontend import FrontEnd, Result

# What vet finds at a cell's end, in the order of lines: all else that it finds was told before.
END = '\nfmt.Printf("%d", "end")'


def warned(go: FrontEnd, code: str) -> Result:
    """The cell with what vet has said, which may come when it has ended."""
    cell = go.send(code + END)
    go.until_text(cell, 'has arg "end" of wrong type string\n')
    return go.result(cell)


@pytest.mark.parametrize(
    ("code", "line", "warning"),
    [
        ('fmt.Printf("%d\\n", "a")', 1, 'fmt.Printf format %d has arg "a" of wrong type string'),
        ("fine := 1\nfine = fine", 2, "self-assignment of fine"),
        ("func early() int {\n\treturn 1\n\tfmt.Print(2)\n\treturn 2\n}", 3, "unreachable code"),
        (
            "type tagged struct {\n\tA int `json:a`\n}",
            2,
            "struct field tag `json:a` not compatible",
        ),
        (
            "type guarded struct{ sync.Mutex }\n\nfunc use(g guarded) {}",
            3,
            "use passes lock by value: guarded",
        ),
        (
            "func lost() {\n\tctx, _ := context.WithCancel(context.Background())\n\t_ = ctx\n}",
            2,
            "the cancel function returned by context.WithCancel should be called",
        ),
    ],
)
def test_vet_warns_of_the_line(go: FrontEnd, code: str, line: int, warning: str):
    result = warned(go, code)
    assert result.status == "ok", result.content
    number = result.content["execution_count"]
    assert result.stderr.startswith(f"In[{number}]:{line}: vet: {warning}"), result.stderr
    assert result.stderr.count("\n") == 2


def test_vet_is_silent_where_nothing_is_wrong(go: FrontEnd):
    code = 'type held struct{ sync.Mutex }\nvar mine held\nmine.Lock()\nfmt.Printf("%d\\n", 1)'
    assert warned(go, f"{code}\nvar group sync.WaitGroup").stderr.count("\n") == 1


def test_a_finding_is_told_once_and_of_its_cell_alone(go: FrontEnd):
    code = 'func loud() { fmt.Printf("%t\\n", "a") }'
    assert warned(go, code).stderr.count("\n") == 2
    assert go.execute(code + END).stderr == ""
    assert warned(go, "loud()").stderr.count("\n") == 1


def test_vet_can_be_turned_off(go: FrontEnd):
    assert go.execute("%vet off").status == "ok"
    assert go.execute('fmt.Printf("%s\\n", 1)').stderr == ""
    assert go.execute("%vet").stdout == "%vet off\n"
    assert go.execute("%vet on").status == "ok"
    assert "vet: fmt.Printf format %t" in warned(go, 'fmt.Printf("%t\\n", 1)').stderr
    assert go.execute("%vet maybe").status == "error"


def test_a_cell_that_fails_is_warned_of_too(go: FrontEnd):
    result = warned(go, 'if fmt.Sprint() == "" {\n\tpanic("end")\n}')
    assert (result.status, result.ename) == ("error", "panic")
