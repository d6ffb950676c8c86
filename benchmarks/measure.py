"""What a measure is, and what comes of taking it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.client import RunningKernel
from benchmarks.peers import Language

Baseline = Literal["floor", "ipykernel", "best peer", "ceiling"]
Statistic = Literal["median", "p95"]

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one taking gave.

    values: in the measure's unit; all takings' values are pooled.
    facts: counts beside them, such as lost lines; the lowest and highest of all takings are told.
    """

    values: tuple[float, ...]
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aim:
    """What mykernel should reach.

    of: what is held against the limit. "ratio": ours to the baseline; "rate": how many
        times as fast as the baseline ours is; "value": ours, in the measure's unit.
    below: the limit itself does not do.
    """

    limit: float
    of: Literal["ratio", "rate", "value"] = "ratio"
    below: bool = False

    def met(self, reached: float) -> bool:
        """Whether what was reached does."""
        if self.of == "rate":
            return reached >= self.limit
        return reached < self.limit if self.below else reached <= self.limit

    def __str__(self) -> str:
        limit = "at least" if self.of == "rate" else "below" if self.below else "at most"
        return f"{limit} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured of each kernel that speaks one of the languages.

    unit: what `take` returns its values in; lower is better.
    take: blocks; raises `Unmeasurable`, which ends this measure for that kernel.
    fresh: each taking gets a process just started that has run its first cell;
        otherwise all takings of a kernel share one.
    rounds, quick_rounds: how often it is taken of each kernel.
    baseline: what ratios are against.
    aim: for mykernel's median.
    not_tried: by the name of a kernel that is not given this measure, why.
    not_quick: the same, for a quick run.
    """

    name: str
    title: str
    unit: Literal["ms", "s", "MB"]
    take: Callable[[RunningKernel], Taken]
    baseline: Baseline
    rounds: int
    quick_rounds: int
    languages: tuple[Language, ...] = ("bash",)
    fresh: bool = False
    statistics: tuple[Statistic, ...] = ("median",)
    aim: Aim | None = None
    not_tried: Mapping[str, str] = field(default_factory=dict)
    not_quick: Mapping[str, str] = field(default_factory=dict)
