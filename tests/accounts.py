"""Rows of people for tests of permissions: who is what where since when, and the keys that they made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from models import Permission, Role, api_keys
from models.loading import load, uuid7
from tests import rows
from tests.rows import THEN, id_of

DAY = timedelta(days=1)
JOINED, KEY_MADE = THEN, THEN + 10 * DAY
FIRST, SECOND, EMPTY = (id_of("organization", tenant) for tenant in (1, 2, 3))
SLUGS = {FIRST: "acme-1", SECOND: "acme-2", EMPTY: "acme-3"}

Roles = Mapping[UUID, Iterable[Role]]


class Accounts:
    """Two organizations with a row in every table, one that has nothing, and whoever is added to them."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._made = 0
        for tenant in (1, 2):
            for table, found in rows.balanced(tenant).items():
                self.rows[table] += found
        self.rows["organization"].append({"id": EMPTY, "slug": SLUGS[EMPTY], "name": "Acme", "created_at": THEN})

    def new(self) -> UUID:
        self._made += 1
        return uuid7(THEN, self._made)

    def person(self, name: str, roles: Roles | None = None, since: datetime = JOINED) -> UUID:
        """Somebody with an account, who is this where."""
        email, user = f"{name.replace(' ', '-')}@people.test", self.new()
        account = {"id": user, "name": name, "email": email, "email_key": email, "created_at": THEN}
        self.rows["user_account"].append(account)
        for organization, held in (roles or {}).items():
            for role in held:
                self.grant(user, organization, role, since)
        return user

    def grant(self, user: UUID, organization: UUID, role: Role, since: datetime) -> UUID:
        """Give a role; every one but that of a billing manager makes a member."""
        own = {"organization_id": organization, "user_id": user}
        member = None if role is Role.BILLING_MANAGER else self.member(user, organization, since)
        key = self.new()
        self.rows["role_grant"].append({"id": key, **own, "role": role, "member_id": member, "since": since})
        return key

    def member(self, user: UUID, organization: UUID, joined: datetime) -> UUID:
        """His membership, made if there is none."""
        own = {"organization_id": organization, "user_id": user}
        found = [row for row in self.rows["member"] if own.items() <= row.items()]
        if not found:
            found = [{"id": self.new(), **own, "joined_at": joined}]
            self.rows["member"] += found
        key: UUID = found[0]["id"]
        return key

    def key(
        self,
        user: UUID,
        *,
        organization: UUID | None = None,
        permissions: Iterable[Permission] | None = None,
        made: datetime = KEY_MADE,
        **further: datetime,
    ) -> str:
        """A key of his, bound to an organization if one is given; `further` says when it expires or was revoked."""
        key = self.new()
        text = api_keys.written(key.bytes * 2)
        chosen = None if permissions is None else [one.value for one in permissions]
        shown = {"id": key, "name": f"Key {self._made}", "prefix": api_keys.shown(text)}
        own = {"user_id": user, "organization_id": organization, "digest": api_keys.digest(text)}
        self.rows["api_key"].append(shown | own | {"permissions": chosen, "created_at": made} | further)
        return text

    async def load(self, database_url: str) -> None:
        """Put all of it into an empty database."""
        connection = await asyncpg.connect(database_url)
        try:
            await load(connection, self.rows)
        finally:
            await connection.close()
