"""A language's session whose cells may begin with directives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mykernel.contract import (
    Cell,
    CellOutput,
    Completeness,
    Completion,
    Completions,
    Failed,
    Language,
    Ok,
    Outcome,
    Toolchain,
)
from mykernel.directives.call import Call
from mykernel.directives.head import Grammar, Line, masked, without
from mykernel.directives.host import Host
from mykernel.directives.surroundings import sets_secret
from mykernel.directives.table import directives_of, explained, unknown
from mykernel.drivers.refusal import Refused, refusal
from mykernel.options import KernelOptions


class Directed:
    """As `contract.Session`, but that it numbers the cells itself."""

    def __init__(self, language: Language, toolchain: Toolchain, options: KernelOptions) -> None:
        self._host = Host(language, toolchain, options)
        self._directives = directives_of(language)
        bodies = {one.name for one in self._directives.values() if one.takes_body}
        self._grammar = Grammar(language.leader, language.shell_leader, self._code_of, bodies)
        self._cells = 0

    @property
    def options(self) -> KernelOptions:
        """Those in force; `%config` changes them."""
        return self._host.options

    async def start(self) -> None:
        """See the contract."""
        await self._host.session.start()

    async def execute(self, code: str, name: str, output: CellOutput) -> Outcome:
        """Run a cell to its end. name: as in `contract.Cell`."""
        self._host.begin()
        lines = self._grammar.head(code)
        for line in lines:
            if line.name not in self._directives:
                return refusal(
                    unknown(self._host.language, self._grammar, self._directives, line.name)
                )
        lines = self._ours(lines)
        if not lines:
            return await self._run_code(code, name, output)
        try:
            return await self._run(code, lines, without(code, lines), name, output)
        except Refused as e:
            return refusal(str(e))

    async def _run(
        self, code: str, lines: Sequence[Line], left: str, name: str, output: CellOutput
    ) -> Outcome:
        """Run the first of the lines, and what follows it. left: the cell without all of them."""
        if stopped := self._host.stopped():
            return stopped
        if not lines:
            return await self._run_code(left, name, output) if left.strip() else Ok()
        line, *others = lines
        one = self._directives[line.name]

        async def rest(where: CellOutput) -> Outcome:
            return await self._run(code, others, left, name, where)

        if one.wraps and not (others or left.strip()):
            raise Refused(f"{self._grammar.written(line.name)} wants code behind it or below it")
        call = Call(
            line.argument,
            code[line.end + 1 :],
            output,
            self._host,
            rest,
            self._grammar,
            self._directives,
        )
        assert one.run is not None  # noqa: S101  # it is ours
        outcome = await one.run(call)
        done = one.wraps or one.takes_body or not isinstance(outcome, Ok)
        return outcome if done else await rest(output)

    async def _run_code(self, code: str, name: str, output: CellOutput) -> Outcome:
        self._cells += 1
        return await self._host.session.execute(Cell(code, self._cells, name), output)

    # Questions about code

    async def evaluate(self, expressions: Mapping[str, str]) -> dict[str, str | Failed]:
        """See the contract."""
        return await self._host.session.evaluate(expressions)

    async def complete(self, code: str, cursor_pos: int) -> Completions:
        """See the contract."""
        begun = self._grammar.name_begun(code, cursor_pos)
        if begun is not None:
            return self._names(begun, cursor_pos)
        line = self._at(code, cursor_pos)
        if line is not None and self._directives[line.name].code_of is None:
            return self._choices(line, code, cursor_pos)
        if self._is_no_code(code, cursor_pos):
            return Completions(cursor_pos, cursor_pos)
        left = masked(code, self._ours(self._grammar.head(code)))
        return await self._host.session.complete(left, cursor_pos)

    async def inspect(self, code: str, cursor_pos: int, detail_level: int) -> Mapping[str, str]:
        """See the contract."""
        for line in self._grammar.head(code):
            if line.start <= cursor_pos <= line.name_end and line.name in self._directives:
                return {"text/plain": explained(self._grammar, self._directives[line.name])}
        if self._is_no_code(code, cursor_pos):
            return {}
        left = masked(code, self._ours(self._grammar.head(code)))
        return await self._host.session.inspect(left, cursor_pos, detail_level)

    async def is_complete(self, code: str) -> Completeness:
        """See the contract."""
        lines = self._grammar.head(code)
        if any(line.name not in self._directives for line in lines):
            return Completeness("invalid")
        ours = self._ours(lines)
        if not ours:
            return await self._host.session.is_complete(code)
        last = self._directives[ours[-1].name]
        if last.takes_body:
            # There is no other sign that the text is all there.
            return Completeness("complete" if code.endswith("\n\n") else "incomplete")
        left = without(code, ours)
        if not left.strip():
            return Completeness("incomplete" if last.wraps else "complete")
        return await self._host.session.is_complete(left)

    def holds_secret(self, code: str) -> bool:
        """Whether the cell is not to be remembered."""
        return self._host.language.holds_secret(code) or any(
            line.name == "%env" and sets_secret(line.argument) for line in self._grammar.head(code)
        )

    def _names(self, begun: str, cursor_pos: int) -> Completions:
        shown = self._grammar.written(begun)
        items = [
            Completion(self._grammar.written(one.name), "magic", one.usage)
            for one in self._directives.values()
            if one.name.startswith(begun)
        ]
        return Completions(cursor_pos - len(shown), cursor_pos, items)

    def _choices(self, line: Line, code: str, cursor_pos: int) -> Completions:
        typed = code[line.name_end : cursor_pos].lstrip()
        one = self._directives[line.name]
        there = one.choices(self._host, typed) if one.choices is not None else []
        items = [Completion(text) for text in there if text.startswith(typed)]
        return Completions(cursor_pos - len(typed), cursor_pos, items)

    # What of a cell is ours

    def _ours(self, lines: Sequence[Line]) -> list[Line]:
        """Without the language's own directives, and those that there are not."""
        known = self._directives
        return [one for one in lines if one.name in known and known[one.name].run is not None]

    def _at(self, code: str, cursor_pos: int) -> Line | None:
        """Our line in which the cursor stands."""
        lines = self._ours(self._grammar.head(code))
        return next((one for one in lines if one.start <= cursor_pos <= one.end), None)

    def _is_no_code(self, code: str, cursor_pos: int) -> bool:
        """Whether the cursor stands in a file's text."""
        lines = self._ours(self._grammar.head(code))
        return any(self._directives[one.name].takes_body and cursor_pos > one.end for one in lines)

    def _code_of(self, name: str, rest: str) -> str:
        one = self._directives.get(name)
        return one.code_of(rest) if one is not None and one.code_of is not None else ""

    # Life

    def interrupt(self) -> None:
        """See the contract."""
        self._host.interrupt()

    async def close(self) -> None:
        """See the contract."""
        await self._host.close()
