"""Who may what: DOMAIN.md, section 1, written out by hand and asked of the server. Nothing here looks at GRANTS."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
import strawberry

import models
from execution.engine import Asked, Engine
from models import BillingActivityKind, PaymentStatus, Permission, Role
from models.roles import mask
from models.table import Row
from models.viewer import Standing, Viewer
from resolvers.cursors import Cursors
from schema import ids
from schema.build import Schema, build
from schema.declare import NodeInterface, resolver
from schema.public import PUBLIC
from schema.query import BY_PREFIX, Query
from tests import cluster
from tests.accounts import EMPTY, FIRST, SECOND, SLUGS, Accounts
from tests.asking import Answer, Ask, asking
from tests.rows import MONEY, THEN, id_of

TABLE = """
                         OWNER  ADMIN  MEMBER  BILLING_MANAGER
VIEW_USAGE               yes    yes    -       yes
VIEW_PLAN                yes    yes    -       yes
CHANGE_PLAN              yes    yes    -       yes
VIEW_PAYMENT_METHODS     yes    yes    -       yes
MANAGE_PAYMENT_METHODS   yes    yes    -       yes
VIEW_PAYMENTS            yes    yes    -       yes
VIEW_INVOICES            yes    yes    -       yes
REQUEST_INVOICES         yes    yes    -       yes
VIEW_BILLING_MANAGERS    yes    yes    -       yes
MANAGE_BILLING_MANAGERS  yes    yes    -       yes
VIEW_BILLING_ACTIVITY    yes    yes    -       yes
VIEW_MEMBERS             yes    yes    yes     -
MANAGE_MEMBERS           yes    yes    -       -
VIEW_TEAMS               yes    yes    yes     -
MANAGE_TEAMS             yes    yes    -       -
VIEW_PROJECTS            yes    yes    yes     -
MANAGE_PROJECTS          yes    yes    yes     -
VIEW_RESOURCES           yes    yes    yes     -
MANAGE_RESOURCES         yes    yes    yes     -
VIEW_ACTIVITIES          yes    yes    yes     -
VIEW_SETTINGS            yes    yes    yes     -
MANAGE_SETTINGS          yes    yes    -       -
MANAGE_API_KEYS          yes    yes    -       -
RECORD_USAGE             yes    yes    -       -
TRANSFER_ORGANIZATION    yes    -      -       -
"""
# Each guarded field by the way to it, the guard of each step that has one, and what to select of it.
FIELDS = """
subscription!VIEW_PLAN                                              { id }
usage!VIEW_USAGE                                                    { from }
paymentMethods!VIEW_PAYMENT_METHODS                                 { id }
payments!VIEW_PAYMENTS                                              { pageInfo { hasNextPage } }
creditBalance!VIEW_PAYMENTS                                         { amount }
credits!VIEW_PAYMENTS                                               { pageInfo { hasNextPage } }
invoices!VIEW_INVOICES                                              { pageInfo { hasNextPage } }
billingProfile!VIEW_INVOICES                                        { name }
billingManagers!VIEW_BILLING_MANAGERS                               { pageInfo { hasNextPage } }
billingInvitations!VIEW_BILLING_MANAGERS                            { pageInfo { hasNextPage } }
billingActivity!VIEW_BILLING_ACTIVITY                               { pageInfo { hasNextPage } }
members!VIEW_MEMBERS                                                { pageInfo { hasNextPage } }
memberInvitations!MANAGE_MEMBERS                                    { pageInfo { hasNextPage } }
teams!VIEW_TEAMS                                                    { pageInfo { hasNextPage } }
projects!VIEW_PROJECTS                                              { pageInfo { hasNextPage } }
resources!VIEW_RESOURCES                                            { pageInfo { hasNextPage } }
activities!VIEW_ACTIVITIES                                          { pageInfo { hasNextPage } }
settings!VIEW_SETTINGS                                              { timeZone }
apiKeys!MANAGE_API_KEYS                                             { id }
payments!VIEW_PAYMENTS nodes paymentMethod!VIEW_PAYMENT_METHODS     { id }
payments!VIEW_PAYMENTS nodes invoice!VIEW_INVOICES                  { id }
billingActivity!VIEW_BILLING_ACTIVITY nodes invoice!VIEW_INVOICES   { id }
billingActivity!VIEW_BILLING_ACTIVITY nodes payment!VIEW_PAYMENTS   { id }
billingActivity!VIEW_BILLING_ACTIVITY nodes paymentMethod!VIEW_PAYMENT_METHODS { id }
billingActivity!VIEW_BILLING_ACTIVITY nodes invitation!VIEW_BILLING_MANAGERS { id }
members!VIEW_MEMBERS nodes teams!VIEW_TEAMS                         { id }
teams!VIEW_TEAMS nodes members!VIEW_MEMBERS                         { pageInfo { hasNextPage } }
teams!VIEW_TEAMS nodes projects!VIEW_PROJECTS                       { pageInfo { hasNextPage } }
projects!VIEW_PROJECTS nodes team!VIEW_TEAMS                        { id }
resources!VIEW_RESOURCES nodes project!VIEW_PROJECTS                { id }
"""
# The guarded types: what each needs, the prefix of its ids, its table.
TYPES = {
    "Member": (Permission.VIEW_MEMBERS, "mem", "member"),
    "MemberInvitation": (Permission.MANAGE_MEMBERS, "minv", "member_invitation"),
    "Team": (Permission.VIEW_TEAMS, "team", "team"),
    "Project": (Permission.VIEW_PROJECTS, "proj", "project"),
    "Resource": (Permission.VIEW_RESOURCES, "res", "resource"),
    "Activity": (Permission.VIEW_ACTIVITIES, "act", "activity"),
    "PlanSubscription": (Permission.VIEW_PLAN, "sub", "plan_subscription"),
    "PaymentMethod": (Permission.VIEW_PAYMENT_METHODS, "pm", "payment_method"),
    "Payment": (Permission.VIEW_PAYMENTS, "pay", "payment"),
    "Invoice": (Permission.VIEW_INVOICES, "inv", "invoice"),
    "BillingManager": (Permission.VIEW_BILLING_MANAGERS, "bman", "role_grant"),
    "BillingInvitation": (Permission.VIEW_BILLING_MANAGERS, "binv", "billing_invitation"),
    "BillingActivity": (Permission.VIEW_BILLING_ACTIVITY, "bact", "billing_activity"),
}
# Guarded types that only mutations answer with.
ANSWERED = {"Quote": Permission.CHANGE_PLAN}
OWNER_OF_TYPE = {"payments": "Payment", "billingActivity": "BillingActivity", "members": "Member"}
OWNER_OF_TYPE |= {"teams": "Team", "projects": "Project", "resources": "Resource"}
FORBIDDEN = {"message": "You may not see this.", "extensions": {"code": "FORBIDDEN"}}

RoleSet = frozenset[Role]
ROLE_SETS = [RoleSet(some) for size in range(len(Role) + 1) for some in combinations(Role, size)]
EVERYTHING = frozenset(Permission)
every_role_set = pytest.mark.parametrize("roles", ROLE_SETS, ids=lambda roles: "+".join(sorted(roles)) or "nothing")


def table() -> dict[Permission, RoleSet]:
    """Who has each permission."""
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    return {
        Permission(name): RoleSet(Role(role) for role, mark in zip(head, marks, strict=True) if mark == "yes")
        for name, *marks in lines
    }


@dataclass(frozen=True)
class Field:
    """A field of an organization or below, with the guards on the way to it."""

    steps: tuple[str, ...]
    guards: tuple[Permission | None, ...]
    selection: str

    @property
    def query(self) -> str:
        return (
            f'{{ organization(slug: "acme-1") {{ {" { ".join(self.steps)} {self.selection}{" }" * len(self.steps)} }}'
        )

    @property
    def needs(self) -> frozenset[Permission]:
        return frozenset(filter(None, self.guards))

    def barred(self, held: frozenset[Permission]) -> int | None:
        """The first step that somebody with these permissions may not take."""
        return next((n for n, guard in enumerate(self.guards) if guard and guard not in held), None)


def fields() -> Iterator[Field]:
    for line in FIELDS.strip().splitlines():
        way, _, selection = line.partition("{")
        steps = [step.partition("!") for step in way.split()]
        guards = tuple(Permission(guard) if guard else None for _, _, guard in steps)
        yield Field(tuple(name for name, _, _ in steps), guards, "{" + selection)


def permitted(roles: RoleSet) -> frozenset[Permission]:
    return frozenset(permission for permission, holders in table().items() if holders & roles)


@dataclass(frozen=True)
class Matrix:
    """A server, and keys.

    For each set of roles: of somebody who has them in the first organization alone, and of somebody who owns the second
    one besides. For each permission: of an owner, lacking this one.
    """

    ask: Ask
    alone: dict[RoleSet, str]
    beside: dict[RoleSet, str]
    lacking: dict[Permission, str]
    organizations: dict[UUID, Row]


@pytest.fixture(scope="module")
async def matrix(server_url: str) -> AsyncIterator[Matrix]:
    accounts = Accounts()
    alone, beside = {}, {}
    for roles in ROLE_SETS:
        name = " ".join(sorted(roles)) or "nobody"
        alone[roles] = accounts.key(accounts.person(name, {FIRST: roles}))
        beside[roles] = accounts.key(accounts.person(f"{name} too", {FIRST: roles, SECOND: [Role.OWNER]}))
    bare(accounts)
    owner = accounts.person("key maker", {FIRST: [Role.OWNER]})
    lacking = {one: accounts.key(owner, permissions=EVERYTHING - {one}) for one in Permission}
    noun = models.Organization.table
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url:
        await accounts.load(url)
        async with asking(url) as ask:
            rows = await ask.server.database.fetch("select * from organization", record_class=noun.row)
            yield Matrix(ask, alone, beside, lacking, {row["id"]: row for row in rows})


def check_shown(answer: Answer, field: Field) -> None:
    """The field's value came, and nothing went wrong."""
    found = [answer.data["organization"]]
    for step in field.steps:
        found = [one for value in found for one in listed(value[step]) if one is not None]
    assert found, "nothing to see: the test proves nothing"


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check_hidden(answer: Answer, field: Field, step: int) -> None:
    """The answer to what does not exist, and nothing else."""
    on = OWNER_OF_TYPE[field.steps[0]] if step else "Organization"
    message = f"Cannot query field '{field.steps[step]}' on type '{on}'."
    assert (answer.status, list(answer.json)) == (200, ["errors"])
    assert [error["message"] for error in answer.errors] == [message]
    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]


