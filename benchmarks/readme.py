"""Where the result stands in README.md: between two lines of its own."""

from __future__ import annotations

BEGIN = "<!-- bench -->"
END = "<!-- /bench -->"


class NoPlace(Exception):
    """The page does not say where the result goes. The message says what to mend."""


def with_table(page: str, table: str) -> str:
    """The page with this between the two markers, in place of what was there.

    Where the closing marker is missing, it is added, and nothing is replaced.
    Raises `NoPlace` when it is not clear where the result begins and ends.
    """
    lines = page.splitlines(keepends=True)
    begins, ends = _places(lines, BEGIN), _places(lines, END)
    if len(begins) != 1 or len(ends) > 1:
        raise NoPlace(
            f"there must be one line {BEGIN} and at most one line {END},"
            f" not {len(begins)} and {len(ends)}"
        )
    begin, end = begins[0], (ends or begins)[0]
    if end < begin:
        raise NoPlace(f"the line {END} must stand below the line {BEGIN}")
    block = f"{BEGIN}\n\n{table.strip()}\n\n{END}\n"
    return "".join([*lines[:begin], block, *lines[end + 1 :]])


def _places(lines: list[str], marker: str) -> list[int]:
    return [number for number, line in enumerate(lines) if line.strip() == marker]
