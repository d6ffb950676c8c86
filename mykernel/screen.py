"""Where a batch run shows what cells write."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from itertools import takewhile
from types import TracebackType

from nbformat import NotebookNode
from rich.ansi import AnsiDecoder
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

# rich ends an OSC sequence at ESC \ alone; most programs end it with BEL.
_OSC = re.compile(r"\x1b\][^\x07\x1b]*\x07")


class Screen:
    """Where output goes: a terminal with a progress bar, or plain lines anywhere else.

    What may still change stands above the bar until it no longer can: a line that is not
    finished, so that \\r works in it, and a display that is updated.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._tail = ""
        self._display: tuple[str, str] | None = None
        self._lines: list[str] = []
        self._again: list[str] = []
        self._decoder = AnsiDecoder()
        # Not rich's own guess, which FORCE_COLOR in the environment overrules.
        self._console = Console(force_terminal=sys.stdout.isatty(), highlight=False)
        can_draw = self._console.is_terminal and not self._console.is_dumb_terminal
        self._bar = _Bar(self._console) if can_draw else None
        if self._bar:
            self._task = self._bar.add_task("starting the kernel", total=total)

    def __enter__(self) -> Screen:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def start_cell(self, number: int, source: str) -> None:
        """Show which cell runs. number: from 1."""
        first = source.strip().partition("\n")[0]
        self._print(Text(f"[{number}/{self._total}] {first}", style="bold blue"))
        if self._bar:
            self._bar.update(self._task, description=f"cell {number}")

    def show(self, output: NotebookNode, display_id: str | None = None) -> None:
        """Show an output as it stands in a notebook: a stream, data or an error."""
        if output.output_type == "stream":
            self._end_display()
            self._write(output.text)
        elif display_id is not None:
            self.update(output.data, display_id)
        elif output.output_type == "error":
            self._finish()
            self._write("\n".join(output.traceback or [f"{output.ename}: {output.evalue}"]) + "\n")
        else:
            self._finish()
            self._write(_as_text(output.data) + "\n")

    def update(self, data: Mapping[str, str], display_id: str) -> None:
        """Show a MIME bundle in place of the one that was last shown under this id."""
        if self._display is None or self._display[0] != display_id:
            self._finish()
        self._display = display_id, _as_text(data)
        self._draw(self._display[1])

    def clear(self) -> None:
        """Forget what the cell has shown. Lines that come again are not shown twice."""
        self._again, self._lines, self._tail, self._display = self._lines, [], "", None
        self._draw("")

    def end_cell(self) -> None:
        """Finish the last line, and count the cell."""
        self._finish()
        self._lines, self._again = [], []
        self._decoder = AnsiDecoder()
        if self._bar:
            self._bar.advance(self._task)

    def _write(self, text: str) -> None:
        *lines, tail = (self._tail + text).split("\n")
        if new := self._not_yet_shown(lines):
            self._print(Text("\n").join(_decode(self._decoder, line) for line in new))
        self._again = [] if new else self._again[len(lines) :]
        self._lines += lines
        # What a \r has drawn over is gone; the last one may be half of \r\n.
        self._tail = tail[tail.rfind("\r", 0, -1) + 1 :]
        self._draw(self._tail)

    def _not_yet_shown(self, lines: list[str]) -> list[str]:
        pairs = zip(lines, self._again, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return lines[same:]

    def _finish(self) -> None:
        self._end_display()
        if self._tail:
            self._write("\n")

    def _end_display(self) -> None:
        if self._display is not None:
            text = self._display[1]
            self._display = None
            self._write(text if text.endswith("\n") else text + "\n")

    def _draw(self, text: str) -> None:
        if self._bar:
            self._bar.draw(self._not_yet_shown(text.split("\n")))

    def _print(self, text: Text) -> None:
        if self._console.is_terminal:
            self._console.print(text, soft_wrap=True)
        else:
            kept = (c for c in text.plain if c.isprintable() or c in "\t\n")
            self._console.out("".join(kept), highlight=False)


class _Bar(Progress):
    """A progress bar, with lines above it that may still change."""

    def __init__(self, console: Console) -> None:
        self._above: list[Text] = []
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        super().__init__(*columns, TimeElapsedColumn(), console=console, transient=True)

    def draw(self, lines: list[str]) -> None:
        """Show these lines, the last of them where they are too many, cut to the width."""
        decoder = AnsiDecoder()
        above = [_decode(decoder, line) for line in lines[-max(1, self.console.height - 2) :]]
        for line in above:
            line.no_wrap, line.overflow = True, "ellipsis"
        self._above = above if any(above) else []

    def get_renderables(self) -> list[RenderableType]:
        """The lines, and the bar under them."""
        return [*self._above, self.make_tasks_table(self.tasks)]


def _decode(decoder: AnsiDecoder, line: str) -> Text:
    return decoder.decode_line(_OSC.sub("", line.rstrip("\r")))


def _as_text(data: Mapping[str, str]) -> str:
    return data.get("text/plain", f"[{next(iter(data), 'nothing')}]")
