"""JavaScript on Node.js."""

from __future__ import annotations

from mykernel.contract import Language, SessionOptions, Toolchain
from mykernel.languages.javascript.session import NodeSession
from mykernel.languages.javascript.toolchain import PACKAGES, find_toolchain


def open_session(toolchain: Toolchain, options: SessionOptions) -> NodeSession:
    return NodeSession(toolchain, options)


LANGUAGE = Language(
    name="javascript",
    display_name="JavaScript",
    language_id="javascript",
    program="node",
    packages=PACKAGES,
    language_info={
        "name": "javascript",
        "mimetype": "text/javascript",
        "file_extension": ".js",
        "pygments_lexer": "javascript",
        "codemirror_mode": "javascript",
        "nbconvert_exporter": "script",
    },
    find_toolchain=find_toolchain,
    open_session=open_session,
    answers=("cd", "setenv", "env", "who"),
    help_links=(
        {"text": "Node.js", "url": "https://nodejs.org/docs/latest/api/"},
        {"text": "JavaScript (MDN)", "url": "https://developer.mozilla.org/docs/Web/JavaScript"},
    ),
)
