"""`python -m mykernel run NOTEBOOK`: a notebook in batch, with its output as it comes."""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mykernel.errors import MykernelError

if TYPE_CHECKING:
    from mykernel.batch import Client

_DONE, _CELL_FAILED, _NOT_RUN, _INTERRUPTED = 0, 1, 2, 130


class BadNotebook(MykernelError):
    """The notebook cannot be run, or its results cannot be written where they should go."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """How the run ended. message: for stderr, "" when there is nothing to say."""

    status: int
    message: str = ""


def main(argv: list[str]) -> int:
    """Run a notebook, print what its cells write, leave it and an HTML page in a folder.

    Returns 0, 1 when a cell failed, 2 when the notebook could not be run or its kernel
    died, and 130 when it was interrupted. Blocks until the notebook has run.
    """
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A cell may write what the terminal's encoding has no bytes for.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _run(arguments)
    except MykernelError as error:
        return _say(_Ending(_NOT_RUN, str(error)))
    except KeyboardInterrupt:
        return _say(_Ending(_INTERRUPTED, "interrupted"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mykernel run",
        description="Run a notebook, printing each cell's output as it comes, and leave the "
        "executed notebook and an HTML page in a folder.",
    )
    add = parser.add_argument
    add("notebook", type=Path, metavar="NOTEBOOK", help="the .ipynb file to run")
    add(
        "--output-dir",
        type=Path,
        default=Path("build"),
        metavar="DIR",
        help="where the results go (default: build)",
    )
    add("--kernel", metavar="NAME", help="a kernelspec's name, in place of the notebook's own")
    add("--allow-errors", action="store_true", help="go on after a cell that fails")
    add("--timeout", type=_seconds, metavar="S", help="the most a cell may take, in seconds")
    return parser


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of seconds above 0")
    return int(text)


def _run(arguments: argparse.Namespace) -> int:
    try:
        from mykernel import batch, screen
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] == "mykernel":
            raise
        raise BadNotebook(
            f"running notebooks needs {missing.name}: pip install 'mykernel[batch]'"
        ) from missing
    source: Path = arguments.notebook
    notebook = batch.read(source)
    kernel = batch.kernel_name(notebook, arguments.kernel)
    target = _target(source, arguments.output_dir)
    with screen.Screen(sum(map(batch.runs, notebook.cells))) as display:
        client = batch.Client(
            notebook,
            display,
            kernel_name=kernel,
            timeout=arguments.timeout,
            allow_errors=arguments.allow_errors,
            resources={"metadata": {"path": str(source.resolve().parent)}},
        )
        started = time.monotonic()
        ending = _execute(client)
        seconds = time.monotonic() - started
    try:
        page = batch.write(notebook, target)
    except OSError as error:
        _say(ending)
        raise BadNotebook(f"the results could not be written: {error}") from error
    print(_counts(client, seconds))
    print(f"Notebook:  {target}\nHTML page: {page}", flush=True)
    return _say(ending)


def _target(source: Path, folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Only a try tells of read-only file systems and of what root may not do.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise BadNotebook(
            f"{folder} cannot be written to ({error.strerror}); choose another --output-dir"
        ) from error
    target = folder / f"{source.stem}.ipynb"
    if target.exists() and target.samefile(source):
        raise BadNotebook(f"this would overwrite {source}; choose another --output-dir")
    return target


def _execute(client: Client) -> _Ending:
    ending = _run_cells(client)
    if not client.interrupted:
        return ending
    where = f"in cell {client.number}" if client.number else "before the first cell"
    return _Ending(_INTERRUPTED, f"interrupted {where}")


def _run_cells(client: Client) -> _Ending:
    from mykernel import batch

    try:
        asyncio.run(client.run())
    except batch.CellExecutionError as error:
        what = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
        return _Ending(_CELL_FAILED, f"cell {client.number} failed: {what}")
    except batch.CellTimeoutError:
        reason = f"took longer than {client.timeout} seconds"
        client.note("TimeoutError", reason)
        return _Ending(_CELL_FAILED, f"cell {client.number} {reason}")
    except batch.DeadKernelError:
        client.note("DeadKernelError", "the kernel died")
        return _Ending(_NOT_RUN, f"the kernel died in cell {client.number}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        client.interrupted = True
    return _Ending(_DONE)


def _counts(client: Client, seconds: float) -> str:
    ran = f"Ran {client.number} of {client.total} cells in {seconds:.1f} s"
    failed = f"{client.failed} failed" if client.failed else ""
    expected = f"{client.expected} ended with an error, as expected" if client.expected else ""
    return "\n" + "; ".join(part for part in (ran, failed, expected) if part) + "."


def _say(ending: _Ending) -> int:
    if ending.message:
        print(f"mykernel run: {ending.message}", file=sys.stderr)
    return ending.status
