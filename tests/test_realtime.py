"""Subscriptions: who hears of what, on which server, and for how long."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from websockets import Origin

from execution.engine import Answer, Asked
from models.api_keys import digest as digest_of_key
from models.changes import NEEDS, ChangeKind, noticed
from resolvers.changes import MOST_WAITING
from tests import cluster, loopback
from tests.conftest import Create
from tests.loopback import CHANGED, PATIENCE, Loopback, Talk, organization_id, organization_key, serving
from tests.visitors import Clock
from tests.world_rows import NOW, TOKENS
from tests.worlds import held

MONEY = ["PLAN", "PAYMENT_METHODS", "PAYMENTS", "INVOICES", "BILLING_MANAGERS"]
WORK = ["MEMBERS", "TEAMS", "PROJECTS"]
HIDDEN = (ChangeKind.MEMBERS, ChangeKind.TEAMS, ChangeKind.PROJECTS)
# By hand, from the table of DOMAIN.md 1.
HEARD = {
    "owner": MONEY + WORK,
    "admin": MONEY + WORK,
    "both": MONEY + WORK,
    "member": WORK,
    "billing": MONEY,
    "mixed": MONEY,
}
INVITE = """
mutation ($id: ID!, $emails: [String!]!) {
  inviteBillingManagers(input: {organizationId: $id, emails: $emails, idempotencyKey: "one"}) {
    results { outcome }
    errors { code }
  }
}
"""
REMOVE = """
mutation ($id: ID!) {
  removeBillingManager(input: {billingManagerId: $id, idempotencyKey: "one"}) { errors { code } }
}
"""


@pytest.fixture
async def url(server_url: str, create: Create) -> str:
    """A database that holds the world `base`."""
    return await create(await held(server_url))


@pytest.fixture(scope="module")
async def shared(server_url: str) -> AsyncIterator[Loopback]:
    """A server for tests that change nothing."""
    async with cluster.created(server_url, await held(server_url)) as url, serving(url, orm=False) as server:
        yield server


@pytest.fixture
async def server(url: str) -> AsyncIterator[Loopback]:
    async with serving(url) as server:
        yield server


async def execute(server: Loopback, statement: str, *values: Any) -> None:
    async with cluster.connection(server.database_url) as connection:
        await connection.execute(statement, *values)


async def manager_of(server: Loopback, role: str) -> str:
    """The id of somebody of the worlds as billing manager of acme."""
    asked = '{ viewer { email } organization(slug: "acme") { billingManagers(first: 100) { nodes { id email } } } }'
    data = await server.ask(asked, role=role)
    nodes = data["organization"]["billingManagers"]["nodes"]
    return str(next(node["id"] for node in nodes if node["email"] == data["viewer"]["email"]))


async def removed(server: Loopback, role: str) -> None:
    """End somebody's role of billing manager."""
    data = await server.ask(REMOVE, {"id": await manager_of(server, role)}, role="owner")
    assert data["removeBillingManager"]["errors"] == []


async def completes(talk: Talk) -> None:
    assert await talk.receive() == {"type": "complete", "id": "changes"}


async def test_invitation_made_by_one_server_shows_at_the_other(server: Loopback) -> None:
    async with serving(server.database_url, orm=False) as other, other.talk("billing") as talk:
        await talk.follow()
        asked = {"id": organization_id("acme"), "emails": ["new@invited.test"]}
        await server.ask(INVITE, asked, role="owner")
        assert await talk.hints(1) == ["BILLING_MANAGERS"]


@pytest.mark.parametrize("role", HEARD)
async def test_everybody_hears_exactly_of_what_he_may_read(shared: Loopback, role: str) -> None:
    async with shared.talk(role) as talk:
        await talk.follow()
        await shared.tell(*ChangeKind)
        await shared.tell(*ChangeKind, organization="initech")
        await shared.tell(*ChangeKind)
        assert await talk.hints(2 * len(HEARD[role])) == HEARD[role] * 2
        await talk.quiet()


async def test_hidden_changes_leave_no_trace_on_a_socket(shared: Loopback) -> None:
    async def frames(*hidden: ChangeKind) -> list[str]:
        async with shared.talk("billing") as talk:
            await talk.follow()
            for kind in (ChangeKind.PLAN, ChangeKind.PAYMENTS, ChangeKind.PLAN):
                await shared.tell(*hidden, kind, *hidden)
            found = [await talk.raw() for _ in range(3)]
            await talk.quiet()
            return found

    assert await frames() == await frames(*HIDDEN) == await frames(*HIDDEN * 3)


async def test_hidden_changes_leave_no_trace_in_an_event_stream(shared: Loopback) -> None:
    async def events(*hidden: ChangeKind) -> list[bytes]:
        async with shared.events(CHANGED, {"id": organization_id("acme")}, role="billing") as stream:
            for kind in (ChangeKind.PLAN, ChangeKind.PAYMENTS, ChangeKind.PLAN):
                await shared.tell(*hidden, kind, *hidden)
            return [await stream.receive() for _ in range(3)]

    assert await events() == await events(*HIDDEN) == await events(*HIDDEN * 3)


