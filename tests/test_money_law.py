"""The law for every change of money: who may not see a difference is answered the same, byte for byte."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from tests import world_rows
from tests.sandboxes import Process
from tests.test_manager_law import WORLDS, Ids, Told, own_ids, some_ids, statements
from tests.visitors import Clock, Ground, House, ground
from tests.world_names import World
from tests.world_rows import NOW, TOKENS

METHOD = "paymentMethod { id brand last4 isDefault expired addedBy { __typename ... on BillingManager { id } } }"
STANDS = "subscription { id status autoRenew cancelAt scheduledChange { id } seats { used purchased } }"
PAYLOADS = {
    "addPaymentMethod": f"{METHOD} nextAction {{ url }}",
    "updatePaymentMethod": METHOD,
    "removePaymentMethod": "removedPaymentMethodId",
    "payInvoice": "invoice { id status amountDue { amount } } payment { id status failureCode madeBy { __typename } }",
    "cancelSubscription": STANDS,
    "resumeSubscription": STANDS,
    "cancelScheduledChange": STANDS,
    "updateBillingProfile": "billingProfile { name email addressLines city country taxId }",
}
WHOLE = f"""
{{ organization(slug: "acme") {{
  {STANDS} {METHOD.replace("paymentMethod", "paymentMethods", 1)}
  payments(first: 100) {{ nodes {{ id status madeBy {{ __typename }} }} }}
  invoices(first: 100) {{ nodes {{ id status requestedBy {{ __typename }} }} }}
  billingActivity(first: 100) {{ nodes {{ id kind at actor {{ __typename }} }} }}
}} }}
"""
# No payment is under way, so that what is open can be paid.
GIVEN_UP = "update payment set status = 'FAILED' where status in ('PROCESSING', 'REQUIRES_ACTION')"


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        yield opened


def operation(name: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation($input: {kind}) {{ {name}(input: $input) {{ {PAYLOADS[name]} errors {{ code message path }} }} }}"


def changes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each mutation about all that there is, and about what is not there."""
    acme, globex = (world_rows.ids("base")[slug]["Organization"][0] for slug in ("acme", "globex"))
    methods = own_ids("PaymentMethod")
    for organization in (acme, globex, "org_x"):
        for token in ("tok_visa", "tok_amex", "tok_visa", "tok_nothing", ""):
            yield "addPaymentMethod", {"organizationId": organization, "gatewayToken": token, "makeDefault": True}
        for given in ({"city": "Kiel"}, {"country": "XX"}, {"taxId": "DE1"}, {"name": "\n"}, {"taxId": ""}):
            yield "updateBillingProfile", {"organizationId": organization, **given}
        for name in ("cancelScheduledChange", "cancelSubscription", "cancelSubscription", "resumeSubscription"):
            yield name, {"organizationId": organization}
    for id_ in [*some_ids(), *own_ids("Invoice")]:
        yield "payInvoice", {"invoiceId": id_, "paymentMethodId": methods[0]}
        yield "payInvoice", {"invoiceId": id_}
    for id_ in [*some_ids(), *methods]:
        yield "updatePaymentMethod", {"paymentMethodId": id_, "makeDefault": True, "billingName": "Acme"}
    for id_ in [*some_ids(), *methods]:
        yield "removePaymentMethod", {"paymentMethodId": id_, "turnOffRenewal": True}


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
            for number, (name, given) in enumerate(changes()):
                asked = given | {"idempotencyKey": f"key {number}"}
                wanted: list[tuple[str, Any]] = [(operation(name), {"input": asked}), (WHOLE, {})]
                for query, variables in wanted[: 2 if number % 10 == 0 else 1]:
                    clock.now += timedelta(seconds=1)
                    ids_.turns = count()
                    place.statements.clear()
                    answer = await browser.post("/graphql", json={"query": query, "variables": variables})
                    await asyncio.sleep(0)  # the last statement is noted
                    told = f"{name} {asked}" if variables else f"all behind {name} {asked}"
                    found.append(Told(told, answer.status_code, answer.headers.raw, answer.content, statements(place)))
    return found


@pytest.mark.parametrize("account", ["billing", "outsider", "none"])
async def test_every_change_is_answered_the_same_whoever_works_there(
    place: Ground, sandbox: Process, account: str
) -> None:
    first, second = [await story(place, sandbox, world, account) for world in WORLDS]
    for one, other in zip(first, second, strict=True):
        assert one == other
    done = {told.asked.split()[0] for told in first if b'"errors":[]' in told.body}
    if account == "billing":
        assert done >= PAYLOADS.keys() - {"cancelScheduledChange"}
    else:
        assert not done
