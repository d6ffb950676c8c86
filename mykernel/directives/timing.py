"""`%time` and `%timeit`."""

from __future__ import annotations

import argparse
import shlex
import statistics
import time

from mykernel.contract import Ok, Outcome, StreamName
from mykernel.directives.call import Call
from mykernel.drivers.outputs import Unseen
from mykernel.drivers.refusal import Refused
from mykernel.terminal.processes import cpu_times

# Seconds that a run of several loops is to take, and how many such runs there are.
_RUN = 0.2
_RUNS = 7
# Seconds that all runs of a slow cell may take.
_MOST = 2.0


async def once(call: Call) -> Outcome:
    """Run what follows, and say how long it took."""
    process = call.host.session.process
    before = cpu_times(process) if process is not None else None
    began = time.perf_counter()
    outcome = await call.rest(call.output)
    wall = time.perf_counter() - began
    if isinstance(outcome, Ok) and outcome.result is not None:
        call.output.display(outcome.result)
        outcome = Ok()
    after = cpu_times(process) if process is not None else None
    # A child that came anew meanwhile has used its own time alone.
    if before and after and process == call.host.session.process:
        user, system = after[0] - before[0], after[1] - before[1]
        used = f"CPU times: user {shown(user)}, sys {shown(system)}, total {shown(user + system)}"
        call.say(used)
    call.say(f"Wall time: {shown(wall)}")
    return outcome


async def many(call: Call) -> Outcome:
    """Run what follows so often that its time is known, with its output unseen."""
    loops, runs = _counts(call.argument)
    taken, problem = await _run(call, 1)
    if problem is not None:
        return problem
    # The first one may have had more to do.
    if loops is None:
        loops = max(1, round(_RUN / taken))
    if runs is None:
        runs = min(_RUNS, max(1, int(_MOST / (taken * loops))))
    found = []
    for _ in range(runs):
        taken, problem = await _run(call, loops)
        if problem is not None:
            return problem
        found.append(taken / loops)
    spread = statistics.stdev(found) if runs > 1 else 0.0
    call.say(
        f"{shown(statistics.fmean(found))} ± {shown(spread)} per loop (mean ± std. dev. of"
        f" {_several(runs, 'run')}, {_several(loops, 'loop')} each); best {shown(min(found))}"
    )
    return Ok()


async def _run(call: Call, loops: int) -> tuple[float, Outcome | None]:
    """Seconds that so many loops took, and what ended them before their time."""
    began = time.perf_counter()
    for _ in range(loops):
        outcome = await call.rest(_Nowhere())
        if not isinstance(outcome, Ok):
            return 0.0, outcome
        if stopped := call.host.stopped():
            return 0.0, stopped
    return time.perf_counter() - began, None


class _Nowhere(Unseen):
    def text(self, _name: StreamName, _text: str) -> None:
        """However much it is, none of it is kept."""


def _counts(argument: str) -> tuple[int | None, int | None]:
    told = _options(argument)[0]
    for name, value in (("-n", told.n), ("-r", told.r)):
        if value is not None and value < 1:
            raise Refused(f"%timeit {name} wants a number from 1 up")
    return told.n, told.r


def code_of(argument: str) -> str:
    """The code behind %timeit's options, as it stands."""
    try:
        return _options(argument)[1]
    except Refused:
        return ""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise Refused(f"%timeit: {message}; it takes -n LOOPS and -r RUNS")


def _options(argument: str) -> tuple[argparse.Namespace, str]:
    """-n and -r, and what stands behind them. Raises `Refused`."""
    parser = _Parser(add_help=False)
    parser.add_argument("-n", type=int)
    parser.add_argument("-r", type=int)
    words, rest = [], argument
    while rest.startswith(("-n", "-r")):
        # "-n 5" or "-n5"; what stands behind is code, and is not to be split.
        head, *tail = rest.split(None, 1) if len(rest.split(None, 1)[0]) > 2 else _pair(rest)
        words += shlex.split(head)
        rest = tail[0] if tail else ""
    return parser.parse_args(words), rest


def _pair(text: str) -> list[str]:
    parts = text.split(None, 2)
    return [" ".join(parts[:2]), *parts[2:]]


def _several(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def shown(seconds: float) -> str:
    """A time with three digits and a unit: 12.3 ms."""
    if not seconds:
        return "0 s"
    if seconds >= 60:
        return f"{int(seconds // 60)} min {seconds % 60:.0f} s"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