def check_refused(body: dict[str, Any], field: Field, step: int) -> None:
    """Null where the field is, and one error there for each parent: nothing of what is behind the guard."""
    found, paths = [(body["data"]["organization"], ["organization"])], []
    for name in field.steps[:step]:
        found = [(one, path) for value, at in found for one, path in placed(value[name], [*at, name])]
    for value, at in found:
        assert value == {field.steps[step]: None}
        paths.append([*at, field.steps[step]])
    assert paths
    for error, path in zip(body["errors"], paths, strict=True):
        assert {name: error[name] for name in FORBIDDEN} == FORBIDDEN
        assert error["path"] == path
        assert error.keys() == {*FORBIDDEN, "path", "locations"}


def placed(value: Any, at: list[Any]) -> list[tuple[Any, list[Any]]]:
    return [(one, [*at, n]) for n, one in enumerate(value)] if isinstance(value, list) else [(value, at)]


def test_table_names_every_permission() -> None:
    assert list(table()) == list(Permission)


def bare(accounts: Accounts) -> None:
    """Add rows that lead nowhere: a refusal must not tell them from others."""
    own = {"organization_id": FIRST}
    payment = own | MONEY | {"refunded_amount": 0, "status": PaymentStatus.FAILED, "created_at": THEN}
    accounts.rows["payment"].append(payment | {"id": accounts.new()})
    accounts.rows["project"].append(own | {"id": accounts.new(), "name": "Nobody's", "created_at": THEN})
    kind = BillingActivityKind.SUBSCRIPTION_CHANGED
    accounts.rows["billing_activity"].append(own | {"id": accounts.new(), "kind": kind, "at": THEN})
    accounts.rows["team"].append(own | {"id": accounts.new(), "name": "Nobody", "created_at": THEN})


