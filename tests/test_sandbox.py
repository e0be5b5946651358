"""The sandbox misbehaves exactly as its cards say, and forgets nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser

from billing.gateways.gateway import (
    Charge,
    ChargeStatus,
    GatewayRefused,
    GatewayUnavailable,
    Method,
    Order,
    WrongSignature,
)
from billing.gateways.sandbox import Sandbox
from billing.gateways.sandbox import sandbox as opened
from billing.gateways.signatures import HEADER, derived, signed
from billing.rules.money import Money
from purser.sandbox.cards import KINDS
from tests.sandboxes import EUR, SHORT, THEN, Process, Receiver, clicked, receiving, running, seen
from tests.servers import PATIENCE, ROOT, SECRET

BACK = "http://127.0.0.1:1/plans"
DOCUMENT = ROOT / "docs" / "gateways.md"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with running(tmp_path_factory.mktemp("sandbox")) as started:
        yield started


@pytest.fixture
async def gateway(process: Process) -> AsyncIterator[Sandbox]:
    async with process.gateway() as opened:
        yield opened


@pytest.fixture
async def receiver(process: Process) -> AsyncIterator[Receiver]:
    """Takes the events of a test, and none of those before."""
    async with receiving() as before:
        await process.ask("PUT", "/v1/webhook", url=before.url)
        await process.ask("POST", "/v1/hasten")
        async with receiving() as receiver:
            await process.ask("PUT", "/v1/webhook", url=receiver.url)
            yield receiver


def key() -> str:
    return str(uuid4())


async def card(gateway: Sandbox, token: str) -> Method:
    return await gateway.add(None, "Acme", token, key())


def order(method: Method, amount: Money = EUR, *, on_session: bool = True) -> Order:
    return Order(key(), amount, method.reference, method.customer, on_session, BACK)


async def charged(gateway: Sandbox, token: str, *, on_session: bool = True) -> Charge:
    return await gateway.charge(order(await card(gateway, token), on_session=on_session))


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("tok_declined", "card_declined"),
        ("tok_insufficient_funds", "insufficient_funds"),
        ("tok_incorrect_details", "incorrect_details"),
        ("tok_processing_error", "processing_error"),
        ("tok_expired", "expired_card"),
    ],
)
async def test_card_that_can_be_added_and_not_charged(gateway: Sandbox, token: str, code: str) -> None:
    charge = await charged(gateway, token)
    assert (charge.status, charge.failure_code) == (ChargeStatus.FAILED, code)


async def test_card_that_is_declined_later_pays_once(gateway: Sandbox) -> None:
    method = await card(gateway, "tok_decline_later")
    assert (await gateway.charge(order(method))).status is ChargeStatus.SUCCEEDED
    assert (await gateway.charge(order(method))).failure_code == "card_declined"
    assert (await charged(gateway, "tok_decline_later")).status is ChargeStatus.SUCCEEDED  # another one


async def test_the_name_of_a_demo_charge_stands_for_what_was_taken(gateway: Sandbox) -> None:  # case 89
    name = f"ch_demo_1000_EUR_{uuid4().hex}"
    found = await gateway.found(name)
    assert (found.status, found.amount) == (ChargeStatus.SUCCEEDED, EUR)
    assert (await gateway.refund(name, Money(400, "EUR"), key())).amount == Money(400, "EUR")
    with pytest.raises(GatewayRefused, match="refund_too_large"):
        await gateway.refund(name, Money(601, "EUR"), key())
    for other in (f"ch_demo_0_EUR_{uuid4().hex}", f"ch_demo_{uuid4().hex}", "ch_demo_10_eur_1"):
        with pytest.raises(GatewayRefused, match="not_found"):
            await gateway.found(other)


async def test_token_chooses_expiry_and_digits(gateway: Sandbox) -> None:
    method = await card(gateway, "tok_mastercard?exp=2027-03&last4=1881")
    assert (method.card.brand, method.card.last4) == ("mastercard", "1881")
    assert (method.card.exp_year, method.card.exp_month) == (2027, 3)


async def test_card_expires_by_the_clock_of_who_asks(process: Process) -> None:  # case 84
    at = [datetime(2027, 3, 31, 23, 59, tzinfo=UTC)]
    async with process.gateway(lambda: at[0]) as gateway:
        method = await card(gateway, "tok_visa?exp=2027-03")
        assert (await gateway.charge(order(method))).status is ChargeStatus.SUCCEEDED
        at[0] += timedelta(minutes=1)
        assert (await gateway.charge(order(method))).failure_code == "expired_card"


async def test_network_renews_a_card(gateway: Sandbox) -> None:
    method = await card(gateway, "tok_visa?exp=2026-01&renewed=2031-03")
    assert method.card.exp_year == 2026
    assert (await gateway.method(method.reference)).card == replace(method.card, exp_year=2031, exp_month=3)
    assert (await gateway.charge(order(method))).status is ChargeStatus.SUCCEEDED


async def test_token_stands_for_a_card_that_was_never_added(gateway: Sandbox) -> None:
    method = await gateway.method("tok_visa?exp=2030-01")
    assert (method.customer, method.card.exp_year) == (None, 2030)
    assert (await gateway.charge(order(method))).status is ChargeStatus.SUCCEEDED


@pytest.mark.parametrize(
    "token", ["", "visa", "tok_", "tok_visa?exp=2027-13", "tok_visa?last4=1", "tok_visa?colour=red"]
)
async def test_unknown_card_is_refused(gateway: Sandbox, token: str) -> None:
    with pytest.raises(GatewayRefused, match="invalid_token"):
        await card(gateway, token)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [("approve", ChargeStatus.SUCCEEDED, None), ("decline", ChargeStatus.FAILED, "authentication_failed")],
)
async def test_payer_answers_on_the_page_and_is_sent_back(
    gateway: Sandbox, answer: str, status: ChargeStatus, code: str | None
) -> None:
    charge = await charged(gateway, "tok_3ds")
    assert charge.status is ChargeStatus.REQUIRES_ACTION
    assert charge.action
    assert charge.action.url
    looked = await seen(charge.action.url)
    assert "10.00 EUR" in looked.text
    assert "<script" not in looked.text
    policy = looked.headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:1" in policy
    assert "default-src 'none'" in policy
    assert (await gateway.found(charge.reference)).status is ChargeStatus.REQUIRES_ACTION  # looking changes nothing
    sent = await clicked(charge.action.url, answer)
    assert (sent.status_code, sent.headers["location"]) == (303, BACK)
    found = await gateway.found(charge.reference)
    assert (found.status, found.failure_code, found.action) == (status, code, None)
    await clicked(charge.action.url, "decline" if answer == "approve" else "approve")  # too late
    assert await gateway.found(charge.reference) == found


@pytest.mark.parametrize("scripts", [True, False])
async def test_browser_clicks_and_goes_back_to_another_origin(
    process: Process, gateway: Sandbox, chromium: Browser, *, scripts: bool
) -> None:
    back = f"{process.url.replace('127.0.0.1', 'localhost')}/?back"
    charge = await gateway.charge(replace(order(await card(gateway, "tok_3ds")), return_url=back))
    assert charge.action
    context = await chromium.new_context(java_script_enabled=scripts)
    async with context:
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        await page.goto(str(charge.action.url))
        await page.get_by_role("button", name="Approve").click()
        await page.wait_for_url("**/?back")
    assert complaints == []
    assert (await gateway.found(charge.reference)).status is ChargeStatus.SUCCEEDED


async def test_page_says_nothing_of_what_it_does_not_know(process: Process, gateway: Sandbox) -> None:
    assert (await seen(f"{process.url}/3ds/ch_nothing")).status_code == 404
    assert (await clicked(f"{process.url}/3ds/ch_nothing", "approve")).status_code == 404
    charge = await charged(gateway, "tok_3ds")
    assert charge.action
    assert (await clicked(str(charge.action.url), "perhaps")).status_code == 200
    assert (await gateway.found(charge.reference)).status is ChargeStatus.REQUIRES_ACTION


@pytest.mark.parametrize("back", ["javascript:alert(1)", "http://a'; script-src *", "//a", "http://[", ""])
async def test_payer_is_sent_to_addresses_of_the_web_only(gateway: Sandbox, back: str) -> None:
    method = await card(gateway, "tok_3ds")
    charge = await gateway.charge(replace(order(method), return_url=back))
    assert charge.action
    looked = await seen(str(charge.action.url))
    assert looked.headers["content-security-policy"].endswith("form-action 'self'")
    decided = await clicked(str(charge.action.url), "approve")
    assert decided.status_code == 200
    assert 'href="javascript' not in decided.text
    assert (await gateway.found(charge.reference)).status is ChargeStatus.SUCCEEDED


async def test_card_that_asks_for_the_payer_fails_without_him(gateway: Sandbox) -> None:
    assert (await charged(gateway, "tok_3ds", on_session=False)).failure_code == "authentication_required"
    assert (await charged(gateway, "tok_3ds_off_session_ok", on_session=False)).status is ChargeStatus.SUCCEEDED
    assert (await charged(gateway, "tok_3ds_off_session_ok")).status is ChargeStatus.REQUIRES_ACTION


async def test_answer_that_is_cut_off_is_given_to_who_asks_again(
    gateway: Sandbox, receiver: Receiver
) -> None:  # case 83
    wanted = order(await card(gateway, "tok_timeout_after_success"))
    with pytest.raises(GatewayUnavailable):
        await gateway.charge(wanted)
    await receiver.wait(1)
    charge = await gateway.charge(wanted)
    assert charge.status is ChargeStatus.SUCCEEDED
    told = gateway.event(*receiver.taken[0], datetime.now(UTC))
    assert (told.kind, told.charge) == ("charge.succeeded", charge.reference)


async def test_charge_that_is_processing_is_decided_later(
    process: Process, gateway: Sandbox, receiver: Receiver
) -> None:
    good, bad = await charged(gateway, "tok_processing"), await charged(gateway, "tok_processing_fails")
    assert (good.status, bad.status) == (ChargeStatus.PROCESSING, ChargeStatus.PROCESSING)
    assert (await gateway.cancel(good.reference)).status is ChargeStatus.PROCESSING  # nobody can stop it
    await process.ask("POST", "/v1/hasten")
    assert (await gateway.found(good.reference)).status is ChargeStatus.SUCCEEDED
    assert (await gateway.found(bad.reference)).failure_code == "card_declined"
    assert sorted(receiver.kinds) == ["charge.failed", "charge.processing", "charge.processing", "charge.succeeded"]


async def test_charge_that_is_processing_is_decided_by_itself(gateway: Sandbox, receiver: Receiver) -> None:
    charge = await charged(gateway, "tok_processing")
    await receiver.wait(2)
    assert receiver.kinds == ["charge.processing", "charge.succeeded"]
    assert (await gateway.found(charge.reference)).status is ChargeStatus.SUCCEEDED


async def test_event_comes_twice(gateway: Sandbox, receiver: Receiver) -> None:  # case 97
    await charged(gateway, "tok_duplicate_webhook")
    await receiver.wait(2)
    assert receiver.taken[0][0] == receiver.taken[1][0]


async def test_event_comes_late(process: Process, gateway: Sandbox, receiver: Receiver) -> None:
    late, prompt = await charged(gateway, "tok_late_webhook"), await charged(gateway, "tok_visa")
    await receiver.wait(1)
    assert gateway.event(*receiver.taken[0], datetime.now(UTC)).charge == prompt.reference
    await process.ask("POST", "/v1/hasten")
    assert gateway.event(*receiver.taken[1], datetime.now(UTC)).charge == late.reference


async def test_events_come_in_the_wrong_order(process: Process, gateway: Sandbox, receiver: Receiver) -> None:
    await charged(gateway, "tok_reordered_webhooks")
    await process.ask("POST", "/v1/hasten")
    assert receiver.kinds == ["charge.succeeded", "charge.processing"]
    first, second = (gateway.event(*taken, datetime.now(UTC)) for taken in receiver.taken)
    assert first.created_at > second.created_at


async def test_event_is_sent_until_it_is_taken(gateway: Sandbox, receiver: Receiver) -> None:
    receiver.answers = [500, 400]
    await charged(gateway, "tok_visa")
    await receiver.wait(3)
    assert len({body for body, _ in receiver.taken}) == 1


async def test_refunds_at_once_never_give_back_more_than_was_taken(gateway: Sandbox) -> None:  # case 89
    charge = await charged(gateway, "tok_visa")
    tried = [gateway.refund(charge.reference, Money(300, "EUR"), key()) for _ in range(10)]
    done = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(not isinstance(one, GatewayRefused) for one in done) == 3
    assert (await gateway.refund(charge.reference, Money(100, "EUR"), key())).amount == Money(100, "EUR")
    with pytest.raises(GatewayRefused, match="refund_too_large"):
        await gateway.refund(charge.reference, Money(1, "EUR"), key())


async def test_same_key_at_once_takes_the_money_once(gateway: Sandbox) -> None:  # case 101
    wanted = order(await card(gateway, "tok_visa"))
    assert len({(await one).reference for one in asyncio.as_completed([gateway.charge(wanted) for _ in range(8)])}) == 1


async def test_what_it_keeps_survives_being_killed(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        async with process.gateway() as gateway, receiving() as receiver:
            method = await card(gateway, "tok_visa")
            wanted, waiting = order(method), await charged(gateway, "tok_3ds")
            charge = await gateway.charge(wanted)  # its event goes nowhere yet
            process.kill()
            with pytest.raises(GatewayUnavailable):
                await gateway.found(charge.reference)
            process.start("--webhook", receiver.url)
            assert await gateway.found(charge.reference) == charge
            assert await gateway.charge(wanted) == charge
            assert (await gateway.charge(order(method))).status is ChargeStatus.SUCCEEDED
            assert (await gateway.cancel(waiting.reference)).failure_code == "canceled"
            await receiver.wait(4)
            assert receiver.kinds[:2] == ["charge.requires_action", "charge.succeeded"]
            with pytest.raises(GatewayRefused, match="idempotency_conflict"):
                await gateway.charge(replace(wanted, amount=Money(1001, "EUR")))


def test_one_at_a_time_has_the_state_and_ends_with_who_started_it(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        other = Process(tmp_path)
        with pytest.raises(AssertionError, match="3"):
            other.start()
        assert other.process
        with other.process:
            pass
        assert process.stop() == 0
        process.start()  # at once


async def test_strangers_are_told_nothing(process: Process) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=process.url, timeout=SHORT) as stranger:
        for headers in ({}, {"authorization": "Bearer wrong"}):
            answer = await stranger.post("/v1/hasten", headers=headers)
            assert (answer.status_code, answer.text) == (401, "{}")


@pytest.mark.parametrize(
    "asked", [{}, {"amount": "1000"}, {"amount": 10.5}, {"currency": "euro"}, {"amount": True}, {"method": None}]
)
async def test_request_that_is_none_is_refused(process: Process, asked: dict[str, object]) -> None:
    good = {"amount": 1000, "currency": "EUR", "method": "tok_visa", "customer": None, "on_session": True}
    headers = {"authorization": f"Bearer {derived(SECRET.encode(), 'api')}"}
    async with httpx.AsyncClient(trust_env=False, base_url=process.url, headers=headers, timeout=SHORT) as client:
        answer = await client.post("/v1/charges", json=good | asked)  # without a key, or with something wrong
        assert answer.status_code == 400
        keyed = await client.post(
            "/v1/charges", json={**good, "return_url": "", **asked}, headers={"idempotency-key": key()}
        )
        assert keyed.status_code == (400 if asked else 200)


def test_signature_is_of_the_body_the_key_and_the_time() -> None:
    gateway = Sandbox(lambda: None, SECRET.encode(), lambda: THEN, httpx.AsyncClient())
    body = b'{"id": "evt_1", "kind": "charge.succeeded", "created_at": "2026-06-15T12:00:00+00:00", "charge": "ch_1"}'
    good = signed(body, derived(SECRET.encode(), "webhook"), THEN)
    assert gateway.event(body, {HEADER: good}, THEN + timedelta(minutes=5)).charge == "ch_1"
    wrong = [
        (body + b" ", good, THEN),
        (body, good, THEN + timedelta(minutes=5, seconds=1)),
        (body, good, THEN - timedelta(minutes=5, seconds=1)),
        (body, signed(body, derived(b"another", "webhook"), THEN), THEN),
        (body, good.replace("t=1", "t=2"), THEN),
        (body, good + ",v1=" + "0" * 64, THEN),
        (body, "", THEN),
        (b"[]", signed(b"[]", derived(SECRET.encode(), "webhook"), THEN), THEN),
    ]
    for one, header, at in wrong:
        with pytest.raises(WrongSignature):
            gateway.event(one, {HEADER: header}, at)


async def test_developer_can_look_at_what_was_taken(process: Process, gateway: Sandbox) -> None:
    charge = await charged(gateway, "tok_visa?last4=7777")
    await gateway.refund(charge.reference, Money(250, "EUR"), key())
    page = (await seen(process.url)).text
    assert [part for part in ("10.00 EUR", "2.50 EUR", "visa 7777", charge.reference) if part not in page] == []


def test_every_card_is_documented() -> None:
    text = DOCUMENT.read_text()
    assert [token for token, kind in KINDS.items() if f"| `{token}` | {kind.meaning} |" not in text] == []


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\n\r\nno JSON"]
)
async def test_answer_that_says_nothing_is_no_answer(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        if not said:
            await reader.read()  # until the other side has had enough
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    where = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, opened(lambda: where, b"secret", lambda: THEN, httpx.Timeout(PATIENCE, read=0.2)) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.found("ch_1")
