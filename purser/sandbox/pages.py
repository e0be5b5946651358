"""What people look at: the page of 3-D Secure, and what the sandbox has taken."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from billing.gateways.gateway import ChargeStatus, GatewayRefused
from billing.rules.money import Money
from purser import plain
from purser.sandbox.api import read
from purser.sandbox.cards import KINDS, card
from purser.sandbox.state import Row, State
from purser.sandbox.teller import Teller

MOST = 200


class Pages:
    """They work without scripts. Only the page of 3-D Secure changes anything, and only by POST."""

    def __init__(self, state: State, ring: Callable[[], None]) -> None:
        self._state, self._teller, self._ring = state, Teller(state), ring

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.overview),
            Route("/3ds/{id}", self.asking),
            Route("/3ds/{id}", self.answered, methods=["POST"]),
            *plain.routes(),
        ]

    async def overview(self, _request: Request) -> Response:
        """What it has taken, newest first."""
        charges = self._state.all(
            "select charge.*, method.token from charge join method on method.id = charge.method "
            "order by number desc limit ?",
            MOST,
        )
        events = self._state.all("select * from event order by number desc limit ?", MOST)
        return plain.page(
            "sandbox.html", charges=[shown(row) for row in charges], events=[told(row) for row in events], kinds=KINDS
        )

    async def asking(self, request: Request) -> Response:
        """The page to click."""
        try:
            found = self._teller.found(request.path_params["id"])
        except GatewayRefused:
            return plain.page("sandbox_gone.html", status=404)
        return self._page(found)

    async def answered(self, request: Request) -> Response:
        """Decided: back to where the payer came from."""
        try:
            said = parse_qs((await read(request)).decode()).get("answer")
            if said not in (["approve"], ["decline"]):
                return self._page(self._teller.found(request.path_params["id"]))
            found = self._teller.answer(request.path_params["id"], approved=said == ["approve"])
        except (GatewayRefused, ValueError):
            return plain.page("sandbox_gone.html", status=404)
        self._ring()
        if origin(found["return_url"]) is None:
            return self._page(found)
        return RedirectResponse(found["return_url"], 303, headers=plain.HEADERS)

    def _page(self, found: Row) -> Response:
        method = self._state.one("select token from method where id = ?", found["method"])
        charge = shown({**dict(found), "token": method["token"] if method else ""})
        back = origin(found["return_url"])
        page = plain.page("sandbox_3ds.html", charge=charge, back=found["return_url"] if back else None)
        # The browser holds what a form leads to against the policy as well: the way back is part of it.
        allowed = f"form-action 'self' {back}" if back else "form-action 'self'"
        page.headers["content-security-policy"] = plain.CONTENT_SECURITY_POLICY.replace("form-action 'none'", allowed)
        return page


def origin(url: str) -> str | None:
    """Where a return leads; None for what is no address of the web."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if (
        parts.scheme not in {"http", "https"}
        or not host.isascii()
        or not host.replace("-", "").replace(".", "").isalnum()
    ):
        return None
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def shown(row: Any) -> dict[str, Any]:
    """A charge, for people."""
    of = card(row["token"])
    more = {
        "card": f"{of.kind.brand} {of.last4}",
        "token": row["token"],
        "taken": written(row["amount"], row["currency"]),
        "returned": written(row["refunded"], row["currency"]) if row["refunded"] else "",
        "at": moment(row["created_at"]),
        "waits": row["status"] == ChargeStatus.REQUIRES_ACTION,
    }
    return dict(row) | more


def told(row: Any) -> dict[str, Any]:
    """An event, for people."""
    delivered = moment(row["delivered_at"]) if row["delivered_at"] else ""
    return dict(row) | {"at": moment(row["created_at"]), "delivered": delivered}


def written(amount: int, currency: str) -> str:
    """An amount, for people."""
    return f"{Money(amount, currency).major} {currency}"


def moment(seconds: float) -> str:
    """An instant, for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
