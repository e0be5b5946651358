"""How often something may be tried: by one address and for one subject, counted by execution and told to all alike."""

import asyncio
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from billing import limits
from billing.errors import RateLimited
from billing.limits import MOST_KEPT, Limit, Limits, Memory, network
from billing.passwords import AT_ONCE, Passwords
from tests.queues import eventually
from tests.servers import free_port
from tests.visitors import (
    ACCEPT,
    ANN,
    INVITE,
    PASSWORD,
    REQUEST_RESET,
    RESET,
    SIGN_IN,
    SIGN_UP,
    VERIFY,
    Clock,
    House,
    ask,
    errors,
    found,
    post,
    sign_in,
    sign_up,
)

LIMITED = ["RATE_LIMITED"]
LIMIT = Limit("test", by_client="4 per hour", by_subject="2 per hour")
RESEND = """
mutation($id: ID!, $key: String!) {
  resendBillingInvitation(input: {billingInvitationId: $id, idempotencyKey: $key}) { errors { code } }
}
"""
PREVIEW = '{ invitation(token: "x") { organizationName } }'


async def spent(counted: Limits, *, client: str = "", subject: str = "", cost: int = 1) -> int:
    """How many attempts were let through."""
    for done in range(1000):
        try:
            await counted.spend(LIMIT, client=client, subject=subject, cost=cost)
        except RateLimited:
            return done
    raise AssertionError("there is no limit")


async def test_attempts_are_counted_by_client_and_by_subject() -> None:
    counted = Limits(Clock())
    assert await spent(counted, client="192.0.2.1", subject="ann") == 2
    assert await spent(counted, client="192.0.2.1", subject="bob") == 1
    assert await spent(counted, client="192.0.2.2", subject="ann") == 0
    assert await spent(counted, client="192.0.2.2", subject="eve") == 2
    assert await spent(counted, subject="batch", cost=2) == 1


async def test_window_ends_at_its_instant() -> None:
    clock = Clock()
    counted = Limits(clock)
    assert await spent(counted, subject="ann") == 2
    clock.go(hours=1, microseconds=-1)
    assert await spent(counted, subject="ann") == 0
    clock.go(microseconds=1)
    assert await spent(counted, subject="ann") == 2


async def test_memory_forgets_what_is_over() -> None:
    clock = Clock()
    memory = Memory(clock)
    for turn in range(MOST_KEPT):
        await memory.incr(str(turn), 60)
    clock.go(minutes=1)
    await memory.incr("new", 60)
    assert len(memory._counted) == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", ""),
    ],
)
def test_household_counts_as_one(address: str, counted: str) -> None:
    assert network(address) == counted


async def test_signing_in_is_limited_for_an_account_wherever_it_is_tried_from(home: House) -> None:
    attempts: dict[str, Any] = {"email": ANN, "password": "wrong"}
    for turn in range(20):
        async with home.visit(f"192.0.2.{turn}") as browser:
            assert await errors(browser, SIGN_IN, **attempts) == ["INVALID_CREDENTIALS"]
    async with home.visit("192.0.2.99") as browser:
        known = await post(browser, SIGN_IN, **attempts)
        await sign_up(browser, "bob@example.test")
        for _ in range(20):
            await errors(browser, SIGN_IN, email="BOB@example.test", password="wrong")  # noqa: S106
        hashed = home.hashing.count
        assert (await post(browser, SIGN_IN, email="bob@example.test", password=PASSWORD)).content == known.content
        assert known.json()["data"]["signIn"]["errors"][0]["code"] == "RATE_LIMITED"
        assert home.hashing.count == hashed
        home.clock.go(minutes=5)
        await sign_in(browser, "bob@example.test")


async def test_aliases_do_not_multiply_attempts(home: House) -> None:
    attempt = '{{ signIn(input: {{email: "{}", password: "wrong"}}) {{ errors {{ code }} }} }}'
    aliased = "".join(f"a{turn}: {attempt.format(ANN)[2:-2]} " for turn in range(25))
    async with home.visit() as browser:
        answers = await ask(browser, f"mutation {{ {aliased} }}")
    codes = [answer["errors"][0]["code"] for answer in answers.values()]
    assert codes == ["INVALID_CREDENTIALS"] * 20 + LIMITED * 5


@pytest.mark.parametrize(
    ("query", "variables", "limit"),
    [
        (SIGN_UP, {"email": "a{}@example.test", "password": PASSWORD, "name": "Ann"}, limits.SIGN_UP),
        (SIGN_IN, {"email": "a{}@example.test", "password": PASSWORD}, limits.SIGN_IN),
        (REQUEST_RESET, {"email": "a{}@example.test"}, limits.PASSWORD_RESET),
        (VERIFY, {"token": "a{}"}, limits.MAILED_LINK),
        (RESET, {"token": "a{}", "password": PASSWORD}, limits.MAILED_LINK),
        (ACCEPT, {"token": "a{}"}, limits.INVITATION_LINK),
        (ACCEPT.replace("acceptInv", "declineInv").replace("organization { slug } ", ""), {"token": "a{}"}, None),
    ],
)
async def test_one_address_may_try_only_so_often(
    home: House, query: str, variables: dict[str, str], limit: Limit | None
) -> None:
    spent_all = limit or limits.INVITATION_LINK
    counted = home.server.room.limits
    async with home.visit() as browser, home.visit("192.0.2.1") as other:
        allowed = int((spent_all.by_client or "0").split()[0])
        await counted.spend(spent_all, client="203.0.113.7", cost=allowed - 1)
        given = [{name: text.format(turn) for name, text in variables.items()} for turn in range(2)]
        assert await errors(browser, query, **given[0]) != LIMITED
        assert await errors(browser, query, **given[1]) == LIMITED
        assert await errors(other, query, **given[1]) != LIMITED


