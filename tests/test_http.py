"""GraphQL over HTTP: every question and every mistake gets the answer that the specification asks for, never a 500."""

import asyncio
import gzip
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from httpx import Response

from execution.http import GRAPHQL, JSON, MOST_BYTES
from scripts.build_web import WEB, find_node
from tests import cluster
from tests.asking import Ask, asking_world, headers_of, token
from tests.servers import PATIENCE, SECRET, Running, serving
from tests.worlds import World, held

TYPENAME = b'{"query": "{ __typename }"}'
# Prints how each audit ended, as JSON.
AUDITS = """
import { auditServer } from 'graphql-http';
const results = await auditServer({ url: process.argv[1] });
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
"""


@pytest.fixture(scope="module")
async def ask(server_url: str) -> AsyncIterator[Ask]:
    async with asking_world(server_url, World.BASE) as ask:
        yield ask


@pytest.fixture(scope="module")
async def database_url(server_url: str) -> AsyncIterator[str]:
    async with cluster.created(server_url, await held(server_url)) as url:
        yield url


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(
        tmp_path_factory.mktemp("server"), "--no-worker", DATABASE_URL=database_url, SECRET_KEY=SECRET
    ) as running:
        yield running


@pytest.mark.skipif(os.environ.get("PURSER_SKIP_WEB") == "1", reason="PURSER_SKIP_WEB is 1")
def test_every_audit_of_graphql_over_http_passes(server: Running) -> None:
    node, _ = find_node()
    command = [str(node), "--input-type=module", "-e", AUDITS, f"{server.url}/graphql"]
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603  # ours
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert len(results) == 61
    assert [result for result in results if result["status"] != "ok"] == []


async def post(ask: Ask, body: bytes, accept: str = GRAPHQL, **headers: str) -> Response:
    given = {"accept": accept, "content-type": JSON} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await ask.client.post("/graphql", content=body, headers=given)


def codes(response: Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def query(text: str, **further: Any) -> bytes:
    return json.dumps({"query": text, **further}).encode()


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b'"{ __typename }"',
        b"1",
        b"null",
        b"true",
        b'[{"query": "{ __typename }"}]',
        b"{ __typename }",
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "extensions": "none"}',
        b'{"query": "{ __typename }", "variables": {"n": NaN}}',
        b'{"query": "{ __typename }", "variables": {"n": 1e400}}',
        b'{"query": "{ __typename }", "variables": {"n": ' + b"1" * 5_000 + b"}}",
        b'{"query": "{ __typename }", "variables": {"n": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
        b'{"query": "{ __typename }", "variables": {"n": "\\ud800"}}',
        b'{"query": "\xff"}',
        b"\xef\xbb\xbf" + TYPENAME,
        TYPENAME.decode().encode("utf-16"),
        TYPENAME + b"}",
        TYPENAME[:-1],
        b"\x00",
    ],
)
async def test_body_that_is_no_question_is_a_bad_request(ask: Ask, body: bytes, accept: str) -> None:
    response = await post(ask, body, accept)
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert codes(response) == ["BAD_REQUEST"]
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "body",
    [
        query("{ __typename }", variables={"n": json.loads("[" * 900 + "]" * 900)}),
        query("{ __typename }", variables={"unknown": "ignored"}, operationName=None, extensions={}),
        query("{ __typename }", variables=None, operationName=""),
        query("query A { __typename } query B { viewer { id } }", operationName="A"),
        query("{ __typename }", query_id="of some client"),
    ],
)
async def test_odd_questions_are_answered(ask: Ask, body: bytes) -> None:
    response = await post(ask, body)
    assert response.status_code == 200
    assert response.json() == {"data": {"__typename": "Query"}}


