"""What cells have left for later ones: declarations, and the values of variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mykernel.drivers.compiled.memory import Declaration, Memory
from mykernel.drivers.compiled.sources import Place, Source, Sources
from mykernel.drivers.compiled.stale import Users

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable holds. types: of values in interfaces, as the helper writes types."""

    path: Path
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What a cell declares and needs.

    needed: declarations of earlier cells, in their order. own: the cell's.
    after: the memory when it is compiled.
    """

    source: Source
    needed: tuple[Declaration, ...]
    own: tuple[Declaration, ...]
    after: Memory


class Left:
    """Declarations that live, and where the values of their variables are.

    tells_stale: whether the user is told of cells that used what a later one has changed.
    ran: by code, the names of the cells that ran to their end, in the order of their last time.
    names_in: the names of the session's own types that occur in a type as the helper writes it.
    """

    def __init__(self, names_in: Callable[[str], Iterable[str]]) -> None:
        self._names_in = names_in
        self.memory = Memory()
        self._values: dict[str, Value] = {}
        # Variables whose value could not be kept, with the reason that was told.
        self._told: dict[str, str] = {}
        self._users = Users()
        self.tells_stale = True
        self.ran: dict[str, str] = {}

    def part(self, source: Source, split: Mapping[str, Any]) -> Part:
        """What the helper's answer on "split" means with what is there."""
        own = tuple(
            Declaration(
                kind=one["kind"],
                keys=tuple(one["keys"]),
                names=tuple(one["names"]),
                uses=frozenset(one["uses"]),
                text=one["text"],
                place=Place(source, one["line"], one["column"]),
            )
            for one in split["declarations"]
        )
        after = self.memory.with_(own)
        reached = after.reachable(split["uses"])
        return Part(source, tuple(one for one in reached if one not in own), own, after)

    def around(self, code: str, prefix: str | None) -> list[Declaration]:
        """What a cell that is half typed may speak of.

        prefix: of a name that is typed, as far as it is and whatever its case; None for none.
        """
        names = set(_NAME.findall(code))
        if prefix is not None:
            start = prefix.lower()
            names |= {
                name for one in self.memory for name in one.names if name.lower().startswith(start)
            }
        return self.memory.reachable(names | {".", "_"})

    def told_to_helper(
        self, declarations: Iterable[Declaration], sources: Sources
    ) -> list[dict[str, Any]]:
        """As the helper's `known`."""
        return [
            {
                "kind": one.kind,
                "names": list(one.keys if one.kind == "var" else one.names),
                "hidden": sorted(one.hidden),
                "text": one.text,
                "label": sources.label(one.place.source),
                "line": one.place.line,
                "column": one.place.column,
                "doc": one.place.source.comment_above(one.place.line),
                "types": list(self._values[one.keys[0]].types) if one.kind == "var" else [],
            }
            for one in declarations
        ]

    def paths(self, declarations: Iterable[Declaration]) -> dict[str, str]:
        """The files of their variables' values."""
        return {
            one.keys[0]: str(self._values[one.keys[0]].path)
            for one in declarations
            if one.kind == "var"
        }

    def compiled(self, part: Part) -> list[str]:
        """The cell was compiled: what it declares is there. Returns what the user is to know."""
        stale = self._users.changed(part.source, part.own, self.memory, part.after)
        self._users.ran(part.source, part.needed)
        self.memory = part.after
        self._forget_values()
        return stale if self.tells_stale else []

    def done(self, code: str, name: str) -> None:
        """A cell ran to its end. name: the cell's."""
        self.ran.pop(code, None)
        self.ran[code] = name

    def forget(self, keys: Iterable[str]) -> None:
        """Have what stands under these keys forgotten, values included."""
        self.memory = self.memory.without(keys)
        self._forget_values()

    def forget_all(self) -> None:
        """Have all forgotten, the cells that ran included."""
        self.forget(self.memory.keys())
        self.ran.clear()

    def ended(
        self,
        source: Source,
        variables: Iterable[Mapping[str, Any]],
        kept: Mapping[str, Mapping[str, Any]],
        folder: Path,
    ) -> list[str]:
        """The cell ran to its end.

        variables: those that it defines, as the helper has them. kept: by name, what has become of
        values, of which there are files in the folder: `lost` says why there cannot be one, `stale`
        why it could not be written this time. Returns what the user is to know.
        """
        types = {one["name"]: one for one in variables}
        notes = []
        for name, outcome in kept.items():
            one = types.get(name)
            lost = outcome["lost"] or (one or {}).get("lost")
            if one is not None and not one["type"]:
                lost = lost or "its type has no name outside of its package"
            if lost:
                notes += self._lost(name, lost)
                continue
            if outcome["stale"]:
                notes.append(self._unwritten(name, outcome["stale"]))
                continue
            self._told.pop(name, None)
            text = one["type"] if one is not None else self.memory[name].text
            place = Place(source, one["line"], one["column"]) if one is not None else None
            self._remove(name)
            self._values[name] = Value(folder / name, tuple(outcome["types"] or ()))
            uses = frozenset(
                name for text in (text, *self._values[name].types) for name in self._names_in(text)
            )
            place = place or self.memory[name].place
            declared = Declaration("var", (name,), (name,), uses, text, place)
            self.memory = self.memory.with_([declared])
        self._forget_values()
        return notes

    def _lost(self, name: str, reason: str) -> list[str]:
        self.memory = self.memory.without([name])
        if self._told.get(name) == reason:
            return []
        self._told[name] = reason
        return [f"{name} is not there for later cells: {reason}"]

    def _unwritten(self, name: str, reason: str) -> str:
        if name in self._values:
            return f"{name} has the value of before this cell: {reason}"
        return f"{name} is not there for later cells: {reason}"

    def _forget_values(self) -> None:
        live = {one.keys[0] for one in self.memory if one.kind == "var"}
        for name in self._values.keys() - live:
            self._remove(name)

    def _remove(self, name: str) -> None:
        if (value := self._values.pop(name, None)) is not None:
            with suppress(OSError):
                value.path.unlink()
