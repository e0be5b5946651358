"""How an organization comes to be: somebody makes it, owns it, and stands on the free plan."""

import re
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from billing.answers import Answers
from billing.errors import Forbidden, InvalidInput, NameTaken, Refusal
from billing.limits import ORGANIZATION
from billing.names import named
from billing.organization_settings import AT_FIRST
from billing.personal import Account, personal
from billing.rights import unlimited
from billing.room import Room
from models import (
    Activity,
    ActivityKind,
    BillingInterval,
    BillingMode,
    Member,
    Metric,
    OrganizationSettings,
    PlanSubscription,
    Role,
    RoleGrant,
    SubscriptionStatus,
    UsageDay,
    User,
)
from models.transactions import rows
from models.viewer import Viewer

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
ADD = """
insert into organization (id, slug, name, created_at) values ($1, $2, $3, $4)
on conflict (slug) do nothing returning id
"""
# In the installation's first currency, as the catalogue shows it; a plan without a limit of seats begins with one.
FREE = """
select p.id as plan_id, r.id as price_id, r.currency, $2::timestamptz + interval '1 month' as next,
  coalesce((select f.limit_value from plan_feature f where f.plan_id = p.id and f.key = 'seats'), 1) as seats
from plan p join price r on r.plan_id = p.id
where p.key = 'free' and r.interval = $1 and r.retired_at is null
  and r.currency = (select currency from price order by created_at, id limit 1)
"""


@dataclass(frozen=True)
class Created:
    """The new organization."""

    organization_id: UUID


async def create(room: Room, viewer: Viewer, key: str, name: str, slug: str) -> Created:
    """An organization that the viewer owns. Raises Forbidden for nobody, and for a key that is not good for everything.

    Raises InvalidName, InvalidInput, NameTaken, RateLimited.
    """
    if viewer.user_id is None:
        raise Forbidden
    return await _created(room, {"id": viewer.user_id}, viewer, key, name, slug)


@personal
async def _created(account: Account, viewer: Viewer, key: str, name: str, slug: str) -> Created | Refusal:
    user = account.user
    if user is None or not await unlimited(viewer, account.now):
        raise Forbidden
    answers = Answers(account.room, user.id, None, key, ["create organization", name, slug])
    return await answers.once(Created, account.now, lambda: _create(account, user, name, slug))


async def _create(account: Account, user: User, name: str, slug: str) -> Created:
    called = named(name, "name")
    if not SLUG.fullmatch(slug):
        raise InvalidInput("slug")
    await account.room.limits.spend(ORGANIZATION, subject=str(user.id))
    made = account.room.ids(account.now)
    if not await rows(ADD, made, slug, called, account.now):
        raise NameTaken("slug")
    await _owned(account, made, user)
    await account.create(OrganizationSettings, organization_id=made, **AT_FIRST)
    await _subscribed(account, made)
    return Created(made)


async def _owned(account: Account, made: UUID, user: User) -> None:
    member = await account.create(Member, organization_id=made, user_id=user.id, joined_at=account.now)
    await account.create(
        RoleGrant,
        organization_id=made,
        user_id=user.id,
        role=Role.OWNER,
        member_id=member.id,
        since=account.now,
    )
    await account.create(
        Activity,
        organization_id=made,
        kind=ActivityKind.MEMBER_JOINED,
        subject=user.name,
        at=account.now,
        actor_id=user.id,
        acted_as=Role.OWNER,
    )


async def _subscribed(account: Account, made: UUID) -> None:
    """The free plan, where the catalogue has one."""
    for free in await rows(FREE, BillingInterval.MONTH, account.now):
        await account.create(
            PlanSubscription,
            organization_id=made,
            plan_id=free["plan_id"],
            price_id=free["price_id"],
            currency=free["currency"],
            status=SubscriptionStatus.ACTIVE,
            mode=BillingMode.FLEXIBLE,
            seats_purchased=free["seats"],
            seats_used=1,
            seats_reserved=0,
            anchor_at=account.now,
            current_period_start=account.now,
            current_period_end=free["next"],
            auto_renew=True,
            created_at=account.now,
        )
        today = account.now.astimezone(UTC).date()
        await account.create(UsageDay, organization_id=made, metric=Metric.SEATS, day=today, value=1)
