"""`%who`."""

from __future__ import annotations

from mykernel.contract import Ok, Outcome
from mykernel.directives.call import Call


async def who(call: Call) -> Outcome:
    """Show the names that cells have defined, and what kind each is of."""
    lines = (await call.host.ask("who")).split("\n")
    found = {name: kind for name, _, kind in (line.partition("\t") for line in lines) if name}
    shown = sorted(name for name in found if name.startswith(call.argument))
    if not shown:
        such = f" that begins with {call.argument}" if call.argument else ""
        call.say(f"no name{such} has been defined")
    width = max(map(len, shown), default=0)
    for name in shown:
        call.say(f"{name:{width}}  {found[name]}".rstrip())
    return Ok()
