"""What a kernel holds while it waits for the next cell."""

from __future__ import annotations

from time import sleep

from benchmarks import processes
from benchmarks.client import RunningKernel
from benchmarks.measure import Aim, Measure, Taken

# What the first cell set going (threads, history files) comes to rest.
_SETTLES_IN = 0.3


def _at_idle(running: RunningKernel) -> Taken:
    sleep(_SETTLES_IN)
    tree = processes.tree(running.pid)
    return Taken((processes.memory(tree) / 1_000_000,), {"processes": len(tree)})


MEASURES = (
    Measure(
        name="memory",
        title=f"memory at idle ({processes.MEMORY_KIND} of the process tree)",
        unit="MB",
        take=_at_idle,
        languages=("bash", "python", "nothing"),
        fresh=True,
        baseline="ipykernel",
        rounds=7,
        quick_rounds=3,
        aim=Aim(1.0, below=True),
    ),
)
