"""Directives: what stands at a cell's head for the kernel, the same in every language.

`%time`, `%%writefile` and the like; `%help` shows them all. They are recognised in a cell's first
lines alone, so that no string and no here-document can hold one.
"""

from mykernel.directives.directed import Directed

__all__ = ["Directed"]
