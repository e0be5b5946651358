"""The law for every change of money: who may not see a difference is answered the same, byte for byte."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from schema import ids
from tests import world_rows
from tests.sandboxes import Process
from tests.test_manager_law import Ids, Told, own_ids, some_ids, statements
from tests.visitors import Clock, Ground, House, ground
from tests.world_names import World
from tests.world_rows import NOW, TOKENS

METHOD = "paymentMethod { id brand last4 isDefault expired addedBy { __typename ... on BillingManager { id } } }"
STANDS = "subscription { id status autoRenew cancelAt scheduledChange { id } seats { used purchased } }"
PAYMENT = "id status failureCode amount { amount } madeBy { __typename }"
INVOICE = "id status amountDue { amount } lines { kind quantity amount { amount } periodStart }"
LINES = "lines { kind quantity amount { amount } description explanation periodStart periodEnd }"
QUOTE = f"id seats effectiveAt {LINES} dueNow {{ amount }} carried {{ amount }} nextCharge {{ amount }} nextChargeAt"
PAYLOADS = {
    "addPaymentMethod": f"{METHOD} nextAction {{ url }}",
    "updatePaymentMethod": METHOD,
    "removePaymentMethod": "removedPaymentMethodId",
    "payInvoice": f"invoice {{ {INVOICE} }} payment {{ {PAYMENT} }}",
    "cancelSubscription": STANDS,
    "resumeSubscription": STANDS,
    "cancelScheduledChange": STANDS,
    "quoteSubscriptionChange": f"quote {{ {QUOTE} }}",
    "applyQuote": f"quote {{ {QUOTE} }} {STANDS} payment {{ {PAYMENT} }} invoice {{ {INVOICE} }} nextAction {{ kind }}",
    "requestInvoice": f"invoice {{ {INVOICE} requestedBy {{ __typename }} }}",
    "updateBillingProfile": "billingProfile { name email addressLines city country taxId }",
}
LAST = "the id of the last quote"
NEXT = f"nextCharge {{ at {LINES} total {{ amount }} }}"
WHOLE = f"""
{{ organization(slug: "acme") {{
  {STANDS} {METHOD.replace("paymentMethod", "paymentMethods", 1)} all: subscription {{ {NEXT} }}
  payments(first: 100) {{ nodes {{ id status madeBy {{ __typename }} }} }}
  invoices(first: 100) {{ nodes {{ id status requestedBy {{ __typename }} }} }}
  billingActivity(first: 100) {{ nodes {{ id kind at actor {{ __typename }} }} }}
}} }}
"""
# Worlds that somebody cannot tell apart.
ALIKE: dict[str, tuple[World, ...]] = {
    "billing": ("base", "people"),
    "member": ("base", "billing"),
    "outsider": ("base", "people", "billing"),
    "none": ("base", "people", "billing"),
}
SHARE = 7  # of the changes that are nobody's to make, each so many-th: all are refused for the same reason
# No payment is under way, so that what is open can be paid.
GIVEN_UP = "update payment set status = 'FAILED' where status in ('PROCESSING', 'REQUIRES_ACTION')"


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        yield opened


def operation(name: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation($input: {kind}) {{ {name}(input: $input) {{ {PAYLOADS[name]} errors {{ code message path }} }} }}"


def questions() -> Iterator[dict[str, Any]]:
    """What may be asked of the plan, in an order in which something is bought now, ahead and for later."""
    plans = [ids.write("plan", row["id"]) for row in world_rows.rows("base")["plan"]]
    for seats in (-(2**31), -1, 0, 1, 5, 6, 25, 1_000_000, 2**31 - 1):
        yield {"seats": seats}
    for key in (*plans, *some_ids()[::9]):
        yield from ({"planId": key}, {"planId": key, "interval": "YEAR"}, {"planId": key, "trial": True})
    yield from ({"mode": "FIXED"}, {"mode": "FIXED", "interval": "MONTH"}, {"currency": "JPY"}, {}, {"renew": True})


def changes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each mutation about all that there is, and about what is not there."""
    acme, globex = (world_rows.ids("base")[slug]["Organization"][0] for slug in ("acme", "globex"))
    methods = own_ids("PaymentMethod")
    for organization in (acme, globex, "org_x"):
        yield from about(organization)
    yield from purchases(acme, [*some_ids()[::9], *methods])
    for id_ in [*some_ids(), *own_ids("Invoice")]:
        yield "payInvoice", {"invoiceId": id_, "paymentMethodId": methods[0]}
        yield "payInvoice", {"invoiceId": id_}
    for id_ in [*some_ids(), *methods]:
        yield "updatePaymentMethod", {"paymentMethodId": id_, "makeDefault": True, "billingName": "Acme"}
    for id_ in [*some_ids(), *methods]:
        yield "removePaymentMethod", {"paymentMethodId": id_, "turnOffRenewal": True}


