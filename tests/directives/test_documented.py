"""docs/directives.md has all directives that there are, and says how languages write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mykernel import languages
from mykernel.directives.table import directives_of

PAGE = (Path(__file__).parents[2] / "docs" / "directives.md").read_text()
# Of the table: names of languages, how they write %time, how a shell command.
ROWS = [
    [column.strip() for column in line.split("|")[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| ") and "%time" in line
]


@pytest.mark.parametrize("name", ["bash", "sqlite"])
def test_every_directive_is_explained(name: str) -> None:
    language = languages.language(name)
    headings = " ".join(line for line in PAGE.splitlines() if line.startswith("### ")).split()
    examples = [one for one, _, _ in language.directives if f"`{one} " in PAGE]
    assert set(directives_of(language)) <= {*headings, *examples}


@pytest.mark.parametrize("name", languages.names())
def test_a_language_stands_in_the_row_that_it_belongs_to(name: str) -> None:
    language = languages.language(name)
    rows = [row for row in ROWS if language.display_name in row[0].split(", ")]
    for _, time, shell in rows:
        assert time == f"`{language.leader}time`"
        assert shell.startswith("`!ls`") == bool(language.shell_leader)
    assert len(rows) == 1 or name not in ("bash", "javascript", "lua", "r", "sqlite")
