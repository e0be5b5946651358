"""graphql-transport-ws: what a socket may be asked, and what ends it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from websockets import InvalidStatus, Origin
from websockets.asyncio.client import ClientConnection

from execution.http import MOST_BYTES
from execution.lines import Lines
from execution.websocket import LONGEST_ID, MOST_OPERATIONS
from models import api_keys
from tests import cluster
from tests.loopback import CHANGED, Loopback, Talk, organization_id, serving, signed
from tests.world_rows import NOW, TOKENS
from tests.worlds import held

NAME = "{ viewer { name } }"
ROLES = '{ organization(slug: "acme") { viewerRoles } }'

LEAVE = """
mutation ($id: ID!) {
  leaveBilling(input: {organizationId: $id, idempotencyKey: "one"}) { errors { code } }
}
"""


@pytest.fixture(scope="module")
async def server(server_url: str) -> AsyncIterator[Loopback]:
    """One for all: who changes something here changes it for an account that no other test asks as."""
    async with cluster.created(server_url, await held(server_url)) as url, serving(url) as server:
        yield server


def init(role: str = "billing", **more: str) -> str:
    return json.dumps({"type": "connection_init", "payload": signed(role) | more})


def subscribe(query: str = NAME, name: Any = "one", **more: Any) -> str:
    return json.dumps({"type": "subscribe", "id": name, "payload": {"query": query} | more})


ACK = '{"type":"connection_ack"}'
# What is said, and the code that the server closes with; whatever it answers before is an acknowledgement.
VIOLATIONS: dict[str, tuple[list[str | bytes], int]] = {
    "no JSON": (["{"], 4400),
    "no object": (["[]"], 4400),
    "empty": ([""], 4400),
    "binary": ([init().encode()], 4400),
    "no type": (["{}"], 4400),
    "type of the protocol before": (['{"type": "start"}'], 4400),
    "type of the server's": (['{"type": "connection_ack"}'], 4400),
    "payload is no object": (['{"type": "connection_init", "payload": "x"}'], 4400),
    "authorization is no string": (['{"type": "connection_init", "payload": {"authorization": 7}}'], 4400),
    "organization is no header": (
        [init(authorization=f"Bearer {TOKENS['billing']}", organization="acme\0")],
        4400,
    ),
    "asked before it was said who asks": ([subscribe()], 4401),
    "said twice who asks": ([init(), init()], 4429),
    "key that is none": (['{"type": "connection_init", "payload": {"authorization": "Bearer x"}}'], 4403),
    "key of nobody": ([init(authorization=f"Bearer {TOKENS['billing']}"[:-1] + "0")], 4403),
    "key that was never made": ([init(authorization=f"Bearer {api_keys.written(bytes(32))}")], 4403),
    "no id": ([init(), '{"type": "subscribe", "payload": {"query": NAME}}'], 4400),
    "empty id": ([init(), subscribe(name="")], 4400),
    "id is a number": ([init(), subscribe(name=7)], 4400),
    "long id": ([init(), subscribe(name="x" * (LONGEST_ID + 1))], 4400),
    "no query": ([init(), '{"type": "subscribe", "id": "one", "payload": {}}'], 4400),
    "no payload": ([init(), '{"type": "subscribe", "id": "one"}'], 4400),
    "query is a number": ([init(), '{"type": "subscribe", "id": "one", "payload": {"query": 7}}'], 4400),
    "variables are a list": ([init(), subscribe(variables=[])], 4400),
    "operationName is a number": ([init(), subscribe(operationName=7)], 4400),
    "completed without an id": ([init(), '{"type": "complete"}'], 4400),
    "the same id twice": (
        [init(), *[subscribe(CHANGED, variables={"id": organization_id("acme")})] * 2],
        4409,
    ),
    "more than a message may hold": (["x" * (MOST_BYTES + 1)], 1009),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
async def test_violation_of_the_protocol_ends_the_socket(server: Loopback, violation: str) -> None:
    said, code = VIOLATIONS[violation]
    async with server.bare() as opened:
        for message in said:
            await opened.send(message)
        talk = Talk(opened)
        if said[0] == init():
            assert await talk.raw() == ACK
        assert await talk.closed() == code


async def test_who_does_not_say_who_he_is_is_sent_away(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.server, "sockets", replace(server.server.sockets, patience=0.05))
    async with server.bare() as opened:
        assert await Talk(opened).closed() == 4408


async def test_patience_is_for_the_beginning_only(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    patience, timeout = 3600, asyncio.timeout
    begun: list[asyncio.Timeout] = []

    def noted(delay: float | None) -> asyncio.Timeout:
        made = timeout(delay)
        begun.extend([made] if delay == patience else [])
        return made

    monkeypatch.setattr(server.server, "sockets", replace(server.server.sockets, patience=patience))
    monkeypatch.setattr(asyncio, "timeout", noted)
    async with server.talk("billing") as talk:
        await talk.follow()
        (one,) = begun
        with pytest.raises(RuntimeError, match="finished"):
            one.reschedule(asyncio.get_running_loop().time())
        assert "data" in await talk.ask(NAME)


@pytest.mark.parametrize("offered", [["graphql-ws"], ["something-else"], None], ids=str)
async def test_other_subprotocols_are_refused(server: Loopback, offered: list[str] | None) -> None:
    async with server.bare(subprotocols=offered) as opened:
        assert opened.subprotocol is None
        assert await Talk(opened).closed() == 4406


async def test_right_subprotocol_is_chosen_among_others(server: Loopback) -> None:
    async with server.bare(subprotocols=["graphql-ws", "graphql-transport-ws"]) as opened:
        assert opened.subprotocol == "graphql-transport-ws"


async def test_pings_are_answered_before_and_after_the_greeting(server: Loopback) -> None:
    async with server.bare() as opened:
        talk = Talk(opened)
        await talk.send("ping", payload={"at": 1})
        assert await talk.receive() == {"type": "pong", "payload": {"at": 1}}
        await talk.send("pong")
        await opened.send(init())
        assert await talk.raw() == ACK
        await talk.quiet()


async def test_queries_and_mutations_are_answered(server: Loopback) -> None:
    async with server.talk("both") as talk:
        assert await talk.ask(ROLES) == {"data": {"organization": {"viewerRoles": ["MEMBER", "BILLING_MANAGER"]}}}
        left = await talk.ask(LEAVE, {"id": organization_id("acme")})
        assert left == {"data": {"leaveBilling": {"errors": []}}}
        assert await talk.ask(ROLES) == {"data": {"organization": {"viewerRoles": ["MEMBER"]}}}


async def test_nobody_may_ask_what_is_public(server: Loopback) -> None:
    async with server.talk() as talk:
        assert await talk.ask(NAME) == {"data": {"viewer": None}}


async def test_many_operations_share_a_socket(server: Loopback) -> None:
    async with server.talk("mixed") as talk:
        await talk.follow("acme", name="first")
        await talk.follow("globex", name="second")
        assert "data" in await talk.ask(NAME)
        await talk.send("complete", id="first")
        await talk.send("complete", id="never begun")
        await talk.follow("acme", name="first")
        await talk.quiet()


async def test_socket_has_so_many_operations_and_no_more(server: Loopback) -> None:
    async with server.talk("mixed") as talk:
        for number in range(MOST_OPERATIONS):
            await talk.follow(name=f"operation {number}")
        answer = await talk.ask(NAME)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["LIMIT_EXCEEDED"]
        await talk.send("complete", id="operation 0")
        assert "data" in await talk.ask(NAME)


async def test_errors_before_execution_are_an_error_and_end_the_operation(server: Loopback) -> None:
    async with server.talk("billing") as talk:
        for query in ("{", "{ nothing }", CHANGED, "subscription { __typename }"):
            answer = await talk.ask(query)
            assert answer.keys() == {"errors"}
            assert all("INTERNAL" not in json.dumps(error) for error in answer["errors"])
        await talk.quiet()


@pytest.mark.parametrize("directive", ["@skip(if: true)", "@include(if: false)", "@skip(if: $yes)"])
async def test_subscription_that_leaves_its_field_out_is_an_error(server: Loopback, directive: str) -> None:
    field = f"organizationChanged(organizationId: $id) {directive}"
    asked = f"subscription ($id: ID!, $yes: Boolean = true) {{ {field} {{ kind }} }}"
    async with server.talk("billing") as talk:
        answer = await talk.ask(asked, {"id": organization_id("acme")})
        assert answer.keys() == {"errors"}
        assert "INTERNAL" not in json.dumps(answer)


async def test_organization_of_the_first_message_is_the_scope(server: Loopback) -> None:
    asked = "{ viewer { organizations { nodes { slug } } } }"
    async with server.talk("mixed", scope="globex") as talk:
        assert await talk.ask(asked) == {"data": {"viewer": {"organizations": {"nodes": [{"slug": "globex"}]}}}}
    async with server.talk("mixed", scope="ünknown") as talk:
        assert await talk.ask(asked) == {"data": {"viewer": {"organizations": {"nodes": []}}}}


async def test_headers_of_the_handshake_say_who_asks_if_nothing_else_does(server: Loopback) -> None:
    headers = signed("mixed") | {"purser-organization": "globex"}
    async with server.talk(additional_headers=headers) as talk:
        assert await talk.ask(ROLES) == {"data": {"organization": None}}
    async with server.talk("billing", scope="acme", additional_headers=headers) as talk:
        assert await talk.ask(ROLES) == {"data": {"organization": {"viewerRoles": ["BILLING_MANAGER"]}}}


async def cookie(server: Loopback) -> dict[str, str]:
    """A new session of the owner's."""
    text = uuid4().hex
    await server.sign_in("owner", text, until=NOW + timedelta(days=1))
    return {"cookie": f"purser_session={text}"}


