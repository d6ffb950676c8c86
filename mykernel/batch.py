"""A notebook read, run and written: what `run` does with nbformat, nbclient and nbconvert."""

from __future__ import annotations

import asyncio
import atexit
import signal
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets.config import Config

from mykernel.errors import MykernelError
from mykernel.screen import Screen

__all__ = ["CellExecutionError", "CellTimeoutError", "Client", "DeadKernelError", "Screen"]


class BatchError(MykernelError):
    """The file is no notebook, or its kernel is not installed or does not start."""


def read(path: Path) -> NotebookNode:
    """The notebook in a file, as format 4. Raises `BatchError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BatchError(f"{path} is not a notebook: it is not UTF-8 text") from error
    except OSError as error:
        raise BatchError(f"{path} cannot be read: {error.strerror}") from error
    try:
        notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook, relax_add_props=True)
    except (AttributeError, KeyError, TypeError, ValueError, nbformat.ValidationError) as error:
        # nbformat checks no types before it walks the tree.
        reason = str(error).partition("\n")[0]
        raise BatchError(f"{path} is not a notebook: {reason}") from error
    return notebook


def kernel_name(notebook: NotebookNode, chosen: str | None) -> str:
    """The kernelspec to run with. Raises `BatchError` when it is not installed."""
    name: str | None = chosen or notebook.metadata.get("kernelspec", {}).get("name")
    if not name:
        raise BatchError("the notebook names no kernel; choose one with --kernel")
    specs = KernelSpecManager()
    try:
        specs.get_kernel_spec(name)
    except NoSuchKernel:
        if name.startswith("mykernel-"):
            way_out = f"python -m mykernel.install {name.removeprefix('mykernel-')}"
        else:
            way_out = (
                f"choose another with --kernel: {', '.join(sorted(specs.find_kernel_specs()))}"
            )
        raise BatchError(f"the kernel {name!r} is not installed; {way_out}") from None
    return name


def runs(cell: NotebookNode) -> bool:
    """Whether nbclient sends the cell to the kernel."""
    skipped = "skip-execution" in cell.metadata.get("tags", [])
    return bool(cell.cell_type == "code" and cell.source.strip() and not skipped)


def write(notebook: NotebookNode, target: Path) -> Path:
    """Write the notebook to target and an HTML page beside it, whose path is returned.

    Raises OSError.
    """
    nbformat.write(notebook, target)  # type: ignore[no-untyped-call]
    # A browser shows every state of a progress line that \r draws over in a terminal.
    config = Config({"CoalesceStreamsPreprocessor": {"enabled": True}})
    exporter = HTMLExporter(config=config)  # type: ignore[no-untyped-call]
    body, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": target.stem}})
    page = target.with_suffix(".html")
    page.write_text(body, encoding="utf-8")
    return page


class Client(NotebookClient):
    """nbclient, showing output as it comes, and with a ^C that leaves the notebook whole.

    number, total: the running cell among those that run, from 1; 0 before the first.
    failed, expected: how many cells ended with an error, without and with a tag that expects it.
    """

    def __init__(self, notebook: NotebookNode, screen: Screen, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.on_cell_error = self._count_failure
        self.number = 0
        self.total = sum(map(runs, notebook.cells))
        self.failed = 0
        self.expected = 0
        self.interrupted = False
        self._screen = screen
        self._cell: NotebookNode | None = None
        self._running = False
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Run the notebook in place.

        Raises what nbclient does, `BatchError` when the kernel does not come up, and
        CancelledError when it is interrupted where the kernel has nothing to interrupt.
        """
        self._task = asyncio.current_task()
        try:
            await self.async_execute()
        finally:
            # nbclient leaves a kernel behind that was starting when ^C came.
            if self.km is not None:
                await self._async_cleanup_kernel()
            atexit.unregister(self._cleanup_kernel)
            self._merge_streams()

    def note(self, ename: str, evalue: str) -> None:
        """Leave an error of ours in the cell that ran last, and on the screen."""
        if self._cell is not None:
            output = new_output(  # type: ignore[no-untyped-call]
                "error", ename=ename, evalue=evalue, traceback=[]
            )
            self._cell.outputs.append(output)
            self._screen.show(output)
            self.failed += 1

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Take ^C over from nbclient, which would end the kernel and drop the notebook."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._on_interrupt)
        try:
            await super().async_start_new_kernel(**kwargs)
        except OSError as error:
            raise BatchError(f"the kernel {self.kernel_name!r} did not start: {error}") from error

    async def async_start_new_kernel_client(self) -> Any:
        """Raises `BatchError` when the kernel does not answer."""
        try:
            return await super().async_start_new_kernel_client()
        except (RuntimeError, TimeoutError) as error:
            raise BatchError(f"the kernel {self.kernel_name!r} did not start: {error}") from error

    async def async_execute_cell(
        self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any
    ) -> NotebookNode:
        """Announce the cell, run it, and run no other after ^C."""
        if self.interrupted:
            raise asyncio.CancelledError
        if not runs(cell):
            return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        self._cell = cell
        self.number += 1
        self._running = False
        self._screen.start_cell(self.number, cell.source)
        try:
            return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        finally:
            self._running = False
            self._screen.end_cell()

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """See to what has no output of its own."""
        kind, content = msg["msg_type"], msg["content"]
        if kind == "execute_input":
            self._running = True
            # A ^C that came before the kernel had the cell reaches it now.
            if self.interrupted:
                self._interrupt_kernel()
        elif kind == "update_display_data":
            self._screen.update(content["data"], content["transient"]["display_id"])
        elif kind == "clear_output":
            self._screen.clear()
        return super().process_message(msg, cell, cell_index)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Show what nbclient has put into the cell."""
        output = super().output(outs, msg, display_id, cell_index)
        if output is not None:
            self._screen.show(output, display_id)
        return output

    def _count_failure(self, cell: NotebookNode, **_: Any) -> None:
        if "raises-exception" in cell.metadata.get("tags", []):
            self.expected += 1
        else:
            self.failed += 1

    def _on_interrupt(self) -> None:
        # The first ^C is for the cell, as in a terminal. A second one does not wait for it.
        again, self.interrupted = self.interrupted, True
        if self._running and not again:
            self._interrupt_kernel()
        elif (again or self._cell is None) and self._task is not None:
            self._task.cancel()

    def _interrupt_kernel(self) -> None:
        if self.km is not None:
            self._interrupting = asyncio.ensure_future(ensure_async(self.km.interrupt_kernel()))

    def _merge_streams(self) -> None:
        for cell in filter(runs, self.nb.cells):
            merged = []
            for name, outputs in groupby(cell.outputs, key=lambda output: output.get("name")):
                run = list(outputs)
                if name is not None:
                    run[0].text = "".join(output.text for output in run)
                merged += run[:1] if name is not None else run
            cell.outputs = merged
