"""Mutations about how the subscription goes on."""

from typing import Any
from uuid import UUID

import strawberry

import models
from billing import cancellations
from billing.cancellations import Changed
from billing.change import Verb
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told
from schema.subscription import PlanSubscription

AS_IT_STANDS = "As it stands now."


@asked
class CancelSubscriptionInput:
    """Which subscription shall end."""

    organization_id: strawberry.ID = given("Whose.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class CancelSubscriptionPayload:
    """Errors: NOT_FOUND, NOTHING_TO_CANCEL; PAYMENT_IN_PROGRESS, of a purchase or of the renewal that is due."""

    subscription: PlanSubscription | None = told(AS_IT_STANDS)


async def _cancel(ask: Asking, given: CancelSubscriptionInput) -> CancelSubscriptionPayload:
    return CancelSubscriptionPayload(subscription=await _done(ask, cancellations.cancel, given))


@asked
class ResumeSubscriptionInput:
    """Which subscription shall go on."""

    organization_id: strawberry.ID = given("Whose.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class ResumeSubscriptionPayload:
    """Errors: NOT_FOUND, NOTHING_TO_RESUME, PAYMENT_IN_PROGRESS."""

    subscription: PlanSubscription | None = told(AS_IT_STANDS)


async def _resume(ask: Asking, given: ResumeSubscriptionInput) -> ResumeSubscriptionPayload:
    return ResumeSubscriptionPayload(subscription=await _done(ask, cancellations.resume, given))


@asked
class CancelScheduledChangeInput:
    """Whose change shall not come."""

    organization_id: strawberry.ID = given("Whose.")
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class CancelScheduledChangePayload:
    """Errors: NOT_FOUND, NOTHING_TO_CANCEL, PAYMENT_IN_PROGRESS."""

    subscription: PlanSubscription | None = told(AS_IT_STANDS)


async def _keep(ask: Asking, given: CancelScheduledChangeInput) -> CancelScheduledChangePayload:
    return CancelScheduledChangePayload(subscription=await _done(ask, cancellations.keep, given))


async def _done(ask: Asking, verb: Verb[[], Changed], given: Any) -> Any:
    organization: UUID = ask.organization(given.organization_id)
    done = await ask.perform(verb, organization, given.idempotency_key)
    return await ask.row(models.PlanSubscription, done.subscription_id)


@strawberry.type
class SubscriptionMutations:
    """About how the subscription goes on."""

    cancel_subscription: CancelSubscriptionPayload | None = mutation(
        _cancel, "Ends it when what is paid is over, a trial with the trial; drops what is scheduled.",
        of=cancellations.cancel,
    )  # fmt: skip
    resume_subscription: ResumeSubscriptionPayload | None = mutation(
        _resume, "Lets it go on, before it has ended.", of=cancellations.resume
    )
    cancel_scheduled_change: CancelScheduledChangePayload | None = mutation(
        _keep, "Drops what is scheduled; what runs goes on.", of=cancellations.keep
    )
