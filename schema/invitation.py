"""An invitation's link, to whoever holds it."""

from datetime import datetime
from typing import Any

import strawberry

from billing.acceptance import Preview, preview
from billing.errors import Refusal
from billing.limits import INVITATION_LINK
from resolvers.loads import Reads
from schema.declare import value
from schema.refused import refused


@value
class InvitationPreview:
    """What one may know before one accepts."""

    organization_name: str = strawberry.field(description="Who invites.")
    masked_email: str = strawberry.field(description="Whom: as much of the address as its owner recognizes.")
    expires_at: datetime = strawberry.field(description="From this instant on the link is good no more.")


async def invitation(_root: None, info: Any, token: str) -> Preview | None:
    """A look changes nothing, but counts: who guesses is slowed down."""
    reads: Reads = info.context
    try:
        await reads.room.limits.spend(INVITATION_LINK, client=reads.client.address)
    except Refusal as refusal:
        raise refused(refusal) from None
    return await preview(reads.room, reads.viewer, token)
