"""Java, by JShell's API: an agent in Java, which `drivers.repl` drives."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files

from mykernel.contract import Language, SessionOptions, Toolchain
from mykernel.drivers.description import (
    Description,
    Directives,
    Failure,
    Programs,
    Question,
    Quit,
    Run,
    Start,
)
from mykernel.drivers.repl import ReplSession
from mykernel.languages.java.toolchain import PACKAGES, find_toolchain

_TOKEN = r"[\w$]*"  # noqa: S105
_LANGUAGE_INFO = {
    "name": "java",
    "mimetype": "text/x-java",
    "file_extension": ".java",
    "pygments_lexer": "java",
    "codemirror_mode": "text/x-java",
    "nbconvert_exporter": "script",
}


def _about(toolchain: Toolchain) -> Description:
    agent = sorted((files(__package__) / "agent").iterdir(), key=lambda file: file.name)
    texts = {file.name: file.read_text("utf-8") for file in agent}
    known_by = "\0".join([*texts.values(), str(toolchain.path.resolve()), toolchain.version])
    key = sha256(known_by.encode()).hexdigest()[:16]
    return Description(
        name="java",
        display_name="Java",
        language_id="java",
        language_info=_LANGUAGE_INFO,
        toolchain=Programs(("java",), PACKAGES),
        start=Start(
            ("sh", "{folder}/start.sh", "{program}", "{folder}", key),
            files={**texts, "nonce": "{nonce}"},
        ),
        # A thread that reads the terminal can be stopped only when it has read something; by this
        # the agent knows that it is not the user's answer.
        cell=Run("{i} cell {path}", unblock="\x18\n"),
        failure=Failure("Error", r"\A(?P<ename>[\w.$]+)(?:: (?P<evalue>[^\n]*))?"),
        completion=Question("{i} complete {path}", _TOKEN),
        inspection=Question("{i} inspect {path}", _TOKEN + r"(?:\(\))?"),
        completeness=Question("{i} check {path}"),
        quit=Quit("quit"),
        # A process of Java's can change neither its folder nor its environment.
        directives=Directives(env="mykernel.Directives.env();", who="mykernel.Directives.who();"),
    )


def open_session(toolchain: Toolchain, options: SessionOptions) -> ReplSession:
    return ReplSession(_about(toolchain), toolchain, options)


LANGUAGE = Language(
    name="java",
    display_name="Java",
    language_id="java",
    program="java",
    packages=PACKAGES,
    language_info=_LANGUAGE_INFO,
    find_toolchain=find_toolchain,
    open_session=open_session,
    answers=("env", "who"),
    help_links=(
        {"text": "Java (dev.java)", "url": "https://dev.java/learn/"},
        {"text": "Java API", "url": "https://docs.oracle.com/en/java/javase/17/docs/api/"},
    ),
)
