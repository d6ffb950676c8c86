"""What the contract tests run in each language: a row each, and the columns are the same for all.

A row is a TOML file in `samples/`. A column that a language cannot have is in its table `lacks`,
with the reason, which the README shows. Its table `jupyter` is for `test_jupyter_kernel_test.py`,
and `environment` has fixtures by the variables that hold their values. `outlives` says that what
cells have left is there when the child has died.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomllib

SAMPLES = Path(__file__).parent / "samples"
# In the order in which the README has them.
COLUMNS = (
    "hello",
    "stderr",
    "error",
    "state",
    "result",
    "incomplete",
    "invalid",
    "completion",
    "inspection",
    "interrupt",
    "input",
    "long",
    "unicode",
    "prompt",
    "death",
)


def rows() -> dict[str, dict[str, Any]]:
    """The samples by the language's name. Raises ValueError for a row that is not whole."""
    found = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in SAMPLES.glob("*.toml")}
    for name, row in found.items():
        lacks = row.get("lacks", {})
        said = {*row, *lacks} - {"environment", "lacks", "jupyter", "outlives"}
        if wrong := said ^ set(COLUMNS):
            raise ValueError(f"samples/{name}.toml: missing or unknown: {', '.join(sorted(wrong))}")
        if both := row.keys() & lacks.keys():
            raise ValueError(f"samples/{name}.toml: there, and lacking: {', '.join(sorted(both))}")
    return dict(sorted(found.items()))
