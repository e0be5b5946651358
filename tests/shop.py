"""A company that buys: the demo's catalogue, a real sandbox, and books that are proved when it closes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from billing import balance, gateway_jobs, payment_methods, payments
from billing.change import Change, change
from billing.gateways.sandbox import Sandbox
from billing.limits import Limits
from billing.rules.ledger import given
from billing.rules.money import Money
from billing.seller import DEMO
from models import BillingInterval, BillingMode, CreditReason, SubscriptionStatus
from models.loading import load
from purser.demo.book import Book
from purser.demo.catalogue import Catalogue, catalogue
from purser.worker import Handler, Lane, Pace
from schema import ids
from tests import books
from tests.accounts import FIRST, SECOND, Accounts
from tests.company import ACME, Company
from tests.sandboxes import Process, clicked
from tests.visitors import START, Clock, Ground, House

PEOPLE_TABLES = {"user_account", "organization", "member", "role_grant", "api_key", "session", "organization_settings"}
OFTEN = 100  # storms buy more often than people
MONEY = "{ amount currency }"
QUOTE = f"""
id seats interval mode effectiveAt expiresAt plan {{ key }}
lines {{ kind description explanation quantity unitAmount {MONEY} amount {MONEY} periodStart periodEnd }}
subtotal {MONEY} tax {MONEY} creditApplied {MONEY} creditGranted {MONEY} carried {MONEY} dueNow {MONEY}
nextCharge {MONEY} nextChargeAt
"""
APPLIED = f"""
quote {{ {QUOTE} }} nextAction {{ kind url }}
subscription {{ status plan {{ key }} seats {{ purchased used }} currentPeriodStart currentPeriodEnd }}
payment {{ id status failureCode amount {MONEY} nextAction {{ url }} }}
invoice {{ id number status total {MONEY} amountDue {MONEY} lines {{ kind amount {MONEY} }} }}
"""


class Shop(Company):
    """The company's people by name, what they may buy, and the gateway that takes their money."""

    catalogue: Catalogue
    sandbox: Process
    gateway: Sandbox

    def plan(self, key: str) -> str:
        """The id of a plan."""
        return ids.write("plan", self.catalogue[key, BillingInterval.MONTH, "EUR"].plan_id)

    def price(self, key: str, interval: str = "MONTH", currency: str = "EUR") -> int:
        """What a seat costs, in minor units."""
        return self.catalogue[key, BillingInterval(interval), currency].unit_amount

    async def do_quote(self, who: str = "clerk", **asked: Any) -> Any:
        """What is answered to the question what shall change, as the API writes it."""
        given = {"organizationId": ACME} | asked
        name = "quoteSubscriptionChange"
        return (await self.ask(who, query(name, f"quote {{ {QUOTE} }}"), input=given))[name]

    async def quote(self, who: str = "clerk", **asked: Any) -> Any:
        """A quote, when there is one."""
        payload = await self.do_quote(who, **asked)
        assert payload["errors"] == []
        return payload["quote"]

    async def unquoted(self, who: str = "clerk", **asked: Any) -> list[tuple[str, list[str] | None]]:
        """Why there is none: codes and paths."""
        return [(one["code"], one["path"]) for one in (await self.do_quote(who, **asked))["errors"]]

    async def apply(self, quote: Any, who: str = "clerk", **more: Any) -> Any:
        """What became of it."""
        return await self.do(who, "applyQuote", APPLIED, quoteId=quote["id"], **more)

    async def buy_plan(self, key: str = "professional", seats: int = 10, **asked: Any) -> Any:
        """Have a plan, paid by a good card."""
        if not await self.rows("select 1 from payment_method where organization_id = $1 and removed_at is null"):
            await self.card()
        done = await self.apply(await self.quote(planId=self.plan(key), seats=seats, **asked))
        assert done["errors"] == [], done
        return done

    async def card(self, token: str = "tok_visa", *, default: bool = True) -> UUID:  # noqa: S107  # the sandbox's
        """A card that stands in the rows as if it had been added; the default one if so."""
        found = await self.gateway.add(None, "Acme", token, f"{uuid4()}")
        key = self.accounts.new()
        row = {
            "id": key,
            "organization_id": FIRST,
            "kind": "CARD",
            "gateway": "SANDBOX",
            "gateway_reference": found.reference,
            "customer": found.customer,
            "fingerprint": f"{found.card.fingerprint} {key}",
            "brand": found.card.brand,
            "last4": found.card.last4,
            "exp_month": found.card.exp_month,
            "exp_year": found.card.exp_year,
            "is_default": default,
            "added_at": self.home.clock.now,
        }
        if default:
            await self.rows("update payment_method set is_default = false where organization_id = $1")
        await load(self.home.ground.connection, {"payment_method": [row]})
        return key

    async def click(self, url: str, answer: str = "approve") -> None:
        """Act on the gateway's page of 3-D Secure."""
        await clicked(f"{self.sandbox.url}{url[url.index('/3ds/') :]}", answer)

    async def work(self) -> int:
        """Do every job of the gateway that is due: how many there were."""
        room = self.home.server.room
        known = {
            payments.SETTLE: Handler(partial(gateway_jobs.settle, room), lane="gateway"),
            payments.RELEASE: Handler(partial(gateway_jobs.release, room), lane="gateway"),
            payment_methods.FORGET: Handler(partial(gateway_jobs.forget, room), lane="gateway"),
        }
        lane, done = Lane(known, self.home.clock, Pace()), 0
        while await lane.one():
            done += 1
        return done

    async def credit(self, amount: int) -> None:
        """Grant so much, in euro cents."""
        await granted(self.home.server.room, None, FIRST, None, amount)

    async def subscription(self) -> Any:
        """Its row."""
        (row,) = await self.rows("select * from plan_subscription where organization_id = $1")
        return row