@every_role_set
async def test_viewer_permissions_are_the_union(matrix: Matrix, roles: RoleSet) -> None:
    query = '{ organization(slug: "acme-1") { viewerRoles viewerPermissions } }'
    expected = None
    if roles:
        held = [one.value for one in Permission if one in permitted(roles)]
        expected = {"viewerRoles": [role.value for role in Role if role in roles], "viewerPermissions": held}
    found = await matrix.ask(query, key=matrix.beside[roles])
    assert found.data == {"organization": expected}
    if roles:
        assert (await matrix.ask(query, key=matrix.alone[roles])).data == {"organization": expected}


@every_role_set
async def test_a_field_is_shown_or_hidden(matrix: Matrix, roles: RoleSet) -> None:
    for field in fields():
        answer = await matrix.ask(field.query, key=matrix.alone[roles])
        if not roles:  # a key that carries nothing is none
            assert answer.status == 401
            continue
        scoped = await matrix.ask(field.query, key=matrix.beside[roles], scope=SLUGS[FIRST])
        assert answer == scoped
        step = field.barred(permitted(roles))
        if step is None:
            check_shown(answer, field)
        else:
            check_hidden(answer, field, step)


@every_role_set
async def test_a_field_that_is_visible_elsewhere_is_refused(matrix: Matrix, roles: RoleSet) -> None:
    for field in fields():
        answer = await matrix.ask(field.query, key=matrix.beside[roles])
        step = field.barred(permitted(roles))
        if not roles:
            assert answer.data == {"organization": None}
        elif step is None:
            check_shown(answer, field)
        else:
            check_refused(answer.json, field, step)


