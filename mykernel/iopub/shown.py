"""What a client shows of a cell: streams, and displays for text that moves the cursor.

Such text is drawn by a terminal emulator, and shown as one display that is updated. Lines
that were plain when they were sent are taken back when the cursor may reach them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from mykernel.contract import Display, StreamName
from mykernel.iopub.overwritten import without_overwritten
from mykernel.terminal.screen import Region, first_move, first_overwriting, plain

_BACK = re.compile("[\r\b]")
_END = re.compile("[^\r\n\b]?[\r\b]*\\Z")
# A message carries at most so many code points; what is longer is cut into several.
_MESSAGE = 1 << 18
# So much of a cell's text is remembered, to be drawn anew when the cursor moves into it.
_REMEMBERED = 1 << 18
# Code points that are drawn before it is asked again whether there is need to.
_PIECE = 2000
# So many code points before a movement are drawn with it at once.
_NEAR = 1 << 13
# Code points of lines that have scrolled off a region, beyond which they are a display of
# their own: an update carries all of its display.
_SCROLLED_OFF = 1 << 13


class Publisher(Protocol):
    """Sends iopub messages of one cell. Calls do not block."""

    def stream(self, name: StreamName, text: str) -> None: ...

    def display(self, text: str, display_id: str, update: bool) -> None:
        """`display_data`, or `update_display_data`, with text/plain."""

    def bundle(self, display: Display) -> None:
        """`display_data`, `update_display_data` or `execute_result`, as the program wants it."""

    def clear(self, wait: bool = True) -> None:
        """`clear_output`; with wait, before the next output."""

    async def drained(self) -> None:
        """Return when what was sent has left the kernel."""


# Text by its stream, or drawn (no name); or what the program has displayed.
_Sent = tuple[StreamName | None, str] | Display


class Shown:
    """Shows text in order, and sends again what a later movement of the cursor changes.

    rows, columns: of the screen for text that moves the cursor, in character cells.
    kept_as_sent: whether the client keeps a stream as it was sent, as nbclient does, and
    not as it looks, as JupyterLab does. Then what "\\r" and "\\b" overwrite is drawn, too.
    """

    def __init__(self, publisher: Publisher, rows: int, columns: int, kept_as_sent: bool) -> None:
        self._publisher = publisher
        self._size = rows, columns
        self._kept_as_sent = kept_as_sent
        # All outputs, as long as they are not too much; then None.
        self._sent: list[_Sent] | None = []
        self._sent_size = 0
        # How the streams' unfinished line ends, and whether "\r" or "\b" stands in it.
        self._end = ""
        self._moved_back = False
        self._region: Region | None = None
        self._display_id = ""
        self._first_state = ""
        # Code points sent so far.
        self.size = 0

    def text(self, name: StreamName, text: str) -> None:
        """Show text. What is drawn may wait until `draw`."""
        while text:
            if self._region is None:
                text = self._send_plain(name, text)
            if text:
                region = self._region = self._region or self._begin_region()
                text = self._feed(region, text)

    def display(self, display: Display) -> None:
        """Show what the program displays, below all text. No cursor goes back above it."""
        if display.kind == "update_display_data":
            if not display.data and self._take_away(display.display_id):
                return
            self._replace(display)
        else:
            self.settle()
            self._end, self._moved_back = "", False
            self._remember(display)
        self._publisher.bundle(display)
        self.size += display.size

    def clear(self, wait: bool) -> None:
        """The program wants its output so far away."""
        self.settle()
        self._publisher.clear(wait)
        self._end, self._moved_back = "", False
        self._sent, self._sent_size = [], 0

    def draw(self) -> None:
        """Show the present state of what is drawn."""
        region = self._region
        if region is None:
            return
        if region.scrolled_off > _SCROLLED_OFF:
            done = region.take_scrolled_off()
            self._display(done)
            self._remember((None, done))
            self._display_id = ""
        self._display(str(region))

    def settle(self) -> None:
        """What is drawn will not change any more; show it for good.

        Not every client shows updates: jupyter console shows what is sent anew.
        """
        region, self._region = self._region, None
        if region is None:
            return
        state = str(region)
        self._display(state)
        if self._sent is not None and state not in ("", self._first_state):
            self._send_anew([*self._sent, (None, state)])
        else:
            self._remember((None, state))
        self._display_id = ""

    def _send_plain(self, name: StreamName, text: str) -> str:
        """Send what a stream can show. Returns the rest, which has to be drawn."""
        text = plain("\r" + text)[1:] if self._moved_back else plain(text)
        found = first_move(text)
        if found is None and self._kept_as_sent:
            found = first_overwriting(self._end + text)
        # Lines that the cursor may reach are best not sent at all before they are drawn.
        near = len(text) if found is None else text.rfind("\n", 0, max(0, found - _NEAR)) + 1
        self._send(name, without_overwritten(text[:near]))
        return text[near:]

    def _feed(self, region: Region, text: str) -> str:
        """Draw text. Returns what is left of it when the region has been left behind."""
        for piece in _pieces(text):
            region.feed(piece)
            text = text[len(piece) :]
            if region.left_behind:
                # Nothing in it can change any more, and what follows may be plain again.
                self.settle()
                return text
        return ""

    def _begin_region(self) -> Region:
        """Draw on from the lines that the cursor may reach, which so far were plain text."""
        rows, columns = self._size
        region = Region(rows, columns)
        if self._sent:
            above, reachable = _last_lines(self._sent, rows)
            self._send_anew(above)
            region.feed(reachable)
        self._end, self._moved_back = "", False
        return region

    def _send_anew(self, outputs: list[_Sent]) -> None:
        self._sent = []
        self._publisher.clear()
        for output in outputs:
            if isinstance(output, Display):
                self._publisher.bundle(output)
                self.size += output.size
                self._remember(output)
            else:
                self._send(*output)

    def _send(self, name: StreamName | None, text: str) -> None:
        if not text:
            return
        if name is None:
            self._publisher.display(text, uuid.uuid4().hex, update=False)
        else:
            for start in range(0, len(text), _MESSAGE):
                self._publisher.stream(name, text[start : start + _MESSAGE])
            _, newline, line = text.rpartition("\n")
            self._end = _end(self._end + text)
            self._moved_back = bool(_BACK.search(line)) or (self._moved_back and not newline)
        self.size += len(text)
        self._remember((name, text))

    def _display(self, state: str) -> None:
        update = bool(self._display_id)
        if not update:
            self._display_id = uuid.uuid4().hex
            self._first_state = state
        self._publisher.display(state, self._display_id, update)
        self.size += len(state)

    def _remember(self, output: _Sent) -> None:
        if self._sent is not None:
            self._sent.append(output)
            self._sent_size += output.size if isinstance(output, Display) else len(output[1])
            if self._sent_size > _REMEMBERED:
                self._sent = None

    def _take_away(self, display_id: str) -> bool:
        """Whether it was there. A display without data would be an empty line in the notebook."""
        self.settle()
        sent = self._sent or []
        left = [
            one for one in sent if not (isinstance(one, Display) and one.display_id == display_id)
        ]
        if len(left) == len(sent):
            return False
        if left:
            self._send_anew(left)
        else:
            # There is nothing to come that would clear it.
            self.clear(wait=False)
        return True

    def _replace(self, update: Display) -> None:
        """What is sent anew is sent as it was updated last."""
        sent = self._sent or []
        for index, output in enumerate(sent):
            if isinstance(output, Display) and output.display_id == update.display_id:
                sent[index] = replace(update, kind=output.kind)


def _end(text: str) -> str:
    """The last character that is to be seen of a line, and all "\\r" and "\\b" behind it."""
    found = _END.search(text[-_NEAR:])
    return found.group() if found else ""


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that end where lines do, as far as those are not long."""
    start = 0
    while start < len(text):
        end = text.find("\n", start, start + _PIECE) + 1 or start + _PIECE
        yield text[start:end]
        start = end


def _last_lines(sent: list[_Sent], count: int) -> tuple[list[_Sent], str]:
    """Split off the last lines, up to a display: what stands above them, and their text."""
    above, reachable = list(sent), ""
    while above and reachable.count("\n") < count:
        last = above[-1]
        if isinstance(last, Display):
            break
        name, text = last
        above.pop()
        lines = text.splitlines(keepends=True)
        keep = max(0, len(lines) - (count - reachable.count("\n")))
        reachable = "".join(lines[keep:]) + reachable
        if keep:
            above.append((name, "".join(lines[:keep])))
            break
    return above, reachable
