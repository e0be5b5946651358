"""The demo's money moves: its open invoice is paid, by card or by transfer, and its payments go back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from billing import refunds, transfers
from billing.rules.money import Money
from billing.seller import DEMO
from billing.transfers import Line
from models import Invoice, Payment, PlanSubscription, Refund
from models.database import connected
from purser import demo
from purser.refund import given_back
from schema import ids
from tests import cluster, demos
from tests.books import balanced
from tests.conftest import Create
from tests.sandboxes import Process
from tests.visitors import POOL, Clock, Ground, House, ask

PAY = """
mutation($id: ID!) { payInvoice(input: {invoiceId: $id, idempotencyKey: "one"}) {
  invoice { status } payment { status } errors { code } } }
"""


@dataclass
class Shown:
    """The demo, and its invoice that is not paid."""

    home: House
    invoice: Invoice

    async def plan(self) -> str:
        """The plan that Acme has."""
        found = await PlanSubscription.get(organization_id=self.invoice.organization_id)
        return str(await self.home.value("select key from plan where id = $1", found.plan_id))


@pytest.fixture
async def shown(create: Create, server_url: str, sandbox: Process) -> AsyncIterator[Shown]:
    url, clock = await create(await demos.seeded(server_url)), Clock()
    clock.now = demos.NOW
    async with (
        connected(url, pool=POOL) as database,
        cluster.connection(url) as opened,
        sandbox.gateway(clock) as gateway,
    ):
        home = House(Ground(database, opened), clock, gateway=gateway, seller=DEMO)
        yield Shown(home, await Invoice.get(number="AR-00015"))
        await balanced(opened)


async def test_its_open_invoice_is_paid_by_card(shown: Shown) -> None:
    assert await shown.plan() == "professional"
    key = demo.accounts(demos.SECRET)[3].api_key
    async with shown.home.visit(authorization=f"Bearer {key}") as browser:
        told: Any = await ask(browser, PAY, id=ids.write("inv", shown.invoice.id))
    done = {"invoice": {"status": "PAID"}, "payment": {"status": "SUCCEEDED"}, "errors": []}
    assert told["payInvoice"] == done
    assert await shown.plan() == "enterprise"


async def test_its_open_invoice_is_paid_by_transfer(shown: Shown) -> None:
    assert shown.invoice.transfer_reference
    money = Money(shown.invoice.amount_due, shown.invoice.currency)
    line = Line("B-1", shown.invoice.transfer_reference, money, date(2026, 3, 30))
    assert (await transfers.book(shown.home.server.room, line)).status == "MATCHED"
    assert await shown.plan() == "enterprise"


async def test_a_payment_of_it_goes_back(shown: Shown) -> None:  # case 89
    organization = shown.invoice.organization_id
    paid = await Payment.filter(organization_id=organization, status="SUCCEEDED", gateway="SANDBOX").first()
    assert paid
    room = shown.home.server.room
    await given_back(room, ids.write("pay", paid.id), "1.00", None)
    refund = await Refund.get(payment_id=paid.id)
    assert await refunds.settle(room, organization, refund.id) == "SUCCEEDED"
