"""`%cd` and `%env`: of the language and of the kernel, which hands them on to later children."""

from __future__ import annotations

import os
import re

from mykernel.contract import Ok, Outcome
from mykernel.directives import secrets
from mykernel.directives.call import Call
from mykernel.drivers.refusal import Refused

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


async def cd(call: Call) -> Outcome:
    """Change the current folder of the kernel and of the language, or of neither."""
    if call.host.options.launcher:
        raise Refused("%cd: the language runs elsewhere, where the kernel's folders are not")
    path = _folder(call)
    # By a descriptor, since it may have lost its name.
    before = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))
    try:
        os.chdir(path)
        try:
            await call.host.ask("cd", path)
        except BaseException:
            os.fchdir(before)
            raise
    except (OSError, ValueError) as e:
        raise Refused(f"%cd: {path}: {getattr(e, 'strerror', e)}") from e
    finally:
        os.close(before)
    call.say(path)
    return Ok()


def _folder(call: Call) -> str:
    """Absolute, and with symbolic links as they are."""
    given = call.argument or "~"
    if len(given) > 1 and given[0] == given[-1] and given[0] in "'\"":
        given = given[1:-1]
    return os.path.normpath(os.path.join(call.host.folder, os.path.expanduser(given)))


def folders(call_folder: str, typed: str) -> list[str]:
    """Folders that go on as typed."""
    parent, begun = os.path.split(typed)
    try:
        entries = list(os.scandir(os.path.join(call_folder, os.path.expanduser(parent))))
    except (OSError, ValueError):
        return []
    names = sorted(one.name for one in entries if one.is_dir() and one.name.startswith(begun))
    return [os.path.join(parent, name) for name in names if begun or not name.startswith(".")]


async def env(call: Call) -> Outcome:
    """Show the environment, or one variable of it, or set one."""
    name, equals, value = (part.strip() for part in call.argument.partition("="))
    if equals:
        return await _set(call, name, value)
    entries = (await call.host.ask("env")).split("\0")
    there = {key: value for key, is_set, value in (one.partition("=") for one in entries) if is_set}
    if not there:
        raise Refused(f"%env: {call.host.language.display_name} tells of no environment")
    if name and name not in there:
        raise Refused(f"%env: {name} is not set; %env NAME=VALUE sets it")
    for one in [name] if name else sorted(there):
        call.say(f"{one}={secrets.shown(one, there[one])}")
    return Ok()


async def _set(call: Call, name: str, value: str) -> Outcome:
    """In the language, and then in the kernel, where nothing can go wrong."""
    if "setenv" not in call.host.language.answers:
        who = call.host.language.display_name
        raise Refused(f"%env: {who} cannot change its environment; nothing was set")
    if not _NAME.fullmatch(name):
        raise Refused("%env wants NAME=VALUE, with letters, digits and _ in the name")
    try:
        if b"\0" in os.fsencode(value):
            raise Refused("%env: a variable holds no NUL")
    except UnicodeEncodeError:
        raise Refused("%env: the value is no text that could be encoded") from None
    await call.host.ask("setenv", f"{name}={value}")
    os.environ[name] = value
    call.say(f"{name}={secrets.shown(name, value)}")
    return Ok()


def sets_secret(argument: str) -> bool:
    """Whether an argument of `%env` sets what is not to be seen."""
    name, equals, value = (part.strip() for part in argument.partition("="))
    return bool(equals) and secrets.is_secret(name, value)
