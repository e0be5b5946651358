"""A change that fails, at whatever statement, or whose client goes away, was made as a whole or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest

from models.loading import TABLES
from tests.company import ACME, Company, company
from tests.office import invited, manager, settle, snapshot
from tests.visitors import Ground, ground

Act = Callable[[], Awaitable[Any]]
Change = Callable[[Company], Coroutine[Any, Any, Act]]

# Counts the statements that write, and does something at the chosen one.
FAULT = """
create sequence fault_turn;
create table fault (turn bigint, kind text);
create function fault() returns trigger language plpgsql as $$
declare chosen record;
begin
  select * into chosen from fault;
  if nextval('fault_turn') = chosen.turn then
    if chosen.kind = 'terminate' then
      perform pg_terminate_backend(pg_backend_pid());
    elsif chosen.kind = 'serialization' then
      raise exception 'fault' using errcode = '40001';
    elsif chosen.kind = 'wait' then
      perform pg_advisory_xact_lock(1);
    else
      raise exception 'fault';
    end if;
  end if;
  return null;
end $$;
"""


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    async with ground(server_url) as opened:
        await opened.connection.execute(FAULT)
        for table in TABLES:
            await opened.connection.execute(
                f"create trigger fault after insert or update or delete on {table.table.source}"
                " for each statement execute function fault()"
            )
        yield opened


@pytest.fixture
async def acme(place: Ground) -> AsyncIterator[Company]:
    async with company(place) as opened:
        await settle(opened, "ann")
        yield opened
        await fault_at(opened, 0, "")


async def fault_at(acme: Company, turn: int, kind: str) -> None:
    """Let the statement of this turn fail, of those that write from now on; 0 is none."""
    await acme.home.execute("delete from fault")
    await acme.home.execute("insert into fault values ($1, $2)", turn, kind)
    await acme.home.execute("alter sequence fault_turn restart")


def doing(acme: Company, who: str, name: str, **given: Any) -> Act:
    """A mutation, under one idempotency key however often it is repeated."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    query = f"mutation($input: {kind}) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    asked = given if "token" in given else given | {"idempotencyKey": "one"}
    return lambda: acme.post(who, query, input=asked)


async def inviting(acme: Company) -> Act:
    return doing(acme, "clerk", "inviteBillingManagers", organizationId=ACME, emails=["a@x.test", "b@x.test"])


async def inviting_again(acme: Company) -> Act:
    await invited(acme, "a@x.test")
    return doing(acme, "owner", "inviteBillingManagers", organizationId=ACME, emails=["a@x.test"])


async def resending(acme: Company) -> Act:
    invitation, _ = await invited(acme, "a@x.test")
    return doing(acme, "owner", "resendBillingInvitation", billingInvitationId=invitation)


async def revoking(acme: Company) -> Act:
    invitation, _ = await invited(acme, "a@x.test")
    return doing(acme, "owner", "revokeBillingInvitation", billingInvitationId=invitation)


async def accepting(acme: Company) -> Act:
    _, token = await invited(acme, "ann@people.test")
    await acme.home.execute("update user_account set email_verified_at = null where name = 'ann'")
    return doing(acme, "ann", "acceptInvitation", token=token)


async def declining(acme: Company) -> Act:
    _, token = await invited(acme, "ann@people.test")
    return doing(acme, "ann", "declineInvitation", token=token)


async def removing_the_last(acme: Company) -> Act:
    await acme.done("both", "leaveBilling", organizationId=ACME)
    return doing(acme, "owner", "removeBillingManager", billingManagerId=await manager(acme, "clerk"))


async def leaving(acme: Company) -> Act:
    return doing(acme, "clerk", "leaveBilling", organizationId=ACME)


CHANGES = [inviting, inviting_again, resending, revoking, accepting, declining, removing_the_last, leaving]
# The tables that each writes.
WRITES: dict[Change, set[str]] = {
    inviting: {"billing_invitation", "billing_activity", "stored_answer", "job"},
    inviting_again: {"billing_invitation", "billing_activity", "stored_answer", "job"},
    resending: {"billing_invitation", "billing_activity", "stored_answer", "job"},
    revoking: {"billing_invitation", "billing_activity", "stored_answer"},
    accepting: {"billing_invitation", "billing_activity", "user_account", "role_grant", "job"},
    declining: {"billing_invitation"},
    removing_the_last: {"role_grant", "billing_activity", "stored_answer", "job"},
    leaving: {"role_grant", "billing_activity", "stored_answer", "job"},
}


