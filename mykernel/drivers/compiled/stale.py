"""Which cells have used what a later one changes, and are to be run again."""

from __future__ import annotations

from collections.abc import Iterable

from mykernel.drivers.compiled.memory import Declaration, Memory
from mykernel.drivers.compiled.sources import Source

# Cells that one note names.
_NAMED = 5


class Users:
    """The cells that have used declarations of other cells.

    A cell that is run again with the same code takes the place of what it was before.
    """

    def __init__(self) -> None:
        # By key of a declaration, by the cell's code, the cell's name.
        self._cells: dict[str, dict[str, str]] = {}

    def ran(self, source: Source, needed: Iterable[Declaration]) -> None:
        """Remember what a cell has used. Values of variables change all the time, and are not."""
        for one in needed:
            if one.kind != "var":
                for key in set(one.keys) - one.hidden:
                    self._cells.setdefault(key, {})[source.code] = source.name

    def changed(
        self, source: Source, own: Iterable[Declaration], before: Memory, after: Memory
    ) -> list[str]:
        """What to tell the user when a cell has declared `own` anew."""
        by_cells: dict[tuple[str, ...], list[str]] = {}
        for key in (key for one in own for key in one.keys):
            old = before.get(key)
            if old is None or old.kind == "var" or old.text == after[key].text:
                continue
            cells = self._cells.pop(key, {})
            cells.pop(source.code, None)
            if cells:
                by_cells.setdefault(tuple(cells.values()), []).append(key)
        return [
            f"{_listed(cells)} used {_listed(keys)}, which {source.name} has changed; run"
            f" {'it' if len(cells) == 1 else 'them'} again to have the new one"
            for cells, keys in by_cells.items()
        ]


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    if len(shown) > _NAMED + 1:
        shown[_NAMED:] = [f"{len(shown) - _NAMED} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