WRONG = {
    "{ __typename": "GRAPHQL_PARSE_FAILED",
    "": "GRAPHQL_PARSE_FAILED",
    '{ organization(slug: "\\uD800") { id } }': "GRAPHQL_PARSE_FAILED",
    "{ nope }": "GRAPHQL_VALIDATION_FAILED",
    "mutation { nope }": "GRAPHQL_VALIDATION_FAILED",
    "subscription { nope }": "GRAPHQL_VALIDATION_FAILED",
    "{ plans(currency: 3) { id } }": "GRAPHQL_VALIDATION_FAILED",
    '{ plans(currency: "A\\u0000B") { id } }': "GRAPHQL_VALIDATION_FAILED",
    '{ organization(slug: "acme") { invoices(from: "2026-02-30") { nodes { id } } } }': "GRAPHQL_VALIDATION_FAILED",
    "type Query { a: Int } { __typename }": "GRAPHQL_VALIDATION_FAILED",
    "query A { __typename } query B { __typename }": "BAD_USER_INPUT",
    "fragment A on Query { __typename }": "GRAPHQL_VALIDATION_FAILED",
    f"{{ plans(currency: {'9' * 5_000}) {{ id }} }}": "LIMIT_EXCEEDED",
    f"{{ plans(currency: {'9' * 5_000}.5) {{ id }} }}": "LIMIT_EXCEEDED",
}


@pytest.mark.parametrize("by_get", [False, True])
@pytest.mark.parametrize("text", WRONG)
async def test_document_that_cannot_run_is_400_for_who_knows_and_200_for_others(
    ask: Ask, text: str, *, by_get: bool
) -> None:
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        if by_get:
            response = await ask.client.get("/graphql", params={"query": text}, headers={"accept": accept, **signed()})
        else:
            response = await post(ask, query(text), accept, **signed())
        assert response.status_code == status
        assert set(codes(response)) == {WRONG[text]}
        assert "data" not in response.json()
        assert "Exceeds" not in response.text  # Python's own words


def signed(account: str = "owner") -> dict[str, str]:
    return headers_of(token(account), None)


INVOICES = "query ($slug: String!, $n: Int) { organization(slug: $slug) { invoices(first: $n) { nodes { id } } } }"


@pytest.mark.parametrize(
    "variables",
    [
        {"slug": 1, "n": 1},
        {"slug": None},
        {},
        {"slug": "acme", "n": "1"},
        {"slug": "acme", "n": 1.5},
        {"slug": "acme", "n": 2**31},
        {"slug": "acme", "n": [1]},
        {"slug": {"a": 1}},
        {"slug": True},
    ],
)
async def test_variables_of_a_wrong_type_are_bad_input(ask: Ask, variables: dict[str, Any]) -> None:
    response = await post(ask, query(INVOICES, variables=variables), **signed())
    assert response.status_code == 400
    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("name", ["C", "a", " A"])
async def test_unknown_operation_is_bad_input(ask: Ask, name: str) -> None:
    for text in ("query A { __typename } query B { __typename }", "query A { __typename }", "{ __typename }"):
        response = await post(ask, query(text, operationName=name))
        assert response.status_code == 400
        assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "media",
    [
        None,
        "",
        "text/plain",
        "application/graphql",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
    ],
)
async def test_other_media_types_than_json_in_utf_8_are_not_taken(ask: Ask, media: str | None) -> None:
    headers = {"accept": GRAPHQL} | ({} if media is None else {"content-type": media})
    response = await ask.client.post("/graphql", content=TYPENAME, headers=headers)
    assert response.status_code == 415
    assert codes(response) == ["UNSUPPORTED_MEDIA_TYPE"]


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; q=1",
    ],
)
async def test_json_is_taken_however_it_is_named(ask: Ask, media: str) -> None:
    assert (await post(ask, TYPENAME, content_type=media)).json() == {"data": {"__typename": "Query"}}


async def test_compressed_bodies_are_not_taken(ask: Ask) -> None:
    response = await post(ask, gzip.compress(TYPENAME), content_encoding="gzip")
    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "identity"


async def chunks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 2**16):
        yield b" " * min(2**16, size - start)


