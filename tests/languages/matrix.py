"""The README's matrix of languages, made from a run of the contract tests.

`python tests/languages/matrix.py` runs them, and writes what each language passed between the two
marks in README.md. Exit status: 0, or 1 when a test failed or could not be run; then the table is
left as it was.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from languages.samples import COLUMNS, rows  # noqa: E402

from benchmarks.readme import with_table  # noqa: E402
from mykernel.languages import language  # noqa: E402

BEGIN, END = "<!-- languages -->", "<!-- /languages -->"
_CONTRACT = "tests/languages/test_contract.py"


def main() -> None:
    """Run the contract, and write the table. Raises SystemExit when it is not passed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        argv = [sys.executable, "-m", "pytest", "-q", "-n", "2", _CONTRACT, f"--junitxml={report}"]
        subprocess.run(argv, cwd=ROOT, check=False)
        passed, failed = _results(report)
    wanted = {(name, c) for name, row in rows().items() for c in COLUMNS if c in row}
    if wrong := sorted(failed | (wanted - passed)):
        sys.exit("Not written: " + ", ".join(f"{name} {column}" for name, column in wrong))
    page = ROOT / "README.md"
    page.write_text(with_table(page.read_text("utf-8"), table(passed), BEGIN, END), "utf-8")


def table(passed: set[tuple[str, str]]) -> str:
    """Markdown: a row a language, a column a test; and what a language lacks, with the reason."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "| --- " * (len(COLUMNS) + 1) + "|"]
    notes = []
    for name, row in rows().items():
        shown = language(name).display_name
        cells = ["✓" if (name, column) in passed else "-" for column in COLUMNS]
        lines.append(f"| {shown} | " + " | ".join(cells) + " |")
        lacks = row.get("lacks", {})
        notes += [f"- {shown} has no {column}: {reason}" for column, reason in lacks.items()]
    return "\n".join([*lines, "", *notes])


def _results(report: Path) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Which (language, column) passed all of its tests, and which failed or was skipped."""
    passed, failed = set(), set()
    for case in ET.parse(report).iter("testcase"):
        test, _, name = case.attrib["name"].removesuffix("]").partition("[")
        key = name, test.split("_")[1]
        if name:
            (failed if len(case) else passed).add(key)
    lacking = {(name, column) for name, row in rows().items() for column in row.get("lacks", {})}
    return passed - failed, failed - lacking


if __name__ == "__main__":
    main()
