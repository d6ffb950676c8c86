"""Write a language's first TOML file from what was found out of its REPL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mykernel.new import candidates
from mykernel.new.conversation import numbered
from mykernel.new.search import Findings


@dataclass(frozen=True, slots=True)
class Subject:
    """What the file is about.

    name: the language's. program: as it is looked for on PATH. arguments: its own.
    version: arguments that have it tell its version, and what it says, "" where none does.
    packages: the package that it came in, by package manager; empty where that is not known.
    """

    name: str
    program: str
    arguments: Sequence[str]
    version: tuple[str, str]
    packages: Mapping[str, str]


def compose(about: Subject, found: Findings) -> str:
    """The file's text."""
    parts = (_head(about), _toolchain(about), _start(about), _prompt(found), _cell(found),
             _failure(found), _questions(), _quit(found))  # fmt: skip
    return "\n".join(parts)


def _head(about: Subject) -> str:
    return f"""\
# {about.name}, as `python -m mykernel new` found it out by trial. What each key means is
# explained in mykernel/drivers/description.py; how to go on from here, in CONTRIBUTING.md,
# "Add a language".
name = {_text(about.name)}
# Fill in: what Jupyter's launcher shows, and VS Code's id of the language.
display_name = {_text(about.name.capitalize())}
language_id = {_text(about.name)}

# Fill in: with what the language's files end, and by what CodeMirror and Pygments know it.
[language_info]
name = {_text(about.name)}
mimetype = {_text(f"text/x-{about.name}")}
file_extension = {_text(f".{about.name}")}
codemirror_mode = "null"
pygments_lexer = "text"
nbconvert_exporter = "script"
"""


def _toolchain(about: Subject) -> str:
    option, said = about.version
    packages = about.packages or {"apt": about.program.rpartition("/")[2]}
    lines = ["[toolchain]", f"programs = [{_text(about.program)}]"]
    if not about.packages:
        lines.append("# Not found: the package that has it.")
    pairs = ", ".join(f"{manager} = {_text(name)}" for manager, name in packages.items())
    lines.append(f"packages = {{ {pairs} }}")
    if option:
        lines += [f"# It said {_text(said)}.", f"version = [{_text(option)}]"]
    else:
        lines += ["# Not found: how it tells its version.", 'version = ["--version"]']
    return "\n".join(lines) + "\n"


def _start(about: Subject) -> str:
    words = ", ".join(map(_text, ("{program}", *about.arguments)))
    environment = ", ".join(f"{k} = {_text(v)}" for k, v in candidates.ENVIRONMENT.items())
    return f"""\
# Start-up code can go to [start.files], and be named here as "{{folder}}/NAME".
[start]
argv = [{words}]
environment = {{ {environment} }}
"""


def _prompt(found: Findings) -> str:
    texts = ", ".join(map(_text, dict.fromkeys(map(numbered, found.prompts))))
    unfinished = len(found.prompts) > 1 or not found.prompts[0]
    status = "1" if found.aborts else "0"
    lines = ["# Better than this is a prompt that carries the mark: see CONTRIBUTING.md."]
    if not unfinished:
        lines.append("# Not found: the prompt of an unfinished line. If it has one, add it here.")
    if found.stuck:
        lines.append(
            "# ^C does not lead out of an unfinished line: where a cell's lines are typed, and"
        )
        lines.append("# it ends in one, it costs the state.")
    how = "edits its lines itself" if found.edits else "leaves the editing of lines to the terminal"
    lines += [
        f"# The program {how}." if found.echoes else "# The program shows no echo.",
        "[prompt]",
    ]
    lines += [f"texts = [{texts}]", f"run = {_text(found.mark('D;k={nonce};i={i};s=' + status))}"]
    return "\n".join(lines) + "\n"


def _cell(found: Findings) -> str:
    begin = "C;k={nonce};i={i}" + (";n=1" if found.newline else "")
    if not found.load:
        return f"""\
# Not found: a line that runs a file, and that marks can be printed around. So the lines of a
# cell are typed behind this one, up to one that fails.
[cell]
run = {_text(found.mark(begin))}
"""
    words = found.mark(begin), found.load, found.mark("D;k={nonce};i={i};s=0")
    return f"""\
# It writes the mark of the cell's beginning, runs the cell's file, and writes that of its end.
[cell]
run = {_text(found.separator.join(words))}
"""


def _failure(found: Findings) -> str:
    samples = dict.fromkeys(error.strip("\n").partition("\n")[0] for error in found.errors)
    lines = [f"# It said: {_text(sample)}" for sample in samples if sample]
    if found.aborts:
        lines.append(
            "# An error keeps the mark of the end from being written, and is known by that."
        )
    lines.append("[failure]")
    if found.sign:
        lines.append(f"sign = {_text(found.sign)}")
    elif not found.aborts:
        lines.append("# Not found: by what an error is known, a regular expression.")
        lines.append("# sign = '^Error'")
    if found.pattern:
        lines.append(f"pattern = {_text(found.pattern)}")
    else:
        lines.append("# Not found: how the error's name and message are told from each other.")
        lines.append("# pattern = '^(?P<ename>\\w+): (?P<evalue>.*)'")
    if found.line:
        lines.append(f"line = {_text(found.line)}")
    elif found.load:
        lines.append("# Not found: where the cell's line stands in the error.")
        lines.append("# line = '{cell}:(\\d+)'")
    if found.loop:
        lines.append(f"# ^C while it ran {_text(found.loop)}: it {found.interrupted}.")
    else:
        lines.append("# Not found: a loop that does not end, so what ^C does was not tried.")
    return "\n".join(lines) + "\n"


def _questions() -> str:
    return """\
# Fill in: how Tab, Shift-Tab and the console's Enter are answered, without running anything.
# [completion]
# [inspection]
# [completeness]
"""


def _quit(found: Findings) -> str:
    if found.quit:
        return f"[quit]\nrun = {_text(found.quit)}\n"
    return "# Not found: the line that ends it. Without one, its terminal is hung up.\n# [quit]\n"


def _text(text: str) -> str:
    """As a TOML string; JSON's escapes are TOML's, too."""
    if "'" not in text and "\\" in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
