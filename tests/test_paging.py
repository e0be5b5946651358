"""Pages: whole, in order, each row once, from both ends; and cursors, which open one list and tell nothing."""

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from models import api_keys
from schema import ids
from schema.build import build
from tests.asking import Answer, Ask, asking_world, token
from tests.worlds import World

CURSOR_LENGTH = 54  # base64 of 16 bytes of seal, 8 of time and 16 of id
# Every list of the schema: its rows in their order, those of the organization, team or user $1.
NEWEST = "select id from {} where organization_id = $1 order by {} desc, id desc"
OLDEST = "select id from {} where organization_id = $1 order by {}, id"
LISTS = {
    "Organization.payments": NEWEST.format("payment", "created_at"),
    "Organization.memberInvitations": NEWEST.format("member_invitation", "created_at"),
    "Organization.credits": NEWEST.format("credit", "granted_at"),
    "Organization.invoices": NEWEST.format("invoice", "created_at"),
    "Organization.billingManagers": OLDEST.format("role_grant", "since").replace(
        "$1", "$1 and role = 'BILLING_MANAGER'"
    ),
    "Organization.billingInvitations": NEWEST.format("billing_invitation", "created_at"),
    "Organization.billingActivity": NEWEST.format("billing_activity", "at"),
    "Organization.members": OLDEST.format("member", "joined_at"),
    "Organization.teams": OLDEST.format("team", "created_at"),
    "Organization.projects": OLDEST.format("project", "created_at"),
    "Organization.resources": OLDEST.format("resource", "created_at"),
    "Organization.activities": NEWEST.format("activity", "at"),
    "Team.members": "select member_id from team_member where team_id = $1 order by joined_at, member_id",
    "Team.projects": "select id from project where team_id = $1 order by created_at, id",
    "Viewer.organizations": "select o.id from organization o join role_grant g on g.organization_id = o.id"
    " where g.user_id = $1 group by o.id order by o.created_at, o.id",
}
# So that many rows share an instant, and only their ids tell them apart.
SHARED_INSTANTS = """
update payment set created_at = date_trunc('month', created_at);
update credit set granted_at = date_trunc('year', granted_at);
alter table invoice disable trigger invoice_kept;
update invoice set created_at = date_trunc('month', created_at);
alter table invoice enable trigger invoice_kept;
update role_grant set since = date_trunc('year', since);
update billing_invitation set created_at = date_trunc('year', created_at);
update billing_activity set at = date_trunc('month', at);
update member set joined_at = date_trunc('year', joined_at);
update team set created_at = date_trunc('year', created_at);
update team_member set joined_at = date_trunc('year', joined_at);
update project set created_at = date_trunc('year', created_at), team_id =
  (select id from team t where t.organization_id = project.organization_id order by id limit 1);
update resource set created_at = date_trunc('year', created_at);
update activity set at = date_trunc('month', at);
insert into organization (id, slug, name, created_at)
  select gen_random_uuid(), 'shared-' || n, 'Shared', '2025-01-01T00:00:00Z'::timestamptz + n / 3 * interval '1 day'
  from generate_series(1, 11) n;
insert into role_grant (id, organization_id, user_id, role, since)
  select gen_random_uuid(), o.id, k.user_id, 'BILLING_MANAGER', '2025-01-01T00:00:00Z'
  from organization o, api_key k where o.slug like 'shared-%' and k.digest = '\\x{digest}';
"""