async def test_every_kind_of_change_has_its_permission() -> None:
    assert set(NEEDS) == set(ChangeKind)


async def test_removal_completes_the_stream_and_nothing_follows(server: Loopback) -> None:
    # case 39
    async with server.talk("billing") as talk:
        await talk.follow()
        await removed(server, "billing")
        await server.tell(*ChangeKind)
        await completes(talk)
        await talk.quiet()


async def test_socket_of_a_removed_manager_is_good_for_what_remains(server: Loopback) -> None:
    # case 39
    async with server.talk("mixed") as talk:
        await talk.follow("acme")
        await talk.follow("globex", name="others")
        await removed(server, "mixed")
        await completes(talk)
        asked = '{ acme: organization(slug: "acme") { id } globex: organization(slug: "globex") { slug } }'
        assert await talk.ask(asked) == {"data": {"acme": None, "globex": {"slug": "globex"}}}
        await server.tell(ChangeKind.TEAMS, organization="globex")
        assert await talk.hints(1) == ["TEAMS"]


async def test_what_was_heard_before_the_removal_is_not_told_after_it(server: Loopback) -> None:
    # case 39
    # Told and committed together: when the hint's turn comes, the role is gone.
    async with server.talk("billing") as talk:
        await talk.follow()
        async with cluster.connection(server.database_url) as connection, connection.transaction():
            told = f'{{"organization": "{organization_key("acme")}", "kind": "PLAN", "at": "{loopback.AT}"}}'
            await connection.execute("select pg_notify('purser_changes', $1)", told)
            await connection.execute(
                "delete from role_grant g using api_key k where k.digest = $1 and g.user_id = k.user_id",
                digest_of_key(TOKENS["billing"] or ""),
            )
        await completes(talk)
        await talk.quiet()


async def test_who_is_no_member_any_more_hears_of_money_alone(server: Loopback) -> None:
    # case 38
    async with server.talk("both") as talk:
        await talk.follow()
        await server.tell(*ChangeKind)
        assert await talk.hints(len(ChangeKind)) == MONEY + WORK
        await execute(
            server,
            "delete from role_grant g using api_key k"
            " where k.digest = $1 and g.user_id = k.user_id and g.role <> 'BILLING_MANAGER'",
            digest_of_key(TOKENS["both"] or ""),
        )
        await server.tell(*ChangeKind)
        await server.tell(*ChangeKind)
        assert await talk.hints(2 * len(MONEY)) == MONEY * 2
        await talk.quiet()


async def test_new_role_opens_nothing_in_an_open_stream(server: Loopback) -> None:
    async with server.talk("member") as talk:
        await talk.follow()
        statement = (
            "insert into role_grant (id, organization_id, user_id, role, since)"
            " select $1, $2, user_id, 'BILLING_MANAGER', created_at from api_key where digest = $3"
        )
        key = digest_of_key(TOKENS["member"] or "")
        await execute(server, statement, uuid4(), organization_key("acme"), key)
        await server.tell(*ChangeKind)
        assert await talk.hints(len(WORK)) == WORK
        await talk.quiet()
        await talk.follow(name="anew")
        await server.tell(ChangeKind.PLAN)
        assert (await talk.receive())["id"] == "anew"


async def test_revoked_key_completes_its_streams(server: Loopback) -> None:
    # case 41
    async with server.talk("owner") as talk:
        await talk.follow()
        await execute(
            server, "update api_key set revoked_at = $2 where digest = $1", digest_of_key(TOKENS["owner"] or ""), NOW
        )
        await completes(talk)
        await talk.send("subscribe", id="more", payload={"query": "{ viewer { name } }"})
        assert await talk.closed() == 4403


async def test_revoked_session_completes_its_streams(server: Loopback) -> None:
    await server.sign_in("admin", "of-the-admin", until=NOW + timedelta(days=1))
    cookie = {"cookie": "purser_session=of-the-admin"}
    async with server.talk(additional_headers=cookie, origin=Origin(server.origin)) as talk:
        await talk.follow()
        await server.tell(ChangeKind.MEMBERS)
        assert await talk.hints(1) == ["MEMBERS"]
        await execute(server, "update session set revoked_at = $1", NOW)
        await server.tell(*ChangeKind)
        await completes(talk)
        await talk.quiet()


