"""What each kind of viewer sees of the schema, written out by hand from the contract and DOMAIN.md."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
from graphql import GraphQLSchema

from tests.asking import Ask, asking_world, token
from tests.worlds import World


def lists(*names: str) -> set[str]:
    """Types that come page by page, with their connections and edges."""
    return {f"{name}{part}" for name in names for part in ("", "Connection", "Edge")}


INVITED = lists("MemberInvitation")  # of administrators
# Types that only the people's side leads to, and only the money's side.
WORK_TYPES = lists("Member", "Team", "Project", "Resource", "Activity")
WORK_TYPES |= {"User", "OrganizationSettings", "ActivityKind", "ResourceKind", "Visibility"}
MONEY_TYPES = lists("Payment", "Invoice", "Credit", "BillingManager", "BillingInvitation", "BillingActivity")
MONEY_TYPES |= {"PlanSubscription", "SubscriptionStatus", "BillingMode", "Seats", "ScheduledChange"}
MONEY_TYPES |= {"PaymentMethod", "PaymentMethodKind", "PaymentStatus", "NextAction", "Refund", "CreditReason"}
MONEY_TYPES |= {"InvoiceStatus", "InvoiceLine", "LineKind", "TaxLine", "CreditNote", "BillingProfile", "URL"}
MONEY_TYPES |= {"QuoteLine", "UpcomingCharge"}
MONEY_TYPES |= {"InvitationStatus", "BillingActivityKind", "Usage", "UsageMetric", "UsagePoint", "SafeInt", "Date"}

WORK_FIELDS = {"members", "teams", "projects", "resources", "activities", "settings"}
MONEY_FIELDS = {"subscription", "usage", "paymentMethods", "payments", "creditBalance", "credits", "invoices"}
MONEY_FIELDS |= {"billingProfile", "billingManagers", "billingInvitations", "billingActivity"}

OF_ADMINISTRATORS = {"MANAGE_MEMBERS", "MANAGE_TEAMS", "MANAGE_SETTINGS", "MANAGE_API_KEYS", "RECORD_USAGE"}
OF_OWNERS = {"TRANSFER_ORGANIZATION"}
OF_WORK = {"VIEW_MEMBERS", "VIEW_TEAMS", "VIEW_PROJECTS", "MANAGE_PROJECTS", "VIEW_RESOURCES", "MANAGE_RESOURCES"}
OF_WORK |= {"VIEW_ACTIVITIES", "VIEW_SETTINGS"}
OF_MONEY = {"VIEW_USAGE", "VIEW_PLAN", "CHANGE_PLAN", "VIEW_PAYMENT_METHODS", "MANAGE_PAYMENT_METHODS"}
OF_MONEY |= {"VIEW_PAYMENTS", "VIEW_INVOICES", "REQUEST_INVOICES", "VIEW_BILLING_MANAGERS", "MANAGE_BILLING_MANAGERS"}
OF_MONEY |= {"VIEW_BILLING_ACTIVITY"}


def of(kind: str, names: Iterable[str]) -> set[str]:
    return {f"{kind}.{name}" for name in names}


# All that an owner sees and the account does not; of hidden types, their names stand for their parts.
HIDDEN = {
    "owner": set(),
    "admin": of("Permission", OF_OWNERS),
    "member": MONEY_TYPES
    | INVITED
    | of("Organization", MONEY_FIELDS | {"apiKeys", "memberInvitations"})
    | of("Permission", OF_MONEY | OF_ADMINISTRATORS | OF_OWNERS),
    "billing": WORK_TYPES
    | INVITED
    | of("Organization", WORK_FIELDS | {"apiKeys", "memberInvitations"})
    | of("Permission", OF_WORK | OF_ADMINISTRATORS | OF_OWNERS),
    "both": INVITED
    | of("Organization", {"apiKeys", "memberInvitations"})
    | of("Permission", OF_ADMINISTRATORS | OF_OWNERS),
    "none": WORK_TYPES
    | MONEY_TYPES
    | INVITED
    | of("Organization", WORK_FIELDS | MONEY_FIELDS | {"apiKeys", "memberInvitations", "viewerPermissions"})
    | {"Permission", "ApiKey.permissions"},
}
ACTORS = {
    "owner": ["BillingManager", "Member", "OrganizationAdministrator", "FormerUser", "System"],
    "both": ["BillingManager", "Member", "OrganizationAdministrator", "FormerUser", "System"],
    "member": ["Member", "OrganizationAdministrator", "FormerUser", "System"],
    "billing": ["BillingManager", "OrganizationAdministrator", "FormerUser", "System"],
    "none": ["OrganizationAdministrator", "FormerUser", "System"],
}
NODES = {"Member", "Team", "Project", "Resource", "Activity", "Payment", "PaymentMethod", "Invoice", "PlanSubscription"}
NODES |= {"BillingManager", "BillingInvitation", "BillingActivity", "MemberInvitation"}
# Whose views are the same, as what they may do in scope is the same: account and organization that the header names.
SAME: dict[str, list[tuple[str, str | None]]] = {
    "owner": [("owner", "acme"), ("outsider", None), ("outsider", "initech")],
    "admin": [("admin", "acme"), ("mixed", None), ("mixed", "globex")],
    "member": [("member", "acme")],
    "billing": [("billing", "acme"), ("mixed", "acme")],
    "both": [("both", "acme")],
    "none": [("owner", "globex"), ("owner", "unknown"), ("owner", ""), ("mixed", "initech"), ("none", "acme")],
}


@pytest.fixture(scope="module")
async def base(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        yield ask


def parts(schema: GraphQLSchema) -> Iterator[str]:
    """Every type of what is read, and every field and value as `Type.name`; what GraphQL has of its own left aside.

    What is written is in the contract, mutation by mutation.
    """
    read = GraphQLSchema(schema.query_type, types=[one for one in schema.type_map.values() if is_node(one)])
    for name, kind in read.type_map.items():
        if not name.startswith("__") and name not in {"String", "Int", "Boolean", "ID"}:
            yield name
            found: dict[str, Any] = getattr(kind, "values", getattr(kind, "fields", {}))
            yield from of(name, found)


def is_node(kind: Any) -> bool:
    return "Node" in {one.name for one in getattr(kind, "interfaces", ())}


@pytest.mark.parametrize("account", HIDDEN)
async def test_a_view_lacks_just_what_is_hidden(base: Ask, account: str) -> None:  # cases 51, 65
    full, view = set(parts(base.server.schema.graphql)), set(parts(await base.view(key=token(account))))
    assert view <= full
    assert {name for name in full - view if name.partition(".")[0] not in HIDDEN[account] - {name}} == HIDDEN[account]


@pytest.mark.parametrize("account", ACTORS)
async def test_abstract_types_stand_for_visible_ones_only(base: Ask, account: str) -> None:  # case 52
    view = await base.view(key=token(account))
    assert [one.name for one in view.get_possible_types(view.type_map["Actor"])] == ACTORS[account]  # type: ignore[arg-type]
    nodes = {one.name for one in view.get_possible_types(view.type_map["Node"])}  # type: ignore[arg-type]
    assert nodes == {"Organization", "Plan", *NODES} - HIDDEN[account]


@pytest.mark.parametrize("account", SAME)
async def test_a_view_depends_on_what_may_be_done_in_scope_alone(base: Ask, account: str) -> None:  # cases 51, 64
    expected = await base.sdl(key=token(account))
    for other, scope in SAME[account]:
        assert await base.sdl(key=token(other), scope=scope) == expected, (other, scope)


@pytest.mark.parametrize("account", ["member", "billing", "none"])
async def test_descriptions_do_not_speak_of_what_is_hidden(base: Ask, account: str) -> None:
    sdl = (await base.sdl(key=token(account))).body.decode()
    fields = {name.partition(".")[2] for name in HIDDEN[account] if name.startswith("Organization.")} - {"apiKeys"}
    for word in fields | {name for name in HIDDEN[account] if "." not in name} | OF_WORK | OF_MONEY:
        if account == "none" or word not in OF_WORK | OF_MONEY or f"Permission.{word}" in HIDDEN[account]:
            assert not re.search(rf"\b{word}\b", sdl), word
