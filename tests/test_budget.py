"""Statements are counted: how many an operation takes depends on what it asks, never on how much there is."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from resolvers.relations import Choice
from schema.build import Schema
from tests.asking import Ask, asking_world, token
from tests.multiplied import multiply
from tests.operations import VIEWER, Operation, Writing, organization
from tests.statements import noted
from tests.worlds import World

# What the plans page asks for, with a key: the budget is 12, the reading of the key included.
PLANS_PAGE = """query { organization(slug: "acme") {
  name viewerRoles
  subscription {
    status seats { purchased used }
    plan { name prices { interval unitAmount { amount currency } } features { key limit } }
  }
  usage { metrics { key used limit } }
  paymentMethods { brand last4 isDefault }
  payments(first: 20) { nodes { amount { amount currency } status createdAt } pageInfo { hasNextPage endCursor } }
  invoices(first: 20) {
    nodes { number status total { amount currency } lines { description quantity amount { amount } } }
  }
  billingManagers { nodes { name email } }
  billingInvitations { nodes { email status expiresAt } }
} }"""
BUDGET = 12
ROOTS = {"Query.viewer": 1, "Query.node": 1, "Query.plans": 1}
FACTS = {"PlanSubscription.nextCharge": 4}  # what a bill is made of: subscription, added seats, credits, prices


@dataclass(frozen=True)
class Counted:
    """A server, and what it asks its database."""

    ask: Ask
    statements: list[str]

    async def __call__(self, operation: Operation, account: str) -> tuple[Any, int]:
        """An answer, and how many statements it took."""
        self.statements.clear()
        found = await self.ask(
            operation.text, operation.variables, key=token(account), operation=operation.name, by_get=operation.by_get
        )
        return found.data, len(self.statements)


@pytest.fixture(scope="module")
async def small(server_url: str) -> AsyncIterator[Counted]:
    async with asking_world(server_url, World.BASE) as ask:
        yield Counted(ask, noted(ask.server))


@pytest.fixture(scope="module")
async def large(server_url: str) -> AsyncIterator[Counted]:
    async with asking_world(server_url, World.BASE) as ask:
        async with ask.server.database.connection() as connection:
            await multiply(connection, 9)
        yield Counted(ask, noted(ask.server))


@pytest.mark.parametrize("account", ["owner", "admin", "billing", "both", "mixed"])
async def test_plans_page_takes_so_many_statements_whatever_its_size(
    small: Counted, large: Counted, account: str
) -> None:
    counts = []
    for counted in (small, large, small):
        data, count = await counted(Operation(PLANS_PAGE), account)
        found = data["organization"]
        assert all(found.values())
        assert len(found["invoices"]["nodes"]) == len(found["payments"]["nodes"]) == 20
        counts.append(count)
    assert counts == [BUDGET] * 3
    managers = [
        (await one(Operation(PLANS_PAGE), account))[0]["organization"]["billingManagers"] for one in (small, large)
    ]
    assert len(managers[0]["nodes"]) < len(managers[1]["nodes"])


def reached(data: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Where an answer has objects, and of which types."""
    if isinstance(data, list):
        for one in data:
            yield from reached(one, *path)
    if isinstance(data, dict):
        yield (*path, data.get("__typename", ""))
        for name, one in data.items():
            yield from reached(one, *path, name)


class Costs(Visitor):
    """Adds up what the fields of a document may take at most."""

    def __init__(self, schema: Schema, types: TypeInfo) -> None:
        super().__init__()
        self.schema, self.types, self.most = schema, types, 1  # the key's

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        place = f"{self.types.get_parent_type()}.{node.name.value}"
        source = self.schema.sources.get(tuple(place.split(".")))  # type: ignore[arg-type]
        of_rows = source and type(source).__name__ not in {"Column", "Computed", "Identity"}
        usual = 2 if isinstance(source, Choice) else 1 if of_rows else ROOTS.get(place, 0)
        self.most += FACTS.get(place, usual)


def bound(text: str, schema: Schema) -> int:
    """How many statements a text may take at most: one a field that stands for rows, more for an actor or a bill."""
    types = TypeInfo(schema.graphql)
    costs = Costs(schema, types)
    visit(parse(text), TypeInfoVisitor(types, costs))
    return costs.most


@pytest.mark.parametrize("account", ["owner", "billing", "member"])
async def test_statements_depend_on_the_text_alone(small: Counted, large: Counted, account: str) -> None:
    view = await small.ask.view(key=token(account))
    writing = Writing(view)
    operations = [*writing.ways(organization("acme"), 3), *writing.below(organization("acme"), 4)]
    operations += [*writing.ways(VIEWER, 3)]
    alike = 0
    for operation in operations:
        (one, few), (other, many) = await small(operation, account), await large(operation, account)
        assert few <= bound(operation.text, small.ask.server.schema)
        assert many <= bound(operation.text, small.ask.server.schema)
        # Where nothing is, nothing behind it is asked for.
        if set(reached(one)) == set(reached(other)):
            alike += 1
            assert few == many, operation.text
    assert alike > 20
    assert alike > 0.8 * len(operations), (alike, len(operations))


SHARED = """{
  a: organization(slug: "acme") { invoices(first: 3) { nodes { lines { kind } requestedBy { __typename } } } }
  b: organization(slug: "acme") { invoices(first: 9) { nodes { lines { kind } requestedBy { __typename } } } }
  viewer { organizations { nodes {
    payments { nodes { invoice { lines { kind } } madeBy { ... on BillingManager { invitedBy { __typename } } } } }
    billingActivity { nodes { actor { ... on BillingManager { invitedBy { __typename } } } } }
    subscription { plan { features { key } } scheduledChange { plan { features { key } } } }
  } } }
  plans { features { key } prices { id } }
}"""


@pytest.mark.parametrize("account", ["owner", "mixed"])
async def test_statements_are_the_same_whatever_is_answered_first(small: Counted, account: str) -> None:
    fetch, draw = small.ask.server.database.fetch, Random(7)  # noqa: S311  # repeatable, not secret

    async def late(statement: str, *values: Any, **options: Any) -> list[Any]:
        await asyncio.sleep(draw.random() / 100)
        return await fetch(statement, *values, **options)

    answers = [await small(Operation(SHARED), account)]
    small.ask.server.database.fetch = late  # type: ignore[method-assign]
    try:
        answers += [await small(Operation(SHARED), account) for _ in range(10)]
    finally:
        small.ask.server.database.fetch = fetch  # type: ignore[method-assign]
    assert [data for data, _ in answers] == [answers[0][0]] * 11
    assert [count for _, count in answers] == [answers[0][1]] * 11
