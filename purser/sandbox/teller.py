"""Takes money that there is not: cards, charges and refunds, by the rules that real gateways have."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from billing.gateways.failures import Failure, Refused
from billing.gateways.gateway import ChargeStatus, GatewayRefused
from billing.gateways.minimums import minimum
from billing.rules.money import Money
from purser.sandbox.cards import LATE, SETTLING, Card, Delivery, card
from purser.sandbox.state import Row, State, new

SUCCEEDED, FAILED = ChargeStatus.SUCCEEDED, ChargeStatus.FAILED
DEMO = re.compile(r"ch_demo_([1-9][0-9]{0,14})_([A-Z]{3})_[0-9a-z]+")
PROCESSING, REQUIRES_ACTION = ChargeStatus.PROCESSING, ChargeStatus.REQUIRES_ACTION
STANDS = """
insert or ignore into charge (id, key, method, amount, currency, status, return_url, created_at)
values (?, ?, ?, ?, ?, ?, '', ?)
"""


@dataclass(frozen=True)
class Wanted:
    """What a charge is to be."""

    key: str
    amount: Money
    method: str
    customer: str | None
    on_session: bool
    return_url: str
    at: datetime


class Teller:
    """Each call is one transaction. Raises GatewayRefused for what is not done."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, customer: str | None, owner: str, token: str, key: str) -> Row:
        """Keep a card."""

        def made() -> str:
            _known(token)
            if customer is None:
                self._state.insert("customer", id=(whose := new("cus")), owner=owner)
            else:
                whose = self._found("customer", customer)["id"]
            self._state.insert("method", id=(method := new("pm")), token=token, customer=whose)
            return method

        return self._found("method", self._once(key, made, "add", customer, owner, token)[0])

    def method(self, reference: str) -> Row:
        """A card that is kept."""
        with self._state.transaction():
            return self._method(reference)

    def forget(self, reference: str) -> None:
        """Keep it no more."""
        self._state.do("update method set forgotten = 1 where id = ?", reference)

    def charge(self, wanted: Wanted) -> tuple[Row, bool]:
        """The charge, and whether it was made now."""

        def made() -> str:
            least = minimum(wanted.amount.currency)
            if wanted.amount < least:
                raise GatewayRefused(Refused.AMOUNT_TOO_SMALL)
            method = self._method(wanted.method)
            if method["customer"] not in {None, wanted.customer}:
                raise GatewayRefused(Refused.NOT_FOUND)
            return self._taken(wanted, card(method["token"]))

        of = (wanted.amount.amount, wanted.amount.currency, wanted.method, wanted.customer, wanted.on_session)
        reference, new_one = self._once(wanted.key, made, "charge", *of, wanted.return_url)
        return self.found(reference), new_one

    def found(self, reference: str) -> Row:
        """A charge. The name of one of the demo's stands for it: so much was taken."""
        if told := DEMO.fullmatch(reference):
            of = (reference, reference, self._method("tok_visa")["id"], int(told[1]), told[2], SUCCEEDED, time.time())
            self._state.do(STANDS, *of)
        return self._found("charge", reference)

    def answer(self, reference: str, *, approved: bool) -> Row:
        """What the payer says on the page of 3-D Secure; once it is decided, nothing."""
        with self._state.transaction():
            if self.found(reference)["status"] == REQUIRES_ACTION:
                failure = None if approved else Failure.AUTHENTICATION_FAILED
                self._becomes(reference, FAILED if failure else SUCCEEDED, failure)
        return self.found(reference)

    def cancel(self, reference: str) -> Row:
        """Let go of it, if it waits for the payer. What is processing cannot be stopped, what is decided stays."""
        with self._state.transaction():
            if self.found(reference)["status"] == REQUIRES_ACTION:
                self._becomes(reference, FAILED, Failure.CANCELED)
        return self.found(reference)

    def refund(self, reference: str, amount: Money, key: str) -> Row:
        """Give back, never more than was taken."""

        def made() -> str:
            taken = self.found(reference)
            if taken["status"] != SUCCEEDED or taken["currency"] != amount.currency:
                raise GatewayRefused(Refused.NOT_REFUNDABLE)
            if amount.amount < 1:
                raise GatewayRefused(Refused.INVALID_AMOUNT)
            if taken["refunded"] + amount.amount > taken["amount"]:
                raise GatewayRefused(Refused.REFUND_TOO_LARGE)
            self._state.do("update charge set refunded = refunded + ? where id = ?", amount.amount, reference)
            of = {"charge": reference, "amount": amount.amount, "currency": amount.currency}
            self._state.insert("refund", id=(made := new("re")), **of, created_at=time.time())
            self._tell("charge.refunded", reference, self._card(taken))
            return made

        made_ = self._once(key, made, "refund", reference, amount.amount, amount.currency)[0]
        return self._found("refund", made_)

    def settle(self, until: float) -> None:
        """Decide what was processing long enough."""
        with self._state.transaction():
            for row in self._state.all("select * from charge where settles_at <= ? order by settles_at", until):
                failure = self._card(row).kind.failure
                self._becomes(row["id"], FAILED if failure else SUCCEEDED, failure)

    def _once(self, key: str, make: Callable[[], str], *asked: Any) -> tuple[str, bool]:
        """What was made under the key, then or now, and whether it was now. Kept for ever; a refusal is not."""
        digest = sha256(json.dumps(asked).encode()).hexdigest()
        with self._state.transaction():
            known = self._state.one("select digest, made from call where key = ?", key)
            if known is None:
                made = make()
                self._state.insert("call", key=key, digest=digest, made=made)
                return made, True
        if known["digest"] != digest:
            raise GatewayRefused(Refused.IDEMPOTENCY_CONFLICT)
        return str(known["made"]), False

    def _taken(self, wanted: Wanted, on: Card) -> str:
        charged = self._state.one(
            "select count(*) from charge where method = ? and status = ?", wanted.method, SUCCEEDED
        )
        status, failure = outcome(on, wanted, charged[0] if charged else 0)
        now = time.time()
        self._state.insert(
            "charge",
            id=(made := new("ch")),
            key=wanted.key,
            method=wanted.method,
            customer=wanted.customer,
            amount=wanted.amount.amount,
            currency=wanted.amount.currency,
            status=status,
            failure_code=failure,
            return_url=wanted.return_url,
            settles_at=now + SETTLING if status == PROCESSING else None,
            created_at=now,
        )
        self._tell(f"charge.{status.lower()}", made, on)
        return made

    def _becomes(self, reference: str, status: ChargeStatus, failure: Failure | None) -> None:
        change = "update charge set status = ?, failure_code = ?, settles_at = null where id = ?"
        self._state.do(change, status, failure, reference)
        self._tell(f"charge.{status.lower()}", reference, self._card(self.found(reference)))

    def _tell(self, kind: str, charge: str, on: Card) -> None:
        """An event, to be delivered as the card has it."""
        now, how = time.time(), on.kind.delivery
        early = how is Delivery.REVERSED and kind.endswith(".processing")
        due = now + (LATE if how is Delivery.LATE else SETTLING + 1 if early else 0)
        copies = 2 if how is Delivery.TWICE else 1
        self._state.insert("event", id=new("evt"), kind=kind, charge=charge, created_at=now, due_at=due, copies=copies)

    def _card(self, charge: Row) -> Card:
        return card(self._found("method", charge["method"])["token"])

    def _method(self, reference: str) -> Row:
        """A card that is kept. A token may stand for the card itself: it is kept then, and anybody's."""
        if reference.startswith("tok_"):
            _known(reference)
            self._state.do("insert or ignore into method (id, token) values (?, ?)", reference, reference)
        found = self._found("method", reference)
        if found["forgotten"]:
            raise GatewayRefused(Refused.NOT_FOUND)
        return found

    def _found(self, table: str, reference: str) -> Row:
        found = self._state.one(f"select * from {table} where id = ?", reference)  # noqa: S608  # a name of our own
        if found is None:
            raise GatewayRefused(Refused.NOT_FOUND)
        return found


def outcome(on: Card, wanted: Wanted, charged: int) -> tuple[ChargeStatus, Failure | None]:
    """What becomes of a charge at first."""
    kind = on.kind
    if on.expired(wanted.at):
        return FAILED, Failure.EXPIRED_CARD
    if kind.processing:
        return PROCESSING, None
    if kind.failure and charged >= kind.good_for:
        return FAILED, kind.failure
    if kind.asks and wanted.on_session:
        return REQUIRES_ACTION, None
    if kind.alone and not wanted.on_session:
        return FAILED, kind.alone
    return SUCCEEDED, None


def _known(token: str) -> None:
    try:
        card(token)
    except ValueError:
        raise GatewayRefused(Refused.INVALID_TOKEN) from None
