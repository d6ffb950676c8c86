"""What cells have declared, by name, and what a new cell needs of it.

A memory does not change: what a cell declares makes another one, which takes the place of the
first when the cell has compiled and run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from mykernel.drivers.compiled.sources import Place


@dataclass(frozen=True, slots=True)
class Declaration:
    """One thing that a cell declares. What its words mean is the language's business.

    kind: the language's word for it, such as "func".
    keys: what it is. A later declaration with one of the keys takes its place for that key.
    names: by which code reaches it: its own, or, for a method, that of its type.
    uses: names that occur in it, whether something of that name is declared or not.
    hidden: of the keys, those that a later declaration has taken. It still stands for the rest:
    `const ( A = iota; B; C )` stays for A and C when B is declared anew.
    """

    kind: str
    keys: tuple[str, ...]
    names: tuple[str, ...]
    uses: frozenset[str]
    text: str
    place: Place
    hidden: frozenset[str] = frozenset()


class Memory:
    """The declarations that live, in the order in which they were made."""

    def __init__(self) -> None:
        # By a number that rises with each declaration, and by key and name to such numbers.
        self._live: dict[int, Declaration] = {}
        self._holder: dict[str, int] = {}
        self._named: dict[str, frozenset[int]] = {}
        self._numbers = count()

    def __iter__(self) -> Iterator[Declaration]:
        return (self._live[number] for number in sorted(self._live))

    def __contains__(self, key: str) -> bool:
        return key in self._holder

    def __getitem__(self, key: str) -> Declaration:
        """The declaration that holds the key. Raises KeyError."""
        return self._live[self._holder[key]]

    def keys(self) -> list[str]:
        """All under which something stands, in the order of the declarations."""
        return sorted(self._holder, key=self._holder.__getitem__)

    def get(self, key: str) -> Declaration | None:
        """The declaration that holds the key, or None."""
        number = self._holder.get(key)
        return None if number is None else self._live[number]

    def with_(self, declarations: Iterable[Declaration]) -> Memory:
        """This memory, and these declarations in it; of two with the same key the later one."""
        changed = self._copy()
        for one in declarations:
            changed._add(one)
        return changed

    def without(self, keys: Iterable[str]) -> Memory:
        """This memory without what is declared under these keys, as far as there is such."""
        changed = self._copy()
        for key in keys:
            changed._hide(key)
        return changed

    def reachable(self, uses: Iterable[str]) -> list[Declaration]:
        """What code that uses these names needs, in the order in which it was declared."""
        found: set[int] = set()
        seen: set[str] = set()
        wanted = list(uses)
        while wanted:
            name = wanted.pop()
            if name in seen:
                continue
            seen.add(name)
            for number in self._named.get(name, frozenset()) - found:
                found.add(number)
                wanted.extend(self._live[number].uses)
        return [self._live[number] for number in sorted(found)]

    def _copy(self) -> Memory:
        copy = Memory()
        copy._live, copy._holder = dict(self._live), dict(self._holder)
        copy._named, copy._numbers = dict(self._named), self._numbers
        return copy

    def _add(self, one: Declaration) -> None:
        for key in one.keys:
            self._hide(key)
        number = next(self._numbers)
        self._live[number] = one
        self._holder |= dict.fromkeys(one.keys, number)
        for name in one.names:
            self._named[name] = self._named.get(name, frozenset()) | {number}

    def _hide(self, key: str) -> None:
        number = self._holder.pop(key, None)
        if number is None:
            return
        one = self._live[number]
        left = replace(one, hidden=one.hidden | {key})
        self._live[number] = left
        # A name that is a key is reached by it alone; another one, until nothing is left.
        gone = set(one.names) if left.hidden >= set(one.keys) else {key}
        for name in gone & self._named.keys():
            self._named[name] -= {number}
        if left.hidden >= set(one.keys):
            del self._live[number]
