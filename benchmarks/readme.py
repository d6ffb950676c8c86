"""Where the result stands in README.md: between two lines of its own."""

from __future__ import annotations

BEGIN = "<!-- bench -->"
END = "<!-- /bench -->"


class NoPlace(Exception):
    """The page does not say where the result goes. The message says what to mend."""


def with_table(page: str, table: str, begin_mark: str = BEGIN, end_mark: str = END) -> str:
    """The page with this between the two markers, in place of what was there.

    Where the closing marker is missing, it is added, and nothing is replaced.
    Raises `NoPlace` when it is not clear where the result begins and ends.
    """
    lines = page.splitlines(keepends=True)
    begins, ends = _places(lines, begin_mark), _places(lines, end_mark)
    if len(begins) != 1 or len(ends) > 1:
        raise NoPlace(
            f"there must be one line {begin_mark} and at most one line {end_mark},"
            f" not {len(begins)} and {len(ends)}"
        )
    begin, end = begins[0], (ends or begins)[0]
    if end < begin:
        raise NoPlace(f"the line {end_mark} must stand below the line {begin_mark}")
    block = f"{begin_mark}\n\n{table.strip()}\n\n{end_mark}\n"
    return "".join([*lines[:begin], block, *lines[end + 1 :]])


def _places(lines: list[str], marker: str) -> list[int]:
    return [number for number, line in enumerate(lines) if line.strip() == marker]
