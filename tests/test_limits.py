"""What a document may ask at most: measured once, in its length, before anything that is slower looks at it."""

import os
import subprocess
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import pytest
from graphql import GraphQLSchema, SelectionSetNode, get_introspection_query, parse

from execution.documents import judged
from execution.limits import LIMITS, MOST_CHARACTERS, MOST_TOKENS, Measure, Measuring
from models import Role
from models.roles import EVERYTHING, granted_to
from schema.build import build
from schema.views import Views
from scripts.build_web import WEB, find_node
from tests.asking import Ask, asking_world, token
from tests.operations import Writing, organization
from tests.servers import PATIENCE
from tests.statements import noted
from tests.worlds import World

INTROSPECTION = get_introspection_query(
    one_of=True,
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)
# The words of the GraphQL.js that GraphiQL is built with.
GRAPHIQL = """
import { getIntrospectionQuery } from 'graphql';
console.log(getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true }));
"""


@pytest.fixture(scope="module")
def views() -> Views:
    return Views(build())


@pytest.fixture(scope="module")
def view(views: Views) -> GraphQLSchema:
    return views.of(EVERYTHING)


@pytest.fixture(scope="module")
async def ask(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        yield ask


def refusals(text: str, view: GraphQLSchema) -> list[str]:
    """The limits that a document exceeds; nothing else is looked at then."""
    errors = [error.formatted["extensions"] for error in judged(text, view).errors]
    assert all(error["code"] == "LIMIT_EXCEEDED" for error in errors), errors
    assert all(error["max"] == vars(LIMITS)[error["limit"]] for error in errors)
    return [error["limit"] for error in errors]


def depth(levels: int) -> str:
    return '{ __type(name: "A") ' + "{ ofType " * (levels - 2) + "{ name }" + " }" * (levels - 2) + " }"


def aliases(count: int) -> str:
    return "{" + " ".join(f"a{n}: __typename" for n in range(count)) + "}"


def fields(count: int) -> str:
    return "{" + " __typename" * count + "}"


def directives(count: int) -> str:
    return "{ __typename" + " ... @include(if: true) { __typename }" * count + "}"


def cost(amount: int) -> str:
    """Two roots' worth, a hundred items of so many fields, and what is left in single fields."""
    each, rest = divmod(amount - 2, 100)
    page = "nodes {" + " id" * (each - 1) + "}"
    return f'{{ organization(slug: "a") {{ invoices(first: 100) {{ {page} }} {" id" * rest} }} }}'


def digits(count: int) -> str:
    return f"query ($n: Int = {'9' * (count - 2)}.5) {{ __typename }}"


def test_every_limit_has_a_test() -> None:
    assert {build.__name__ for build in (depth, aliases, fields, directives, cost, digits)} == set(vars(LIMITS))


@pytest.mark.parametrize("build", [depth, aliases, fields, directives, cost])
def test_document_may_reach_a_limit_and_no_more(build: Callable[[int], str], view: GraphQLSchema) -> None:
    most = vars(LIMITS)[build.__name__]
    assert vars(Measuring(parse(build(most)), view).all())[build.__name__] == most
    assert refusals(build(most), view) == []
    assert refusals(build(most + 1), view) == [build.__name__]


def test_numbers_have_so_many_digits_and_no_more(view: GraphQLSchema) -> None:
    for text in (digits(LIMITS.digits), digits(LIMITS.digits).replace(".", "9")):
        codes = {error.formatted["extensions"]["code"] for error in judged(text, view).errors}
        assert codes == {"GRAPHQL_VALIDATION_FAILED"}
        assert refusals(text.replace("9", "99", 1), view) == ["digits"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{" + " a" * (MOST_TOKENS - 1) + "}", f"more than {MOST_TOKENS} tokens"),
        ("{a}" + "#" * (MOST_CHARACTERS - 2), f"more than {MOST_CHARACTERS} code points"),
    ],
)
def test_long_documents_are_not_even_parsed(text: str, words: str, view: GraphQLSchema) -> None:
    (error,) = judged(text, view).errors
    assert error.extensions == {"code": "GRAPHQL_PARSE_FAILED"}
    assert words in error.message
    shorter = text.replace(" a", "", 1).removesuffix("#")
    assert all(words not in error.message for error in judged(shorter, view).errors)


def test_what_exceeds_several_limits_is_told_them_all(view: GraphQLSchema) -> None:
    text = "{" + " ".join(f"a{n}: __typename @include(if: true)" for n in range(60)) + "}"
    assert refusals(text, view) == ["aliases", "directives"]


@pytest.mark.parametrize(
    "text",
    [
        "{" + " nope" * 1_000 + "}",
        "{ ...A } fragment A on Query {" + " nope" * 1_000 + "}",
        "{ __typename } fragment A on Query {" + " nope" * 1_000 + "}",
        "{ __typename } fragment A on Nowhere {" + " nope" * 1_000 + " ...A }",
        "{ ... {" + " nope" * 500 + "} ... {" + " nope" * 500 + "} }",
    ],
)
def test_a_thousand_fields_are_refused_before_validation(text: str, view: GraphQLSchema) -> None:
    assert refusals(text, view) == ["fields"]


