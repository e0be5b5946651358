"""A company with people who are signed in: what they ask, and what is in its rows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID

from httpx import AsyncClient

from billing.sealing import digest
from models import Organization, Role
from models.loading import load
from models.viewer import Viewer
from resolvers.standings import OF_SESSION, session_holder
from schema import ids
from tests.accounts import FIRST, JOINED, SECOND, Accounts
from tests.visitors import START, Ground, House

OWNER, ADMIN, MEMBER, MANAGER = Role.OWNER, Role.ADMIN, Role.MEMBER, Role.BILLING_MANAGER
ACME, OTHER = ids.write("org", FIRST), ids.write("org", SECOND)
# Who is what in acme; chief owns the other organization too, and the stranger is nothing anywhere.
PEOPLE: dict[str, Sequence[Role]] = {
    "owner": [OWNER],
    "second": [OWNER, MEMBER],
    "admin": [ADMIN],
    "member": [MEMBER],
    "both": [ADMIN, MANAGER],
    "clerk": [MANAGER],
    "stranger": [],
}
HERE = "query($id: ID!) { node(id: $id) { ... on Organization { viewerRoles viewerPermissions } } }"
SEATS = "select seats_purchased, seats_used, seats_reserved from plan_subscription where organization_id = $1"


class Company:
    """Its people by name."""

    def __init__(self, home: House, accounts: Accounts, browser: AsyncClient) -> None:
        self.home, self.accounts, self._browser = home, accounts, browser
        self.users: dict[str, UUID] = {}
        self._keys = count()

    def hire(self) -> None:
        """Add everybody, each signed in."""
        for name, roles in PEOPLE.items():
            held = {FIRST: roles} | ({SECOND: [OWNER]} if name == "owner" else {})
            self.users[name] = self.accounts.person(name, held)
            self.accounts.rows["session"].append(
                {
                    "id": self.accounts.new(),
                    "user_id": self.users[name],
                    "digest": digest(f"session of {name}"),
                    "client": "A browser",
                    "created_at": START,
                    "seen_at": START,
                    "expires_at": START.replace(year=START.year + 1),
                }
            )

    def email(self, name: str) -> str:
        return f"{name}@people.test"

    def member(self, name: str) -> str:
        """The id of somebody's membership."""
        return ids.write("mem", self.accounts.member(self.users[name], FIRST, JOINED))

    async def post(self, who: str, query: str, **variables: Any) -> Any:
        """The answer to an operation: who is a name, or the text of a key."""
        signed = (
            {"cookie": f"purser_session=session of {who}"} if who in self.users else {"authorization": f"Bearer {who}"}
        )
        body = {"query": query, "variables": variables}
        return (await self._browser.post("/graphql", json=body, headers=signed)).json()

    async def ask(self, who: str, query: str, **variables: Any) -> Any:
        """The data of an answer that nothing is wrong with."""
        body = await self.post(who, query, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def refused(self, who: str, query: str, **variables: Any) -> set[str]:
        """The codes of the errors of an answer, not those in payloads."""
        body = await self.post(who, query, **variables)
        return {error["extensions"]["code"] for error in body.get("errors", [])}

    async def do(self, who: str, name: str, selection: str = "", /, **given: Any) -> Any:
        """The payload of a mutation, under a new idempotency key if none is given."""
        asked = {"idempotencyKey": f"key {next(self._keys)}"} | given
        return (await self.ask(who, mutation(name, selection), input=asked))[name]

    async def done(self, who: str, name: str, selection: str = "", /, **given: Any) -> Any:
        """The same, when it was done."""
        payload = await self.do(who, name, selection, **given)
        assert payload["errors"] == []
        return payload

    async def codes(self, who: str, name: str, /, **given: Any) -> list[str]:
        """Why it was not done."""
        return [error["code"] for error in (await self.do(who, name, **given))["errors"]]

    async def invite(self, email: str, role: Role = MEMBER, who: str = "owner") -> str:
        """Invite an address: the token of the mail."""
        await self.done(who, "inviteMember", organizationId=ACME, email=email, role=role)
        return await self.home.token()

    async def accept(self, who: str, token: str) -> list[str]:
        """Follow a link: why it is not good."""
        query = "mutation($token: String!) { acceptInvitation(input: {token: $token}) { errors { code } } }"
        payload = (await self.ask(who, query, token=token))["acceptInvitation"]
        return [error["code"] for error in payload["errors"]]

    async def roles(self, who: str) -> list[Role]:
        """What somebody is, by the rows."""
        found = await self.rows("select role from role_grant where organization_id = $1 and user_id = $2", who)
        return sorted((Role(row["role"]) for row in found), key=list(Role).index)

    async def rows(self, statement: str, who: str | None = None) -> list[Any]:
        """What a statement finds of acme, and of somebody."""
        values = [self.users[who]] if who else []
        found: list[Any] = await self.home.ground.connection.fetch(statement, FIRST, *values)
        return found

    async def seats(self) -> tuple[int, int, int]:
        """Purchased, used, reserved."""
        ((purchased, used, reserved),) = await self.rows(SEATS)
        return purchased, used, reserved

    async def buy(self, purchased: int, *, mode: str = "FIXED") -> None:
        """Let there be so many seats, those of today's members taken."""
        await self.home.execute(
            "update plan_subscription set mode = $2, seats_purchased = $3, seats_reserved = 0, seats_used ="
            " (select count(*) from member where organization_id = $1) where organization_id = $1",
            FIRST,
            mode,
            purchased,
        )

    async def viewer(self, who: str) -> Viewer:
        """Somebody as the server knows him when a request begins."""
        fetch = self.home.server.database.fetch
        row = Organization.table.row
        found = session_holder(await fetch(OF_SESSION, digest(f"session of {who}"), START, None, record_class=row))
        assert found
        return found


def mutation(name: str, selection: str = "") -> str:
    """The operation that carries it out."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation($input: {kind}) {{ {name}(input: $input) {{ {selection} errors {{ code path }} }} }}"


@asynccontextmanager
async def company(ground: Ground, **ports: Any) -> AsyncIterator[Company]:
    """Founded anew for one test: acme with its people, and the other organization, which only the owner knows."""
    home, accounts = House(ground, **ports), Accounts()
    accounts.rows.pop("job")  # no mail is on its way
    async with home.visit() as browser:
        made = Company(home, accounts, browser)
        made.hire()
        await ground.clear()
        await load(ground.connection, accounts.rows)
        yield made
