"""Limits on what a session runs: its memory and its processes, background jobs included.

The tree of processes is looked at many times a second. When it is over a limit, the largest
process groups are killed, and the rest goes on. A fork bomb is such a group, as its processes
do not leave it, and is killed whole, at once. The child itself is ended only when it alone is
too large.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mykernel.contract import SessionOptions
from mykernel.terminal import Terminal, processes
from mykernel.terminal.processes import Process

log = logging.getLogger(__name__)

# Seconds between two looks: below half of each limit, and above that of one.
_PAUSE, _SHORT_PAUSE = 0.02, 0.01
# How many times as long as a look worked the pause is at least, so that looking at many
# processes takes a sixth of a processor at most.
_REST = 5
# Rounds of killing, for what is born while one looks. The later half of them spares nothing: what
# leaves its process group at each birth is never the largest.
_ROUNDS = 20
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Overrun:
    """A limit was hit.

    option: of the command line. text: what was used, and what was killed.
    fatal: whether the child alone is too large.
    """

    ename: str
    option: str
    text: str
    fatal: bool


@dataclass(frozen=True, slots=True)
class _Limit:
    """most: of what `weigh` finds. target: how much is left after the largest were killed.

    quick: at least what `weigh` finds, for less work. told: how much of it is spoken of.
    """

    ename: str
    option: str
    told: Callable[[int], str]
    most: int
    target: int
    quick: Callable[[Process], int]
    weigh: Callable[[Process], int]


class LimitWatch:
    """Watches over all that runs below a terminal. hit is called when something was killed."""

    def __init__(
        self, terminal: Terminal, options: SessionOptions, hit: Callable[[Overrun], None]
    ) -> None:
        self._terminal = terminal
        self._limits = _limits(options)
        if self._limits and not processes.HAS_PROC:
            log.warning("no limit on memory or processes holds: this system has no /proc")
            self._limits = []
        self._hit = hit
        # Killed, but not gone yet.
        self._dying: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, if there is a limit."""
        if self._limits and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch())

    def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        while True:
            began = time.thread_time()
            pause = self._look()
            await asyncio.sleep(max(pause, _REST * (time.thread_time() - began)))

    def _look(self) -> float:
        """Returns the seconds until the next one."""
        found = self._living()
        pause = _PAUSE
        for limit in self._limits:
            about = _sum(found, limit.quick)
            if about > limit.most < _sum(found, limit.weigh):
                self._reduce(limit)
                return _PAUSE
            if about > limit.most // 2:
                pause = _SHORT_PAUSE
        return pause

    def _living(self) -> list[Process]:
        found = processes.descendants(self._terminal.guardian)
        self._dying &= {process.pid for process in found}
        return [process for process in found if process.pid not in self._dying]

    def _reduce(self, limit: _Limit) -> None:
        # Once more: who forked between two of the first looks had its memory counted twice.
        found = self._living()
        used = _sum(found, limit.weigh)
        if used <= limit.most:
            return
        killed: Counter[str] = Counter()
        for number in range(_ROUNDS):
            target = limit.target if number < _ROUNDS // 2 else 0
            killed.update(self._kill_largest(limit, found, target))
            found = self._living()
            if _sum(found, limit.weigh) <= limit.most or len(found) == len(self._spared(found)):
                break
        fatal = _sum(self._spared(found), limit.weigh) > limit.most
        text = f"{limit.told(used)}, and {limit.option} is set; {_told(killed)}"
        self._hit(Overrun(limit.ename, limit.option, text, fatal))

    def _kill_largest(self, limit: _Limit, found: list[Process], target: int) -> Counter[str]:
        """Returns the names of what was killed."""
        used = {process.pid: limit.weigh(process) for process in found}
        spared = self._spared(found)
        victims = _largest([p for p in found if p not in spared], used, target)
        others = {p.group for p in spared} | {self._terminal.guardian}
        for group in {p.group for p in victims} - others:
            processes.kill_group(group)
        # Those of another user stay, and are not looked at again.
        self._dying.update(process.pid for process in victims)
        return Counter(process.name for process in victims if processes.kill(process))

    def _spared(self, found: list[Process]) -> list[Process]:
        """The child and what started it; where the leader is elsewhere, the first process."""
        by_pid = {process.pid: process for process in found}
        leader = self._terminal.leader
        spared, pid = [], leader if leader in by_pid else next(iter(by_pid), 0)
        while pid in by_pid:
            spared.append(by_pid[pid])
            pid = by_pid[pid].parent
        return spared


def _limits(options: SessionOptions) -> list[_Limit]:
    memory, count = options.memory_limit * _MEGABYTE, options.process_limit
    limits = []
    if count:
        limits.append(
            _Limit(
                "ProcessLimitError",
                f"--process-limit={count}",
                lambda used: f"{used:,} processes ran",
                most=count,
                # With room for what the next cell starts.
                target=count // 2,
                quick=lambda _: 1,
                weigh=lambda _: 1,
            )
        )
    if memory:
        limits.append(
            _Limit(
                "MemoryLimitError",
                f"--memory-limit={options.memory_limit}",
                lambda used: f"{used // _MEGABYTE:,} MB of memory were in use",
                most=memory,
                target=memory,
                quick=lambda process: process.resident,
                weigh=processes.share_of_memory,
            )
        )
    return limits


def _sum(found: Sequence[Process], weigh: Callable[[Process], int]) -> int:
    return sum(map(weigh, found))


def _largest(found: Sequence[Process], used: dict[int, int], target: int) -> list[Process]:
    """The members of the largest process groups, of equals the newest, until the rest is small.

    target: how much the rest may use, the child included, which is not among found.
    """
    groups: defaultdict[int, list[Process]] = defaultdict(list)
    for process in found:
        groups[process.group].append(process)
    left = sum(used.values())
    chosen: list[Process] = []
    order = sorted(groups, key=lambda group: (sum(used[p.pid] for p in groups[group]), group))
    while left > target and order:
        group = groups[order.pop()]
        chosen += group
        left -= sum(used[process.pid] for process in group)
    return chosen


def _told(killed: Counter[str]) -> str:
    if not killed:
        return "nothing could be killed"
    parts = [
        name if count == 1 else f"{name} ({count} processes)" for name, count in killed.items()
    ]
    return f"killed {', '.join(parts)}"
