"""Where a query begins."""

from typing import Any

import strawberry

import models
from models.roles import Permission
from models.table import Row
from resolvers.catalogue import plans
from resolvers.loads import Reads
from schema import ids
from schema.declare import NOUNS, Made, NodeInterface, resolver
from schema.invitation import InvitationPreview, invitation
from schema.organization import Organization
from schema.payment import Gateway, gateway
from schema.plan import Plan
from schema.scalars import CurrencyCode
from schema.viewer import Viewer


async def viewer(_root: None, info: Any) -> Row | None:
    """The account of who asks."""
    reads: Reads = info.context
    if reads.viewer.user_id is None:
        return None
    return await reads.seen(models.User, reads.viewer.user_id, 0)


def organization(_root: None, info: Any, slug: str) -> Row | None:
    """Its row came with the viewer: known and unknown slugs cost the same."""
    standing = info.context.viewer.named(slug)
    return standing.organization if standing else None


async def node(_root: None, info: Any, id: str) -> Row | None:  # noqa: A002  # Relay's name
    """One answer for what is not there, is another's and is hidden."""
    reads: Reads = info.context
    prefix, key = ids.read(id) or ("", None)
    made = BY_PREFIX.get(prefix)
    if made is None or key is None:
        return None
    if made.table.noun == "Organization":
        standing = reads.viewer.standings.get(key)
        return standing.organization if standing else None
    return await reads.seen(made.table, key, _bit(made.access))


def _bit(access: Permission | None) -> int:
    return access.bit if access else 0


BY_PREFIX: dict[str, Made] = {made.prefix: made for made in NOUNS.values() if made.refetchable}


@strawberry.type(description="Where reading begins.")
class Query:
    """The roots; each is public, what they lead to is not."""

    viewer: Viewer | None = resolver(viewer, "The signed-in user; null when nobody is signed in.")
    organization: Organization | None = resolver(
        organization,
        "Null for an unknown slug and for an organization the viewer has no role in: the same answer.",
        takes={"slug": (str, "The name in its addresses.")},
    )
    node: NodeInterface | None = resolver(
        node,
        "Null for what does not exist and for what the viewer may not see: the same answer.",
        takes={"id": (strawberry.ID, "An id of any type.")},
    )
    gateway: Gateway = resolver(gateway, "What a page needs to collect a card.")
    invitation: InvitationPreview | None = resolver(
        invitation,
        "What the holder of an invitation's link may know before he accepts. Null for an unknown, expired, revoked or "
        "used link, and for another account: Invalid Invitation Link.",
        takes={"token": (str, "What the link ends in.")},
    )
    plans: list[Plan] = resolver(
        plans,
        "The plan catalogue, with the prices of one currency.",
        takes={"currency": (CurrencyCode | None, "Which prices; the installation's first if none is given.")},
    )
