"""The sandbox's page of 3-D Secure, under Purser's own address: a payer's browser may not reach the sandbox itself."""

import re

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from execution.http import Refused, body
from purser import gateways, plain
from purser.settings import Settings

TIMEOUT = 10.0
CHARGE = re.compile(r"ch_[0-9a-f]{24}")
KEPT = ("content-type", "content-security-policy", "location")


def routes(settings: Settings) -> list[BaseRoute]:
    """One page; with another gateway there is none."""
    if settings.gateway != "sandbox":
        return []
    where = gateways.place(settings)

    async def passed(request: Request) -> Response:
        """Handed on without who asks, and back."""
        charge = request.path_params["id"]
        if not CHARGE.fullmatch(charge):  # no other page of the sandbox, by any spelling
            return plain.page("sandbox_gone.html", status=404)
        url = f"{where()}/3ds/{charge}"
        try:
            text = await body(request)
            async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT) as client:
                answer = await client.request(request.method, url, content=text)
        except (httpx.HTTPError, httpx.InvalidURL, Refused):
            return Response(status_code=503, headers=plain.HEADERS)
        kept = {name: answer.headers[name] for name in KEPT if name in answer.headers}
        return Response(answer.content, answer.status_code, headers={**lowered(plain.HEADERS), **kept})

    return [Route("/sandbox/3ds/{id}", passed, methods=["GET", "POST"])]


def lowered(headers: dict[str, str]) -> dict[str, str]:
    """Names as they are compared."""
    return {name.lower(): value for name, value in headers.items()}