async def test_key_completes_its_streams_when_it_expires(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.changes.CHECK", 3600)  # nothing else lets it look
    now = Clock()
    async with serving(url, clock=now) as server, server.talk("owner") as talk:
        await talk.follow()
        key, until = digest_of_key(TOKENS["owner"] or ""), now() + timedelta(seconds=0.1)
        await execute(server, "update api_key set expires_at = $2 where digest = $1", key, until)
        await server.tell(ChangeKind.TEAMS)
        assert await talk.hints(1) == ["TEAMS"]
        now.go(seconds=1)
        await completes(talk)


async def test_lost_connection_is_made_up_for_with_a_hint_of_each_kind(server: Loopback) -> None:
    async with server.talk("billing") as talk:
        await talk.follow()
        async with cluster.connection(server.database_url) as connection:
            ended = await connection.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and query ilike 'listen %'"
            )
        assert [row[0] for row in ended] == [True]
        assert await talk.hints(len(MONEY)) == MONEY
        await server.tell(*ChangeKind)
        assert await talk.hints(len(MONEY)) == MONEY
        await talk.quiet()


async def stream_of(server: Loopback, role: str) -> AsyncIterator[Answer]:
    """A subscription that its client takes nothing from, unless the test does."""
    viewer = await server.server.authenticate.viewer(TOKENS[role] or "", None)
    found = await server.server.engine.subscribe(Asked(CHANGED, {"id": organization_id("acme")}), viewer)
    assert not isinstance(found, Answer)
    return found


def hint(kind: ChangeKind, second: int) -> str:
    at = datetime(2026, 6, 15, tzinfo=UTC) + timedelta(seconds=second)
    return f'{{"organization": "{organization_key("acme")}", "kind": "{kind}", "at": "{at.isoformat()}"}}'


async def test_slow_client_gets_the_latest_hints_of_each_kind(server: Loopback) -> None:
    answers = await stream_of(server, "billing")
    many = 10 * MOST_WAITING
    for second in range(many):
        for kind in ChangeKind:
            server.server.engine.changes.hear(hint(kind, second))
    (stream,) = server.server.engine.changes._streams
    assert len(stream._waiting) == MOST_WAITING * len(MONEY)
    found = [(await anext(answers)).body["data"]["organizationChanged"] for _ in range(MOST_WAITING * len(MONEY))]
    latest = [f"2026-06-15T00:{second // 60:02}:{second % 60:02}Z" for second in range(many - MOST_WAITING, many)]
    assert found == [{"kind": kind, "at": at} for at in latest for kind in MONEY]


async def test_stream_that_nobody_takes_from_any_more_is_forgotten(server: Loopback) -> None:
    def open_streams() -> int:
        gc.collect()
        return len(server.server.engine.changes._streams)

    async def all_forgotten() -> None:
        async with asyncio.timeout(PATIENCE):
            while open_streams():  # noqa: ASYNC110  # nothing tells of a client that is gone
                await asyncio.sleep(0.01)

    async with server.talk("billing") as talk:
        await talk.follow()
        assert open_streams() == 1
        await talk.send("complete", id="changes")
        await server.tell(ChangeKind.PLAN)
        await talk.quiet()
        await all_forgotten()
        await talk.follow()
    async with server.events(CHANGED, {"id": organization_id("acme")}, role="billing"):
        pass
    await all_forgotten()


async def test_unknown_foreign_and_malformed_organizations_are_one_answer(shared: Loopback) -> None:
    answers = []
    for given in (
        organization_id("initech"),
        "org_01h455vb4pex5vsknk084sn02q",
        "org_",
        "",
        organization_id("acme")[4:],
    ):
        async with shared.talk("billing") as talk:
            await talk.send("subscribe", id="changes", payload={"query": CHANGED, "variables": {"id": given}})
            answers.append(await talk.raw())
            await talk.quiet()
    assert len(set(answers)) == 1
    assert '"code":"NOT_FOUND"' in answers[0]
    assert '"type":"error"' in answers[0]


async def test_organization_out_of_scope_is_not_there(shared: Loopback) -> None:
    async with shared.talk("mixed", scope="globex") as talk:
        await talk.send(
            "subscribe", id="changes", payload={"query": CHANGED, "variables": {"id": organization_id("acme")}}
        )
        answer = await talk.receive()
        assert [error["extensions"]["code"] for error in answer["payload"]] == ["NOT_FOUND"]


@pytest.mark.parametrize("payload", ["", "{}", "[]", "7", '{"user": 7}', '{"organization": "x"}', '{"kind": "PLAN"}'])
async def test_notice_of_others_is_told_from_ours(payload: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whichever
        noticed(payload)


async def test_strange_notices_end_no_stream(shared: Loopback) -> None:
    async with shared.talk("billing") as talk:
        await talk.follow()
        await execute(shared, "select pg_notify('purser_changes', 'strange')")
        await shared.tell(ChangeKind.PLAN)
        assert await talk.hints(1) == ["PLAN"]


async def test_many_listen_at_once_each_for_himself(shared: Loopback) -> None:
    async with AsyncExitStack() as stack:
        talks = [await stack.enter_async_context(shared.talk(role)) for role in HEARD for _ in range(3)]
        for talk in talks:
            await talk.follow()
        await shared.tell(*ChangeKind)
        for talk, role in zip(talks, [role for role in HEARD for _ in range(3)], strict=True):
            assert await talk.hints(len(HEARD[role])) == HEARD[role]
            await talk.quiet()
