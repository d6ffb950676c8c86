"""Go: each cell is compiled with what it needs of earlier ones, and the values live on."""

from __future__ import annotations

from mykernel.contract import Language, SessionOptions, Toolchain
from mykernel.languages.go import export, flags, modules, vet
from mykernel.languages.go.directives import HELP
from mykernel.languages.go.session import GoSession
from mykernel.languages.go.toolchain import PACKAGES, find_toolchain


def open_session(toolchain: Toolchain, options: SessionOptions) -> GoSession:
    return GoSession(toolchain, options)


LANGUAGE = Language(
    name="go",
    display_name="Go",
    language_id="go",
    program="go",
    packages=PACKAGES,
    language_info={
        "name": "go",
        "mimetype": "text/x-go",
        "file_extension": ".go",
        "pygments_lexer": "go",
        "codemirror_mode": "text/x-go",
        "nbconvert_exporter": "script",
    },
    find_toolchain=find_toolchain,
    open_session=open_session,
    directives=(*HELP, export.HELP, flags.HELP, *modules.HELP, vet.HELP),
    answers=("cd", "setenv", "env", "who"),
    help_links=(
        {"text": "Go", "url": "https://go.dev/doc/"},
        {"text": "Standard library", "url": "https://pkg.go.dev/std"},
    ),
)
