"""From what a cell writes to iopub messages."""

from mykernel.iopub.governor import Publisher, StreamGovernor

__all__ = ["Publisher", "StreamGovernor"]
