"""Medians set against each other: as text, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.measure import TIMES, Baseline, Measure, Statistic
from benchmarks.peers import ROOT, Kernel, Role
from benchmarks.rounds import Result, Results

_ROLES: dict[Baseline, Role] = {
    "floor": "floor",
    "ipykernel": "python",
    "best peer": "peer",
    "ceiling": "ceiling",
}


@dataclass(frozen=True, slots=True)
class Report:
    """All that came of a run.

    command: what made it.
    machine, versions: as `machine.py` gives them.
    absent: by kernel name, why it could not be measured at all.
    """

    command: str
    machine: dict[str, str]
    versions: dict[str, str]
    absent: dict[str, str]
    kernels: Sequence[Kernel]
    measures: Sequence[Measure]
    results: Results

    def text(self) -> str:
        """For a terminal: aligned columns."""
        rows = self._rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, "", *self._aims(), "", *self._notes()])

    def markdown(self) -> str:
        """For a page: the same table, and how to make it anew."""
        header, *rows = [[cell.replace("|", "\\|") for cell in row] for row in self._rows()]
        table = [header, ["---"] * len(header), *rows]
        lines = [f"| {' | '.join(row)} |" for row in table]
        notes = [f"- {note}" for note in (*self._aims(), *self._notes())]
        return _portable("\n".join([*lines, "", *notes, "", f"Made by `{self.command}`.", ""]))

    def json(self) -> str:
        """For a program: every value that was taken, in the measures' units."""
        whole = {
            "command": self.command,
            "machine": self.machine,
            "kernels": [
                {"name": k.name, "argv": k.argv, "versions": self.versions[k.name], "note": k.note}
                for k in self.kernels
            ],
            "absent": self.absent,
            "measures": [self._measure_json(m) for m in self.measures],
        }
        return _portable(json.dumps(whole, indent=1) + "\n")

    def write(self, folder: Path, stem: str) -> tuple[Path, Path]:
        """Write both files, and say where they are."""
        folder.mkdir(parents=True, exist_ok=True)
        data, page = folder / f"{stem}.json", folder / f"{stem}.md"
        data.write_text(self.json())
        page.write_text(self.markdown())
        return data, page

    def _rows(self) -> list[list[str]]:
        rows = [["measure", "against", *(k.name for k in self.kernels)]]
        for measure in self.measures:
            for statistic in measure.statistics:
                title = measure.title if statistic == "median" else f"{measure.title}, {statistic}"
                cells = [self._cell(measure, k, statistic) for k in self.kernels]
                rows.append([title, measure.baseline, *cells])
            for fact in self._facts(measure):
                facts = [self._result(measure, k).facts for k in self.kernels]
                told = [_span(f[fact]) if fact in f else "-" for f in facts]
                rows.append([f"{measure.title}: {fact}", "", *told])
        return rows

    def _cell(self, measure: Measure, kernel: Kernel, statistic: Statistic) -> str:
        result = self._result(measure, kernel)
        if result.failure:
            return result.word
        if not result.values:
            return "-"
        value = _value(result, statistic)
        ratio = self._ratio(measure, kernel, statistic)
        absolute = f"{_digits(value)} {measure.unit}"
        return absolute if ratio is None else f"{_places(ratio)} {TIMES} ({absolute})"

    def _ratio(self, measure: Measure, kernel: Kernel, statistic: Statistic) -> float | None:
        result = self._result(measure, kernel)
        baseline = self._baseline(measure, statistic)
        if baseline is None or result.failure or not result.values:
            return None
        return _value(result, statistic) / baseline

    def _baseline(self, measure: Measure, statistic: Statistic) -> float | None:
        role = _ROLES[measure.baseline]
        results = [self._result(measure, k) for k in self.kernels if k.role == role]
        values = [_value(r, statistic) for r in results if r.values and not r.failure]
        return min(values, default=None)

    def _aims(self) -> list[str]:
        ours = [kernel for kernel in self.kernels if kernel.role == "ours"]
        return [f"aim: {self._verdict(m, k)}" for m in self.measures for k in ours if m.aim]

    def _verdict(self, measure: Measure, kernel: Kernel) -> str:
        result, aim = self._result(measure, kernel), measure.aim
        ratio = self._ratio(measure, kernel, "median")
        reached: float | None
        if aim is None or aim.of == "value":
            unit: str = measure.unit
            reached = median(result.values) if result.values and not result.failure else None
        else:
            unit = f"{TIMES} {'the rate of ' * (aim.of == 'rate')}{measure.baseline}"
            reached = 1 / ratio if ratio and aim.of == "rate" else ratio
        wanted = f"{measure.title} {aim} {unit}"
        if aim is None or reached is None:
            return f"{wanted}: not measured"
        if lost := [
            name for name, counts in result.facts.items() if "lost" in name and any(counts)
        ]:
            return f"{wanted}: NOT met, with {' and '.join(lost)}"
        return f"{wanted}: {'met' if aim.met(reached) else 'NOT met'} with {_digits(reached)}"

    def _notes(self) -> list[str]:
        machine = ", ".join(f"{name} {said}" for name, said in self.machine.items() if said)
        kernels = [
            f"{k.name}: {self.versions[k.name]}{'; ' if k.note else ''}{k.note}"
            for k in self.kernels
        ]
        failures = [
            f"{kernel}, {word} in {', '.join(names)}: {reason}"
            for (kernel, word, reason), names in self._failures().items()
        ]
        absent = [f"{name} was not measured: {reason}" for name, reason in self.absent.items()]
        return [*failures, *absent, machine, *kernels]

    def _failures(self) -> dict[tuple[str, str, str], list[str]]:
        """By kernel, word and reason, the measures that ended so."""
        found: dict[tuple[str, str, str], list[str]] = {}
        for (measure, kernel), result in self.results.items():
            if result.failure:
                found.setdefault((kernel, result.word, result.failure), []).append(measure)
        return found

    def _facts(self, measure: Measure) -> list[str]:
        results = [self._result(measure, kernel) for kernel in self.kernels]
        return list(dict.fromkeys(fact for result in results for fact in result.facts))

    def _result(self, measure: Measure, kernel: Kernel) -> Result:
        return self.results.get((measure.name, kernel.name), Result())

    def _measure_json(self, measure: Measure) -> dict[str, Any]:
        results = {k.name: self._result_json(measure, k) for k in self.kernels}
        aim = {"limit": measure.aim.limit, "of": measure.aim.of} if measure.aim else None
        return {
            "name": measure.name,
            "title": measure.title,
            "unit": measure.unit,
            "baseline": measure.baseline,
            "aim": aim,
            "results": {name: result for name, result in results.items() if result},
        }

    def _result_json(self, measure: Measure, kernel: Kernel) -> dict[str, Any]:
        if (measure.name, kernel.name) not in self.results:
            return {}
        result = self._result(measure, kernel)
        told: dict[str, Any] = {"failure": result.failure or None, "facts": result.facts}
        for statistic in measure.statistics if result.values else ():
            told[statistic] = _value(result, statistic)
            told[f"{statistic} ratio"] = self._ratio(measure, kernel, statistic)
        return {**told, "values": result.values}


def _value(result: Result, statistic: Statistic) -> float:
    if statistic == "median" or len(result.values) < 2:
        return median(result.values)
    return quantiles(result.values, n=20, method="inclusive")[-1]


def _portable(text: str) -> str:
    """Without the place of this checkout, which tells a reader nothing."""
    return text.replace(f"{ROOT}/", "")


def _digits(value: float) -> str:
    """Three digits or so, whatever the size."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else _places(value)


def _places(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def _span(counts: list[int]) -> str:
    """The count of all takings, or the lowest and the highest."""
    lowest, highest = min(counts), max(counts)
    return f"{lowest:,}" if lowest == highest else f"{lowest:,} to {highest:,}"
