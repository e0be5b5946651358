"""What is Stripe's own: its codes and amounts, cards that are set up, its events at our door."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import stripe
from graphql import graphql_sync
from starlette.applications import Starlette
from starlette.routing import Route

from billing.gateways.failures import Failure, Refused
from billing.gateways.gateway import ChargeStatus, Event, Gateway, GatewayRefused, GatewayUnavailable, Order
from billing.gateways.sandbox import Sandbox
from billing.gateways.stripe import SIGNATURE, Stripe, forgotten, opened
from billing.gateways.stripe_words import failure, money, units
from billing.room import Room, new_id
from billing.rules.money import Money
from billing.sealing import Sealer
from models.viewer import Viewer
from purser import gateways
from purser.settings import Settings
from purser.webhooks import Endpoint
from resolvers.cursors import Cursors
from resolvers.loads import Reads
from schema.build import build
from schema.views import Views
from tests.doubles import NOT_IN_LOCALSTRIPE, PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, LocalStripe, localstripe
from tests.keeping import keeping
from tests.sandboxes import EUR, THEN, receiving
from tests.servers import ROOT
from tests.shop import Shop
from tests.visitors import House


@pytest.fixture(scope="module")
def double() -> Iterator[LocalStripe]:
    with localstripe() as played:
        yield played


@pytest.fixture
async def gateway(double: LocalStripe) -> AsyncIterator[Gateway]:
    async with double.gateway() as opened_:
        yield opened_


def test_reason_of_a_failure_is_the_first_that_says_something() -> None:
    assert failure("insufficient_funds", "card_declined") is Failure.INSUFFICIENT_FUNDS
    assert failure("generic_decline", "card_declined") is Failure.CARD_DECLINED
    assert failure(None, "expired_card") is Failure.EXPIRED_CARD
    assert failure("stolen_card", "card_declined") is Failure.CARD_DECLINED  # not for the payer to know
    assert failure(None, "authentication_required") is Failure.AUTHENTICATION_REQUIRED
    assert failure(None, "incorrect_cvc") is Failure.INCORRECT_DETAILS
    assert failure() is Failure.CARD_DECLINED


@pytest.mark.parametrize(
    ("amount", "counted"),
    [
        (Money(1000, "EUR"), 1000),
        (Money(1000, "JPY"), 1000),
        (Money(1230, "KWD"), 1230),
        (Money(10, "ISK"), 1000),
        (Money(10, "UGX"), 1000),
        (Money(1000, "MGA"), 10),
    ],
)
def test_amount_is_counted_as_stripe_counts_it(amount: Money, counted: int) -> None:  # case 78
    assert units(amount) == counted
    assert money(counted, amount.currency.lower()) == amount


@pytest.mark.parametrize("amount", [Money(1234, "KWD"), Money(1050, "MGA")])
def test_amount_that_stripe_cannot_count_is_refused(amount: Money) -> None:
    with pytest.raises(GatewayRefused, match="invalid_amount"):
        units(amount)


async def test_card_that_cannot_be_set_up_is_refused(double: LocalStripe, gateway: Gateway) -> None:
    with pytest.raises(GatewayRefused, match="card_declined"):
        await gateway.add(None, "Acme", await double._made("4000000000000002"), str(uuid4()))


async def test_bank_may_want_to_see_the_payer_before_a_card_is_kept(double: LocalStripe, gateway: Gateway) -> None:
    method = await gateway.add(None, "Acme", await double.asking(), str(uuid4()))
    assert method.action
    assert method.action.client_secret
    with pytest.raises(GatewayRefused, match="not_found"):
        await gateway.method(method.reference)


async def test_wrong_key_is_a_matter_of_the_operator(double: LocalStripe) -> None:
    async with opened("wrong", PUBLISHABLE_KEY, WEBHOOK_SECRET, double.url) as gateway:
        with pytest.raises(GatewayUnavailable, match="AuthenticationError"):
            await gateway.found("pi_1")


async def test_event_that_comes_twice_is_handed_on_twice(double: LocalStripe, gateway: Gateway) -> None:  # case 97
    heard: list[Event] = []

    async def hear(event: Event) -> None:
        heard.append(event)

    async with receiving() as receiver, at_the_door(gateway, hear) as door:
        await double.send_to(receiver.url)
        method = await gateway.add(None, "Acme", await double.good(), str(uuid4()))
        order = Order(str(uuid4()), EUR, method.reference, method.customer, on_session=True, return_url="")
        charge = await gateway.charge(order)
        body, headers = await receiver.find(charge.reference)
        for header, status in [(headers[SIGNATURE], 200), (headers[SIGNATURE], 200), ("t=1,v1=0", 400), ("", 400)]:
            answer = await door.post("/webhooks/stripe", content=body, headers={SIGNATURE: header})
            assert (answer.status_code, answer.text) == (status, "")
    assert [event.charge for event in heard] == [charge.reference] * 2
    assert heard[0] == heard[1]


def at_the_door(gateway: Gateway, hear: object) -> httpx.AsyncClient:
    endpoint = Endpoint(gateway, hear).__call__  # type: ignore[arg-type]  # as above
    app = Starlette(routes=[Route("/webhooks/{gateway}", endpoint, methods=["POST"])])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://purser")


async def test_old_signature_is_wrong(gateway: Gateway) -> None:
    body = '{"id": "evt_1", "object": "event", "type": "charge.refunded", "created": 1, "data": {"object": {}}}'
    old = int((datetime.now(UTC) - timedelta(minutes=6)).timestamp())
    header = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, old)
    async with at_the_door(gateway, None) as door:
        answer = await door.post("/webhooks/stripe", content=body, headers={SIGNATURE: header})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("subject", "charge"),
    [
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, "pi_1"),
        ({"object": "payment_intent", "id": "pi_2"}, "pi_2"),
        ({"object": "charge", "id": "ch_1", "payment_intent": None}, None),
        ({"object": "customer", "id": "cus_1"}, None),
    ],
)
async def test_event_names_the_charge_that_it_is_about(
    gateway: Gateway, subject: dict[str, str], charge: str | None
) -> None:
    told = {
        "id": "evt_1",
        "object": "event",
        "type": "of.some.kind",
        "created": 1_700_000_000,
        "data": {"object": subject},
    }
    body = httpx.Request("POST", "http://x", json=told).content
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), WEBHOOK_SECRET)
    event = gateway.event(body, {SIGNATURE: header}, datetime.now(UTC))
    assert event == Event("evt_1", "of.some.kind", datetime.fromtimestamp(1_700_000_000, UTC), charge)


async def test_settings_choose_the_gateway(tmp_path: Path) -> None:
    keys = {
        "stripe_secret_key": SECRET_KEY,
        "stripe_publishable_key": PUBLISHABLE_KEY,
        "stripe_webhook_secret": WEBHOOK_SECRET,
    }
    async with gateways.chosen(Settings(gateway="stripe", **keys), lambda: THEN) as chosen:  # type: ignore[arg-type]
        assert isinstance(chosen, Stripe)
        assert chosen.publishable_key == PUBLISHABLE_KEY
    async with gateways.chosen(Settings(data_dir=tmp_path), lambda: THEN) as chosen:
        assert isinstance(chosen, Sandbox)
        with pytest.raises(GatewayUnavailable):
            await chosen.found("ch_1")


def test_what_localstripe_cannot_do_is_listed() -> None:
    text = (ROOT / "docs" / "gateways.md").read_text()
    assert [gap for gap in NOT_IN_LOCALSTRIPE.values() if gap not in text] == []


def test_every_code_is_documented() -> None:
    text = (ROOT / "docs" / "gateways.md").read_text()
    assert [code for code in (*Failure, *Refused) if f"| `{code}` |" not in text] == []


@pytest.mark.parametrize(
    ("gateway", "told"),
    [
        (Sandbox(lambda: None, b"", lambda: THEN, httpx.AsyncClient()), {"kind": "SANDBOX", "publishableKey": None}),
        (Stripe(stripe.StripeClient("sk_test_1"), "", "pk_test_1"), {"kind": "STRIPE", "publishableKey": "pk_test_1"}),
        (None, {"kind": "TRANSFER", "publishableKey": None}),
    ],
    ids=["sandbox", "stripe", "none"],
)
def test_page_is_told_what_it_needs_to_collect_a_card(gateway: Gateway | None, told: dict[str, str | None]) -> None:
    schema = build()
    room = Room(Sealer(b"of a test"), gateway=gateway)
    reads = Reads(None, Viewer(), room, Cursors(b"of a test"))  # type: ignore[arg-type]  # nothing is read
    result = graphql_sync(Views(schema).of(0), "{ gateway { kind publishableKey } }", context_value=reads)
    assert (result.data, result.errors) == ({"gateway": told}, None)


async def test_repeat_is_answered_as_things_stand_now(double: LocalStripe) -> None:  # case 83
    async with keeping(double) as (stripes, _), stripes.gateway() as gateway:
        method = await gateway.add(None, "Acme", await double.good(), "the card")
        assert await gateway.add(None, "Acme", method.reference, "another") != method
        wanted = Order(str(uuid4()), EUR, method.reference, method.customer, on_session=True, return_url="")
        first = await gateway.charge(wanted)
        assert await gateway.charge(wanted) == first
        with pytest.raises(GatewayRefused, match="idempotency_conflict"):
            await gateway.charge(replace(wanted, amount=Money(1001, "EUR")))
        once = [await gateway.refund(first.reference, Money(300, "EUR"), "back") for _ in range(2)]
        assert once[0] == once[1]


async def test_repeat_after_the_payer_has_acted_tells_that_it_succeeded(double: LocalStripe) -> None:  # case 83
    async with keeping(double) as (stripes, _), stripes.gateway() as gateway:
        wanted = Order(str(uuid4()), EUR, await double.asking(), None, on_session=True, return_url="")
        waiting = await gateway.charge(wanted)
        assert waiting.status is ChargeStatus.REQUIRES_ACTION
        await double.act(waiting, approve=True)
        repeated = await gateway.charge(wanted)
        assert (repeated.reference, repeated.status) == (waiting.reference, ChargeStatus.SUCCEEDED)


async def test_repeat_of_a_decline_is_the_same_decline(double: LocalStripe) -> None:
    async with keeping(double) as (stripes, _), stripes.gateway() as gateway:
        method = await gateway.add(None, "Acme", await double.declined(), str(uuid4()))
        wanted = Order(str(uuid4()), EUR, method.reference, method.customer, on_session=False, return_url="")
        first = await gateway.charge(wanted)
        assert first.failure_code == "card_declined"
        assert await gateway.charge(wanted) == first


async def test_payment_whose_key_was_forgotten_is_not_taken_again(double: LocalStripe) -> None:  # case 83
    async with keeping(double) as (stripes, keeper), stripes.gateway() as gateway:
        method = await gateway.add(None, "Acme", await double.good(), str(uuid4()))
        old = f"{uuid4()}.{new_id(datetime.now(UTC) - timedelta(days=3))}"  # as settlement has it
        wanted = Order(old, EUR, method.reference, method.customer, on_session=False, return_url="")
        charge = await gateway.charge(wanted)  # made as late as this
        keeper.kept.clear()
        assert await gateway.charge(wanted) == charge


def test_only_the_id_of_an_old_payment_is_looked_for() -> None:
    now = datetime.now(UTC)
    assert forgotten(str(new_id(now - timedelta(hours=24))), now)
    assert forgotten(f"{new_id(now)}.{new_id(now - timedelta(hours=24))}", now)
    assert not forgotten(f"{new_id(now - timedelta(hours=24))}.{new_id(now)}", now)
    assert not forgotten(str(new_id(now - timedelta(hours=22))), now)
    assert not forgotten(str(uuid4()), now)
    assert not forgotten("' OR status:'succeeded", now)


@pytest.mark.parametrize("metadata", [{}, {"payment": f"{uuid4()}.{uuid4()}"}], ids=["another's", "a sister's"])
async def test_intent_that_was_not_made_here_is_let_be(  # case 97
    double: LocalStripe, shop: Shop, metadata: dict[str, str]
) -> None:
    async with double.gateway() as gateway:
        house = House(shop.home.ground, shop.home.clock, gateway=gateway)
        wanted = {"amount": 1000, "currency": "eur", "payment_method_types": ["card"], "metadata": metadata}
        made = (await double._ask("/v1/payment_intents", wanted)).json()
        assert made["status"] == "requires_payment_method"
        told = {"id": "evt_1", "object": "event", "type": "payment_intent.created", "created": 1_700_000_000}
        body = httpx.Request("POST", "http://x", json=told | {"data": {"object": made}}).content
        header = stripe.WebhookSignature.generate_signature_header(body.decode(), WEBHOOK_SECRET)
        async with house.visit() as browser:
            answer = await browser.post("/webhooks/stripe", content=body, headers={SIGNATURE: header})
        assert answer.status_code == 200
        stands = await gateway._stripe.payment_intents.retrieve_async(made["id"])  # type: ignore[attr-defined]
        assert stands.status == "requires_payment_method"
