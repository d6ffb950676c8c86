"""The child, its two ptys, and what comes out of them. The only layer that imports pexpect."""

from mykernel.terminal.child import Command, Ending, Terminal
from mykernel.terminal.controls import AlternateScreen, ApplicationKeys, ControlFilter, Query
from mykernel.terminal.stdin import Reader

__all__ = [
    "AlternateScreen",
    "ApplicationKeys",
    "Command",
    "ControlFilter",
    "Ending",
    "Query",
    "Reader",
    "Terminal",
]
