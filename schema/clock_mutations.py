"""The mutation that is there in the sandbox only: time passes."""

from datetime import datetime

import strawberry

from billing import sandbox_clock
from models import Permission
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told


@asked
class AdvanceSandboxClockInput:
    """How far; one of `by` and `to`. At most 36 months at once, and never back."""

    by: str | None = given("So much, as ISO 8601 writes durations: `P13M`, `P1DT12H`.", default=None)
    to: datetime | None = given("To this instant.", default=None)
    idempotency_key: str = given(f"{IDEMPOTENCY_KEY} It goes to the same instant, also if it was killed on the way.")


@payload
class AdvanceSandboxClockPayload:
    """Errors: INVALID_INPUT for what is no duration, for the past, and for more than 36 months."""

    now: datetime | None = told("What time it is for the installation, when all that was due is done.")


async def _advance(ask: Asking, given: AdvanceSandboxClockInput) -> AdvanceSandboxClockPayload:
    now = await sandbox_clock.advance(ask.room, ask.viewer, given.idempotency_key, given.by, given.to)
    return AdvanceSandboxClockPayload(now=now)


@strawberry.type
class ClockMutations:
    """About time."""

    advance_sandbox_clock: AdvanceSandboxClockPayload | None = mutation(
        _advance,
        "Sandbox only: moves the clock of the whole installation forward, so that renewals, dunning and expiry can be "
        "watched. What is due on the way is done at its time; sessions and idempotency keys do not grow old by it.",
        access=Permission.CHANGE_PLAN,
    )