# How many jobs, invitations, roles and entries there are more then.
GROWN = ("job", "billing_invitation", "role_grant", "billing_activity")
ROWS: dict[Change, list[int]] = {
    inviting: [2, 2, 0, 2],
    inviting_again: [1, 0, 0, 1],
    resending: [1, 0, 0, 1],
    revoking: [0, 0, 0, 1],
    accepting: [1, 0, 1, 1],
    declining: [0, 0, 0, 0],
    removing_the_last: [3, 0, -1, 1],
    leaving: [1, 0, -1, 1],
}


async def grown(acme: Company, before: Any) -> list[int]:
    after = await snapshot(acme)
    return [len(after[table]) - len(before[table]) for table in GROWN]


async def changed(acme: Company, before: Any) -> set[str]:
    """The tables whose rows are others now."""
    return {table for table, rows in (await snapshot(acme)).items() if rows != before[table]}


def is_done(body: Any) -> bool:
    """Whether a mutation was answered without any error."""
    return "errors" not in body and all(payload["errors"] == [] for payload in body["data"].values())


async def turns(acme: Company, change: Change) -> AsyncIterator[tuple[int, Company, Act]]:
    """Each statement of a change that writes, by its turn: with a company in which the change is yet to be made."""
    act = await change(acme)
    await fault_at(acme, 0, "")
    assert is_done(await act())
    last = await acme.home.value("select last_value from fault_turn")
    assert last >= len(WRITES[change])
    for turn in range(1, last + 1):
        async with company(acme.home.ground) as again:
            await settle(again, "ann")
            yield turn, again, await change(again)


async def blocked(acme: Company) -> None:
    """Until a statement of the server waits for a lock."""
    waiting = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'advisory')"
    while not await acme.home.value(waiting):  # noqa: ASYNC110  # it happens in another process
        await asyncio.sleep(0.001)


async def quiet() -> None:
    """Until no transaction is under way."""
    while under_way := [task for task in asyncio.all_tasks() if "_retried" in str(task.get_coro())]:
        await asyncio.wait(under_way)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", ["exception", "terminate"])
async def test_a_fault_at_any_statement_takes_all_of_it_back(acme: Company, change: Change, kind: str) -> None:
    act = await change(acme)
    before, turn = await snapshot(acme), 1
    await fault_at(acme, turn, kind)
    while not is_done(body := await act()):
        assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL"]
        assert await changed(acme, before) == set()
        turn += 1
        await fault_at(acme, turn, kind)
    assert turn > len(WRITES[change])
    assert await changed(acme, before) == WRITES[change]
    assert await grown(acme, before) == ROWS[change]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_the_database_asks_to_repeat_is_done_once(acme: Company, change: Change) -> None:
    async for turn, again, act in turns(acme, change):
        before = await snapshot(again)
        await fault_at(again, turn, "serialization")
        assert is_done(await act())
        assert await again.home.value("select last_value from fault_turn") > turn
        assert await changed(again, before) == WRITES[change]
        assert await grown(again, before) == ROWS[change]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_client_who_goes_away_tears_nothing(acme: Company, change: Change) -> None:
    async for turn, again, act in turns(acme, change):
        before = await snapshot(again)
        await fault_at(again, turn, "wait")
        await again.home.execute("select pg_advisory_lock(1)")
        asked = asyncio.ensure_future(act())
        await blocked(again)
        asked.cancel()
        await asyncio.wait([asked])
        assert asked.cancelled()
        await again.home.execute("select pg_advisory_unlock(1)")
        await quiet()
        assert await changed(again, before) in (set(), WRITES[change])
        assert is_done(await act()) or change in (declining, leaving)  # who left has nothing to do there any more
        assert await changed(again, before) == WRITES[change]
