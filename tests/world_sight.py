"""Who may see what in the worlds, written from DOMAIN.md and not from the code that decides it.

Accounts are named as in TOKENS. From these rules follow the words that may reach an account, and what must be other
in a world for those who see no difference to prove anything.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from uuid import UUID

from models import Role
from models.api_keys import digest
from tests.world_names import ORGANIZATIONS, WORD, Made
from tests.world_people import TOKENS

Accounts = frozenset[str]
NOBODY: Accounts = frozenset()

# Members, teams, projects, resources, activities, settings: owner, admin, member.
WORK: dict[str, Accounts] = {
    "acme": frozenset({"owner", "admin", "member", "both"}),
    "globex": frozenset({"mixed"}),
    "initech": frozenset({"outsider"}),
}
# The plan, methods, payments, invoices, billing managers, invitations, usage: owner, admin, billing manager.
MONEY: dict[str, Accounts] = {
    "acme": frozenset({"owner", "admin", "billing", "both", "mixed"}),
    "globex": frozenset({"mixed"}),
    "initech": frozenset({"outsider"}),
}
# The organization's keys, and invitations of members: owner, admin. Whoever made a key sees it too.
ADMINISTRATION: dict[str, Accounts] = {
    "acme": frozenset({"owner", "admin"}),
    "globex": frozenset({"mixed"}),
    "initech": frozenset({"outsider"}),
}
# The organization's name: whoever holds a role there.
NAME = {slug: WORK[slug] | MONEY[slug] for slug in ORGANIZATIONS}

OF_WORK = {"member", "team", "team_member", "project", "resource", "activity", "organization_settings"}
OF_MONEY = {
    *("plan_subscription", "scheduled_change", "payment_method", "payment", "refund", "credit", "invoice"),
    *("invoice_line", "tax_line", "credit_note", "billing_profile", "billing_invitation", "billing_activity"),
    *("usage_day", "credit_use", "document_counter", "ledger_posting", "ledger_entry"),
}
AREAS = {"organization": NAME, "member_invitation": ADMINISTRATION}
# What the gateway calls something is for the gateway.
UNSEEN = {(source, "gateway_reference") for source in ("payment_method", "payment", "refund")}
UNSEEN |= {("payment_method", "customer"), ("payment_method", "fingerprint")}
ACTORS = {
    "role_grant": ("granted_by_id", "granted_as"),
    "resource": ("created_by_id", "created_as"),
    "activity": ("actor_id", "acted_as"),
    "payment_method": ("added_by_id", "added_as"),
    "payment": ("made_by_id", "made_as"),
    "invoice": ("requested_by_id", "requested_as"),
    "billing_invitation": ("invited_by_id", "invited_as"),
    "member_invitation": ("invited_by_id", "invited_as"),
    "billing_activity": ("actor_id", "acted_as"),
}


class Sight:
    """The rules, asked of the rows of one world."""

    def __init__(self, rows: Mapping[str, list[Made]]) -> None:
        self.rows = rows

    @cached_property
    def slugs(self) -> dict[UUID, str]:
        return {row["id"]: row["slug"] for row in self.rows["organization"]}

    @cached_property
    def grants(self) -> dict[UUID, set[tuple[str, Role]]]:
        """The roles of each user."""
        found: dict[UUID, set[tuple[str, Role]]] = {row["id"]: set() for row in self.rows["user_account"]}
        for row in self.rows["role_grant"]:
            found[row["user_id"]].add((self.slugs[row["organization_id"]], row["role"]))
        return found

    @cached_property
    def accounts(self) -> dict[UUID, str]:
        """The users whom the tests sign in as."""
        digests = {row["digest"]: row["user_id"] for row in self.rows["api_key"]}
        return {digests[digest(token)]: name for name, token in TOKENS.items() if token}

    def is_member(self, user: UUID, slug: str) -> bool:
        return any(where == slug and role is not Role.BILLING_MANAGER for where, role in self.grants[user])

    def is_manager(self, user: UUID, slug: str) -> bool:
        return (slug, Role.BILLING_MANAGER) in self.grants[user]

    def slug(self, row: Made) -> str:
        """Whose row it is, "" for nobody's."""
        return self.slugs.get(row.get("organization_id") or row["id"], "")

    def seers(self, source: str, column: str, row: Made) -> Accounts:
        """Who may see the text in a column of a row."""
        if (source, column) in UNSEEN:
            return NOBODY
        if source == "user_account":
            return self.acquaintances(row["id"])
        if source == "api_key":
            return self.key_holders(row)
        return AREAS.get(source, WORK if source in OF_WORK else MONEY)[self.slug(row)]

    def acquaintances(self, user: UUID) -> Accounts:
        """Who may know somebody's name and address: himself, those who see his membership, those who see his role."""
        found = {self.accounts[user]} if user in self.accounts else set()
        for slug, role in self.grants[user]:
            found |= MONEY[slug] if role is Role.BILLING_MANAGER else WORK[slug]
        return frozenset(found)

    def key_holders(self, row: Made) -> Accounts:
        maker = {self.accounts[row["user_id"]]} if row["user_id"] in self.accounts else set()
        return frozenset(maker) | (ADMINISTRATION[self.slug(row)] if row["organization_id"] else NOBODY)

    def words(self) -> Iterator[tuple[str, Accounts]]:
        """Every canary, at each place where it stands, with who may see it there."""
        for source, made in self.rows.items():
            for row in made:
                for column, value in row.items():
                    for found in words_in(value):
                        yield found, self.seers(source, column, row)


def words_in(value: object) -> list[str]:
    """The canaries in a value: of a text, or of a list of them."""
    texts = value if isinstance(value, list) else [value]
    return [word for text in texts if isinstance(text, str) for word in re.findall(WORD, text)]
