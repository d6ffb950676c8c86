"""TypeScript on Node.js: the same session, which takes the types out of a cell before it runs."""

from __future__ import annotations

from mykernel.contract import Language, SessionOptions, Toolchain
from mykernel.languages.javascript.session import NodeSession
from mykernel.languages.javascript.toolchain import PACKAGES, find_typed_toolchain


def open_session(toolchain: Toolchain, options: SessionOptions) -> NodeSession:
    return NodeSession(toolchain, options, typescript=True)


LANGUAGE = Language(
    name="typescript",
    display_name="TypeScript",
    language_id="typescript",
    program="node",
    packages=PACKAGES,
    language_info={
        "name": "typescript",
        "mimetype": "text/x-typescript",
        "file_extension": ".ts",
        "pygments_lexer": "typescript",
        "codemirror_mode": "text/typescript",
        "nbconvert_exporter": "script",
    },
    find_toolchain=find_typed_toolchain,
    open_session=open_session,
    answers=("cd", "setenv", "env", "who"),
    help_links=(
        {"text": "Node.js", "url": "https://nodejs.org/docs/latest/api/"},
        {"text": "TypeScript", "url": "https://www.typescriptlang.org/docs/"},
    ),
)
