"""How often cards are tried and prices are asked for: thieves try stolen cards wherever a charge costs them nothing."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from billing.limits import CHARGING, CHARGING_BY_ONE, LOOKING_AT_METHODS, QUOTING, Limit
from schema import ids
from tests.accounts import FIRST
from tests.company import ACME
from tests.sandboxes import Process
from tests.shop import Shop, query
from tests.shop import shop as opened
from tests.test_invoice_requests import request, year
from tests.visitors import Ground

LIMITED = ["RATE_LIMITED"]
COUNTS = "select (select count(*) from payment), (select count(*) from quote), (select count(*) from stored_answer)"


@pytest.fixture
async def shop(place: Ground, sandbox: Process) -> AsyncIterator[Shop]:
    """With the limits that people have."""
    async with opened(place, sandbox, often=1) as made:
        yield made


async def used(shop: Shop, limit: Limit, subject: UUID, *, left: int = 0) -> None:
    """All attempts but so many."""
    allowed = int((limit.by_subject or "").split()[0])
    await shop.home.server.room.limits.spend(limit, subject=str(subject), cost=allowed - left)


def codes(payload: Any) -> list[str]:
    return [one["code"] for one in payload["errors"]]


async def counts(shop: Shop) -> Any:
    return await shop.home.ground.connection.fetchrow(COUNTS)


async def user(shop: Shop, name: str) -> UUID:
    found: UUID = await shop.home.value("select id from user_account where email like $1", f"{name}@%")
    return found


async def test_cards_are_added_so_often_an_hour_and_no_more(shop: Shop) -> None:
    asked = {"organizationId": ACME, "gatewayToken": "tok_nothing"}
    found = [await shop.codes("clerk", "addPaymentMethod", **asked) for _ in range(51)]
    assert found == [["INVALID_PAYMENT_METHOD"]] * 50 + [LIMITED]


async def test_cards_are_charged_so_often_an_hour_and_no_more(shop: Shop) -> None:
    await shop.card("tok_declined")
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    found = [codes(await shop.apply(quote, idempotencyKey=f"key {turn}")) for turn in range(31)]
    assert found == [["PAYMENT_DECLINED"]] * 30 + [LIMITED]
    before, row = await counts(shop), await shop.subscription()
    assert codes(await shop.apply(quote, "owner")) == LIMITED  # cards are the organization's
    assert (await counts(shop), await shop.subscription()) == (before, row)
    assert codes(await shop.apply(quote, idempotencyKey="key 3")) == ["PAYMENT_DECLINED"]  # what was answered stands
    shop.home.clock.go(hours=1)
    again = await shop.quote(planId=shop.plan("professional"), seats=10)
    assert codes(await shop.apply(again, idempotencyKey="key 30")) != LIMITED


async def test_an_attempt_that_was_one_too_many_may_be_repeated_with_its_key(shop: Shop) -> None:
    await shop.card()
    await used(shop, CHARGING, FIRST)
    shop.home.clock.go(minutes=50)
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    assert codes(await shop.apply(quote, idempotencyKey="again")) == LIMITED
    shop.home.clock.go(minutes=10)
    assert codes(await shop.apply(quote, idempotencyKey="again")) == []


async def test_one_person_tries_cards_no_more_often_in_many_organizations(shop: Shop) -> None:
    await shop.card("tok_declined")
    await used(shop, CHARGING_BY_ONE, await user(shop, "clerk"))
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    assert codes(await shop.apply(quote)) == LIMITED
    assert codes(await shop.apply(quote, "owner")) == ["PAYMENT_DECLINED"]


async def test_an_invoice_is_paid_by_card_so_often_and_by_the_worker_always(shop: Shop) -> None:
    await shop.buy_plan("professional", 6)
    await shop.card("tok_declined")
    invoice = (await request(shop, await year(shop)))["invoice"]["id"]
    await used(shop, CHARGING, FIRST, left=2)  # one was for the plan
    assert await shop.codes("clerk", "payInvoice", invoiceId=invoice) == ["PAYMENT_DECLINED"]
    assert await shop.codes("clerk", "payInvoice", invoiceId=invoice) == LIMITED
    assert await shop.codes("owner", "payInvoice", invoiceId=invoice) == LIMITED


async def test_a_card_is_looked_at_so_often_and_a_repeat_is_answered_all_the_same(shop: Shop) -> None:
    method = ids.write("pm", await shop.card())
    asked = {"paymentMethodId": method, "refresh": True}
    assert await shop.codes("clerk", "updatePaymentMethod", **asked, idempotencyKey="first") == []
    await used(shop, LOOKING_AT_METHODS, FIRST, left=1)
    assert await shop.codes("clerk", "updatePaymentMethod", **asked, billingName="Ann") == LIMITED
    assert await shop.codes("clerk", "updatePaymentMethod", **asked, idempotencyKey="first") == []
    assert await shop.rows("select 1 from payment_method where organization_id = $1 and billing_name = 'Ann'") == []
    assert await shop.codes("clerk", "updatePaymentMethod", paymentMethodId=method, billingName="Ann") == []


async def test_prices_are_asked_for_so_often_a_minute(shop: Shop) -> None:
    await used(shop, QUOTING, FIRST, left=1)
    stale = await shop.quote(planId=shop.plan("professional"), seats=10)
    before = await counts(shop)
    assert await shop.unquoted(planId=shop.plan("basic"), seats=8) == [("RATE_LIMITED", None)]
    shop.home.clock.go(seconds=59)
    await shop.card()
    await shop.credit(100)  # another price
    done = await shop.apply(stale)
    assert (codes(done), done["quote"]) == (["QUOTE_STALE"], None)
    assert (await counts(shop))[:2] == before[:2]
    shop.home.clock.go(seconds=1)
    assert await shop.quote(planId=shop.plan("basic"), seats=8)


async def test_who_may_not_pay_learns_nothing_of_how_often_others_did(shop: Shop) -> None:
    await shop.card()
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)

    async def answers() -> list[Any]:
        asked = {
            "applyQuote": {"quoteId": quote["id"], "idempotencyKey": "key"},
            "quoteSubscriptionChange": {"organizationId": ACME, "seats": 8},
        }
        people = ("member", "stranger")
        return [
            await shop.post(who, query(name, "__typename"), input=given)
            for who in people
            for name, given in asked.items()
        ]

    before = await answers()
    await used(shop, CHARGING, FIRST)
    await used(shop, QUOTING, FIRST, left=1)
    assert await answers() == before
