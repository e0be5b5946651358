"""Who did it, as far as the viewer may know: "Nothing leaks sideways" of DOMAIN.md, for every field with an actor."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from models import BillingActivityKind, InvoiceStatus, PaymentMethodKind, PaymentStatus, Permission, ResourceKind, Role
from schema import ids
from tests import cluster
from tests.accounts import FIRST, KEY_MADE, SECOND, Accounts
from tests.asking import Ask, asking
from tests.rows import LATER, MONEY, THEN, id_of

OWNER, ADMIN, MEMBER, MANAGER = Role.OWNER, Role.ADMIN, Role.MEMBER, Role.BILLING_MANAGER
PERMISSIONS = frozenset(Permission)
CARD: dict[str, Any] = {"kind": PaymentMethodKind.CARD, "is_default": False, "added_at": THEN}
SUMS = dict.fromkeys(("subtotal", "tax", "total", "amount_due"), 0)
RESOURCE = {"project_id": id_of("project"), "kind": ResourceKind.COLLECTION, "name": "Resource"}


@dataclass(frozen=True)
class Somebody:
    """What he is now in the first organization, and what he acted as there."""

    roles: tuple[Role, ...]
    acted_as: Role


PEOPLE = {
    "owner": Somebody((OWNER,), OWNER),
    "admin": Somebody((ADMIN,), ADMIN),
    "member": Somebody((MEMBER,), MEMBER),
    "manager": Somebody((MANAGER,), MANAGER),
    "manager and member": Somebody((MEMBER, MANAGER), MANAGER),
    "member and manager": Somebody((MEMBER, MANAGER), MEMBER),
    "owner and manager": Somebody((OWNER, MANAGER), OWNER),
    "manager who was admin": Somebody((MANAGER,), ADMIN),
    "admin who left": Somebody((), ADMIN),
    "owner who left": Somebody((), OWNER),
    "manager who left": Somebody((), MANAGER),
    "member who was manager": Somebody((MEMBER,), MANAGER),
    "manager of another": Somebody((), MANAGER),
}
SYSTEM = {"__typename": "System", "label": "Purser"}
FORMER = {"__typename": "FormerUser", "label": "Former user"}
ADMINISTRATOR = {"__typename": "OrganizationAdministrator", "label": "Organization administrator"}
# How each is shown: M, B: as member or billing manager, by name; F: left; A: runs the organization. See DOMAIN.md.
SHOWN = """
                          owner  admin  both  member  billing  mixed  neither
owner                     M      M      M     M       A        A      A
admin                     M      M      M     M       A        A      A
member                    M      M      M     M       A        A      A
manager                   B      B      B     F       B        B      A
manager and member        M      M      M     M       B        B      A
member and manager        M      M      M     M       B        B      A
owner and manager         M      M      M     M       B        B      A
manager who was admin     B      B      B     F       B        B      A
admin who left            F      F      F     F       A        A      A
owner who left            F      F      F     F       A        A      A
manager who left          F      F      F     F       F        F      A
member who was manager    M      M      M     M       F        F      A
manager of another        F      F      F     F       F        F      A
"""
# Every field that names an actor: the way to it.
FIELDS = {
    "PaymentMethod": "paymentMethods { id actor: addedBy %s }",
    "Payment": "payments(first: 100) { nodes { id actor: madeBy %s } }",
    "Invoice": "invoices(first: 100) { nodes { id actor: requestedBy %s } }",
    "BillingInvitation": "billingInvitations(first: 100) { nodes { id actor: invitedBy %s } }",
    "BillingManager": "billingManagers(first: 100) { nodes { id actor: invitedBy %s } }",
    "BillingActivity": "billingActivity(first: 100) { nodes { id actor %s } }",
    "ApiKey": "apiKeys { id actor: madeBy %s }",
    "Resource": "resources(first: 100) { nodes { id actor: createdBy %s } }",
    "Activity": "activities(first: 100) { nodes { id actor %s } }",
}
WORK = {"Resource", "Activity"}
SEES_WORK = {"owner", "admin", "both", "member"}
# The columns that name the actor, and the prefix of the ids.
COLUMNS = {
    "PaymentMethod": ("payment_method", "added_by_id", "added_as", "pm"),
    "Payment": ("payment", "made_by_id", "made_as", "pay"),
    "Invoice": ("invoice", "requested_by_id", "requested_as", "inv"),
    "BillingInvitation": ("billing_invitation", "invited_by_id", "invited_as", "binv"),
    "BillingManager": ("role_grant", "granted_by_id", "granted_as", "bman"),
    "BillingActivity": ("billing_activity", "actor_id", "acted_as", "bact"),
    "ApiKey": ("api_key", "user_id", "made_as", "key"),
    "Resource": ("resource", "created_by_id", "created_as", "res"),
    "Activity": ("activity", "actor_id", "acted_as", "act"),
}


def viewers() -> list[str]:
    return SHOWN.strip().splitlines()[0].split()


class Acts:
    """Rows that name each of the people, and nobody, as the actor of a row of every kind."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.users = {name: self.accounts.person(name, {FIRST: one.roles}) for name, one in PEOPLE.items()}
        self.accounts.grant(self.users["manager of another"], SECOND, MANAGER, THEN)
        self.done: dict[str, dict[str, str | None]] = {field: {} for field in FIELDS}
        for field in FIELDS:
            for name, somebody in PEOPLE.items():
                self.act(field, name, self.users[name], somebody.acted_as)
            if field != "ApiKey":
                self.act(field, None, None, None)

    def act(self, field: str, name: str | None, user: UUID | None, acted_as: Role | None) -> None:
        source, who, what, prefix = COLUMNS[field]
        row = self.row(field) | {who: user, what: acted_as}
        self.accounts.rows[source].append(row)
        self.done[field][ids.write(prefix, row["id"])] = name

    def row(self, field: str) -> dict[str, Any]:
        """A row of the first organization, but for its actor."""
        key = self.accounts.new()
        address = {"email": f"{key}@people.test", "email_key": f"{key}@people.test", "token_digest": key.bytes * 2}
        invited = self.accounts.person(f"invited {key}") if field == "BillingManager" else None
        columns: dict[str, dict[str, Any]] = {
            "PaymentMethod": CARD | {"gateway_reference": f"{key}"},
            "Payment": MONEY | {"refunded_amount": 0, "status": PaymentStatus.SUCCEEDED, "created_at": THEN},
            "Invoice": SUMS | {"status": InvoiceStatus.DRAFT, "currency": "EUR", "created_at": THEN},
            "BillingInvitation": address | {"status": "PENDING", "created_at": THEN, "expires_at": LATER},
            "BillingManager": {"user_id": invited, "role": MANAGER, "member_id": None, "since": THEN},
            "BillingActivity": {"kind": BillingActivityKind.SUBSCRIPTION_CHANGED, "at": THEN},
            "ApiKey": {"name": "Key", "prefix": "purser_", "digest": key.bytes * 2, "created_at": KEY_MADE},
            "Resource": RESOURCE | {"created_at": THEN},
            "Activity": {"kind": "TEAM_CREATED", "subject": "Team", "at": THEN},
        }
        return {"id": key, "organization_id": FIRST, **columns[field]}


