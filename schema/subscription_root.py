"""Where listening begins: hints that something changed, for whom may know of it."""

from datetime import datetime
from typing import Any

import strawberry
from graphql import GraphQLError

from billing.errors import NotFound
from models.changes import NEEDS, ChangeKind
from resolvers.changes import Hearing, Stream
from schema import ids
from schema.access import needing
from schema.declare import NOUNS, resolver, value
from schema.enums import described

described(
    ChangeKind,
    PLAN="The plan, its seats or its period.",
    PAYMENT_METHODS="What is paid with.",
    PAYMENTS="Money that moved, or that waits to be spent.",
    INVOICES="Invoices, or the billing profile.",
    BILLING_MANAGERS="Billing managers, or their invitations.",
    MEMBERS="The people of the organization, or their invitations.",
    TEAMS="Teams, or who is in them.",
    PROJECTS="Projects.",
)
HIDDEN = {ChangeKind.MEMBERS, ChangeKind.TEAMS, ChangeKind.PROJECTS}
_kinds: Any = ChangeKind
for _value in _kinds.__strawberry_definition__.values:
    _value.directives = tuple(needing(NEEDS[_value.value] if _value.value in HIDDEN else None))


@value
class OrganizationChange:
    """A hint to ask again: what changed is not said here."""

    kind: ChangeKind = strawberry.field(description="What to ask for again.")
    at: datetime = strawberry.field(description="When it changed.")


def organization_changed(_root: None, info: Any, **given: str) -> Stream:
    """Its stream judges each event. Raises one error for unknown and foreign organizations."""
    reads: Hearing = info.context
    prefix, key = ids.read(given["organizationId"]) or ("", None)
    if prefix != NOUNS["Organization"].prefix or key is None or key not in reads.viewer.standings:
        raise GraphQLError(NotFound.message, extensions={"code": "NOT_FOUND"})
    return reads.stream(key)


@strawberry.type(description="Where listening begins.")
class Subscription:
    """Each field gives a stream, which judges for itself."""

    organization_changed: OrganizationChange = resolver(
        organization_changed,
        "What changed, as a hint to ask again; rights are read anew for each event; completes when the viewer loses "
        "his role.",
        takes={"organizationId": (strawberry.ID, "Which organization.")},
    )
