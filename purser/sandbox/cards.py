"""The cards that there are: a token names one, and how it behaves for ever."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from urllib.parse import parse_qsl

from billing.gateways.failures import Failure

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
DIGITS = re.compile(r"\d{4}")
GOOD_UNTIL = (2034, 12)
SETTLING = 2.0  # seconds that a charge is processing
LATE = 20.0  # seconds that a late event takes


class Delivery(Enum):
    """How the events of a card's charges arrive."""

    PROMPT = auto()
    LATE = auto()
    TWICE = auto()
    REVERSED = auto()


@dataclass(frozen=True)
class Kind:
    """What a card does when it is charged."""

    meaning: str
    last4: str
    brand: str = "visa"
    failure: Failure | None = None
    good_for: int = 0  # charges that succeed before the failure
    asks: bool = False  # for 3-D Secure, where the payer is there
    alone: Failure | None = None  # what becomes of a charge without the payer
    processing: bool = False
    cut_off: bool = False
    delivery: Delivery = Delivery.PROMPT
    good_until: tuple[int, int] = GOOD_UNTIL


ALONE = Failure.AUTHENTICATION_REQUIRED
KINDS = {
    "tok_visa": Kind("Succeeds.", "4242"),
    "tok_mastercard": Kind("Succeeds.", "4444", brand="mastercard"),
    "tok_amex": Kind("Succeeds.", "0005", brand="amex"),
    "tok_declined": Kind("Each charge is declined: `card_declined`.", "0002", failure=Failure.CARD_DECLINED),
    "tok_decline_later": Kind(
        "The first charge succeeds, each later one is declined: `card_declined`.",
        "0341",
        failure=Failure.CARD_DECLINED,
        good_for=1,
    ),
    "tok_insufficient_funds": Kind(
        "Each charge fails: `insufficient_funds`.", "9995", failure=Failure.INSUFFICIENT_FUNDS
    ),
    "tok_incorrect_details": Kind("Each charge fails: `incorrect_details`.", "0127", failure=Failure.INCORRECT_DETAILS),
    "tok_processing_error": Kind("Each charge fails: `processing_error`.", "0119", failure=Failure.PROCESSING_ERROR),
    "tok_expired": Kind("Good until January 2020; each charge fails: `expired_card`.", "0069", good_until=(2020, 1)),
    "tok_3ds": Kind(
        "A charge asks for 3-D Secure, on a page to click; without the payer it fails: `authentication_required`.",
        "3220",
        asks=True,
        alone=ALONE,
    ),
    "tok_3ds_off_session_ok": Kind(
        "A charge asks for 3-D Secure where the payer is there; without the payer it succeeds.", "3155", asks=True
    ),
    "tok_processing": Kind("A charge stays PROCESSING for two seconds, then succeeds.", "0077", processing=True),
    "tok_processing_fails": Kind(
        "The same, then it fails: `card_declined`.", "0101", processing=True, failure=Failure.CARD_DECLINED
    ),
    "tok_timeout_after_success": Kind(
        "A charge succeeds, but the answer is cut off; the same key again is answered well.", "0259", cut_off=True
    ),
    "tok_late_webhook": Kind("Succeeds; the event comes twenty seconds late.", "0036", delivery=Delivery.LATE),
    "tok_duplicate_webhook": Kind("Succeeds; each event comes twice.", "0028", delivery=Delivery.TWICE),
    "tok_reordered_webhooks": Kind(
        "As tok_processing; the event of the success comes before that of the beginning.",
        "0044",
        processing=True,
        delivery=Delivery.REVERSED,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One card, as its token describes it."""

    name: str
    kind: Kind
    last4: str
    expires: tuple[int, int]
    renewed: tuple[int, int] | None

    @property
    def fingerprint(self) -> str:
        """The same for the same number, whatever its expiry."""
        return hashlib.sha256(f"{self.name} {self.last4}".encode()).hexdigest()[:16]

    @property
    def current(self) -> tuple[int, int]:
        """Its last year and month by now."""
        return self.renewed or self.expires

    def expired(self, at: datetime) -> bool:
        return (at.year, at.month) > self.current


def card(token: str) -> Card:
    """`tok_visa`, or with what a test wants: `tok_visa?exp=2027-03&last4=1881&renewed=2031-03`. Raises ValueError."""
    name, _, query = token.partition("?")
    wished = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    kind = KINDS.get(name)
    if kind is None or not wished.keys() <= {"exp", "last4", "renewed"}:
        raise ValueError("There is no such card.")
    last4 = wished.get("last4", kind.last4)
    if not DIGITS.fullmatch(last4):
        raise ValueError("`last4` has four digits.")
    renewed = month(wished["renewed"]) if "renewed" in wished else None
    return Card(name, kind, last4, month(wished["exp"]) if "exp" in wished else kind.good_until, renewed)


def month(text: str) -> tuple[int, int]:
    """Year and month. Raises ValueError."""
    found = MONTH.fullmatch(text)
    if found is None:
        raise ValueError("A month is written 2027-03.")
    return int(found[1]), int(found[2])