@dataclass(frozen=True)
class Stage:
    """A server, what was done, and the keys of who looks at it."""

    ask: Ask
    acts: Acts
    keys: dict[str, str]


@pytest.fixture(scope="module")
async def stage(server_url: str) -> AsyncIterator[Stage]:
    acts = Acts()
    accounts = acts.accounts
    roles = {"owner": [OWNER], "admin": [ADMIN], "both": [MEMBER, MANAGER], "member": [MEMBER], "billing": [MANAGER]}
    people = {name: accounts.person(f"viewer {name}", {FIRST: held}) for name, held in roles.items()}
    people["mixed"] = accounts.person("viewer mixed", {FIRST: [MANAGER], SECOND: [OWNER, ADMIN, MEMBER]})
    keys = {name: accounts.key(user) for name, user in people.items()}
    less = PERMISSIONS - {Permission.VIEW_MEMBERS, Permission.VIEW_BILLING_MANAGERS}
    keys["neither"] = accounts.key(people["owner"], permissions=less)
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url:
        await accounts.load(url)
        async with asking(url) as ask:
            yield Stage(ask, acts, keys)


def fragments(viewer: str) -> str:
    """All that may be asked of an actor, as far as the viewer's schema has it."""
    found = "__typename ... on OrganizationAdministrator { label } ... on FormerUser { label } ... on System { label }"
    member = "... on Member { id roles joinedAt user { id name email } teams { id } }"
    manager = "... on BillingManager { id name email since }"
    found += member if viewer in {"owner", "admin", "both", "member", "mixed"} else ""
    return f"{{ {found} {manager if viewer not in {'member', 'neither'} else ''} }}"


def shown(found: dict[str, Any] | None) -> tuple[str, str | None]:
    """The mark of an actor and the name he is shown by; whoever is not named has a label and nothing else."""
    if found == ADMINISTRATOR:
        return "A", None
    if found == FORMER:
        return "F", None
    if found in (SYSTEM, None):
        return "S", None
    assert found is not None
    kind = found["__typename"]
    return ("M", found["user"]["name"]) if kind == "Member" else ("B", found["name"])


def visible(viewer: str) -> Iterator[str]:
    """The fields whose rows the viewer may see."""
    for field in FIELDS:
        if field == "ApiKey":
            yield from [field] if viewer in {"owner", "admin"} else []
        elif field in WORK:
            yield from [field] if viewer in SEES_WORK | {"neither"} else []
        elif viewer == "neither":
            yield from [field] if field not in {"BillingManager", "BillingInvitation"} else []
        elif viewer != "member":
            yield field


@pytest.mark.parametrize("viewer", viewers())
async def test_actors_are_shown_as_far_as_the_viewer_may_know(stage: Stage, viewer: str) -> None:  # cases 53, 54
    for field in visible(viewer):
        asked = f'{{ organization(slug: "acme-1") {{ {FIELDS[field] % fragments(viewer)} }} }}'
        organization = (await stage.ask(asked, key=stage.keys[viewer])).data["organization"]
        rows = next(iter(organization.values()))
        by_id = {row["id"]: row["actor"] for row in (rows if isinstance(rows, list) else rows["nodes"])}
        for key, name in stage.acts.done[field].items():
            if name is None:
                assert by_id[key] == (None if field == "Invoice" else SYSTEM)
                continue
            mark = marks(viewer)[name]
            assert shown(by_id[key]) == (mark, name if mark in "MB" else None), (field, name)


def marks(viewer: str) -> dict[str, str]:
    """How each of the people is shown to a viewer."""
    head, *lines = SHOWN.strip().splitlines()
    place = head.split().index(viewer) - len(head.split())
    return {line[:25].strip(): line.split()[place] for line in lines}


@pytest.mark.parametrize("viewer", viewers())
async def test_a_key_that_nobody_bound_names_no_maker(stage: Stage, viewer: str) -> None:
    asked = f"{{ viewer {{ apiKeys {{ organization {{ id }} madeBy {fragments(viewer)} }} }} }}"
    keys = (await stage.ask(asked, key=stage.keys[viewer])).data["viewer"]["apiKeys"]
    assert keys
    assert all(key == {"organization": None, "madeBy": None} for key in keys)
