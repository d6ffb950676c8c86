"""`%test`: which functions it runs, and what Go's testing says of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mykernel.contract import CellOutput, StreamName
from mykernel.drivers.compiled.commands import words
from mykernel.drivers.compiled.memory import Memory
from mykernel.drivers.outputs import Passing
from mykernel.drivers.refusal import Refused

USAGE = "[-v] [-cover] [-run REGEX] [-bench REGEX] [-fuzz NAME [-fuzztime 10s]] [-timeout 10m]"
# As `go test` has them, with a value and without.
_VALUED = (
    *("bench", "benchtime", "count", "cpu", "fuzz", "fuzzminimizetime", "fuzztime", "parallel"),
    *("run", "shuffle", "skip", "timeout"),
)
_ALONE = "benchmem", "cover", "failfast", "short", "v"
OPTIONS = sorted(f"-{name}" for name in (*_VALUED, *_ALONE))
_DEFAULTS = {"timeout": "10m", "fuzztime": "10s"}
_KINDS = "Test", "Benchmark", "Example", "Fuzz"
# In front of a line of testing's own, and of a failure; see `framed` in agent/helper/prompt.go.
_FRAME, _WRONG = "\U000f0016", "\U000f000f"
_NAMED = re.compile(r"=== (RUN|PAUSE|CONT|NAME) +(\S*)")
_ENDED = re.compile(r" *--- (PASS|FAIL|SKIP|BENCH): (\S+)(?: \(([\d.]+)s\))?")
_MEASURED = re.compile(r"(Benchmark\S*?)(?:-\d+)?\s+(\d+)\t(.*)")
_SURROUNDINGS = re.compile(r"(?:goos|goarch|pkg|cpu): |Benchmark\S*\s*\Z|(?:PASS|FAIL)\s*\Z")
_LOGGED = re.compile(r"    [^\s:][^:]*:\d+: ")
_FUZZED = re.compile(r"    (?:--- FAIL|Failing input written to|To re-run|go test -run|\s*\Z)")


@dataclass(frozen=True, slots=True)
class Tests:
    """How tests are run. flags: of Go's testing, by name, with "true" for one that has no value."""

    flags: Mapping[str, str]

    @property
    def covers(self) -> bool:
        return "cover" in self.flags

    def chosen(self, own: Iterable[Mapping[str, Any]], memory: Memory) -> list[str]:
        """The functions to run: those that the cell declares, else all that are remembered.

        own: the cell's declarations, as the helper has them. Raises `Refused` where there are none.
        """
        found = [key for one in own if one["kind"] == "func" for key in one["keys"] if _runs(key)]
        there = [one.keys[0] for one in memory if one.kind == "func" and _runs(one.keys[0])]
        if not {*found} - {"TestMain"}:
            wanted = [name for name in there if self._wants(name)]
            found += [name for name in wanted if name not in found]
        if not {*found} - {"TestMain"}:
            which = ", ".join(f"{kind}*" for kind in _KINDS)
            raise Refused(f"%test: there are no functions {which} in this cell or an earlier one")
        if "TestMain" in there and "TestMain" not in found:
            found.append("TestMain")
        return found

    def _wants(self, name: str) -> bool:
        return "bench" in self.flags or not name.startswith("Benchmark")

    def arguments(self, folder: Path, names: Iterable[str]) -> list[str]:
        """What the program of these tests is told. folder: for what is to be kept."""
        flags = {**_DEFAULTS, **self.flags, "v": "test2json", "paniconexit0": "true"}
        flags["fuzzcachedir"] = str(folder)
        if any(name.startswith("Benchmark") for name in names) and "run" not in flags:
            flags.setdefault("bench", ".")
        if "bench" in flags:
            flags["benchmem"] = "true"
        if flags.pop("cover", ""):
            flags["coverprofile"] = str(reached_file(folder))
        return [f"-test.{name}={value}" for name, value in flags.items()]


def reached_file(folder: Path) -> Path:
    """Which statements ran: a 1 or a 0 for each."""
    return folder / "reached"


def tests_of(argument: str) -> Tests:
    """What the words behind `%test` say. Raises `Refused`."""
    left = words("%test", argument)
    flags: dict[str, str] = {}
    while left:
        word = left.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        name = name.removeprefix("test.")
        if not word.startswith("-") or name not in (*_VALUED, *_ALONE):
            near = difflib.get_close_matches(name, (*_VALUED, *_ALONE), 1)
            hint = f"did you mean -{near[0]}?" if near else f"it takes {USAGE}"
            raise Refused(f"%test: there is no option {word}; {hint}")
        if name in _ALONE:
            flags[name] = value or "true"
        elif equals or left:
            flags[name] = value if equals else left.pop(0)
        else:
            raise Refused(f"%test: -{name} wants a value")
    return Tests({name: value for name, value in flags.items() if value != "false"})


