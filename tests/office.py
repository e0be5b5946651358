"""How a company of the tests comes by billing managers, and what is in its rows then."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from billing.sealing import digest
from models import Role
from models.loading import TABLES
from schema import ids
from tests.accounts import FIRST
from tests.company import ACME, Company
from tests.visitors import START

RESULTS = """
results { email outcome invitation { id email status createdAt expiresAt invitedBy { __typename } } }
"""
MANAGERS = '{ organization(slug: "acme-1") { billingManagers(first: 100) { nodes { id email } } } }'
INVITATIONS = """
query($status: InvitationStatus) {
  organization(slug: "acme-1") {
    billingInvitations(first: 100, status: $status) { nodes { id email status invitedBy { __typename } } }
  }
}
"""
DECLINE = "mutation($token: String!) { declineInvitation(input: {token: $token}) { errors { code } } }"
PREVIEW = "query($token: String!) { invitation(token: $token) { organizationName maskedEmail expiresAt } }"


async def invite(acme: Company, *emails: str, who: str = "clerk", **given: Any) -> list[dict[str, Any]]:
    """Invite addresses: what became of each."""
    asked = {"organizationId": ACME, "emails": list(emails)} | given
    results: list[dict[str, Any]] = (await acme.done(who, "inviteBillingManagers", RESULTS, **asked))["results"]
    return results


async def outcomes(acme: Company, *emails: str, who: str = "clerk") -> list[str]:
    return [one["outcome"] for one in await invite(acme, *emails, who=who)]


async def invited(acme: Company, email: str, who: str = "clerk") -> tuple[str, str]:
    """Invite an address: the id of the invitation, and the token of the mail."""
    (result,) = await invite(acme, email, who=who)
    return result["invitation"]["id"], await acme.home.token()


async def decline(acme: Company, who: str, token: str) -> list[str]:
    """Turn an invitation down: why the link is not good."""
    payload = (await acme.ask(who, DECLINE, token=token))["declineInvitation"]
    return [error["code"] for error in payload["errors"]]


async def settle(acme: Company, name: str, email: str | None = None, *, verified: bool = True) -> str:
    """Let somebody have an account, a browser that is signed in, and no role: his address."""
    email, user = email or f"{name}@people.test", acme.accounts.new()
    acme.users[name] = user
    await acme.home.execute(
        "insert into user_account (id, name, email, email_key, email_verified_at, created_at)"
        " values ($1, $2, $3, lower($3), $4, $5)",
        user,
        name,
        email,
        START if verified else None,
        START,
    )
    await acme.home.execute(
        "insert into session (id, user_id, digest, client, created_at, seen_at, expires_at)"
        " values ($1, $2, $3, '', $4, $4, $5)",
        acme.accounts.new(),
        user,
        digest(f"session of {name}"),
        START,
        START.replace(year=START.year + 1),
    )
    return email


async def appoint(acme: Company, name: str, who: str = "owner") -> str:
    """Make somebody a billing manager, by an invitation: the id that he is one by."""
    _, token = await invited(acme, await acme.home.value(EMAIL, acme.users[name]), who)
    assert await acme.accept(name, token) == []
    return await manager(acme, name)


EMAIL = "select email from user_account where id = $1"
GRANT = "select id from role_grant where organization_id = $1 and user_id = $2 and role = 'BILLING_MANAGER'"


async def manager(acme: Company, name: str) -> str:
    """The id that somebody is billing manager by."""
    return ids.write("bman", await acme.home.value(GRANT, FIRST, acme.users[name]))


async def is_manager(acme: Company, name: str) -> bool:
    return Role.BILLING_MANAGER in await acme.roles(name)


async def managers(acme: Company, who: str = "owner") -> list[str]:
    """The addresses of the billing managers, as somebody sees them."""
    data = await acme.ask(who, MANAGERS)
    return sorted(node["email"] for node in data["organization"]["billingManagers"]["nodes"])


async def statuses(acme: Company, email: str) -> list[str]:
    """Where the invitations of an address stand in the rows, oldest first."""
    found = await acme.rows(
        f"select status from billing_invitation where organization_id = $1 and lower(email) = lower('{email}')"  # noqa: S608
        " order by created_at, id"
    )
    return [row["status"] for row in found]


async def activity(acme: Company) -> list[str]:
    """What was done about billing managers, in turn, and as what."""
    found = await acme.rows(
        "select kind, acted_as from billing_activity where organization_id = $1 and at >= '2026-06-01' order by id"
    )
    return [f"{row['kind']} {row['acted_as']}" for row in found]


async def mails(acme: Company) -> list[tuple[str, str]]:
    """Which letters are on their way to whom."""
    return [(mail.message, mail.to) for mail in await acme.home.mails()]


async def snapshot(acme: Company) -> dict[str, Sequence[str]]:
    """Every row that there is."""
    connection = acme.home.ground.connection
    return {
        table.table.source: [
            row[0]
            for row in await connection.fetch(f"select to_jsonb(t)::text from {table.table.source} t order by id")  # noqa: S608
        ]
        for table in TABLES
    }


def at(moment: datetime) -> str:
    """An instant as the API writes it."""
    return moment.isoformat().replace("+00:00", "Z")


async def statements(acme: Company) -> list[str]:
    """What the database was asked since this was asked last; savepoints have names of their own each time."""
    await asyncio.sleep(0)  # the last statement is noted
    asked = [re.sub(r"(?i)(savepoint) .*", r"\1", one) for one in acme.home.ground.statements]
    acme.home.ground.statements.clear()
    return asked
