"""The Jupyter kernel: requests in, a language's session behind, replies and iopub messages out.

Everything runs on one event loop, which no handler blocks: the child does the work. Cells
and the requests behind them are served in order; what can be answered while a cell runs
is answered at once.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Mapping
from typing import Any

import zmq
from ipykernel.kernelbase import Kernel
from tornado.ioloop import IOLoop
from traitlets import Instance
from zmq.eventloop.zmqstream import ZMQStream

from mykernel import __version__, replies
from mykernel.contract import (
    Died,
    Display,
    Failed,
    Language,
    Ok,
    Toolchain,
)
from mykernel.directives import Directed
from mykernel.errors import MykernelError
from mykernel.history import History
from mykernel.iopub import CellOutput, NoOutputs, Outputs
from mykernel.options import KernelOptions
from mykernel.requests import Requests
from mykernel.timeout import CellClock

# Behind this message, as ipykernel has it, requests are no longer aborted.
_STOP_ABORTING = b"stop aborting"
# Seconds that replies to what is still queued may take at shutdown.
_DRAIN_TIMEOUT = 2.0


class MyKernel(Kernel):  # type: ignore[misc]  # Any, see pyproject.toml
    """A `language` behind the Jupyter messaging protocol."""

    implementation = "mykernel"
    implementation_version = __version__

    language = Instance(Language)
    toolchain = Instance(Toolchain)
    options = Instance(KernelOptions)

    def __init__(self, **kwargs: Any) -> None:
        # ipykernel waits so long for its own OutStream, which is not in use here.
        super().__init__(**{"_execute_sleep": 0.0, **kwargs})
        self.language_info = {**self.language.language_info, "version": self.toolchain.version}
        self.help_links = [dict(link) for link in self.language.help_links]
        self.banner = (
            f"{self.language.display_name} {self.toolchain.version}"
            f" ({self.toolchain.path}), mykernel {__version__}"
        )
        self.shell_handlers["comm_open"] = self._refuse_comm
        for kind in ("comm_msg", "comm_close"):  # of comms that there are not
            self.shell_handlers[kind] = _ignore
        for kind in ("create", "delete", "list"):
            self.control_handlers[f"{kind}_subshell_request"] = self._refuse_subshell
        self._history: History | None = None
        # The execute_request whose cell runs.
        self._running: Mapping[str, Any] | None = None
        self._closing = False

    # Life

    def start(self) -> None:
        """Take requests. Called on the event loop's thread, before the loop runs."""
        self.io_loop = IOLoop.current()
        self._control_lock = asyncio.Lock()
        self._requests = Requests(self.session, self._serve, self._answer_at_once)
        self.io_loop.add_callback(self._begin)

    async def _begin(self) -> None:
        self._session = Directed(self.language, self.toolchain, self.options)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        self._tasks = {
            loop.create_task(self._requests.run()),
            loop.create_task(self._start_session()),
        }
        self.control_stream.on_recv(self.dispatch_control, copy=False)
        self.shell_stream.on_recv(self._requests.receive, copy=False)
        self._stdin_stream = ZMQStream(self.stdin_socket)
        self._stdin_stream.on_recv(self._receive_input, copy=False)
        self._asked: tuple[str, asyncio.Future[str]] = ("", loop.create_future())
        self._publish_status("starting", "shell")

    async def _start_session(self) -> None:
        try:
            await self._session.start()
        except MykernelError as e:
            # The first cell tries again, and tells the user.
            self.log.warning("%s", e)
        except Exception:
            self.log.exception("the session did not start")

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        self._closing = self._aborting = True
        await self._session.close()
        try:
            # Replies to the running cell and to those behind it.
            await asyncio.wait_for(self._requests.join(), _DRAIN_TIMEOUT)
        except asyncio.TimeoutError:
            self.log.warning("requests were left unanswered at shutdown")
        if self._history is not None:
            self._history.close()
        return {"status": "ok", "restart": restart}

    # Requests, in order and out of order

    async def _serve(self, message: list[zmq.Frame]) -> None:
        if self._closing:
            self._aborting = True
        await self.dispatch_shell(message)

    async def _answer_at_once(self, idents: list[bytes], request: dict[str, Any]) -> None:
        self._publish_status("busy", "shell", parent=request)
        try:
            await self.shell_handlers[request["header"]["msg_type"]](
                self.shell_stream, idents, request
            )
        except Exception:
            self.log.exception("a request could not be answered")
        finally:
            self._publish_status("idle", "shell", parent=request)
            if self._running is not None:
                # Front ends show the latest status, and the cell still runs.
                self._publish_status("busy", "shell", parent=self._running)

    async def _refuse_comm(self, _stream: Any, _ident: Any, request: dict[str, Any]) -> None:
        """No target is registered, and the protocol says to close such a comm."""
        content = {"comm_id": request["content"]["comm_id"], "data": {}}
        self._publish("comm_close", content, request)

    async def _refuse_subshell(
        self, stream: ZMQStream, ident: list[bytes], request: dict[str, Any]
    ) -> None:
        """Subshells are not advertised; who asks for one all the same gets a reply."""
        kind = request["header"]["msg_type"].replace("_request", "_reply")
        evalue = "this kernel has no subshells; completion works while a cell runs without them"
        error = {"status": "error", "ename": "NotSupported", "evalue": evalue, "traceback": []}
        self.session.send(stream, kind, error, request, ident)

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """After an error: answer all execute_requests that have come by now with "aborted"."""
        self._aborting = True
        self.shell_stream.flush(zmq.POLLIN)
        stop: list[zmq.Frame] = [zmq.Frame(_STOP_ABORTING)]
        if self.stop_on_error_timeout:
            later = asyncio.get_running_loop().call_later
            later(self.stop_on_error_timeout, self._requests.put, stop)
        else:
            # At once: a client that has seen the error may send the next cell right now.
            self._requests.put(stop)

    def pre_handler_hook(self) -> None:
        """SIGINT stays with the event loop (ipykernel would let it end the kernel)."""

    def post_handler_hook(self) -> None:
        """See `pre_handler_hook`."""

    def _send_interrupt_children(self) -> None:
        self._interrupt()

    def _interrupt(self) -> None:
        self._session.interrupt()

    @property
    def kernel_info(self) -> dict[str, Any]:
        """As in kernel_info_reply. Only what there is: no debugger, no subshells."""
        return {
            "protocol_version": "5.5",
            "implementation": self.implementation,
            "implementation_version": self.implementation_version,
            "language_info": self.language_info,
            "banner": self.banner,
            "help_links": self.help_links,
            "debugger": False,
            "supported_features": [],
        }

    # Cells

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: Mapping[str, str] | None = None,
        allow_stdin: bool = False,
        *,
        cell_meta: Mapping[str, Any] | None = None,
        cell_id: str | None = None,
    ) -> dict[str, Any]:
        parent = self.get_parent("shell")
        self._running = parent
        try:
            return await self._execute(
                code, silent, store_history, user_expressions or {}, allow_stdin, parent
            )
        except Exception as e:
            # Whatever happens, a request gets its reply.
            self.log.exception("a cell could not be run")
            failure = Failed(type(e).__name__, str(e), (f"mykernel: {e!r}",))
            return self._failed(failure, silent, parent)
        finally:
            self._running = None

    async def _execute(
        self,
        code: str,
        silent: bool,
        store_history: bool,
        user_expressions: Mapping[str, str],
        allow_stdin: bool,
        parent: Mapping[str, Any],
    ) -> dict[str, Any]:
        count = self.execution_count
        if not silent and store_history:
            self._remember(count, code)
        elif not silent:
            # ipykernel has counted a cell that is not to be counted.
            self.execution_count -= 1
        clock = self._clock()
        output = self._cell_output(parent, count, silent, allow_stdin, clock)
        outcome = await clock.limit(self._session.execute(code, f"In[{count}]", output))
        if isinstance(outcome, Ok) and outcome.result is not None:
            output.display(outcome.result)
        # A person reads HTML. A batch run (papermill) makes its report of the `error` message.
        is_shown = isinstance(outcome, Failed) and bool(outcome.html) and allow_stdin
        if isinstance(outcome, Failed) and is_shown:
            data = {"text/plain": "\n".join(outcome.traceback), "text/html": outcome.html}
            output.display(Display("display_data", data))
        output.close()
        if isinstance(outcome, (Failed, Died)):
            return self._failed(outcome, silent, parent, count, is_shown)
        values = {key: await self._value(text) for key, text in user_expressions.items()}
        return {
            "status": "ok",
            "execution_count": count,
            "payload": [],
            "user_expressions": values,
        }

    async def _value(self, expression: str) -> dict[str, Any]:
        found = await self._clock().limit(self._session.evaluate({"value": expression}))
        return replies.expression(found["value"] if isinstance(found, dict) else found)

    def _clock(self) -> CellClock:
        return CellClock(self._session.options.cell_timeout, self._interrupt)

    def _failed(
        self,
        outcome: Failed | Died,
        silent: bool,
        parent: Mapping[str, Any],
        count: int | None = None,
        is_shown: bool = False,
    ) -> dict[str, Any]:
        """The reply. is_shown: whether the traceback is displayed, and `error` need not have it."""
        error = replies.error(outcome)
        if not silent:
            line = f"\x1b[31m\x1b[1m{outcome.ename}\x1b[0m: {outcome.evalue}"
            self._publish("error", {**error, "traceback": [line]} if is_shown else error, parent)
        count = self.execution_count if count is None else count
        return {"status": "error", "execution_count": count, "user_expressions": {}, **error}

    def _outputs(self, parent: Mapping[str, Any], count: int) -> Outputs:
        def publish(kind: str, content: dict[str, Any]) -> None:
            self._publish(kind, content, parent)

        return Outputs(publish, self.iopub_thread.schedule, count)

    def _cell_output(
        self,
        parent: Mapping[str, Any],
        count: int,
        silent: bool,
        allow_stdin: bool,
        clock: CellClock,
    ) -> CellOutput:
        ident: list[bytes] = self._parent_ident["shell"]

        async def ask(prompt: str, password: bool) -> str | None:
            return await clock.uncounted(self._input(prompt, password, parent, ident))

        return CellOutput(
            NoOutputs() if silent else self._outputs(parent, count),
            self._session.options.rows,
            self._session.options.columns,
            # Who can be asked is a person, for whom too much output is none; a batch run gets all.
            limit=self._session.options.output_limit or None if allow_stdin else None,
            ask=ask if allow_stdin else None,
        )

    def _publish(self, kind: str, content: dict[str, Any], parent: Mapping[str, Any]) -> None:
        self.session.send(self.iopub_socket, kind, content, parent=parent, ident=self._topic(kind))

    # Input

    async def _input(
        self, prompt: str, password: bool, parent: Mapping[str, Any], ident: list[bytes]
    ) -> str | None:
        """Ask the front end that sent the cell. None is end-of-file."""
        request = self.session.send(
            self._stdin_stream,
            "input_request",
            {"prompt": prompt, "password": password},
            parent=parent,
            ident=ident,
        )
        self._asked = request["header"]["msg_id"], asyncio.get_running_loop().create_future()
        value: str = await self._asked[1]
        return None if value == "\x04" else value

    def _receive_input(self, message: list[zmq.Frame]) -> None:
        """Take an input_reply, unless it answers a question that nobody asks any more."""
        try:
            _, frames = self.session.feed_identities(message, copy=False)
            reply = self.session.deserialize(frames, copy=False)
            value = str(reply["content"]["value"])
        except Exception:
            self.log.exception("invalid message on stdin")
            return
        msg_id, future = self._asked
        if reply["parent_header"].get("msg_id", msg_id) == msg_id and not future.done():
            future.set_result(value)

    # Questions about code

    async def _answer(self, answer: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        """Whatever happens, a request gets its reply."""
        try:
            return await answer
        except Exception as e:
            self.log.exception("a question could not be answered")
            return {"status": "error", "ename": type(e).__name__, "evalue": str(e), "traceback": []}

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        return await self._answer(self._complete(code, cursor_pos))

    async def _complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        return replies.complete(await self._session.complete(code, cursor_pos))

    async def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()
    ) -> dict[str, Any]:
        return await self._answer(self._inspect(code, cursor_pos, detail_level))

    async def _inspect(self, code: str, cursor_pos: int, detail_level: int) -> dict[str, Any]:
        return replies.inspect(await self._session.inspect(code, cursor_pos, detail_level))

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        return await self._answer(self._is_complete(code))

    async def _is_complete(self, code: str) -> dict[str, Any]:
        return replies.is_complete(await self._session.is_complete(code))

    # History

    def _open_history(self) -> History:
        if self._history is None:
            self._history = History(self.language.name)
        return self._history

    def _remember(self, count: int, code: str) -> None:
        if code.strip() and not self._session.holds_secret(code):
            self._open_history().add(count, code)

    async def do_history(
        self,
        hist_access_type: str,
        output: bool,
        raw: bool,
        session: int | None = None,
        start: int | None = None,
        stop: int | None = None,
        n: int | None = None,
        pattern: str | None = None,
        unique: bool = False,
    ) -> dict[str, Any]:
        history = self._open_history()
        if hist_access_type == "tail":
            rows = history.tail(10 if n is None else n)
        elif hist_access_type == "range":
            rows = history.range(session or 0, start or 0, stop)
        elif hist_access_type == "search":
            rows = history.search(pattern or "*", n, unique)
        else:
            rows = []
        return replies.history(rows, output)


async def _ignore(_stream: Any, _ident: Any, _request: dict[str, Any]) -> None:
    pass