@every_role_set
async def test_a_node_is_shown_or_is_not_there(matrix: Matrix, roles: RoleSet) -> None:
    for needed, prefix, source in TYPES.values():
        name = ids.write(prefix, await id_in(matrix.ask, source))
        for key in (matrix.alone[roles], matrix.beside[roles]) if roles else (matrix.beside[roles],):
            answer = await matrix.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": name}, key=key)
            assert answer.data == {"node": {"id": name} if needed in permitted(roles) else None}


@pytest.mark.parametrize("lacked", Permission)
async def test_a_key_that_lacks_a_permission_hides_just_what_needs_it(matrix: Matrix, lacked: Permission) -> None:
    key = matrix.lacking[lacked]
    for field in fields():
        answer = await matrix.ask(field.query, key=key)
        if lacked in field.needs:
            check_hidden(answer, field, field.guards.index(lacked))
        else:
            check_shown(answer, field)


@pytest.mark.parametrize("lacked", Permission)
async def test_each_guard_on_the_way_judges_by_itself(matrix: Matrix, lacked: Permission) -> None:
    viewer = lacking(matrix, lacked)
    for field in fields():
        if lacked in field.needs:
            told = await matrix.ask.server.engine.answer(Asked(field.query, {}), viewer)
            check_refused(told.body, field, field.guards.index(lacked))
            if len(field.steps) == 1:  # that there is nothing is not told either
                told = await matrix.ask.server.engine.answer(Asked(field.query.replace("acme-1", "acme-3"), {}), viewer)
                check_refused(told.body, field, 0)


@pytest.mark.parametrize("noun", TYPES)
async def test_a_type_judges_its_objects_however_they_are_reached(matrix: Matrix, noun: str) -> None:
    needed, prefix, source = TYPES[noun]
    server = matrix.ask.server
    engine = Engine(around(), server.database, Cursors(b"any"), server.room)
    asked = Asked(f"{{ careless(id: {str_(ids.write(prefix, await id_in(matrix.ask, source)))}) {{ id }} }}", {})
    allowed = await engine.answer(asked, lacking(matrix, next(one for one in Permission if one is not needed)))
    assert "errors" not in allowed.body
    assert allowed.body["data"]["careless"]
    refused = await engine.answer(asked, lacking(matrix, needed))
    assert refused.body["data"] == {"careless": None}
    assert [error["extensions"] for error in refused.body["errors"]] == [FORBIDDEN["extensions"]]


def test_every_guard_is_in_these_tables() -> None:
    schema = build()
    elsewhere = {"ChangeKind", "Mutation", "Permission", "UserErrorCode"}  # what is read is here; writes have their own
    guarded = {(owner, name) for owner, name, argument in schema.needs if owner not in elsewhere and not argument}
    asked = {(OWNER_OF_TYPE[f.steps[0]] if len(f.steps) > 1 else "Organization", f.steps[-1]) for f in fields()}
    assert guarded == asked | {(noun, "") for noun in TYPES} | {(noun, "") for noun in ANSWERED}
    told = {noun: one for noun, (one, _, _) in TYPES.items()} | ANSWERED
    assert {noun: one.bit for noun, one in told.items()} == {noun: schema.need(noun) for noun in told}
    assert not any(argument for _, _, argument in schema.needs)


def lacking(matrix: Matrix, lacked: Permission) -> Viewer:
    """Somebody who may do everything in the second organization, and all but this in the others."""
    held = {FIRST: EVERYTHING - {lacked}, SECOND: EVERYTHING, EMPTY: EVERYTHING - {lacked}}
    return Viewer(
        id_of("user_account"), {key: Standing(matrix.organizations[key], (), mask(may)) for key, may in held.items()}
    )


def around() -> Schema:
    """The schema with a field whose author forgot to judge."""

    async def fetched(_root: None, info: Any, id: str) -> Row:  # noqa: A002  # the argument's name
        prefix, key = ids.read(id) or ("", None)
        noun = BY_PREFIX[prefix].table
        found = await info.context.fetch(f"select * from {noun.source} where id = $1", key, rows=noun.row)  # noqa: S608
        return found[0]  # type: ignore[no-any-return]

    takes = {"id": (strawberry.ID, "Any.")}

    @strawberry.type(name="Query", description="With a field whose author forgot to judge.")
    class Careless(Query):
        careless: NodeInterface | None = resolver(fetched, "Any row.", takes=takes)

    return build(Careless, PUBLIC | {"Query.careless"})


async def id_in(ask: Ask, source: str) -> UUID:
    """The id of a row of the first organization."""
    condition = " and member_id is null" if source == "role_grant" else ""
    statement = f"select id from {source} where organization_id = $1{condition} order by id limit 1"  # noqa: S608
    found: UUID = (await ask.server.database.fetch(statement, FIRST))[0]["id"]
    return found


def str_(text: str) -> str:
    """A string as GraphQL writes it."""
    return f'"{text}"'
