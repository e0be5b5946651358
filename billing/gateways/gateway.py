"""What a gateway can do. Each call that changes something there carries a key: the same again has no second effect."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from billing.rules.money import Money


class GatewayKind(StrEnum):
    """Who moves the money."""

    SANDBOX = "SANDBOX"
    STRIPE = "STRIPE"
    TRANSFER = "TRANSFER"


class ChargeStatus(StrEnum):
    """Where a charge stands at the gateway. FAILED and SUCCEEDED are final: a new attempt is a new charge."""

    PROCESSING = "PROCESSING"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    FAILED = "FAILED"
    SUCCEEDED = "SUCCEEDED"


class GatewayUnavailable(Exception):  # noqa: N818  # an outcome
    """No answer, or none that can be trusted: whether it was done is not known. Ask again with the same key."""


class GatewayRefused(Exception):  # noqa: N818  # as above
    """It was not done, and the same again would not be. `code` is stable and fit for clients: see docs/errors.md."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WrongSignature(Exception):  # noqa: N818  # as above
    """The event does not come from the gateway, or is too old."""


@dataclass(frozen=True, slots=True)
class Action:
    """What the payer must still do there, such as 3-D Secure: a page to visit, or a secret for its script."""

    kind: str
    url: str | None = None
    client_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What people recognize a card by. `fingerprint` is the same for the same card, and never leaves the server."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Method:
    """A way to pay that the gateway keeps. `customer` is the payer as it knows him; `action`: not usable before it."""

    reference: str
    card: Card
    customer: str | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Take this much. `key` is our payment's id; `on_session`: the payer is here and can act."""

    key: str
    amount: Money
    method: str
    customer: str | None
    on_session: bool
    return_url: str


@dataclass(frozen=True, slots=True)
class Charge:
    """How an order stands. `failure_code` is one of docs/errors.md, such as `card_declined`."""

    reference: str
    key: str
    status: ChargeStatus
    amount: Money
    failure_code: str | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money on its way back."""

    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Event:
    """What the gateway tells of its own accord: that this charge changed. Ask for the charge; the order is no order.

    `key` is the one that the charge was made with, where the event tells it: who did not make it need not ask.
    """

    id: str
    kind: str
    created_at: datetime
    charge: str | None
    key: str | None = None


class Gateway(Protocol):
    """A gateway for cards. Every call raises GatewayUnavailable, those that change something GatewayRefused too."""

    @property
    def kind(self) -> GatewayKind:
        """Which one it is."""

    @property
    def publishable_key(self) -> str | None:
        """What a page needs to collect a card."""

    def minimum(self, currency: str) -> Money:
        """The least that it takes."""

    async def add(self, customer: str | None, owner: str, token: str, key: str) -> Method:
        """Keep what the page's token stands for, for this customer; for a new one, named `owner`, if none is given."""

    async def method(self, reference: str) -> Method:
        """The same as it is now; a network may have renewed the card."""

    async def forget(self, reference: str) -> None:
        """Keep it no more; that it is gone already is no error."""

    async def charge(self, order: Order) -> Charge:
        """Take the money, or say what is in the way. A card that is declined is an answer, not an exception."""

    async def found(self, reference: str) -> Charge:
        """How it stands now."""

    async def cancel(self, reference: str) -> Charge:
        """Let go of what is not taken yet; gives how it stands then. What succeeded stays so."""

    async def refund(self, reference: str, amount: Money, key: str) -> Repayment:
        """Give so much of it back."""

    def event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
        """What was posted to our webhook. Raises WrongSignature."""
