"""The cells as a project of TypeScript, which nobody but the language server sees.

Each cell that has run is a module that exports what it declares; `globals.d.ts` declares what the
cells know of each other, the latest of a name. Nothing of it is written to the disk.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mykernel.contract import Completion
from mykernel.drivers.language_server import LanguageServer, hovered, position

_ERROR = 1
# What Node.js itself says when the cell runs, and what lacks only declarations of types: names
# of Node.js, modules without types, and parameters without one.
_SYNTAX = range(1000, 2000)
_IMPLICIT_ANY = range(7000, 7100)
_UNDECLARED = frozenset({2304, 2307, 2318, 2580, 2582, 2584, 2591, 2792})
# Types of Node.js are there where somebody has installed @types/node.
_NODE = """\
/// <reference types="node" />
declare var display: any, exports: any, __dirname: string, __filename: string;
"""
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
# How a declaration is shown that may be assigned to; others are known by another name.
_VARIABLE = re.compile(r"\b(?:let|var) ")
# LSP's CompletionItemKind, as Jupyter's front ends call it.
_KINDS = {
    2: "function", 3: "function", 4: "function", 5: "property", 6: "instance", 7: "class",
    8: "class", 9: "module", 10: "property", 13: "class", 14: "keyword", 20: "property",
}  # fmt: skip
# Sort texts of what stands in the cell itself or belongs to a value; the globals of browsers,
# which are no names here, and what could be imported come behind them.
_NEAR = "14"


class Project:
    """What the server knows of one session.

    folder: where the cells' modules would lie. suffix: theirs, ".ts" or ".js".
    """

    def __init__(self, server: LanguageServer, folder: Path, suffix: str) -> None:
        self._server = server
        self._folder = folder
        self._suffix = suffix
        self._lock = asyncio.Lock()
        # Versions of the documents that are open.
        self._open: dict[str, int] = {}
        # By each name the number of the cell that has declared it last, and its declaration.
        self._names: dict[str, tuple[int, str]] = {}

    async def faults(self, name: str, code: str) -> list[str]:
        """The type errors of a cell that is about to run, as tsc words them."""
        async with self._lock:
            self._show(self._cell(0), f"{code}\nexport {{}};\n")
            found = []
            for one in await self._diagnostics(self._cell(0)):
                start, number = one["range"]["start"], int(one.get("code") or 0)
                told = number in _SYNTAX or number in _IMPLICIT_ANY or number in _UNDECLARED
                if one.get("severity") == _ERROR and not told:
                    place = f"{name}:{start['line'] + 1}:{start['character'] + 1}"
                    found.append(f"{place} - error TS{number}: {one['message']}")
        return found

    async def ran(self, number: int, code: str) -> None:
        """Have later cells know what this one declares. number: from 1."""
        async with self._lock:
            document = self._cell(number)
            self._show(document, f"{code}\nexport {{}};\n")
            declared = await self._declared(document)
            # What stands in a block cannot be exported, and what is exported already need not be.
            line = code.count("\n") + 1
            self._show(document, f"{code}\nexport {{ {', '.join(declared)} }};\n")
            places = {
                one["range"]["start"]["character"]
                for one in await self._diagnostics(document)
                if one["range"]["start"]["line"] == line and one.get("severity") == _ERROR
            }
            column, exported = len("export { "), []
            for name in declared:
                if column not in places:
                    exported.append(name)
                column += len(name) + len(", ")
            self._show(document, f"{code}\nexport {{ {', '.join(exported)} }};\n")
            for name in exported:
                self._names[name] = number, declared[name].format(name=name, number=number)
            self._tell_globals()

    async def _declared(self, document: str) -> dict[str, str]:
        """The names in a document, and how `globals.d.ts` declares each."""
        found: dict[str, str] = {}
        for symbol in await self._ask("documentSymbol", document) or ():
            name = symbol["name"]
            if _NAME.fullmatch(name) and name not in found:
                where = symbol.get("selectionRange") or symbol["location"]["range"]
                shown = await self._hover(document, where["start"])
                found[name] = (
                    'declare let {name}: typeof import("./In[{number}]").{name};'
                    if _VARIABLE.search(shown.partition("\n")[0])
                    else "import {name} = $cell{number}.{name};"
                )
        return found

    def _tell_globals(self) -> None:
        cells = {number for number, _ in self._names.values()}
        for number in cells:
            exports = f'export * from "./In[{number}]";\nexport as namespace $cell{number};\n'
            self._show(f"$cell{number}.d.ts", exports)
        used = {
            "globals.d.ts",
            self._cell(0),
            *map(self._cell, cells),
            *(f"$cell{n}.d.ts" for n in cells),
        }
        for document in self._open.keys() - used:
            del self._open[document]
            self._server.tell("textDocument/didClose", textDocument={"uri": self._uri(document)})
        declarations = "\n".join(text for _, text in self._names.values())
        self._show("globals.d.ts", f"{_NODE}{declarations}\n")

    def forget(self) -> None:
        """The cells' declarations are gone."""
        self._names.clear()
        self._tell_globals()

    async def complete(self, code: str, cursor_pos: int, prefix: str) -> Sequence[Completion]:
        """What the code so far offers, which has not run."""
        async with self._lock:
            self._show(self._cell(0), f"{code}\nexport {{}};\n")
            where = position(code, cursor_pos)
            answer = await self._ask("completion", self._cell(0), position=where)
        items = answer.get("items", ()) if isinstance(answer, dict) else answer or ()
        return [
            Completion(item["label"], _KINDS.get(item.get("kind"), ""))
            for item in items
            if item["label"].startswith(prefix) and item.get("sortText", "") < _NEAR
        ]

    async def describe(self, code: str, cursor_pos: int) -> str:
        """What is known of the name there: its type, and its documentation. "" for nothing."""
        async with self._lock:
            self._show(self._cell(0), f"{code}\nexport {{}};\n")
            return await self._hover(self._cell(0), position(code, cursor_pos))

    async def close(self) -> None:
        await self._server.close()

    async def _hover(self, document: str, where: Any) -> str:
        return hovered(await self._ask("hover", document, position=where))

    async def _diagnostics(self, document: str) -> Any:
        answer = await self._ask("diagnostic", document)
        return answer.get("items", ()) if answer else ()

    async def _ask(self, what: str, document: str, **params: Any) -> Any:
        about = {"textDocument": {"uri": self._uri(document)}, **params}
        return await self._server.ask(f"textDocument/{what}", **about)

    def _show(self, document: str, text: str) -> None:
        """Open it, or put this in place of what it holds."""
        version = self._open[document] = self._open.get(document, 0) + 1
        about = {"uri": self._uri(document), "version": version}
        if version == 1:
            kind = "javascript" if document.endswith(".js") else "typescript"
            about |= {"languageId": kind, "text": text}
            self._server.tell("textDocument/didOpen", textDocument=about)
        else:
            change = [{"text": text}]
            self._server.tell("textDocument/didChange", textDocument=about, contentChanges=change)

    def _cell(self, number: int) -> str:
        """number: 0 for what has not run yet."""
        return f"In[{number}]{self._suffix}"

    def _uri(self, document: str) -> str:
        return (self._folder / document).as_uri()
