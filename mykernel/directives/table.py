"""All directives, by name, and what `%help` says of them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping

from mykernel.contract import Language, Ok, Outcome
from mykernel.directives import files, kept, names, settings, shell, surroundings, timing
from mykernel.directives.call import Call, Directive
from mykernel.directives.head import SHELL, Grammar
from mykernel.drivers.refusal import Refused


async def show_help(call: Call) -> Outcome:
    """Say what directives there are, or more of one of them."""
    if not call.argument:
        call.say(f"Directives, in a cell's first lines. More: {call.grammar.written('%help')} NAME")
        usages = [(usage(call.grammar, one), one.help) for one in call.directives.values()]
        width = max(len(written) for written, _ in usages)
        for written, text in usages:
            call.say(f"  {written:{width}}  {text}")
        return Ok()
    name = call.argument.lstrip("#%")
    found = [one for one in call.directives.values() if one.name.lstrip("%") == name]
    if not found:
        language = call.host.language
        raise Refused(unknown(language, call.grammar, call.directives, f"%{name}"))
    for one in found:
        call.say(explained(call.grammar, one))
    return Ok()


def usage(grammar: Grammar, one: Directive) -> str:
    """How it is written, with its arguments."""
    return f"{grammar.written(one.name)} {one.usage}".rstrip()


def explained(grammar: Grammar, one: Directive) -> str:
    """All that there is to say of it."""
    text = f"{usage(grammar, one)}\n    {one.help}"
    return "\n    ".join([text, *one.more.split("\n")]) if one.more else text


def unknown(
    language: Language, grammar: Grammar, directives: Mapping[str, Directive], name: str
) -> str:
    """What is said of a name that there is not."""
    if name in (one.name for one in _SHARED):
        return f"{language.display_name} has no {grammar.written(name)}"
    near = difflib.get_close_matches(name, directives, 1)
    if near:
        hint = f"did you mean {grammar.written(near[0])}?"
    else:
        hint = f"{grammar.written('%help')} shows what there is"
    return f"there is no directive {grammar.written(name)}; {hint}"


def directives_of(language: Language) -> dict[str, Directive]:
    """What a language's cells can begin with, its own directives last."""
    own = [Directive(name, arguments, text) for name, arguments, text in language.directives]
    shared = [one for one in _SHARED if not one.needs or one.needs in language.answers]
    return {one.name: one for one in (*shared, *own)}


_SHARED = (
    Directive("%help", "[NAME]", "show the directives, or more of one", show_help),
    Directive(
        "%time",
        "[CODE]",
        "say how long the code, or the cell, takes",
        timing.once,
        "CPU times are those of the language's process and of those that it has waited for.",
        wraps=True,
        code_of=str,
    ),
    Directive(
        "%timeit",
        "[-n LOOPS] [-r RUNS] [CODE]",
        "run the code, or the cell, many times, and say how long it takes",
        timing.many,
        "Its output is not shown. Each loop is a cell of its own, so that the way to the language\n"
        "and back counts: a millisecond or so.",
        wraps=True,
        code_of=timing.code_of,
    ),
    Directive(
        "%%writefile",
        "[-a] FILE",
        "write the rest of the cell to a file; -a appends",
        files.write,
        "A relative path is one from the language's current folder. The file is written on the\n"
        "kernel's machine, also where the language runs elsewhere.",
        takes_body=True,
    ),
    Directive(
        "%%capture",
        "[NAME]",
        "run the cell without showing its output, which %captured NAME shows",
        kept.capture,
        wraps=True,
    ),
    Directive(
        "%captured",
        "NAME",
        "show what was captured",
        kept.show,
        choices=lambda host, _: sorted(host.captured),
    ),
    Directive(
        SHELL,
        "COMMAND",
        "run a command of sh in the language's current folder",
        shell.run,
        "It runs on the kernel's machine. A status other than 0 ends the cell.",
    ),
    Directive(
        "%cd",
        "[FOLDER]",
        "change the current folder, to the home folder where none is named",
        surroundings.cd,
        "It is the kernel's folder, too, in which the language is started anew.",
        choices=lambda host, typed: surroundings.folders(host.folder, typed),
        needs="cd",
    ),
    Directive(
        "%env",
        "[NAME[=VALUE]]",
        "show the environment, or set a variable of it",
        surroundings.env,
        "It is the kernel's environment, too, which the language gets when it is started anew.\n"
        "What is called like a password, a token or a key is not shown, and a cell that sets such\n"
        "a variable is left out of the history.",
        choices=lambda _host, _typed: sorted(os.environ),
        needs="env",
    ),
    Directive(
        "%who",
        "[BEGINNING]",
        "show the names that cells have defined",
        names.who,
        needs="who",
    ),
    Directive("%restart", "", "start the language anew, without its state", settings.restart),
    Directive(
        "%config",
        "[OPTION[=VALUE]]",
        "show the kernel's options, or set one",
        settings.config,
        "cell_timeout, output_limit and, in SQL, row_limit hold from the next cell on, the others\n"
        "from the next restart on.",
        choices=settings.choices,
    ),
)
