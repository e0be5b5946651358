"""The plan catalogue as an operator publishes it: what a seat costs from now on, and what a plan gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from billing.room import Room
from billing.rules.money import Money
from models import BillingInterval, Plan, PlanFeature, Price
from models.transactions import rows, transaction

# One at a time; who reads the catalogue meanwhile sees it as it was.
LOCK = "lock table plan in share row exclusive mode"


@dataclass(frozen=True)
class Feature:
    """What a plan gives; no limit is unlimited."""

    key: str
    name: str
    limit: int | None


@dataclass(frozen=True)
class Offered:
    """A plan with its present prices, one for each interval and currency."""

    key: str
    name: str
    description: str
    prices: Sequence[tuple[BillingInterval, Money]]
    features: Sequence[Feature]


@dataclass(frozen=True)
class Published:
    """How much became another: plans and prices that are new, and prices that were replaced."""

    plans: int
    prices: int
    replaced: int


async def publish(room: Room, offers: Sequence[Offered]) -> Published:
    """Offer exactly these prices for these plans, in this order; nothing changes for what is as it was.

    A running term keeps its price. What is not among them stays as it is.
    """
    return await transaction(lambda: _published(room, offers))


async def _published(room: Room, offers: Sequence[Offered]) -> Published:
    await rows(LOCK)
    known = {plan.key: plan for plan in await Plan.all()}
    prices = replaced = 0
    for position, offered in enumerate(offers):
        plan = await _plan(room, offered, position, known.get(offered.key))
        await _features(room, plan, offered.features)
        made, ended = await _prices(room, plan, offered.prices, after=prices)
        prices, replaced = prices + made, replaced + ended
    return Published(len({offered.key for offered in offers} - known.keys()), prices, replaced)


async def _plan(room: Room, offered: Offered, position: int, known: Plan | None) -> Plan:
    words: dict[str, Any] = {"name": offered.name, "description": offered.description, "position": position}
    if known is None:
        return await Plan.create(id=room.ids(room.clock()), key=offered.key, **words)
    await Plan.filter(id=known.id).update(**words)
    return known


async def _features(room: Room, plan: Plan, features: Sequence[Feature]) -> None:
    known = await PlanFeature.filter(plan_id=plan.id).order_by("position")
    if [Feature(one.key, one.name, one.limit_value) for one in known] == [*features]:
        return
    await PlanFeature.filter(plan_id=plan.id).delete()
    for position, feature in enumerate(features):
        await PlanFeature.create(
            id=room.ids(room.clock()),
            plan_id=plan.id,
            key=feature.key,
            name=feature.name,
            limit_value=feature.limit,
            position=position,
        )


async def _prices(
    room: Room, plan: Plan, prices: Sequence[tuple[BillingInterval, Money]], *, after: int
) -> tuple[int, int]:
    """How many are new, and how many of those replace one. The first price of all says the first currency."""
    made = ended = 0
    for interval, amount in prices:
        of: dict[str, Any] = {"plan_id": plan.id, "interval": interval, "currency": amount.currency}
        last = await Price.filter(**of).order_by("-version").first()
        if last and last.retired_at is None:
            if last.unit_amount == amount.amount:
                continue
            await Price.filter(id=last.id).update(retired_at=room.clock())
            ended += 1
        at = room.clock() + timedelta(microseconds=after + made)
        version = last.version + 1 if last else 1
        await Price.create(id=room.ids(at), **of, unit_amount=amount.amount, version=version, created_at=at)
        made += 1
    return made, ended