@pytest.mark.parametrize("asked", ["first: -1", "last: -1", "first: -1000000000", "first: -99999999999999999999"])
def test_negative_pages_pay_for_nothing_else(asked: str, view: GraphQLSchema) -> None:
    page = "members(first: 100) { nodes { id teams { id } } }"
    text = f'{{ organization(slug: "a") {{ {page} teams(%s) {{ nodes {{ {page} }} }} }} }}'
    honest, cheating = (Measuring(parse(text % how), view).all().cost for how in ("first: 0", asked))
    assert cheating >= honest > 0


@pytest.mark.parametrize(
    ("asked", "items"),
    [
        ("", 20),
        ("(first: 1)", 1),
        ("(first: 7)", 7),
        ("(last: 7)", 7),
        ("(first: 100)", 100),
        ("(first: 101)", 100),
        ("(first: 1000000000)", 100),
        ("(first: 99999999999999999999)", 100),
        ("(first: $n)", 100),
        ("(first: 0)", 0),
    ],
)
def test_page_costs_what_it_may_hold(asked: str, items: int, view: GraphQLSchema) -> None:
    text = f'query ($n: Int) {{ organization(slug: "a") {{ invoices{asked} {{ nodes {{ id number }} }} }} }}'
    assert Measuring(parse(text), view).all().cost == 2 + items * 3


class Counting(Measuring):
    """Measures, and counts how often it looks at a selection."""

    looked = 0

    def selection(self, selections: SelectionSetNode, parent: Any) -> Measure:
        self.looked += 1
        return super().selection(selections, parent)


def doubling(levels: int) -> str:
    """Fragments each of which spreads the next one twice."""
    names = [f"f{n}" for n in range(levels)]
    spreads = " ".join(f"fragment {one} on Query {{ ...{other} ...{other} }}" for one, other in pairwise(names))
    return f"{{ ...f0 }} {spreads} fragment {names[-1]} on Query {{ __typename }}"


def test_each_fragment_is_measured_once(view: GraphQLSchema) -> None:
    for levels in (5, 50, 150):
        counting = Counting(parse(doubling(levels)), view)
        worst = counting.all()
        assert counting.looked == 1 + levels
        assert worst.fields == min(2 ** (levels - 1), 10**9)
    assert refusals(doubling(150), view) == ["fields", "cost"]
    assert refusals(doubling(9), view) == []


@pytest.mark.parametrize(
    "text",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { __typename ...A ...A }",
        "{ __typename } fragment A on Query { __typename ...A }",
        "{ ...Nowhere }",
        "{ ... on Nowhere { a } }",
    ],
)
def test_cycles_and_unknown_names_are_for_validation(text: str, view: GraphQLSchema) -> None:
    errors = judged(text, view).errors
    assert {error.formatted["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}


def chain(length: int) -> str:
    spreads = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(length))
    return f"{{ ...f0 }} {spreads} fragment f{length} on Query {{ __typename }}"


def within(length: int) -> str:
    return "{" + " ... {" * length + " __typename " + "}" * length + "}"


@pytest.mark.parametrize("build", [chain, within])
async def test_chains_of_fragments_do_not_recurse_to_death(ask: Ask, build: Callable[[int], str]) -> None:
    ran = []
    for length in (1, 10, 50, 100, 150, 200, 240, 300, 600):
        found = await ask(build(length))
        assert found.status == 200
        ran.append(found.json.get("data") == {"__typename": "Query"})
        assert ran[-1] or {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED"} >= set(found.codes)
    assert ran[:3] == [True, True, True]
    assert ran[-1] is False


@pytest.mark.parametrize("account", ["none", "member", "billing", "owner"])
async def test_introspection_of_tools_passes(ask: Ask, account: str) -> None:
    for text in (INTROSPECTION, get_introspection_query()):
        types = (await ask(text, key=token(account))).data["__schema"]["types"]
        assert any(one["name"] == "Organization" for one in types)


@pytest.mark.skipif(os.environ.get("PURSER_SKIP_WEB") == "1", reason="PURSER_SKIP_WEB is 1")
async def test_introspection_of_graphiql_passes(ask: Ask) -> None:
    node, _ = find_node()
    command = [str(node), "--input-type=module", "-e", GRAPHIQL]
    text = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout  # noqa: S603, ASYNC221  # ours
    assert text.count("ofType") > 8
    for account in ("none", "owner"):
        assert (await ask(text, key=token(account))).data["__schema"]["queryType"]["name"] == "Query"


async def test_introspection_is_no_way_round_the_cost(ask: Ask) -> None:
    every = "__schema { types { fields { args { name type { name } } } } }"
    found = await ask("{" + " ".join(f"a{n}: {every}" for n in range(50)) + "}")
    assert [error["extensions"]["limit"] for error in found.errors] == ["cost"]


def test_cost_is_the_same_for_all_who_see_the_same(views: Views) -> None:  # case 60
    masks = [granted_to({role}) for role in Role]
    masks += [granted_to({Role.MEMBER, Role.BILLING_MANAGER}), EVERYTHING, 0]
    compared = 0
    for mask in masks:
        view = views.of(mask)
        texts = [one.text for one in Writing(view).ways(organization("acme"), 3)]
        for text in texts:
            document = parse(text)
            measures = {Measuring(document, views.of(further | mask)).all() for further in masks}
            assert measures == {Measuring(document, view).all()}
            compared += 1
    assert compared > 100


async def test_refused_documents_cost_no_statement(ask: Ask) -> None:
    statements = noted(ask.server)
    for text in (fields(1_000), depth(40), "{ nope }", "{"):
        assert (await ask(text)).codes
    assert statements == []