async def test_long_bodies_are_refused_however_they_come(ask: Ask, server: Running) -> None:
    room = MOST_BYTES - len(TYPENAME)
    assert (await post(ask, TYPENAME + b" " * room)).status_code == 200
    for body in (TYPENAME + b" " * (room + 1), chunks(MOST_BYTES + 1), b"[" * (MOST_BYTES + 1)):
        response = await ask.client.post("/graphql", content=body, headers={"content-type": JSON, "accept": GRAPHQL})
        assert response.status_code == 413
        assert codes(response) == ["CONTENT_TOO_LARGE"]
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        response = await client.post(f"{server.url}/graphql", content=chunks(2**22), headers={"content-type": JSON})
        assert response.status_code == 413


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
async def test_other_methods_are_told_which_to_use(ask: Ask, method: str) -> None:
    response = await ask.client.request(method, "/graphql", headers={"content-type": JSON})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (GRAPHQL, GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{JSON};q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.9", JSON),
        (f"text/html, {GRAPHQL};q=0.1", GRAPHQL),
        ("text/html, */*;q=0.1", JSON),
        ("text/html", None),
        ("application/xml;q=1", None),
        (f"{JSON};q=0", None),
        (f"{JSON};q=high", None),
        (",;,", None),
    ],
)
async def test_answer_comes_in_the_form_that_the_client_prefers(
    ask: Ask, accept: str | None, media: str | None
) -> None:
    headers = {"content-type": JSON} | ({} if accept is None else {"accept": accept})
    ask.client.headers.pop("accept", None)
    response = await ask.client.post("/graphql", content=TYPENAME, headers=headers)
    assert response.status_code == (200 if media else 406)
    assert response.headers["content-type"] == f"{media or GRAPHQL}; charset=utf-8"
    assert media or codes(response) == ["NOT_ACCEPTABLE"]


async def test_queries_may_be_asked_by_get(ask: Ask) -> None:
    text = "query A($slug: String!) { organization(slug: $slug) { slug } } query B { __typename }"
    params = {"query": text, "variables": '{"slug": "acme"}', "operationName": "A", "extensions": "{}"}
    response = await ask.client.get("/graphql", params=params, headers=signed())
    assert response.json() == {"data": {"organization": {"slug": "acme"}}}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": "{ __typename }", "variables": "{"},
        {"query": "{ __typename }", "variables": "[]"},
        {"query": "{ __typename }", "variables": '"{}"'},
        {"query": "{ __typename }", "extensions": "1"},
        {"operationName": "A"},
    ],
)
async def test_get_that_is_no_question_is_a_bad_request(ask: Ask, params: dict[str, str]) -> None:
    response = await ask.client.get("/graphql", params=params, headers={"accept": GRAPHQL})
    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]


async def test_request_keeps_its_id_if_it_is_a_sane_one(ask: Ask) -> None:
    for path in ("/graphql?query={__typename}", "/schema.graphql"):
        for given in ("a", "0123-abc_DEF", "x" * 64):
            assert (await ask.client.get(path, headers={"x-request-id": given})).headers["x-request-id"] == given
        made = set()
        for odd in (b"", b"x" * 65, b"a b", b"a/b", b"<script>", "ä".encode()):
            made.add((await ask.client.get(path, headers={b"x-request-id": odd})).headers["x-request-id"])
        assert len(made) == 6
        assert all(len(one) == 32 and one.isalnum() for one in made)


async def test_no_answer_may_be_kept_for_somebody_else(ask: Ask) -> None:
    answers = [
        await post(ask, TYPENAME),
        await post(ask, b""),
        await post(ask, TYPENAME, authorization="Bearer nobody"),
        await post(ask, TYPENAME, "text/html"),
        await post(ask, query("{ nope }")),
        await ask.client.put("/graphql"),
        await ask.client.get("/schema.graphql"),
        await ask.client.get("/schema.graphql", headers={"authorization": "Bearer nobody"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 401, 406, 400, 405, 200, 401]
    for answer in answers:
        assert answer.headers["vary"] == "Accept, Authorization, Cookie, Purser-Organization"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


ROLES = ("owner", "admin", "member", "billing", "both", "mixed", "outsider", "none")
WHO = """{
  viewer { name organizations { nodes { slug viewerPermissions } } }
  organization(slug: "acme") { id }
  __schema { types { name } }
}"""


async def test_requests_at_once_get_their_own_views(ask: Ask) -> None:
    alone = {role: (await post(ask, query(WHO), **signed(role))).content for role in ROLES}
    assert len(set(alone.values())) == len(ROLES)
    asked = [ROLES[n % len(ROLES)] for n in range(50)]
    found = await asyncio.gather(*(post(ask, query(WHO), **signed(role)) for role in asked))
    assert [answer.content for answer in found] == [alone[role] for role in asked]