@change(None)
async def granted(org: Change, amount: int) -> None:
    """A credit as a gift."""
    money = Money(amount, "EUR")
    await balance.grant(org, money, CreditReason.GOODWILL, given(money))


def query(name: str, selection: str) -> str:
    """The operation that carries out a mutation."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation($input: {kind}) {{ {name}(input: $input) {{ {selection} errors {{ code path }} }} }}"


def stocked(accounts: Accounts) -> Catalogue:
    """People and the catalogue alone; either organization is on the free plan since an hour ago."""
    for table in [*accounts.rows]:
        if table not in PEOPLE_TABLES:
            accounts.rows.pop(table)
    book = Book(START - timedelta(days=1), b"shop")
    made = catalogue(book)
    for table, found in book.take().items():
        accounts.rows[table] += found
    for organization in (FIRST, SECOND):
        accounts.rows["plan_subscription"].append(free(made, organization, accounts))
    return made


def free(made: Catalogue, organization: UUID, accounts: Accounts) -> dict[str, Any]:
    """What a new organization stands on."""
    tariff = made["free", BillingInterval.MONTH, "EUR"]
    members = [row for row in accounts.rows["member"] if row["organization_id"] == organization]
    began: datetime = START - timedelta(hours=1)
    return {
        "id": accounts.new(),
        "organization_id": organization,
        "plan_id": tariff.plan_id,
        "price_id": tariff.price_id,
        "currency": "EUR",
        "status": SubscriptionStatus.ACTIVE,
        "mode": BillingMode.FLEXIBLE,
        "seats_purchased": max(len(members), 4),
        "seats_used": len(members),
        "seats_reserved": 0,
        "anchor_at": began,
        "current_period_start": began,
        "current_period_end": began + timedelta(days=30),
        "auto_renew": True,
        "created_at": began,
    }


@asynccontextmanager
async def shop(ground: Ground, sandbox: Process, often: int = OFTEN) -> AsyncIterator[Shop]:
    """Opened anew for one test; its books are proved when it closes. People may try so many times as often as usual."""
    clock, accounts = Clock(), Accounts()
    async with sandbox.gateway(clock) as gateway:
        home = House(ground, clock, gateway=gateway, seller=DEMO, limits=Limits(clock, times=often))
        async with home.visit() as browser:
            made = Shop(home, accounts, browser)
            made.hire()
            made.catalogue, made.sandbox, made.gateway = stocked(accounts), sandbox, gateway
            await ground.clear()
            await load(ground.connection, accounts.rows)
            yield made
        await books.balanced(ground.connection)
