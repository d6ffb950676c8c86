"""The child, its two ptys, and what comes out of them. The only layer that imports pexpect."""

from mykernel.terminal.child import Command, Ending, Terminal

__all__ = ["Command", "Ending", "Terminal"]