def about(organization: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is said of an organization as a whole."""
    for token in ("tok_visa", "tok_amex", "tok_visa", "tok_nothing", ""):
        yield "addPaymentMethod", {"organizationId": organization, "gatewayToken": token, "makeDefault": True}
    for given in ({"city": "Kiel"}, {"country": "XX"}, {"taxId": "DE1"}, {"name": "\n"}, {"taxId": ""}):
        yield "updateBillingProfile", {"organizationId": organization, **given}
    for name in ("cancelScheduledChange", "cancelSubscription", "cancelSubscription", "resumeSubscription"):
        yield name, {"organizationId": organization}
    for given in questions():
        yield "quoteSubscriptionChange", {"organizationId": organization, **given}


def purchases(organization: str, methods: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is bought now, ahead and for later, by each method; and quotes that are not there."""
    for id_ in some_ids():
        yield "applyQuote", {"quoteId": id_}
        yield "requestInvoice", {"organizationId": organization, "quoteId": id_}
        yield "requestInvoice", {"organizationId": organization, "paymentId": id_}
    yield "quoteSubscriptionChange", {"organizationId": organization, "seats": 26}
    for _ in range(2):
        yield "requestInvoice", {"organizationId": organization, "quoteId": LAST}
    for given in ({"seats": 25}, {"renew": True}, {"seats": 30}, {"seats": 29}, {"interval": "YEAR", "mode": "FIXED"}):
        yield "quoteSubscriptionChange", {"organizationId": organization, **given}
        for id_ in methods:
            yield "applyQuote", {"quoteId": LAST, "paymentMethodId": id_}
        yield "applyQuote", {"quoteId": LAST}


def bought(answer: Any) -> str | None:
    """The id of the quote that was answered, if there was one."""
    payload = ((answer.get("data") or {}).get("quoteSubscriptionChange") or {}).get("quote")
    return payload["id"] if payload else None


async def story(place: Ground, sandbox: Process, world: World, account: str) -> list[Told]:
    """All answers to somebody in a world."""
    await world_rows.load(place.connection, world)
    await place.connection.execute(GIVEN_UP)
    clock, ids_ = Clock(), Ids()
    clock.now = NOW
    key = TOKENS[account]
    headers = {"x-request-id": "the-same"} | ({"authorization": f"Bearer {key}"} if key else {})
    found = []
    async with sandbox.gateway(clock) as gateway:
        house = House(place, clock, ids=ids_, gateway=gateway)
        async with house.visit(**headers) as browser:
            last = ""
            attempts = [*changes()][:: 1 if account == "billing" else SHARE]
            for number, (name, given) in enumerate(attempts):
                asked = {field: last if value == LAST else value for field, value in given.items()}
                asked |= {} if name == "quoteSubscriptionChange" else {"idempotencyKey": f"key {number}"}
                wanted: list[tuple[str, Any]] = [(operation(name), {"input": asked}), (WHOLE, {})]
                for query, variables in wanted[: 2 if number % 10 == 0 else 1]:
                    clock.now += timedelta(seconds=1)
                    ids_.turns = count()
                    place.statements.clear()
                    answer = await browser.post("/graphql", json={"query": query, "variables": variables})
                    await asyncio.sleep(0)  # the last statement is noted
                    last = bought(answer.json()) or last
                    told = f"{name} {asked}" if variables else f"all behind {name} {asked}"
                    found.append(Told(told, answer.status_code, answer.headers.raw, answer.content, statements(place)))
    return found


@pytest.mark.parametrize("account", ALIKE)
async def test_every_change_is_answered_the_same_whatever_else_is_there(
    place: Ground, sandbox: Process, account: str
) -> None:
    first, *others = [await story(place, sandbox, world, account) for world in ALIKE[account]]
    for other in others:
        for one, same in zip(first, other, strict=True):
            assert one == same
    done = {told.asked.split()[0] for told in first if b'"errors":[]' in told.body}
    assert done == (PAYLOADS.keys() if account == "billing" else set())
