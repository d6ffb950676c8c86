"""How tests that have run are shown: tables, coverage, and the error where some have failed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mykernel.contract import Display, Failed
from mykernel.drivers.compiled.excerpts import excerpt
from mykernel.drivers.compiled.sources import Source, Sources
from mykernel.drivers.failure import shorten
from mykernel.languages.go.tests import Measured, Tested, failing

_RED, _GREEN, _DIM, _BOLD, _OFF = "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
_MARKS = {"PASS": ("✓", _GREEN, "#080"), "SKIP": ("-", _DIM, "#888")}
_FAILED = "✗", _RED, "#b00"
_WORDS = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped", "": "not ended"}
_FAILING_INPUT = re.compile(r"    Failing input written to (.*)\n")
_REPANICKED = re.compile(r" \[recovered, repanicked\]\Z")
# Code points of a reason in a table.
_WHY = 100
# Units in the order in which testing has them; others follow.
_UNITS = "ns/op", "MB/s", "B/op", "allocs/op"
_NUMBER = 'style="text-align: right"'


def table(tested: Iterable[Tested], sources: Sources) -> Display:
    """A row for each test."""
    found = list(tested)
    width = max(2 * one.level + len(_short(one)) for one in found)
    plain, rows = [], []
    for one in found:
        mark, colour, css = _MARKS.get(one.status, _FAILED)
        name, why = _short(one), _why(one, sources)
        plain.append(
            f"{'  ' * one.level}{colour}{mark}{_OFF} {name:{width - 2 * one.level}}"
            f"  {one.seconds:6.2f} s  {why}".rstrip()
        )
        rows.append(
            f'<tr><td style="text-align: left; padding-left: {1 + one.level}em">'
            f'<span style="color: {css}">{mark}</span> {html.escape(name)}</td>'
            f"<td>{_WORDS[one.status]}</td><td {_NUMBER}>{one.seconds:.2f} s</td>"
            f'<td style="text-align: left">{html.escape(why)}</td></tr>'
        )
    summary = _summary(found)
    head = "<tr><th>test</th><th>result</th><th>time</th><th></th></tr>"
    shown = f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table><p>{summary}</p>"
    return _display("\n".join([*plain, summary]), shown)


def _display(plain: str, shown: str) -> Display:
    return Display("display_data", {"text/plain": plain, "text/html": shown})


def _short(one: Tested) -> str:
    return one.name.rpartition("/")[2]


def _why(one: Tested, sources: Sources) -> str:
    """In a line, why a test did not pass."""
    if one.status == "PASS" or not one.said:
        return ""
    if one.name.startswith("Example"):
        return shorten(" ".join("".join(one.said).split()), _WHY)
    return shorten(sources.named(one.said[_wrong(one)].strip()), _WHY)


def _wrong(one: Tested) -> int:
    """The line that says what is wrong; where that is not known, what was logged last."""
    began = [number for number, line in enumerate(one.said) if not line.startswith("        ")]
    return one.wrong if one.wrong >= 0 else began[-1] if began else 0


def _summary(found: Sequence[Tested]) -> str:
    outer = [one for one in found if not one.level]
    counts = [(sum(one.status == status for one in outer), status) for status in _WORDS]
    words = ", ".join(f"{count} {_WORDS[status]}" for count, status in counts if count)
    return f"{words} in {sum(one.seconds for one in outer):.2f} s"


def benchmarks(measured: Sequence[Measured], before: Mapping[str, float]) -> Display:
    """A row for each benchmark. before: ns/op of earlier runs, by name, to compare with."""
    there = {unit for one in measured for unit in one.values}
    units = [unit for unit in _UNITS if unit in there]
    units += sorted(there - {*units})
    compared = any(one.name in before for one in measured)
    head = ["benchmark", "runs", *units, *(["before", "change"] if compared else [])]
    rows = [
        [one.name, f"{one.runs:,}", *(_number(one.values.get(unit)) for unit in units)]
        + (_change(one.values.get("ns/op"), before.get(one.name)) if compared else [])
        for one in measured
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    plain = [_aligned(row, widths) for row in [head, *rows]]
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    shown = f"<table><thead><tr>{_cells('th', head)}</tr></thead><tbody>{body}</tbody></table>"
    return _display("\n".join(plain), shown)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.4g}"


def _change(now: float | None, before: float | None) -> list[str]:
    if now is None or not before:
        return ["", ""]
    return [_number(before), f"{100 * (now - before) / before:+.1f} %"]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        f"{text:<{width}}" if number == 0 else f"{text:>{width}}"
        for number, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def _cells(tag: str, row: Sequence[str]) -> str:
    left = f'<{tag} style="text-align: left">{html.escape(row[0])}</{tag}>'
    return left + "".join(f"<{tag} {_NUMBER}>{html.escape(text)}</{tag}>" for text in row[1:])


def coverage(blocks: Sequence[Mapping[str, Any]], reached: str, sources: Sources) -> Display:
    """How many statements ran of each function, and the cells' lines, marked.

    blocks: the statements, as the helper has them. reached: a "1" or a "0" for each.
    """
    ran = [found == "1" for found in reached.ljust(len(blocks), "0")]
    functions: dict[tuple[str, str], list[bool]] = {}
    for block, hit in zip(blocks, ran, strict=False):
        functions.setdefault((block["file"], block["function"]), []).append(hit)
    rows = [(function, _percent(hits)) for (_, function), hits in functions.items()]
    rows.append(("all", _percent(ran)))
    width = max(len(name) for name, _ in rows)
    plain = [f"{name:<{width}}  {percent:>7}" for name, percent in rows]
    shown = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    shown = f"<table><thead><tr>{_cells('th', ['function', 'covered'])}</tr></thead>{shown}</table>"
    for label in dict.fromkeys(file for file, _ in functions):
        place = sources.place(label, 1)
        if place is not None:
            marks = _lines(blocks, ran, label)
            plain += ["", *_marked(place.source, marks)]
            shown += _marked_html(place.source, marks)
    return _display("\n".join(plain), shown)


def _percent(hits: Sequence[bool]) -> str:
    return f"{100 * sum(hits) / len(hits):.1f} %" if hits else "-"


def _lines(
    blocks: Sequence[Mapping[str, Any]], ran: Sequence[bool], label: str
) -> Mapping[int, bool]:
    """Of the lines that have statements, whether all of these ran."""
    marks: dict[int, bool] = {}
    here = [(block, hit) for block, hit in zip(blocks, ran, strict=False) if block["file"] == label]
    for block, hit in here:
        marks |= dict.fromkeys(range(block["line"], block["last"] + 1), hit)
    for line in {block["line"] for block, _ in here}:
        marks[line] = all(hit for block, hit in here if block["line"] == line)
    return marks


def _marked(source: Source, marks: Mapping[int, bool]) -> list[str]:
    shown = [f"{_BOLD}{source.name}{_OFF}"]
    for number, text in enumerate(source.code.split("\n"), 1):
        mark = (
            {True: f"{_GREEN}+", False: f"{_RED}-"}.get(marks[number]) if number in marks else " "
        )
        shown.append(f"{mark} {text}{_OFF if number in marks else ''}".rstrip())
    return shown


def _marked_html(source: Source, marks: Mapping[int, bool]) -> str:
    colours = {True: "rgba(0, 160, 0, 0.25)", False: "rgba(200, 0, 0, 0.25)"}
    lines = [
        f'<span style="background: {colours[marks[number]]}">{html.escape(text)}</span>'
        if number in marks
        else html.escape(text)
        for number, text in enumerate(source.code.split("\n"), 1)
    ]
    return f"<p>{html.escape(source.name)}</p><pre>{chr(10).join(lines)}</pre>"


def failed(tested: Sequence[Tested], status: str, crash: Failed | None, sources: Sources) -> Failed:
    """The error of a cell whose tests did not all pass.

    status: how their program ended, in words. crash: the panic that has ended it, if one has.
    """
    outer = [one for one in tested if not one.level]
    names = [one.name for one in failing(outer)]
    evalue = f"{len(names)} of {len(outer)} failed: {', '.join(names)}"
    if crash is not None:
        evalue = f"{crash.ename}: {_REPANICKED.sub('', crash.evalue)}"
        inner = failing(tested)
        evalue = f"{inner[-1].name}: {evalue}" if inner else evalue
    elif not names or status != "exit 1":
        where = f" in {names[-1]}" if names else ""
        evalue = f"the tests were ended{where} ({status})"
    shown = [f"{_RED}{_BOLD}TestFailure{_OFF}: {evalue}"]
    for one in failing(tested):
        if one.said:
            shown.append(f"{_RED}{one.name}{_OFF}")
            shown += _told(one, sources)
    return Failed("TestFailure", evalue, (*shown, *(crash.traceback[1:] if crash else ())))


def _told(one: Tested, sources: Sources) -> list[str]:
    said = "".join(one.said)
    places = sources.places(one.said[_wrong(one)])
    said = _FAILING_INPUT.sub(_input, said).replace("    go test -run", "    %test -run")
    lines = [line.removeprefix("    ") for line in sources.named(said).rstrip("\n").split("\n")]
    return [*lines, *(excerpt(places[0]) if places else ())]


def _input(found: re.Match[str]) -> str:
    """The input itself, without the line that tells the file's format."""
    try:
        _, _, text = Path(found[1]).read_text("utf-8").partition("\n")
    except OSError:
        return "    The input that failed is kept for this session\n"
    indented = "".join(f"        {line}\n" for line in text.splitlines())
    return f"    Failing input, which is kept for this session:\n{indented}"