def _runs(name: str) -> bool:
    """Whether `go test` runs a function of that name."""
    rests = [name.removeprefix(kind) for kind in _KINDS if name.startswith(kind)]
    return any(not rest[:1].islower() for rest in rests)


@dataclass(slots=True)
class Tested:
    """One test. status: "PASS", "FAIL" or "SKIP"; "" for one that has not come to its end.

    said: the lines that it has logged, with their ends. wrong: of these, where the first failure
    begins that is known as such (Go 1.25 and later); -1 for none.
    """

    name: str
    status: str = ""
    seconds: float = 0.0
    said: list[str] = field(default_factory=list)
    wrong: int = -1

    @property
    def level(self) -> int:
        """How many tests it is within."""
        return self.name.count("/")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a benchmark. values: numbers, by their unit such as "ns/op"."""

    name: str
    runs: int
    values: Mapping[str, float]


class TestOutput(Passing):
    """Takes what testing says out of the output. What tests print is passed on.

    verbose: whether to pass what they log and testing says, too.
    tested: the tests, in the order in which they began. measured: of benchmarks.
    """

    __test__ = False

    def __init__(self, output: CellOutput, verbose: bool) -> None:
        super().__init__(output)
        self._verbose = verbose
        self.tested: dict[str, Tested] = {}
        self.measured: list[Measured] = []
        self._current: Tested | None = None
        self._logging = False
        self._rest = ""

    def text(self, name: StreamName, text: str) -> None:
        """See the contract."""
        if name == "stderr":
            self._output.text(name, text)
            return
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._line(f"{line}\n")

    def flush(self) -> None:
        line, self._rest = self._rest, ""
        if line:
            self._line(line)

    def end(self, well: bool) -> None:
        """The program has ended. well: with status 0; benchmarks are not told to have ended."""
        self.flush()
        for name in [name for name in self.tested if name.startswith("Benchmark")]:
            if well or self.tested[name].status in ("PASS", "SKIP") or self._has_measured(name):
                del self.tested[name]

    def _has_measured(self, name: str) -> bool:
        return self.tested[name].status != "FAIL" and any(
            one.name == name or one.name.startswith(f"{name}/") for one in self.measured
        )

    def _line(self, line: str) -> None:
        said, *framed = line.split(_FRAME)
        if said:
            self._said(said)
        for text in framed:
            self._framed(text)

    def _framed(self, text: str) -> None:
        self._logging = False
        if self._verbose and not text.startswith("=== NAME"):
            self._output.text("stdout", text)
        if found := _NAMED.match(text):
            self._current = self._named(found[2]) if found[2] else None
        elif found := _ENDED.match(text):
            self._current = self._named(found[2])
            if self._current.status != "FAIL":  # of one that runs more than once
                self._current.status = "PASS" if found[1] == "BENCH" else found[1]
            self._current.seconds += float(found[3] or 0)

    def _named(self, name: str) -> Tested:
        return self.tested.setdefault(name, Tested(name))

    def _said(self, marked: str) -> None:
        line = marked.replace(_WRONG, "")
        if line != marked and self._current is not None and self._current.wrong < 0:
            self._current.wrong = len(self._current.said)
        if measured := _MEASURED.match(line):
            fields = measured[3].split()
            values = {
                unit: float(number) for number, unit in zip(*[iter(fields)] * 2, strict=False)
            }
            self.measured.append(Measured(measured[1], int(measured[2]), values))
        elif not self._is_of_test(line) and _SURROUNDINGS.match(line) is None:
            self._output.text("stdout", line)
            return
        if self._verbose:
            self._output.text("stdout", line)

    def _is_of_test(self, line: str) -> bool:
        """Whether it is what a test has logged, or what an example has written."""
        one = self._current
        if one is None:
            return False
        began = _LOGGED.match(line) or (one.name.startswith("Fuzz") and _FUZZED.match(line))
        self._logging = bool(began or (self._logging and line.startswith("        ")))
        differs = one.name.startswith("Example") and one.status == "FAIL"
        if self._logging or differs:
            one.said.append(line)
        return self._logging or differs


def failing(tested: Iterable[Tested]) -> Sequence[Tested]:
    """Those that failed, or that were never seen to end; of nested ones, the inner ones first."""
    return [one for one in tested if one.status in ("", "FAIL")]
