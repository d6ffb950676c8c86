"""The contents of replies, as Jupyter's messaging protocol has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mykernel.contract import Completeness, Completions, Died, Failed


def error(outcome: Failed | Died) -> dict[str, Any]:
    """What an `error` message and the reply have in common."""
    return {
        "ename": outcome.ename,
        "evalue": outcome.evalue,
        "traceback": list(outcome.traceback),
    }


def expression(value: str | Failed | Died) -> dict[str, Any]:
    """One of user_expressions."""
    if isinstance(value, str):
        return {"status": "ok", "data": {"text/plain": value}, "metadata": {}}
    return {"status": "error", **error(value)}


def complete(found: Completions) -> dict[str, Any]:
    """Texts for all front ends, and what JupyterLab knows to show of kinds and signatures."""
    types = [
        {
            "start": found.start,
            "end": found.end,
            "text": item.text,
            "type": item.kind,
            "signature": item.signature,
        }
        for item in found.items
    ]
    return {
        "status": "ok",
        "matches": [item.text for item in found.items],
        "cursor_start": found.start,
        "cursor_end": found.end,
        "metadata": {"_jupyter_types_experimental": types},
    }


def inspect(data: Mapping[str, Any]) -> dict[str, Any]:
    """data: by MIME type; empty where nothing was found."""
    return {"status": "ok", "found": bool(data), "data": dict(data), "metadata": {}}


def is_complete(found: Completeness) -> dict[str, Any]:
    """An indent is told with "incomplete" alone."""
    reply = {"status": found.status}
    return {**reply, "indent": found.indent} if found.status == "incomplete" else reply


def history(rows: Iterable[tuple[int, int, str]], output: bool) -> dict[str, Any]:
    """rows: session, number of the cell, code. output: whether outputs are asked for, too."""
    # With output, a row's last item is a pair; this history has inputs alone.
    return {
        "status": "ok",
        "history": [(s, line, (text, None) if output else text) for s, line, text in rows],
    }
