"""Taking measures in turn over all kernels, so that the machine's noise hits all alike."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import NotOffered, RunningKernel, Unmeasurable
from benchmarks.measure import Measure, Taken
from benchmarks.peers import Kernel


@dataclass(slots=True)
class Result:
    """What one measure gave for one kernel.

    failure: why there is no more of it. word: the same in a word or two.
    """

    values: list[float] = field(default_factory=list)
    facts: dict[str, list[int]] = field(default_factory=dict)
    failure: str = ""
    word: str = ""

    def add(self, taken: Taken) -> None:
        """Pool the values, and the facts by name."""
        self.values.extend(taken.values)
        for name, count in taken.facts.items():
            self.facts.setdefault(name, []).append(count)


# By the names of the measure and the kernel.
Results = dict[tuple[str, str], Result]


@dataclass(slots=True)
class Run:
    """One run over some measures and kernels.

    home: an empty folder that the kernels get for HOME.
    say: takes a line on how far the run is.
    """

    measures: Sequence[Measure]
    kernels: Sequence[Kernel]
    quick: bool
    home: Path
    say: Callable[[str], None]
    results: Results = field(default_factory=dict)
    # The same order in each run of the same choice.
    _order: random.Random = field(default_factory=lambda: random.Random(2))

    def take(self) -> Results:
        """Take everything. Blocks; ends each process that it started."""
        for measure in self.measures:
            for kernel in self.kernels:
                if kernel.language in measure.languages:
                    spared = {**(measure.not_quick if self.quick else {}), **measure.not_tried}
                    reason = spared.get(kernel.name, "")
                    word = "not tried" if reason else ""
                    result = Result(failure=reason, word=word)
                    self.results[measure.name, kernel.name] = result
        self._warm_up()
        self._take_fresh([m for m in self.measures if m.fresh])
        self._take_shared([m for m in self.measures if not m.fresh])
        return self.results

    def _warm_up(self) -> None:
        """Start each once for nothing: bytecode, profiles and page cache are then there."""
        for kernel in self._in_turn(self.measures):
            self.say(f"warming up: {kernel.name}")
            try:
                RunningKernel(kernel, self.home).close()
            except Unmeasurable as reason:
                self._give_up(kernel, self.measures, reason, "did not start: ")

    def _take_fresh(self, measures: Sequence[Measure]) -> None:
        for number in range(max(map(self._rounds, measures), default=0)):
            due = [m for m in measures if number < self._rounds(m)]
            self.say(f"{' and '.join(m.title for m in due)}: round {number + 1}")
            for kernel in self._in_turn(due):
                try:
                    with RunningKernel(kernel, self.home) as running:
                        self._take_all(self._open(due, kernel), running)
                except Unmeasurable as reason:
                    self._give_up(kernel, due, reason)

    def _take_all(self, measures: Sequence[Measure], running: RunningKernel) -> None:
        for measure in measures:
            try:
                taken = measure.take(running)
            except Unmeasurable as reason:
                # The process can no longer be trusted; what is left has further rounds.
                self._give_up(running.kernel, [measure], reason)
                return
            self.results[measure.name, running.kernel.name].add(taken)

    def _take_shared(self, measures: Sequence[Measure]) -> None:
        with _Pool(self.home) as pool:
            for measure in measures:
                self.say(f"{measure.title}: rounds 1 to {self._rounds(measure)}")
                for _ in range(self._rounds(measure)):
                    for kernel in self._in_turn([measure]):
                        try:
                            taken = measure.take(pool.running(kernel))
                        except Unmeasurable as reason:
                            self._give_up(kernel, [measure], reason)
                            if not isinstance(reason, NotOffered):
                                pool.drop(kernel)
                        else:
                            self.results[measure.name, kernel.name].add(taken)

    def _in_turn(self, measures: Sequence[Measure]) -> Iterator[Kernel]:
        """The kernels that one of these is still open for, in an order of chance."""
        for kernel in self._order.sample(self.kernels, len(self.kernels)):
            if self._open(measures, kernel):
                yield kernel

    def _open(self, measures: Sequence[Measure], kernel: Kernel) -> list[Measure]:
        found = [(m, self.results.get((m.name, kernel.name))) for m in measures]
        return [measure for measure, result in found if result and not result.failure]

    def _give_up(
        self, kernel: Kernel, measures: Sequence[Measure], reason: Unmeasurable, when: str = ""
    ) -> None:
        self.say(f"{kernel.name}: {when}{reason}")
        for measure in self._open(measures, kernel):
            result = self.results[measure.name, kernel.name]
            result.failure, result.word = f"{when}{reason}", reason.word

    def _rounds(self, measure: Measure) -> int:
        return measure.quick_rounds if self.quick else measure.rounds


class _Pool:
    """One running kernel each, started when first asked for."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running: dict[str, RunningKernel] = {}

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for running in self._running.values():
            running.close()

    def running(self, kernel: Kernel) -> RunningKernel:
        if kernel.name not in self._running:
            self._running[kernel.name] = RunningKernel(kernel, self._home)
        return self._running[kernel.name]

    def drop(self, kernel: Kernel) -> None:
        """End a kernel that can no longer be trusted. The next asking starts a new one."""
        if running := self._running.pop(kernel.name, None):
            running.close(within=0.5)
