"""The story of a purchase with Stripe's double behind our own API: card, price, payment, decline, refund, events."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from billing import refunds
from billing.gateways.stripe import SIGNATURE
from billing.rules.money import Money
from tests import books
from tests.accounts import FIRST
from tests.company import ACME
from tests.doubles import LocalStripe, localstripe
from tests.keeping import keeping
from tests.sandboxes import Receiver, receiving
from tests.shop import Shop
from tests.visitors import House

CARD = "paymentMethod { id brand last4 isDefault } nextAction { kind clientSecret }"


@pytest.fixture(scope="module")
def double() -> Iterator[LocalStripe]:
    with localstripe() as played:
        yield played


@pytest.fixture
async def store(shop: Shop, double: LocalStripe) -> AsyncIterator[Shop]:
    """The shop, with Stripe in the sandbox's place."""
    async with keeping(double) as (stripes, _), stripes.gateway() as gateway:
        shop.home = House(shop.home.ground, shop.home.clock, gateway=gateway)
        async with shop.home.visit() as shop._browser:
            yield shop


@pytest.fixture
async def receiver(double: LocalStripe) -> AsyncIterator[Receiver]:
    async with receiving() as taking:
        await double.send_to(taking.url)
        yield taking


async def add(store: Shop, token: str) -> Any:
    return await store.done("clerk", "addPaymentMethod", CARD, organizationId=ACME, gatewayToken=token)


async def reference(store: Shop) -> str:
    """Of the last payment, at Stripe."""
    query = "select gateway_reference from payment where organization_id = $1 order by created_at desc, id desc limit 1"
    return str((await store.rows(query))[0]["gateway_reference"])


async def tell(store: Shop, body: bytes, header: str) -> int:
    """The status of what is answered to an event."""
    return (await store._browser.post("/webhooks/stripe", content=body, headers={SIGNATURE: header})).status_code


async def test_what_is_quoted_is_charged_at_stripe_and_told_twice_it_is_one_payment(
    store: Shop, double: LocalStripe, receiver: Receiver
) -> None:
    added = await add(store, await double.good())
    assert added["paymentMethod"] | {"id": ""} == {"id": "", "brand": "visa", "last4": "4242", "isDefault": True}
    assert added["nextAction"] is None
    quote = await store.quote(planId=store.plan("professional"), seats=10)
    done = await store.apply(quote)
    assert (done["errors"], done["payment"]["status"], done["invoice"]["status"]) == ([], "SUCCEEDED", "PAID")
    assert done["payment"]["amount"] == quote["dueNow"] == done["invoice"]["total"]
    body, headers = await receiver.find(await reference(store))
    assert await tell(store, body.replace(b"succeeded", b"succeedeD"), headers[SIGNATURE]) == 400
    assert await tell(store, body, "t=1,v1=0") == 400
    assert [await tell(store, body, headers[SIGNATURE]) for _ in range(2)] == [200, 200]  # case 97
    assert len(await store.rows("select from payment where organization_id = $1")) == 1
    assert len(await store.rows("select from invoice where organization_id = $1")) == 1
    await books.balanced(store.home.ground.connection)


async def test_a_card_that_stripe_declines_leaves_everything_and_another_one_pays(  # case 82
    store: Shop, double: LocalStripe
) -> None:
    await add(store, await double.declined())
    quote, before = await store.quote(planId=store.plan("professional"), seats=10), await store.subscription()
    declined = await store.apply(quote)
    assert [one["code"] for one in declined["errors"]] == ["PAYMENT_DECLINED"]
    assert (declined["payment"]["status"], declined["payment"]["failureCode"]) == ("FAILED", "card_declined")
    assert await store.subscription() == before
    good = await add(store, await double.good())
    paid = await store.apply(quote, paymentMethodId=good["paymentMethod"]["id"])
    assert (paid["errors"], paid["payment"]["status"]) == ([], "SUCCEEDED")


async def test_the_plan_changes_when_stripes_event_says_that_the_payer_acted(
    store: Shop, double: LocalStripe, receiver: Receiver
) -> None:
    method = (await add(store, await double.good()))["paymentMethod"]["id"]
    asking = await double.asking()
    await store.rows(f"update payment_method set gateway_reference = '{asking}' where organization_id = $1")  # noqa: S608  # of the double
    done = await store.apply(await store.quote(planId=store.plan("professional"), seats=10), paymentMethodId=method)
    assert (done["payment"]["status"], done["subscription"]["plan"]["key"]) == ("REQUIRES_ACTION", "free")
    room, charged = store.home.server.room, await reference(store)
    assert room.gateway
    receiver.taken.clear()
    await double.act(await room.gateway.found(charged), approve=True)
    body, headers = await receiver.find(charged)
    assert json.loads(body)["type"] == "payment_intent.succeeded"
    assert await tell(store, body, headers[SIGNATURE]) == 200
    assert (await store.subscription())["seats_purchased"] == 10
    ((status, number),) = await store.rows(
        "select status, (select count(*) from invoice) from payment where organization_id = $1"
    )
    assert (status, number) == ("SUCCEEDED", 1)


async def test_a_part_goes_back_by_stripe_with_a_credit_note(store: Shop, double: LocalStripe) -> None:  # case 89
    await add(store, await double.good())
    done = await store.apply(await store.quote(planId=store.plan("professional"), seats=10))
    room, ((payment,),) = store.home.server.room, await store.rows("select id from payment where organization_id = $1")
    begun = await refunds.ask(room, None, FIRST, None, payment, Money(1000, "EUR"), None)
    assert await refunds.settle(room, FIRST, begun.refund_id) == "SUCCEEDED"
    assert await refunds.settle(room, FIRST, begun.refund_id) == "SUCCEEDED"
    query = """
    select r.amount, r.gateway_reference is not null, n.total
    from refund r join credit_note n on n.id = r.credit_note_id where r.organization_id = $1
    """
    assert [tuple(row) for row in await store.rows(query)] == [(1000, True, 1000)]
    assert done["payment"]["amount"]["amount"] > 1000
