"""`%%capture` and `%captured`."""

from __future__ import annotations

from mykernel.contract import Ok, Outcome
from mykernel.directives.call import Call
from mykernel.directives.capture import Captured
from mykernel.drivers.refusal import Refused


async def capture(call: Call) -> Outcome:
    """Run what follows with its output kept, under a name or not at all."""
    kept = Captured(call.output)
    outcome = await call.rest(kept)
    if isinstance(outcome, Ok) and outcome.result is not None:
        kept.display(outcome.result)
        outcome = Ok()
    if call.argument:
        call.host.captured[call.argument] = kept
    return outcome


async def show(call: Call) -> Outcome:
    """Show what was kept."""
    captured = call.host.captured
    if call.argument not in captured:
        there = ", ".join(sorted(captured)) or "nothing was captured yet"
        capture_ = call.grammar.written("%%capture")
        raise Refused(f"%captured wants a name that {capture_} was given; there is: {there}")
    captured[call.argument].show(call.output)
    return Ok()
