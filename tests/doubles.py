"""Both gateways as tests use them: each with somebody who plays the other side, and its words for the same cards."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx

from billing.gateways.gateway import Charge, Gateway
from billing.gateways.signatures import HEADER
from billing.gateways.stripe import SIGNATURE, opened
from tests.sandboxes import Process, clicked
from tests.sandboxes import running as sandbox
from tests.servers import PATIENCE, ROOT

SECRET_KEY, PUBLISHABLE_KEY, WEBHOOK_SECRET = "sk_test_purser", "pk_test_purser", "whsec_of_a_test"  # of a double
# Tests of tests/test_gateways.py that must fail there, and why; docs/gateways.md lists the same.
NOT_IN_LOCALSTRIPE = {
    "test_same_key_has_no_second_effect": "keeps no idempotency keys",
    "test_key_with_something_else_is_refused": "keeps no idempotency keys",
    "test_same_key_adds_one_card": "keeps no idempotency keys",
    "test_refund_is_never_more_than_was_taken": "refunds without limit",
    "test_refunds_at_once_are_never_more_than_was_taken": "refunds without limit",
    "test_amount_below_the_least_is_refused": "takes every amount",
    "test_forgotten_card_cannot_be_charged": "charges cards that were detached",
    "test_card_of_another_customer_cannot_be_charged": "charges another customer's cards",
}
EXPIRY = {"exp_month": "12", "exp_year": "2034", "cvc": "123"}


class Double(Protocol):
    """Somebody who plays a gateway's other side, as a process of its own."""

    name: str
    signature: str  # the header of an event
    succeeded: str  # an event's kind
    failed: str

    async def good(self) -> str:
        """A token of a card that succeeds."""

    async def declined(self) -> str:
        """Of one that can be added, and is declined."""

    async def asking(self) -> str:
        """Of one that asks for the payer where he is there, and fails without him."""

    async def act(self, charge: Charge, *, approve: bool) -> None:
        """What the payer does."""

    async def send_to(self, url: str) -> None:
        """Where events go."""

    def gateway(self) -> Any:
        """The gateway, as long as the context lasts."""


@dataclass
class SandboxDouble:
    """The sandbox plays itself."""

    process: Process
    name: str = "sandbox"
    signature: str = HEADER
    succeeded: str = "charge.succeeded"
    failed: str = "charge.failed"

    async def good(self) -> str:
        return "tok_visa"

    async def declined(self) -> str:
        return "tok_declined"

    async def asking(self) -> str:
        return "tok_3ds"

    async def act(self, charge: Charge, *, approve: bool) -> None:
        assert charge.action
        await clicked(str(charge.action.url), "approve" if approve else "decline")

    async def send_to(self, url: str) -> None:
        await self.process.ask("PUT", "/v1/webhook", url=url)

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gateway]:
        async with self.process.gateway() as gateway:
            yield gateway


@dataclass
class LocalStripe:
    """Plays Stripe, as far as it can: docs/gateways.md lists what it cannot."""

    url: str
    name: str = "stripe"
    signature: str = SIGNATURE
    succeeded: str = "payment_intent.succeeded"
    failed: str = "payment_intent.payment_failed"

    async def good(self) -> str:
        return await self._made("4242424242424242")

    async def declined(self) -> str:
        return await self._made("4000000000000341")

    async def asking(self) -> str:
        return await self._made("4000002500003155")

    async def act(self, charge: Charge, *, approve: bool) -> None:
        """What Stripe's script does in the payer's browser."""
        assert charge.action
        asked = {"client_secret": charge.action.client_secret, "success": approve}
        path = f"/v1/payment_intents/{charge.reference}/_authenticate"
        await self._ask(path, asked | {"key": PUBLISHABLE_KEY})

    async def send_to(self, url: str) -> None:
        await self._ask(f"/_config/webhooks/{uuid4().hex}", {"url": url, "secret": WEBHOOK_SECRET})

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gateway]:
        async with opened(SECRET_KEY, PUBLISHABLE_KEY, WEBHOOK_SECRET, self.url) as gateway:
            yield gateway

    async def _made(self, number: str) -> str:
        """A PaymentMethod, as Stripe's script makes it."""
        made = await self._ask("/v1/payment_methods", {"type": "card", "card": {"number": number, **EXPIRY}})
        return str(made.json()["id"])

    async def _ask(self, path: str, asked: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=PATIENCE) as client:
            return await client.post(path, json=asked, headers={"authorization": f"Bearer {SECRET_KEY}"})


@contextmanager
def localstripe() -> Iterator[LocalStripe]:
    """One that runs until the context ends."""
    command = [sys.executable, "-m", "tests.localstripe_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        try:
            assert process.stdout
            yield LocalStripe(process.stdout.readline().strip())
        finally:
            process.terminate()


@contextmanager
def sandbox_double(directory: Path) -> Iterator[SandboxDouble]:
    """One that runs until the context ends."""
    with sandbox(directory) as process:
        yield SandboxDouble(process)
