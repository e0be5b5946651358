"""What Purser asks the sandbox, as JSON. Who asks has the key that is derived from the installation's secret."""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from billing.gateways.failures import Refused
from billing.gateways.gateway import ChargeStatus, GatewayRefused
from billing.rules.money import Money
from purser.sandbox.cards import Card, card
from purser.sandbox.deliveries import Deliveries
from purser.sandbox.state import Row, State
from purser.sandbox.teller import Teller, Wanted

Asked = dict[str, Any]
MOST_BYTES = 64 * 1024


class CutOff(Response):
    """An answer that begins and does not end: the connection is closed."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class Api:
    """`pages`: where its pages are reached."""

    def __init__(self, state: State, deliveries: Deliveries, key: str, pages: str) -> None:
        self._state, self._deliveries, self._teller = state, deliveries, Teller(state)
        self._key, self._pages = f"Bearer {key}", pages

    def routes(self) -> list[BaseRoute]:
        """Each for a verb and a path."""
        asked = [
            ("POST", "/v1/methods", self.add),
            ("GET", "/v1/methods/{id}", self.method),
            ("DELETE", "/v1/methods/{id}", self.forget),
            ("POST", "/v1/charges", self.charge),
            ("GET", "/v1/charges/{id}", self.found),
            ("POST", "/v1/charges/{id}/cancel", self.cancel),
            ("POST", "/v1/charges/{id}/refunds", self.refund),
            ("PUT", "/v1/webhook", self.webhook),
            ("POST", "/v1/hasten", self.hasten),
        ]
        return [Route(path, self._answered(act), methods=[verb]) for verb, path, act in asked]

    async def add(self, request: Request, asked: Asked) -> Response:
        kept = self._teller.add(asked["customer"], str(asked["owner"]), str(asked["token"]), key(request))
        return JSONResponse(method(kept, card(kept["token"]).expires))

    async def method(self, request: Request, _: Asked) -> Response:
        kept = self._teller.method(request.path_params["id"])
        return JSONResponse(method(kept, card(kept["token"]).current))

    async def forget(self, request: Request, _: Asked) -> Response:
        self._teller.forget(request.path_params["id"])
        return JSONResponse({})

    async def charge(self, request: Request, asked: Asked) -> Response:
        wanted = Wanted(
            key(request),
            money(asked),
            str(asked["method"]),
            asked["customer"],
            bool(asked["on_session"]),
            str(asked["return_url"]),
            datetime.fromisoformat(request.headers.get("purser-now", datetime.now(UTC).isoformat())),
        )
        made, new_one = self._teller.charge(wanted)
        self._deliveries.ring()
        return CutOff() if new_one and self._card(made).kind.cut_off else self._told(made)

    async def found(self, request: Request, _: Asked) -> Response:
        return self._told(self._teller.found(request.path_params["id"]))

    async def cancel(self, request: Request, _: Asked) -> Response:
        found = self._teller.cancel(request.path_params["id"])
        self._deliveries.ring()
        return self._told(found)

    async def refund(self, request: Request, asked: Asked) -> Response:
        made = self._teller.refund(request.path_params["id"], money(asked), key(request))
        self._deliveries.ring()
        return JSONResponse({name: made[name] for name in ("id", "charge", "amount", "currency")})

    async def webhook(self, _request: Request, asked: Asked) -> Response:
        """Where events go from now on."""
        self._deliveries.send_to(str(asked["url"]))
        return JSONResponse({})

    async def hasten(self, _request: Request, _: Asked) -> Response:
        """Let all that waits happen now: charges are decided, and each event is delivered once."""
        return JSONResponse({"failed": await self._deliveries.hasten()})

    def _told(self, found: Row) -> Response:
        names = ("id", "key", "amount", "currency", "status", "failure_code")
        waits = found["status"] == ChargeStatus.REQUIRES_ACTION
        url = f"{self._pages}/3ds/{found['id']}" if waits else None
        return JSONResponse({name: found[name] for name in names} | {"action_url": url})

    def _card(self, charge: Row) -> Card:
        return card(self._teller.method(charge["method"])["token"])

    def _answered(self, act: Callable[[Request, Asked], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._key.encode()):
                return JSONResponse({}, 401)
            try:
                text = await read(request)
                found: Response = await act(request, json.loads(text) if text else {})
            except GatewayRefused as refusal:
                return JSONResponse({"code": refusal.code}, 409 if "conflict" in refusal.code else 400)
            except (KeyError, TypeError, ValueError):
                return JSONResponse({"code": Refused.INVALID_REQUEST}, 400)
            return found

        return endpoint


async def read(request: Request) -> bytes:
    """A body, if it says that it is short. Raises ValueError."""
    if int(request.headers.get("content-length", "0")) > MOST_BYTES or "transfer-encoding" in request.headers:
        raise ValueError("The body is too long.")
    return await request.body()


def key(request: Request) -> str:
    """The call's idempotency key. Raises KeyError for a call without one."""
    return request.headers["idempotency-key"]


def money(asked: Asked) -> Money:
    """An amount in a request. Raises ValueError for what is none."""
    if type(asked["amount"]) is not int:
        raise TypeError("an amount is a whole number")
    return Money(asked["amount"], str(asked["currency"]))


def method(kept: Row, until: tuple[int, int]) -> Asked:
    """A card that is kept, in an answer."""
    of = card(kept["token"])
    year, month = until
    more = {"brand": of.kind.brand, "last4": of.last4, "exp_year": year, "exp_month": month}
    return {"id": kept["id"], "customer": kept["customer"], "fingerprint": of.fingerprint, **more}
