"""From what a cell writes to iopub messages."""

from mykernel.iopub.governor import Publisher, StreamGovernor
from mykernel.iopub.outputs import CellOutput, NoOutputs, Outputs

__all__ = ["CellOutput", "NoOutputs", "Outputs", "Publisher", "StreamGovernor"]
