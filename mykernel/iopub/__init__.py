"""From what a cell writes to iopub messages."""

from mykernel.iopub.governor import StreamGovernor
from mykernel.iopub.outputs import CellOutput, NoOutputs, Outputs
from mykernel.iopub.shown import Publisher

__all__ = ["CellOutput", "NoOutputs", "Outputs", "Publisher", "StreamGovernor"]
