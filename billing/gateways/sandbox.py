"""Speaks to the sandbox, a process of its own (purser/sandbox): a gateway for cards that takes no money."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from billing.gateways import minimums, signatures
from billing.gateways.gateway import (
    Action,
    Card,
    Charge,
    ChargeStatus,
    Event,
    GatewayKind,
    GatewayRefused,
    GatewayUnavailable,
    Method,
    Order,
    Repayment,
    WrongSignature,
)
from billing.rules.money import Money

TIMEOUT = httpx.Timeout(20, connect=5)
OK, REFUSED, BROKEN = 200, 400, 500


class Sandbox:
    """A Gateway. `where` is asked at each call: the process may have been started anew elsewhere."""

    kind = GatewayKind.SANDBOX
    publishable_key = None

    def __init__(
        self, where: Callable[[], str | None], secret: bytes, clock: Callable[[], datetime], client: httpx.AsyncClient
    ) -> None:
        self._where, self._clock, self._client = where, clock, client
        self._key, self._webhook_key = signatures.derived(secret, "api"), signatures.derived(secret, "webhook")

    def minimum(self, currency: str) -> Money:
        return minimums.minimum(currency)

    async def add(self, customer: str | None, owner: str, token: str, key: str) -> Method:
        asked = {"customer": customer, "owner": owner, "token": token}
        return method(await self._ask("POST", "/v1/methods", asked, key))

    async def method(self, reference: str) -> Method:
        return method(await self._ask("GET", f"/v1/methods/{quote(reference, safe='')}"))

    async def forget(self, reference: str) -> None:
        await self._ask("DELETE", f"/v1/methods/{quote(reference, safe='')}")

    async def charge(self, order: Order) -> Charge:
        asked = {
            **money(order.amount),
            "method": order.method,
            "customer": order.customer,
            "on_session": order.on_session,
            "return_url": order.return_url,
        }
        return charge(await self._ask("POST", "/v1/charges", asked, order.key))

    async def found(self, reference: str) -> Charge:
        return charge(await self._ask("GET", f"/v1/charges/{quote(reference, safe='')}"))

    async def cancel(self, reference: str) -> Charge:
        return charge(await self._ask("POST", f"/v1/charges/{quote(reference, safe='')}/cancel", {}))

    async def refund(self, reference: str, amount: Money, key: str) -> Repayment:
        made = await self._ask("POST", f"/v1/charges/{quote(reference, safe='')}/refunds", money(amount), key)
        return Repayment(made["id"], Money(made["amount"], made["currency"]))

    def event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
        signatures.verify(body, headers.get(signatures.HEADER, ""), self._webhook_key, now)
        try:
            told = json.loads(body)
            return Event(told["id"], told["kind"], datetime.fromisoformat(told["created_at"]), told["charge"])
        except (ValueError, KeyError, TypeError):
            raise WrongSignature from None

    async def _ask(self, verb: str, path: str, asked: dict[str, Any] | None = None, key: str | None = None) -> Any:
        """The answer. The time goes with the question: cards expire by the clock of who asks."""
        where = self._where()
        if where is None:
            raise GatewayUnavailable("The sandbox does not run.")
        headers = {"authorization": f"Bearer {self._key}", "purser-now": self._clock().isoformat()}
        headers |= {"idempotency-key": key} if key else {}
        try:
            answer = await self._client.request(verb, where + path, json=asked, headers=headers)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise GatewayUnavailable(type(error).__name__) from None
        return understood(answer.status_code, told)


def understood(status: int, told: Any) -> Any:
    """What an answer says. Raises as the protocol has it."""
    if status == OK:
        return told
    if REFUSED <= status < BROKEN and isinstance(told, dict) and "code" in told:
        raise GatewayRefused(told["code"])
    raise GatewayUnavailable(f"HTTP status {status}")


def money(amount: Money) -> dict[str, Any]:
    """An amount, as it is sent."""
    return {"amount": amount.amount, "currency": amount.currency}


def method(told: Any) -> Method:
    """A card that is kept, as it was answered."""
    card = Card(told["brand"], told["last4"], told["exp_month"], told["exp_year"], told["fingerprint"])
    return Method(told["id"], card, told["customer"])


def charge(told: Any) -> Charge:
    """A charge, as it was answered."""
    return Charge(
        told["id"],
        told["key"],
        ChargeStatus(told["status"]),
        Money(told["amount"], told["currency"]),
        told["failure_code"],
        Action("redirect", told["action_url"]) if told["action_url"] else None,
    )


@asynccontextmanager
async def sandbox(
    where: Callable[[], str | None],
    secret: bytes,
    clock: Callable[[], datetime],
    timeout: httpx.Timeout = TIMEOUT,  # noqa: ASYNC109  # of each answer
) -> AsyncIterator[Sandbox]:
    """The gateway, with connections that are kept until the end. No proxy is between: it is beside us."""
    async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
        yield Sandbox(where, secret, clock, client)
