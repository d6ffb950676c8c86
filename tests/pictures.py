"""What is to be seen of a cell: in a notebook, message by message, and in a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
from frontend import PATIENCE, Result

SGR = re.compile("\x1b\\[[0-9;:]*m")
_ROWS, _COLUMNS = 24, 80


def states(result: Result) -> list[list[str]]:
    """What a front end shows after each message of a cell, as lines without colours."""
    return [_lines("".join(overlaid(text) for text in texts)) for texts in _outputs(result)]


def kept(result: Result) -> str:
    """What nbclient stores in the notebook: the text of all outputs, with colours."""
    return "".join([*_outputs(result)][-1])


def _outputs(result: Result) -> Iterator[list[str]]:
    """The outputs' texts after each message that changes them, as nbclient puts them together."""
    outputs: list[tuple[str, str]] = []
    clear = False
    for message in result.iopub:
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            clear = True
            continue
        if kind == "stream":
            key, text = content["name"], content["text"]
        elif kind in ("display_data", "update_display_data"):
            key, text = content["transient"]["display_id"], content["data"]["text/plain"]
        else:
            continue
        if clear and kind != "update_display_data":
            outputs, clear = [], False
        if kind == "update_display_data":
            outputs = [(name, text if name == key else old) for name, old in outputs]
        elif outputs and outputs[-1][0] == key:
            outputs[-1] = key, outputs[-1][1] + text
        else:
            outputs.append((key, text))
        yield [text for _, text in outputs]


def overlaid(text: str) -> str:
    """What is to be seen of "\\r" and "\\b" in a stream, as JupyterLab shows and keeps it."""
    lines = []
    for line in text.split("\n"):
        cells: list[str] = []
        column = 0
        for character in line:
            if character == "\r":
                column = 0
            elif character == "\b":
                column = max(0, column - 1)
            else:
                cells[column : column + 1] = character
                column += 1
        lines.append("".join(cells))
    return "\n".join(lines)


def on_terminal(code: str, folder: Path) -> list[str]:
    """What a terminal shows of a script that runs in it, from its first line on.

    A line that was wrapped is one line here.
    """
    child = pexpect.spawn(
        "bash",
        ["-c", code],
        dimensions=(_ROWS, _COLUMNS),
        env={**os.environ, "TERM": "xterm-256color", "PAGER": "cat"},
        cwd=str(folder),
        timeout=PATIENCE,
    )
    screen = pyte.HistoryScreen(_COLUMNS, _ROWS, history=10_000)
    pyte.ByteStream(screen).feed(child.read())
    child.close()
    above = ["".join(line[x].data for x in range(_COLUMNS)) for line in screen.history.top]
    rows = above + screen.display
    text = "".join(row if row[-1:].strip() else row.rstrip() + "\n" for row in rows)
    return _lines(text)


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in SGR.sub("", text).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines
