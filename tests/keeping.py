"""Stands before localstripe and keeps idempotency keys, as Stripe's documentation says that Stripe does."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles import LocalStripe
from tests.servers import PATIENCE

PASSED = ("authorization", "content-type")


@dataclass
class Keeper:
    """The answer to each key, and what was asked with it."""

    behind: httpx.AsyncClient
    kept: dict[str, tuple[bytes, httpx.Response]] = field(default_factory=dict)

    async def __call__(self, request: Request) -> Response:
        body, key = await request.body(), request.headers.get("idempotency-key") if request.method == "POST" else None
        if key not in self.kept:
            answer = await self._asked(request, body)
            if key:
                self.kept[key] = (body, answer)
            return Response(answer.content, answer.status_code, media_type="application/json")
        first, answer = self.kept[key]
        if first != body:
            return JSONResponse({"error": {"type": "idempotency_error", "message": "Another request."}}, 400)
        return Response(answer.content, answer.status_code, headers={"idempotent-replayed": "true"})

    async def _asked(self, request: Request, body: bytes) -> httpx.Response:
        if request.url.path.endswith("/search"):
            return await self._searched(request)
        headers = {name: request.headers[name] for name in PASSED if name in request.headers}
        return await self.behind.request(request.method, request.url.path, content=body, headers=headers)

    async def _searched(self, request: Request) -> httpx.Response:
        """Those whose payment the query names."""
        headers = {"authorization": request.headers["authorization"]}
        found = (await self.behind.get("/v1/payment_intents?limit=100", headers=headers)).json()
        query = request.query_params["query"]
        named = [one for one in found["data"] if f"metadata['payment']:'{one['metadata'].get('payment')}'" == query]
        return httpx.Response(200, json={"object": "search_result", "data": named, "has_more": False, "url": ""})


@asynccontextmanager
async def keeping(double: LocalStripe) -> AsyncIterator[tuple[LocalStripe, Keeper]]:
    """The same double, reached through the keeper."""
    async with httpx.AsyncClient(base_url=double.url, trust_env=False, timeout=PATIENCE) as behind:
        keeper = Keeper(behind)
        app = Starlette(routes=[Route("/{path:path}", keeper.__call__, methods=["GET", "POST"])])
        with socket.create_server(("127.0.0.1", 0)) as on:
            server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
            task = asyncio.create_task(server._serve([on]))
            try:
                yield replace(double, url=f"http://127.0.0.1:{on.getsockname()[1]}"), keeper
            finally:
                server.should_exit = True
                await task