@dataclass(frozen=True)
class Listed:
    """A list of one parent, and the ids of its rows in order."""

    name: str
    rows: list[UUID]
    around: str  # the operation; its page goes where %s is

    async def page(self, ask: Ask, arguments: str, account: str = "owner") -> Answer:
        """The answer to a page."""
        called = f"{self.name.partition('.')[2]}{f'({arguments})' if arguments else ''}"
        fields = (
            "nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        )
        return await ask(self.around % f"{called} {{ {fields} }}", key=token(account))

    async def good(self, ask: Ask, arguments: str) -> "Page":
        """A page that nothing is wrong with."""
        found = (await self.page(ask, arguments)).data
        while "nodes" not in found:
            (found,) = found.values()
        return Page(found)


class Page:
    """What a connection shows, checked to agree with itself."""

    def __init__(self, shown: Any) -> None:
        self.rows = [row for _, row in filter(None, (ids.read(node["id"]) for node in shown["nodes"]))]
        self.cursors = [edge["cursor"] for edge in shown["edges"]]
        self.more, self.before = shown["pageInfo"]["hasNextPage"], shown["pageInfo"]["hasPreviousPage"]
        ends = [shown["pageInfo"]["startCursor"], shown["pageInfo"]["endCursor"]]
        assert [edge["node"] for edge in shown["edges"]] == shown["nodes"]
        assert ends == ([self.cursors[0], self.cursors[-1]] if self.cursors else [None, None])


@pytest.fixture(scope="module")
async def ask(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        digest = api_keys.digest(str(token("owner"))).hex()
        async with ask.server.database.connection() as connection:
            await connection.execute(SHARED_INSTANTS.format(digest=digest))
        yield ask


async def rows(ask: Ask, query: str, *values: Any) -> list[Any]:
    return [row[0] for row in await ask.server.database.fetch(query, *values)]


async def listed(ask: Ask, name: str, slug: str = "acme") -> Listed:
    """A list of the organization, of its fullest team, or of its owner."""
    (organization,) = await rows(ask, "select id from organization where slug = $1", slug)
    (user,) = await rows(ask, "select user_id from api_key where digest = $1", api_keys.digest(str(token("owner"))))
    (team, *_) = await rows(
        ask,
        "select t.id from team t where organization_id = $1 order by"
        " (select count(*) from project where team_id = t.id) desc,"
        " (select count(*) from team_member where team_id = t.id) desc, t.id",
        organization,
    )
    parent, around = {
        "Organization": (organization, f'{{ organization(slug: "{slug}") {{ %s }} }}'),
        "Team": (team, f'{{ node(id: "{ids.write("team", team)}") {{ ... on Team {{ %s }} }} }}'),
        "Viewer": (user, "{ viewer { %s } }"),
    }[name.partition(".")[0]]
    return Listed(name, await rows(ask, LISTS[name], parent), around)


def test_every_list_is_tested() -> None:
    types = build().graphql.type_map
    connections = {
        f"{owner}.{name}"
        for owner, kind in types.items()
        for name, field in getattr(kind, "fields", {}).items()
        if str(getattr(field, "type", "")).rstrip("!").endswith("Connection")
    }
    assert connections == set(LISTS)


async def test_lists_are_long_enough_and_share_instants(ask: Ask) -> None:
    for name in LISTS:
        assert len((await listed(ask, name)).rows) >= 4, name
    most = "select max(n) from (select count(*) n from {} group by organization_id, {}) c"
    for table, instant in (("payment", "created_at"), ("billing_activity", "at"), ("member", "joined_at")):
        assert (await rows(ask, most.format(table, instant)))[0] >= 3


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("name", LISTS)
async def test_pages_hold_each_row_once_in_order_from_both_ends(ask: Ask, name: str, size: int) -> None:
    whole = await listed(ask, name)
    rows = whole.rows[: 16 * size]
    after: str | None = None
    for start in range(0, len(rows), size):
        page = await whole.good(ask, f"first: {size}" + (f', after: "{after}"' if after else ""))
        assert page.rows == whole.rows[start : start + size]
        assert page.more == (start + size < len(whole.rows))
        assert page.before == (start > 0)
        after = page.cursors[-1]
    rows, before = whole.rows[-16 * size :], None
    for end in range(len(whole.rows), len(whole.rows) - len(rows), -size):
        page = await whole.good(ask, f"last: {size}" + (f', before: "{before}"' if before else ""))
        assert page.rows == whole.rows[max(0, end - size) : end]
        assert page.before == (end - size > 0)
        assert page.more == (end < len(whole.rows))
        before = page.cursors[0]


@pytest.mark.parametrize("name", LISTS)
async def test_page_holds_20_unless_it_is_told_and_100_at_most(ask: Ask, name: str) -> None:
    whole = await listed(ask, name)
    for nothing in ("", "first: null", "after: null, before: null", "last: null, first: null"):
        assert (await whole.good(ask, nothing)).rows == whole.rows[:20]
    assert (await whole.good(ask, "first: 100")).rows == whole.rows[:100]
    assert (await whole.good(ask, "last: 100")).rows == whole.rows[-100:]


@pytest.mark.parametrize("name", LISTS)
async def test_empty_page_says_whether_there_are_rows(ask: Ask, name: str) -> None:  # case 100
    whole = await listed(ask, name)
    front, back = await whole.good(ask, "first: 0"), await whole.good(ask, "last: 0")
    assert (front.rows, front.more, front.before) == ([], True, False)
    assert (back.rows, back.more, back.before) == ([], False, True)
    end = (await whole.good(ask, "last: 1")).cursors[0]
    behind = await whole.good(ask, f'after: "{end}"')
    assert (behind.rows, behind.more, behind.before) == ([], False, True)


WRONG_PAGES = [
    "first: -1",
    "first: 101",
    "first: 1000000000",
    "last: -1",
    "last: 101",
    "last: 2147483647",
    "first: 1, last: 1",
    'after: "%s", last: 1',
    'before: "%s"',
    'before: "%s", first: 1',
    'after: "%s", before: "%s"',
    'first: 1, after: "%s", before: "%s", last: 1',
]


@pytest.mark.parametrize("name", LISTS)
async def test_page_that_is_none_is_told_so(ask: Ask, name: str) -> None:  # case 100
    whole = await listed(ask, name)
    cursor = (await whole.good(ask, "first: 1")).cursors[0]
    for wrong in WRONG_PAGES:
        found = await whole.page(ask, wrong.replace("%s", cursor))
        assert found.status == 200
        assert found.codes == ["INVALID_PAGE"], wrong
    for wrong in ("first: 2147483648", "first: 1e3", 'first: "1"', "first: 1.0"):
        assert (await whole.page(ask, wrong)).codes == ["GRAPHQL_VALIDATION_FAILED"], wrong


async def refusals(ask: Ask, whole: Listed, cursors: Iterable[str], account: str = "owner") -> list[str]:
    """What is said to each of these cursors, forward and backward."""
    field = whole.name.partition(".")[2]
    pages = [f'{way}: "{cursor}"' for cursor in cursors for way in ("after", "last: 1, before")]
    said = []
    for start in range(0, len(pages), 40):
        called = (f"p{n}: {field}({page}) {{ nodes {{ id }} }}" for n, page in enumerate(pages[start : start + 40]))
        found = await ask(whole.around % " ".join(called), key=token(account))
        said += [f"{error['extensions']['code']}: {error['message']}" for error in found.errors]
    return said


NO_CURSOR = "INVALID_CURSOR: This is no cursor of this list."


@pytest.mark.parametrize("name", LISTS)
async def test_cursor_that_is_none_is_told_so(ask: Ask, name: str) -> None:  # case 100
    whole = await listed(ask, name)
    cursor = (await whole.good(ask, "first: 1")).cursors[0]
    wrong = ["", "MQ", "MQ==", cursor[:-1], cursor + "A", cursor + "=", cursor + "==", f" {cursor}", cursor * 2]
    wrong += ["ä", "🦊", "\\u0000", "null", "A" * 5_000, cursor.swapcase(), cursor[::-1]]
    if not name.startswith("Viewer"):  # whose field is never null, so that only the first refusal is told
        assert await refusals(ask, whole, wrong) == [NO_CURSOR] * 2 * len(wrong)
    for one in wrong[:3]:
        assert await refusals(ask, whole, [one]) == [NO_CURSOR] * (1 if name.startswith("Viewer") else 2)


async def test_every_single_change_of_a_cursor_is_seen(ask: Ask) -> None:  # case 100
    whole = await listed(ask, "Organization.invoices")
    cursor = (await whole.good(ask, "first: 1")).cursors[0]
    wrong = [cursor[:n] + ("B" if cursor[n] == "A" else "A") + cursor[n + 1 :] for n in range(len(cursor))]
    assert await refusals(ask, whole, wrong) == [NO_CURSOR] * 2 * CURSOR_LENGTH


async def test_cursor_opens_its_own_list_only(ask: Ask) -> None:  # case 100
    cursors = {name: (await (await listed(ask, name)).good(ask, "first: 1")).cursors[0] for name in LISTS}
    assert len(set(cursors.values())) == len(LISTS)
    for name in LISTS:
        whole = await listed(ask, name)
        wrong = [cursor for other, cursor in cursors.items() if other != name]
        assert set(await refusals(ask, whole, wrong)) == {NO_CURSOR}
        assert await refusals(ask, whole, [cursors[name]]) == []


async def test_cursor_opens_the_list_of_its_own_organization_only(ask: Ask) -> None:  # case 100
    for name in ("invoices", "payments", "billingActivity", "billingManagers"):
        ours, theirs = [await listed(ask, f"Organization.{name}", slug) for slug in ("acme", "globex")]
        cursor = (await ours.page(ask, "first: 1", "mixed")).data["organization"][name]["edges"][0]["cursor"]
        assert (await ours.page(ask, f'after: "{cursor}"', "mixed")).codes == []
        assert (await theirs.page(ask, f'after: "{cursor}"', "mixed")).codes == ["INVALID_CURSOR"]


async def test_place_has_one_cursor_whoever_asks(ask: Ask) -> None:
    whole = await listed(ask, "Organization.invoices")
    found = {(await whole.page(ask, "first: 100", account)).body for account in ("owner", "admin", "billing", "mixed")}
    assert len(found) == 1


async def test_cursors_tell_nothing(ask: Ask) -> None:  # case 56
    for name in LISTS:
        page = await (await listed(ask, name)).good(ask, "first: 100")
        assert {len(cursor) for cursor in page.cursors} == {CURSOR_LENGTH}
        assert len(set(page.cursors)) == len(page.rows)
        for cursor, row in zip(page.cursors, page.rows, strict=True):
            sealed = urlsafe_b64decode(cursor + "==")
            for width in (3, 4, 6):
                pieces = {row.bytes[n : n + width] for n in range(17 - width)}
                assert not [piece for piece in pieces if piece in sealed]
        # Neighbours have nothing in common, though they share an instant.
        common = [sum(a == b for a, b in zip(*two, strict=True)) for two in pairwise(page.cursors)]
        assert max(common, default=0) < CURSOR_LENGTH // 4


async def test_cursor_of_a_deleted_row_still_is_a_place(ask: Ask) -> None:  # case 100
    whole = await listed(ask, "Organization.activities")
    page = await whole.good(ask, "first: 100")
    for gone in (0, 5, len(page.rows) - 1):
        await rows(ask, "delete from activity where id = $1", page.rows[gone])
        left = (await listed(ask, "Organization.activities")).rows
        after = await whole.good(ask, f'first: 100, after: "{page.cursors[gone]}"')
        before = await whole.good(ask, f'last: 100, before: "{page.cursors[gone]}"')
        assert before.rows + after.rows == left
        assert after.rows == [row for row in page.rows[gone + 1 :] if row in left]
