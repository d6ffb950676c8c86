"""A long session stays as small as it was, and output of any length arrives whole."""

from __future__ import annotations

import hashlib

import pytest
from frontend import FrontEnd
from soak import soak

CELLS = 1_000
# Bytes that the allocator may keep, which do not grow with the number of cells.
ROOM = 2_000_000


def test_a_thousand_cells_leave_no_memory_or_descriptor_behind(bash: FrontEnd) -> None:
    soaked = soak(bash, CELLS)
    assert soaked.growth < ROOM
    assert soaked.shell_growth < ROOM
    assert soaked.descriptors_after == soaked.descriptors_before


@pytest.mark.parametrize("size", [1_000, 1_000_000, 50_000_000])
def test_output_of_any_length_arrives_whole(shell: FrontEnd, size: int) -> None:
    """Numbered lines, so that a lost, doubled or swapped part shows."""
    result = shell.execute(f"seq 10000000 | head -c {size}")
    expected = hashlib.sha256()
    left = size
    for start in range(1, 10_000_001, 100_000):
        part = "".join(f"{n}\n" for n in range(start, start + 100_000)).encode()[:left]
        expected.update(part)
        left -= len(part)
        if not left:
            break
    assert len(result.stdout) == size
    assert hashlib.sha256(result.stdout.encode()).hexdigest() == expected.hexdigest()


def test_a_line_of_50_mb_arrives_whole(shell: FrontEnd) -> None:
    result = shell.execute("head -c 50000000 /dev/zero | tr '\\0' x")
    assert len(result.stdout) == 50_000_000
    assert result.stdout.strip("x") == ""