async def test_session_is_good_on_sockets_of_our_own_pages(server: Loopback) -> None:
    async with server.talk(additional_headers=await cookie(server), origin=Origin(server.origin)) as talk:
        assert (await talk.ask(NAME))["data"]["viewer"] is not None


@pytest.mark.parametrize("origin", ["https://evil.test", "http://127.0.0.1", "null"])
async def test_session_is_refused_to_pages_of_others(server: Loopback, origin: str) -> None:
    async with server.bare(additional_headers=await cookie(server), origin=Origin(origin)) as opened:
        talk = Talk(opened)
        await talk.send("connection_init")
        assert await talk.closed() == 4403


async def test_key_is_good_on_pages_of_others(server: Loopback) -> None:
    async with server.talk(
        "billing", additional_headers=await cookie(server), origin=Origin("https://partner.test")
    ) as talk:
        assert await talk.ask(ROLES) == {"data": {"organization": {"viewerRoles": ["BILLING_MANAGER"]}}}


async def test_server_has_so_many_sockets_and_no_more(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.server, "sockets", replace(server.server.sockets, lines=Lines(most=2)))

    async def refused() -> None:
        with pytest.raises(InvalidStatus) as refusal:
            async with server.bare():
                pass
        assert refusal.value.response.status_code == 503

    async with server.talk("billing"):
        async with server.talk("billing"):
            await refused()
        async with server.talk("billing"):
            await refused()


async def test_messages_are_text(server: Loopback) -> None:
    async with server.bare() as opened:
        assert isinstance(opened, ClientConnection)
        await opened.send(init())
        assert await opened.recv() == ACK
        await opened.send(subscribe(CHANGED, variables={"id": organization_id("acme")}))
        await opened.send('{"type": "ping"}')
        assert isinstance(await opened.recv(), str)
