"""Where gateways tell what happened: `POST /webhooks/{gateway}`. Whatever is not taken, they send again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response

from billing.gateways.gateway import Event, Gateway, WrongSignature
from execution.engine import frames
from execution.http import Refused, body, identified

log = structlog.get_logger(__name__)
OnEvent = Callable[[Event], Awaitable[None]]
HEADERS = {"cache-control": "no-store"}


class Endpoint:
    """`on_event` is given what is genuine, as often as it comes and in any order."""

    def __init__(self, gateway: Gateway | None, on_event: OnEvent) -> None:
        self._gateway, self._on_event = gateway, on_event

    async def __call__(self, request: Request) -> Response:
        """200 when it was taken, 400 for a signature that is wrong, 5xx for what is to be sent again."""
        gateway = self._gateway
        if gateway is None or request.path_params["gateway"] != gateway.kind.lower():
            return Response(status_code=404, headers=HEADERS)
        try:
            # By the real clock: an installation's may be moved, a signature's age is not.
            event = gateway.event(await body(request), request.headers, datetime.now(UTC))
        except (WrongSignature, Refused) as refusal:
            return Response(status_code=getattr(refusal, "status", 400), headers=HEADERS)
        try:
            await self._on_event(event)
        except Exception as error:  # noqa: BLE001  # whatever it is, the gateway shall send it again
            request_id = identified(request)
            log.error("event failed", error=type(error).__name__, frames=frames(error), request_id=request_id)  # noqa: TRY400
            return Response(status_code=500, headers=HEADERS)
        return Response(status_code=200, headers=HEADERS)
