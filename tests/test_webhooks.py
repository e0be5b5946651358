"""Where gateways tell what happened: what is genuine is handed on, and nothing else is answered well."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from billing.gateways.gateway import Event
from billing.gateways.sandbox import Sandbox
from billing.gateways.signatures import HEADER, derived, signed
from execution.http import MOST_BYTES
from purser.webhooks import Endpoint
from tests.servers import SECRET

BODY = json.dumps(
    {"id": "evt_1", "kind": "charge.refunded", "created_at": "2026-06-15T12:00:00+00:00", "charge": "ch_1"}
)
KEY = derived(SECRET.encode(), "webhook")


class Hearing:
    """Takes events, or breaks."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.broken = False

    async def __call__(self, event: Event) -> None:
        if self.broken:
            raise RuntimeError("of a value that nobody may see")
        self.heard.append(event)


@pytest.fixture
def hearing() -> Hearing:
    return Hearing()


@pytest.fixture
async def client(hearing: Hearing) -> AsyncIterator[httpx.AsyncClient]:
    gateway = Sandbox(lambda: None, SECRET.encode(), lambda: datetime.now(UTC), httpx.AsyncClient())
    app = Starlette(routes=[Route("/webhooks/{gateway}", Endpoint(gateway, hearing).__call__, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://purser") as opened:
        yield opened


async def posted(client: httpx.AsyncClient, body: bytes, header: str, name: str = "sandbox") -> tuple[int, str]:
    answer = await client.post(f"/webhooks/{name}", content=body, headers={HEADER: header})
    return answer.status_code, answer.text


def now(body: bytes = BODY.encode()) -> str:
    return signed(body, KEY, datetime.now(UTC))


async def test_genuine_event_is_handed_on_as_often_as_it_comes(client: httpx.AsyncClient, hearing: Hearing) -> None:
    for _ in range(2):
        assert await posted(client, BODY.encode(), now()) == (200, "")
    created = datetime(2026, 6, 15, 12, tzinfo=UTC)
    assert hearing.heard == [Event("evt_1", "charge.refunded", created, "ch_1")] * 2


async def test_wrong_signature_is_told_nothing(client: httpx.AsyncClient, hearing: Hearing) -> None:  # case 97
    foreign = signed(BODY.encode(), "another", datetime.now(UTC))
    for header in ("", "t=1,v1=0", now(b"another body"), foreign):
        assert await posted(client, BODY.encode(), header) == (400, "")
    assert hearing.heard == []


async def test_old_signature_is_wrong(client: httpx.AsyncClient) -> None:
    old = signed(BODY.encode(), KEY, datetime.now(UTC) - timedelta(minutes=6))
    assert await posted(client, BODY.encode(), old) == (400, "")


async def test_event_that_cannot_be_taken_is_to_be_sent_again(client: httpx.AsyncClient, hearing: Hearing) -> None:
    hearing.broken = True
    assert await posted(client, BODY.encode(), now()) == (500, "")
    hearing.broken = False
    assert await posted(client, BODY.encode(), now()) == (200, "")


async def test_body_has_a_limit_and_another_gateway_is_none(client: httpx.AsyncClient) -> None:
    much = b" " * (MOST_BYTES + 1)
    assert await posted(client, much, now(much)) == (413, "")
    assert await posted(client, BODY.encode(), now(), "stripe") == (404, "")
