"""Idempotency keys of what costs money, with a gateway behind it: the same request has one effect and one outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from schema import ids
from tests.accounts import FIRST
from tests.company import ACME, mutation
from tests.sandboxes import Process
from tests.shop import Shop, shop
from tests.test_invoice_payments import owing
from tests.test_payment_methods import add
from tests.visitors import Ground

Given = dict[str, Any]
# Tables that remember what was done, by what a change writes at least.
WRITTEN = ("billing_activity", "job", "payment_method", "payment", "invoice", "ledger_posting", "billing_profile")
WHERE: Given = {"organizationId": ACME}


@dataclass(frozen=True)
class Case:
    """A request that succeeds: `given` makes what it needs; `other` is another body for the same key."""

    selection: str
    given: Callable[[Shop], Awaitable[Given]]
    other: Given = field(default_factory=dict)


def like(identity: str) -> str:
    """Another id of the same kind."""
    return f"{identity[:-1]}z"


async def quoted(shop: Shop) -> Given:
    await shop.card()
    return {"quoteId": (await shop.quote(planId=shop.plan("professional"), seats=10))["id"]}


async def asked(shop: Shop) -> Given:
    return {**WHERE, **await quoted(shop)}


async def adding(_: Shop) -> Given:
    return {**WHERE, "gatewayToken": "tok_visa"}


async def second(shop: Shop) -> Given:
    await add(shop)
    return {"paymentMethodId": (await add(shop, "tok_amex"))["id"]}


async def updating(shop: Shop) -> Given:
    return await second(shop) | {"makeDefault": True, "refresh": True}


async def invoiced(shop: Shop) -> Given:
    return {"invoiceId": ids.write("inv", await owing(shop))}


async def bought(shop: Shop) -> Given:
    await shop.buy_plan("professional", 10)
    return WHERE


async def canceled(shop: Shop) -> Given:
    await shop.done("clerk", "cancelSubscription", **await bought(shop))
    return WHERE


async def scheduled(shop: Shop) -> Given:
    await bought(shop)
    await shop.apply(await shop.quote(planId=shop.plan("basic")))
    return WHERE


async def profile(_: Shop) -> Given:
    return {**WHERE, "email": "invoices@acme.test", "country": "DE"}


STANDS = "subscription { autoRenew cancelAt scheduledChange { id } }"
PM = like(ids.write("pm", ids.read(ACME)[1]))  # type: ignore[index]  # it is one
CASES: dict[str, Case] = {
    "applyQuote": Case(
        "quote { id } payment { id status } invoice { number }", quoted, {"quoteId": PM.replace("pm", "quote")}
    ),
    "addPaymentMethod": Case("paymentMethod { id isDefault }", adding, {"gatewayToken": "tok_amex"}),
    "updatePaymentMethod": Case("paymentMethod { id isDefault }", updating, {"makeDefault": False}),
    "removePaymentMethod": Case("removedPaymentMethodId", second, {"turnOffRenewal": True}),
    "payInvoice": Case("invoice { id status } payment { id status }", invoiced, {"invoiceId": PM.replace("pm", "inv")}),
    "requestInvoice": Case("invoice { number status } transferReference", asked, {"purchaseOrder": "PO-2"}),
    "cancelSubscription": Case(STANDS, bought),
    "resumeSubscription": Case(STANDS, canceled),
    "cancelScheduledChange": Case(STANDS, scheduled),
    "updateBillingProfile": Case("billingProfile { email country }", profile, {"country": "FR"}),
}


async def written(shop: Shop) -> list[Any]:
    """How much there is, and how it stands."""
    counts = ", ".join(f"(select count(*) from {table})" for table in WRITTEN)  # noqa: S608  # our own names
    (row,) = await shop.rows(f"select {counts} where $1::uuid is not null")
    stands = await shop.subscription()
    return [*row, stands["auto_renew"], stands["seats_purchased"]]


@pytest.mark.parametrize("verb", CASES)
async def test_the_same_request_has_one_effect_and_one_outcome(place: Ground, sandbox: Process, verb: str) -> None:
    # case 44, case 82
    case = CASES[verb]
    async with shop(place, sandbox) as opened:
        given = await case.given(opened) | {"idempotencyKey": "one"}
        before = await written(opened)
        first = await opened.done("clerk", verb, case.selection, **given)
        after = await written(opened)
        assert after != before
        opened.home.clock.go(hours=23)
        assert await opened.do("clerk", verb, case.selection, **given) == first
        if case.other:
            assert await opened.codes("clerk", verb, **given | case.other) == ["IDEMPOTENCY_CONFLICT"]
        assert await written(opened) == after
    # case 101
    async with shop(place, sandbox) as opened:
        given = await case.given(opened) | {"idempotencyKey": "one"}
        answers = await asyncio.gather(*(opened.done("clerk", verb, case.selection, **given) for _ in range(4)))
        assert all(one == answers[0] for one in answers)
        assert await written(opened) == after


@pytest.mark.parametrize("verb", CASES)
async def test_who_may_do_it_elsewhere_alone_is_refused_here(place: Ground, sandbox: Process, verb: str) -> None:
    async with shop(place, sandbox) as opened:
        given = await CASES[verb].given(opened) | {"idempotencyKey": "one"}
        before = await written(opened)
        # The owner of the other organization is a member here.
        await opened.rows(
            "delete from role_grant where organization_id = $1 and user_id = $2 and role = 'OWNER'", "owner"
        )
        await opened.home.execute(
            "insert into role_grant (id, organization_id, user_id, role, member_id, since)"
            " select $2, organization_id, user_id, 'MEMBER', id, joined_at from member"
            " where user_id = $1 and organization_id = $3",
            opened.users["owner"],
            opened.accounts.new(),
            FIRST,
        )
        if "organizationId" in given:
            assert await opened.refused("owner", mutation(verb), input=given) == {"FORBIDDEN"}
        else:  # what he may not see is not there
            assert await opened.codes("owner", verb, **given) == ["NOT_FOUND"]
        assert await written(opened) == before