async def test_looking_at_links_is_limited_too(home: House) -> None:
    async with home.visit() as browser:
        assert (await ask(browser, PREVIEW))["invitation"] is None
        await home.server.room.limits.spend(limits.INVITATION_LINK, client="203.0.113.7", cost=999)
        answer = (await post(browser, PREVIEW)).json()
        assert answer["data"] == {"invitation": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == LIMITED


@pytest.mark.parametrize("query", [SIGN_UP, REQUEST_RESET])
async def test_mails_to_one_address_are_few_whether_it_has_an_account_or_not(home: House, query: str) -> None:
    given = {"email": ANN, **({"password": PASSWORD, "name": "Ann"} if query is SIGN_UP else {})}
    async with home.visit() as browser:
        for turn in range(10):
            spelt = ANN.upper() if turn % 2 else ANN
            assert await errors(browser, query, **(given | {"email": spelt})) == []
        assert await errors(browser, query, **given) == LIMITED
    assert len(await home.mails()) == 10


async def test_invitations_are_limited_alike_for_all_addresses(home: House) -> None:
    # case 32
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_up(browser, "member@example.test")
        await sign_in(browser)
        acme = await found(browser)
        await home.server.room.limits.spend(limits.INVITING, subject=await organization(home), cost=498)
        stranger, known = "stranger@example.test", "member@example.test"
        assert await errors(browser, INVITE, organization=acme, emails=[stranger, known], key="1") == []
        before = len(await home.mails())
        refused = [
            await post(browser, INVITE, organization=acme, emails=[email], key=email)
            for email in (stranger, known, ANN, "new@example.test", "malformed")
        ]
        assert {answer.content for answer in refused} == {refused[0].content}
        assert refused[0].json()["data"]["inviteBillingManagers"]["errors"] == [{"code": "RATE_LIMITED"}]
        assert len(await home.mails()) == before
        home.clock.go(hours=1)
        # What was too often is not what the key is answered for ever.
        assert await errors(browser, INVITE, organization=acme, emails=[stranger], key=stranger) == []


async def test_one_address_is_invited_only_so_often_by_one_organization(home: House) -> None:
    # case 32
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_in(browser)
        acme, globex = await found(browser, "acme"), await found(browser, "globex")
        (sent,) = (await ask(browser, INVITE, organization=acme, emails=["bob@example.test"], key="0"))[
            "inviteBillingManagers"
        ]["results"]
        for turn in range(9):
            assert await errors(browser, RESEND, id=sent["invitation"]["id"], key=f"again {turn}") == []
        assert await errors(browser, RESEND, id=sent["invitation"]["id"], key="last") == LIMITED
        batch = ["eve@example.test", "BOB@example.test"]
        assert await errors(browser, INVITE, organization=acme, emails=batch, key="batch") == LIMITED
        assert await home.value("select count(*) from billing_invitation") == 1
        assert await errors(browser, INVITE, organization=globex, emails=batch, key="batch") == []


async def organization(home: House) -> str:
    return str(await home.value("select id from organization"))


async def test_two_passwords_are_hashed_at_once_at_most() -> None:
    threads, running, most = Passwords(), 0, 0
    lock, both = threading.Lock(), threading.Barrier(AT_ONCE)

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        time.sleep(0.01)  # or there would be no time for a third
        with lock:
            running -= 1

    await asyncio.gather(*(threads._run(work) for _ in range(8)))
    assert most == AT_ONCE == 2


async def test_too_many_passwords_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.passwords.WAITING", 0)
    threads = Passwords()
    threads._open = AT_ONCE
    with pytest.raises(RateLimited):
        await threads.hash(PASSWORD)
    threads._open = 0
    assert await threads.match(await threads.hash(PASSWORD), PASSWORD)
    assert threads._open == 0


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A Redis or Valkey, where one is installed."""
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        pytest.skip("neither Valkey nor Redis is installed")
    monkeypatch.setattr("billing.limits.PATIENCE", 30)  # this machine may be busy
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # as above
        assert process.stdout
        for line in process.stdout:
            if "ready to accept connections" in line.lower():
                break
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


async def test_servers_count_together_in_a_shared_store(redis: str) -> None:
    async with (
        aclosing(Limits(now, redis)) as first,
        aclosing(Limits(now, redis.replace("redis", "valkey", 1))) as second,
    ):
        assert await spent(first, client="192.0.2.1", subject="ann") == 2
        assert await spent(second, client="192.0.2.2", subject="ann") == 0
        assert await spent(second, client="192.0.2.2", subject="bob") == 2


async def test_server_counts_alone_while_the_shared_store_is_gone() -> None:
    async with aclosing(Limits(now, f"redis://127.0.0.1:{free_port()}/0")) as counted:
        assert await spent(counted, subject="ann") == 2


@pytest.mark.parametrize(("pause", "asked"), [(60.0, 1), (0.0, 3)])
async def test_a_shared_store_that_is_silent_is_not_waited_for_at_each_attempt(
    monkeypatch: pytest.MonkeyPatch, pause: float, asked: int
) -> None:
    monkeypatch.setattr("billing.limits.PATIENCE", 0.01)
    monkeypatch.setattr("billing.limits.PAUSE", pause)
    came = []
    store = await asyncio.start_server(lambda _reader, writer: came.append(writer), "127.0.0.1", 0)
    port = store.sockets[0].getsockname()[1]
    async with aclosing(Limits(now, f"redis://127.0.0.1:{port}/0")) as counted:
        assert await spent(counted, subject="ann") == 2

    async def all_came() -> bool:
        return len(came) >= asked

    await eventually(all_came)
    assert len(came) == asked
    for writer in came:
        writer.close()
    store.close()


def now() -> datetime:
    return datetime.now(UTC)
