"""`%config` and `%restart`."""

from __future__ import annotations

import shlex
from dataclasses import fields

from mykernel import options
from mykernel.contract import Ok, Outcome
from mykernel.directives.call import Call
from mykernel.directives.host import Host
from mykernel.drivers.refusal import Refused
from mykernel.errors import MykernelError
from mykernel.options import KernelOptions

_NAMES = tuple(one.name for one in fields(KernelOptions))


def choices(_host: Host, _typed: str) -> list[str]:
    """What there is to set."""
    return list(_NAMES)


async def config(call: Call) -> Outcome:
    """Show the kernel's options, or set one of them."""
    host = call.host
    name, equals, text = (part.strip() for part in call.argument.partition("="))
    if not name:
        for one in _NAMES:
            call.say(f"{one} = {_shown(call, one)}")
        return Ok()
    if name not in _NAMES or equals:
        try:
            await host.configure(options.changed(host.wanted, name, text))
        except ValueError as e:
            raise Refused(f"%config: {e}") from e
    call.say(f"{name} = {_shown(call, name)}")
    return Ok()


def _shown(call: Call, name: str) -> str:
    host = call.host
    wanted, now = getattr(host.wanted, name), getattr(host.options, name)
    text = shlex.join(wanted) if isinstance(wanted, tuple) else str(wanted)
    later = f"   (from the next {call.grammar.written('%restart')} on)" if wanted != now else ""
    return f"{text}{later}"


async def restart(call: Call) -> Outcome:
    """A new child, without the state of the old one."""
    if call.argument:
        raise Refused("%restart takes no argument")
    try:
        await call.host.restart()
    except MykernelError as e:
        raise Refused(f"%restart: {e}") from e
    call.say(f"{call.host.language.display_name} was started anew, without its state")
    return Ok()
