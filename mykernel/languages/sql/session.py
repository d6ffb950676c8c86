"""One long-lived session with a database, and the cells that run in it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mykernel.contract import (
    Cell,
    CellOutput,
    Completeness,
    Completions,
    Display,
    Failed,
    Ok,
    Outcome,
    SessionOptions,
    Toolchain,
)
from mykernel.drivers.outputs import Unseen
from mykernel.drivers.start import StartQuestions
from mykernel.errors import ChildNotStarted
from mykernel.languages.sql import catalogue, chart, connection, directives, dotted, failure, table
from mykernel.languages.sql.client import Client
from mykernel.languages.sql.dialect import Dialect
from mykernel.languages.sql.records import Records, RowReader, Value
from mykernel.languages.sql.statements import Statement, statements
from mykernel.languages.sql.table import Table

log = logging.getLogger(__name__)

# Names that completion knows at most.
_NAMES = 50_000
# Seconds that the catalogue may take.
_QUERY_TIMEOUT = 3.0
# Statements that neither begin a transaction nor end one.
_QUERIES = frozenset({"SELECT", "VALUES", "WITH"})


class SqlSession:
    """See `mykernel.contract.Session`."""

    def __init__(self, dialect: Dialect, toolchain: Toolchain, options: SessionOptions) -> None:
        self._dialect = dialect
        self._program = toolchain.path
        self._options = options
        self._questions = StartQuestions()
        self._client: Client | None = None
        self._starting: Client | None = None
        self._connection: connection.Connection | None = None
        self._lock = asyncio.Lock()
        self._transaction = ""
        self._note = ""
        self._names = catalogue.Catalogue(())
        self._interrupted = False
        self._closed = False
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect. Raises `ChildNotStarted`."""
        async with self._lock:
            await self._living()

    async def execute(self, cell: Cell, output: CellOutput) -> Outcome:
        self._questions.put_to(output)
        self._interrupted = False
        async with self._lock:
            try:
                return await self._execute(cell, output)
            except ChildNotStarted as e:
                if self._interrupted:
                    return failure.invalid("KeyboardInterrupt", "interrupted while connecting")
                return failure.invalid("ConnectionError", str(e))
            except OSError as e:
                what = f"the cell could not be handed to {self._dialect.name}: {e}"
                return failure.invalid("OSError", what)
            finally:
                self._questions.put_to(None)

    async def _execute(self, cell: Cell, output: CellOutput) -> Outcome:
        try:
            told = directives.parse(cell.code)
            if told.connect is not None:
                await self._connect(told.connect, output)
        except ValueError as e:
            return failure.invalid("DirectiveError", str(e))
        # What stands before is blank to the database, so that places stay as they are.
        client: Client | None = None
        may_begin = bool(self._transaction)
        for one in statements(cell.code, self._dialect.syntax, told.length):
            may_begin |= one.verb not in _QUERIES or one.joined
            # One that ends in the middle of a cell has the cell end, too.
            client = client or await self._living()
            outcome = await self._statement(client, cell, one, told, output)
            if outcome is not None:
                return outcome
        before, client = self._transaction, self._client
        # To ask takes two statements where no prompt tells it.
        if may_begin and client is not None and client.ending is None:
            self._transaction = await self._state(client)
        if self._transaction != before and self._transaction:
            output.text("stdout", "(a transaction is open)\n")
        return Ok()

    async def _connect(self, target: str, output: CellOutput) -> None:
        """Raises ValueError or `ChildNotStarted`; then the present session goes on."""
        wanted = connection.parse(target, self._dialect.schemes)
        before = self._client
        self._client = await self._spawn(wanted)
        self._connection, self._transaction = wanted, ""
        if before is not None:
            await before.close()
        shown = wanted.target or "the default database"
        output.text("stdout", f"connected to {shown}\n")

    async def _living(self) -> Client:
        """The client that runs, or a new one. Raises `ChildNotStarted`."""
        before = self._client
        if before is not None and not before.ends:
            return before
        if before is not None:
            await before.close()
            self._note = (
                f"mykernel: {self._dialect.name} had ended ({before.ending}). This is a new one, "
                "without its state.\n"
            )
        if self._connection is None:
            self._connection = self._first_connection()
        self._client, self._transaction = await self._spawn(self._connection), ""
        return self._client

    def _first_connection(self) -> connection.Connection:
        if self._options.database:
            try:
                return connection.parse(self._options.database, self._dialect.schemes)
            except ValueError as e:
                raise ChildNotStarted([self._dialect.name], "", str(e)) from e
        return connection.from_environment(os.environ, self._dialect.schemes)

    async def _spawn(self, wanted: connection.Connection) -> Client:
        client = self._starting = Client(self._dialect, self._program, self._options, wanted)
        try:
            await client.started(self._questions)
        finally:
            self._starting = None
        return client

    # Cells

    async def _statement(
        self,
        client: Client,
        cell: Cell,
        one: Statement,
        told: directives.Directives,
        output: CellOutput,
    ) -> Outcome | None:
        """Run one statement and show what comes of it; None when the cell goes on."""
        if self._note:
            output.text("stderr", self._note)
            self._note = ""
        if self._interrupted:
            return failure.interrupted(cell, one, (), "")
        limit = self._options.row_limit if told.rows is None else told.rows
        plain = one.meta or one.direct or one.joined or self._is_plain(one)
        ran = await client.run(_ended(one), output, limit, read_rows=not plain)
        if self._dialect.lost.search(ran.fault):
            await client.close()
        if client.ending is not None:
            return failure.died(self._dialect, client.ending, ran.fault, ran.steps)
        if client.disconnected:
            # Of the next script psql would read one line, and not come to its end.
            await client.close()
            return failure.failed(cell, one, ran.fault, "lost")
        if ran.fault or ran.interrupted or ran.starved:
            state = self._transaction = await self._state(client)
            if client.ending is not None:
                return failure.died(self._dialect, client.ending, ran.fault, ran.steps)
            if ran.interrupted:
                return failure.interrupted(cell, one, ran.steps, state)
            if ran.starved:
                return failure.starved(cell, one)
            return failure.failed(cell, one, ran.fault, state)
        if ran.rows is not None:
            try:
                await self._show(client, one, ran.rows, told, output)
            except ValueError as e:
                return failure.invalid("DirectiveError", str(e))
        if client.ending is not None:
            return failure.died(self._dialect, client.ending, "", ())
        return None

    def _is_plain(self, one: Statement) -> bool:
        """Whether what it says is text, and no rows."""
        to_stdout = one.verb == "COPY" and one.words[-1:] == ["STDOUT"]
        into = one.verb == "SELECT" and "INTO" in one.words
        return one.verb in self._dialect.plain_verbs or to_stdout or into

    async def _show(
        self,
        client: Client,
        one: Statement,
        rows: RowReader,
        told: directives.Directives,
        output: CellOutput,
    ) -> None:
        found = await self._table(client, one, rows, output)
        if found is None:
            self._say_done(one, rows, output)
        elif told.chart is not None:
            output.display(Display("display_data", chart.bundle(told.chart, found)))
        else:
            output.display(Display("execute_result", table.bundle(found)))

    async def _table(
        self, client: Client, one: Statement, rows: RowReader, output: CellOutput
    ) -> Table | None:
        """The rows with their columns; None where there are no columns."""
        dialect = self._dialect
        asides, trailer = self._behind(rows)
        has_trailer = bool(trailer) and (
            not dialect.trailer_word or dialect.trailer_word in one.words
        )
        found = rows.records(client.null, len(asides) + has_trailer)
        described: Sequence[tuple[str, str]] | None = None
        if question := dialect.describe(one, found):
            answer = await self._ask(client, question)
            described = dialect.described(answer) if answer is not None else None
        elif not found.names or dialect.trailer_word:
            return None
        names = found.names or [name for name, _ in described or ()]
        if not names or (described is None and dialect.trailer_word):
            return None
        if asides:
            output.text("stdout", "".join(f"{line}\n" for line in asides))
        types = [kind for _, kind in described or ()]
        return Table(table.columns(names, types, found.rows), found.rows, found.count)

    def _behind(self, rows: RowReader) -> tuple[list[str], str]:
        """What stands behind the rows: asides in order, and what was done, "" for nothing."""
        asides: list[str] = []
        for line in rows.last_lines():
            if not self._dialect.aside.fullmatch(line):
                return asides[::-1], line if self._dialect.trailer.fullmatch(line) else ""
            asides.append(line)
        return asides[::-1], ""

    def _say_done(self, one: Statement, rows: RowReader, output: CellOutput) -> None:
        if self._dialect.trailer_word:
            # The program says it itself.
            output.text("stdout", rows.text())
        else:
            done = dotted.done(one, self._behind(rows)[1])
            output.text("stdout", f"{done}\n" if done else "")

    # Questions of our own

    async def _ask(self, client: Client, question: str) -> Records | None:
        """The rows of a statement of ours; None when it fails."""
        ran = await client.run(f"{question}\n;\n", Unseen(), _NAMES)
        if ran.fault or ran.rows is None or client.ending is not None:
            return None
        asides, trailer = self._behind(ran.rows)
        has_trailer = bool(trailer) and not self._dialect.trailer_word
        return ran.rows.records(client.null, len(asides) + has_trailer)

    async def _state(self, client: Client) -> str:
        """The state of the transaction: "open", "failed", or "" for none."""

        async def ask(question: str) -> tuple[str, str]:
            ran = await client.run(f"{question}\n;\n", Unseen(), 0)
            return ran.rows.text() if ran.rows is not None else "", ran.fault

        if self._dialect.transaction is not None:
            return await self._dialect.transaction(ask)
        return {"*": "open", "!": "failed"}.get(client.transaction, "")

    async def evaluate(self, expressions: Mapping[str, str]) -> dict[str, str | Failed]:
        """Each expression is selected: "count(*) from t", "1 + 1"."""
        async with self._lock:
            client = await self._living()
            return {key: await self._value(client, text) for key, text in expressions.items()}

    async def _value(self, client: Client, expression: str) -> str | Failed:
        found = list(statements(f"select {expression}", self._dialect.syntax))
        if len(found) != 1 or found[0].direct:
            return Failed("SyntaxError", "an expression is what may stand behind SELECT")
        ran = await client.run(_ended(found[0]), Unseen(), 1)
        if ran.fault or ran.rows is None or client.ending is not None:
            return Failed("SQLError", ran.fault.strip() or "interrupted")
        rows: Sequence[Sequence[Value]] = ran.rows.records(client.null).rows
        return " ".join(map(table.text, rows[0])) if rows else ""

    async def _catalogue(self) -> catalogue.Catalogue:
        """What there is by name; as it was known last, while a cell runs."""
        if self._lock.locked() or self._closed:
            return self._names
        async with self._lock:
            client = await self._living()
            late = asyncio.get_running_loop().call_later(_QUERY_TIMEOUT, client.interrupt)
            found = await self._ask(client, self._dialect.catalogue)
            late.cancel()
            if found is not None:
                self._names = catalogue.parse(found.rows)
        return self._names

    async def complete(self, code: str, cursor_pos: int) -> Completions:
        return catalogue.complete(self._dialect, await self._catalogue(), code, cursor_pos)

    async def inspect(self, code: str, cursor_pos: int, _detail_level: int) -> Mapping[str, str]:
        names = await self._catalogue()
        if found := catalogue.inspect(names, code, cursor_pos):
            return found
        return await self._help(catalogue.keywords_at(names, code, cursor_pos))

    async def _help(self, words: Sequence[str]) -> Mapping[str, str]:
        """What the program says of keywords, which are known to be such."""
        if not words or not self._dialect.help or self._lock.locked() or self._closed:
            return {}
        async with self._lock:
            client = await self._living()
            for length in range(len(words), 0, -1):
                question = self._dialect.help.format(words=" ".join(words[:length]))
                said = Unseen()
                await client.run(question + "\n", said, 0, read_rows=False)
                if said.collected.startswith("Command:"):
                    return {"text/plain": said.collected}
        return {}

    async def is_complete(self, code: str) -> Completeness:
        try:
            length = directives.parse(code).length
        except ValueError:
            return Completeness("invalid")
        found = list(statements(code, self._dialect.syntax, length))
        if not found or found[-1].ended:
            return Completeness("complete")
        return Completeness("incomplete")

    async def ask(self, question: str, text: str) -> str | Failed:
        if question == "row_limit":
            self._options = replace(self._options, row_limit=int(text))
            return ""
        async with self._lock:
            client = await self._living()
            if question == "who":
                return await self._tables(client)
            return await client.ask(self._dialect.directives[question], text)

    async def _tables(self, client: Client) -> str | Failed:
        found = await self._ask(client, self._dialect.catalogue)
        if found is None:
            return Failed("SQLError", "the catalogue could not be read")
        tables = catalogue.parse(found.rows).of_kind("table")
        return "\n".join(f"{table.name}\t{table.detail}" for table in tables)

    @property
    def process(self) -> int | None:
        return self._client.process if self._client is not None else None

    def interrupt(self) -> None:
        if self._starting is not None:
            task = asyncio.get_running_loop().create_task(self._starting.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        # The statements that would come next do not.
        self._interrupted = self._lock.locked()
        if self._client is not None:
            self._client.interrupt()

    async def close(self) -> None:
        self._closed = True
        for client in (self._starting, self._client):
            if client is not None:
                await client.close()


def _ended(one: Statement) -> str:
    return one.text + ("\n" if one.meta or one.direct else "\n;\n")
