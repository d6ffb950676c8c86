"""A bench that makes one table: its options, and where the table goes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import load
from benchmarks.peers import ROOT
from benchmarks.readme import with_table


@dataclass(frozen=True, slots=True)
class Page:
    """What `python -m benchmarks.NAME` writes to results/NAME.md.

    description: what --help tells.
    """

    name: str
    description: str

    @property
    def _command(self) -> str:
        return f"python -m benchmarks.{self.name}"

    @property
    def _marks(self) -> tuple[str, str]:
        return f"<!-- bench-{self.name} -->", f"<!-- /bench-{self.name} -->"

    def arguments(self) -> argparse.Namespace:
        """quick and update_readme, from the command line."""
        parser = argparse.ArgumentParser(prog=self._command, description=self.description)
        parser.add_argument("--quick", action="store_true", help="fewer rounds")
        parser.add_argument(
            "--update-readme",
            action="store_true",
            help=f"put the table into README.md, at {self._marks[0]}",
        )
        return parser.parse_args()

    def publish(self, table: str, about: Mapping[str, str], chosen: argparse.Namespace) -> None:
        """Print the table and write it where it belongs. about: what it was taken on."""
        told = ", ".join(f"{key} {value}" for key, value in {**about, "load after": load()}.items())
        options = " --quick" * chosen.quick + " --update-readme" * chosen.update_readme
        page = f"{table}\n\n- {told}\n\nMade by `{self._command}{options}`.\n"
        (Path(__file__).parent / "results" / f"{self.name}.md").write_text(page)
        if chosen.update_readme:
            readme = ROOT / "README.md"
            readme.write_text(with_table(readme.read_text(), page, *self._marks))
        print(page)
