"""Sessions: a cookie that signs a browser in, from pages of ours alone, until somebody ends it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from http.cookies import SimpleCookie
from ipaddress import ip_network
from typing import Any

import pytest
from httpx import AsyncClient, Response
from starlette.requests import Request

from billing.sealing import digest
from execution.clients import Clients
from models import api_keys
from models.loading import uuid7
from schema import ids
from tests.visitors import (
    ANN,
    CREATE,
    ORIGIN,
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    START,
    VIEWER,
    House,
    ask,
    errors,
    found,
    post,
    sign_in,
    sign_up,
)

COOKIE = "purser_session"
SLUGS = "{ viewer { email organizations { nodes { slug } } } }"
REVOKE = """
mutation($id: ID!) { revokeSession(input: {sessionId: $id}) { revokedSessionId errors { code path } } }
"""


@pytest.fixture
async def browser(home: House) -> AsyncIterator[AsyncClient]:
    """Ann's, who has signed up, and signed in."""
    async with home.visit() as opened:
        await sign_up(opened)
        await sign_in(opened)
        yield opened


def cookie(answer: Response) -> SimpleCookie:
    """The cookies that an answer sets."""
    return SimpleCookie(answer.headers.get("set-cookie", ""))


def shown(text: str) -> dict[str, str]:
    """The headers by which a session is shown."""
    return {"cookie": f"{COOKIE}={text}"}


async def signed_in(browser: AsyncClient, headers: dict[str, str] | None = None) -> bool:
    return (await ask(browser, VIEWER, headers))["viewer"] is not None


async def test_signing_in_answers_with_the_viewer_as_the_next_request_finds_him(browser: AsyncClient) -> None:
    await found(browser)
    answer = (await ask(browser, SIGN_IN, email=ANN, password=PASSWORD))["signIn"]["viewer"]
    assert answer["organizations"]["nodes"] == [{"slug": "acme", "viewerRoles": ["OWNER"]}]
    scoped = {"purser-organization": "other"}
    answer = (await ask(browser, SIGN_IN, scoped, email=ANN, password=PASSWORD))["signIn"]["viewer"]
    assert answer["organizations"]["nodes"] == []
    assert (await ask(browser, SLUGS, scoped))["viewer"]["organizations"]["nodes"] == []


async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(home: House, browser: AsyncClient) -> None:
    made = cookie(await post(browser, SIGN_IN, email=ANN, password=PASSWORD))[COOKIE]
    assert (made["httponly"], made["samesite"], made["path"], made["secure"]) == (True, "Lax", "/", "")
    assert made["max-age"] == str(30 * 24 * 60 * 60)
    assert made["domain"] == ""
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", made.value)
    assert await home.value("select digest from session where revoked_at is null") == digest(made.value)


async def test_cookie_is_secure_and_bound_to_the_host_under_https(home: House, browser: AsyncClient) -> None:
    secure = House(home.ground, public_url="https://purser.test")
    async with secure.visit() as other:
        made = cookie(await post(other, SIGN_IN, email=ANN, password=PASSWORD))[f"__Host-{COOKIE}"]
        assert (made["secure"], made["path"], made["domain"]) == (True, "/", "")
        assert await signed_in(other)
        assert not await signed_in(other, {"cookie": f"{COOKIE}={made.value}"})
    assert await signed_in(browser)


async def test_signing_in_replaces_the_session_that_the_browser_had(browser: AsyncClient) -> None:
    before = browser.cookies[COOKIE]
    await sign_in(browser)
    after = browser.cookies[COOKIE]
    assert after != before
    browser.cookies.clear()
    assert not await signed_in(browser, shown(before))
    browser.cookies.clear()
    assert await signed_in(browser, shown(after))


async def test_failing_to_sign_in_leaves_the_session_alone(browser: AsyncClient) -> None:
    assert await errors(browser, SIGN_IN, email=ANN, password="wrong") == ["INVALID_CREDENTIALS"]  # noqa: S106
    assert await signed_in(browser)


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(browser: AsyncClient) -> None:
    text = browser.cookies[COOKIE]
    answer = await post(browser, "mutation { signOut { errors { code } } viewerAfter: signOut { errors { code } } }")
    assert (cookie(answer)[COOKIE].value, cookie(answer)[COOKIE]["max-age"]) == ("", "0")
    assert COOKIE not in browser.cookies
    assert not await signed_in(browser, shown(text))
    assert await errors(browser, SIGN_OUT) == []


async def test_unknown_session_is_nobody_and_takes_no_cookie_that_another_tab_may_have_by_now(home: House) -> None:
    async with home.visit() as browser:
        answer = await post(browser, VIEWER, shown("made up"))
        assert (answer.status_code, answer.json()) == (200, {"data": {"viewer": None}})
        assert "set-cookie" not in answer.headers


async def test_key_goes_before_a_session(home: House, browser: AsyncClient) -> None:
    await found(browser)
    key = await key_of_ann(home)
    answer = await post(browser, VIEWER, {"authorization": f"Bearer {key}", "cookie": f"{COOKIE}=made-up"})
    assert answer.json()["data"]["viewer"]["email"] == ANN
    assert "set-cookie" not in answer.headers
    assert (await post(browser, VIEWER, {"authorization": "Bearer purser_wrong"})).status_code == 401


async def test_session_carries_all_roles_also_those_that_come_later(browser: AsyncClient) -> None:
    await found(browser, "acme")
    await found(browser, "globex")
    nodes = (await ask(browser, SLUGS))["viewer"]["organizations"]["nodes"]
    assert sorted(node["slug"] for node in nodes) == ["acme", "globex"]


@pytest.mark.parametrize(("microseconds", "lasts"), [(-1, True), (0, False)])
async def test_session_lasts_30_days_after_it_was_used_last(
    home: House, browser: AsyncClient, microseconds: int, *, lasts: bool
) -> None:
    home.clock.go(days=29)
    assert await signed_in(browser)
    home.clock.go(days=30, microseconds=microseconds)
    assert await signed_in(browser) == lasts


async def test_use_is_written_down_once_an_hour(home: House, browser: AsyncClient) -> None:
    async def seen() -> Any:
        return await home.value("select seen_at from session where revoked_at is null")

    home.clock.go(hours=1, microseconds=-1)
    answer = await post(browser, VIEWER)
    assert (await seen(), "set-cookie" in answer.headers) == (START, False)
    home.clock.go(microseconds=1)
    answer = await post(browser, VIEWER)
    assert (await seen(), "set-cookie" in answer.headers) == (START + timedelta(hours=1), True)
    home.ground.statements.clear()
    await post(browser, "{ viewer { id } }")
    assert not any("update session" in statement for statement in home.ground.statements)


async def test_signing_in_by_a_session_takes_one_statement(home: House, browser: AsyncClient) -> None:
    await found(browser)
    home.ground.statements.clear()
    await post(browser, "{ __typename }")
    assert len(home.ground.statements) == 1


async def test_viewer_sees_his_sessions_and_ends_one(home: House, browser: AsyncClient) -> None:
    home.clock.go(minutes=1)
    async with home.visit(**{"user-agent": "Another\t" + "x" * 300}) as other, home.visit() as stranger:
        await sign_in(other)
        await sign_up(stranger, "bob@example.test")
        await sign_in(stranger, "bob@example.test")
        later, first = (await ask(browser, VIEWER))["viewer"]["sessions"]
        assert (first["client"], first["current"]) == ("A browser", True)
        assert first["createdAt"] == first["seenAt"] == "2026-06-15T12:00:00Z"
        assert (later["client"], later["current"]) == ("Another" + "x" * 193, False)
        assert await errors(stranger, REVOKE, id=later["id"]) == ["NOT_FOUND"]
        done = (await ask(browser, REVOKE, id=later["id"]))["revokeSession"]
        assert done == {"revokedSessionId": later["id"], "errors": []}
        assert not await signed_in(other)
        assert [one["id"] for one in (await ask(browser, VIEWER))["viewer"]["sessions"]] == [first["id"]]
        for wrong in (later["id"], ids.write("ses", uuid7(START, 1)), ids.write("org", uuid7(START, 1)), "made up"):
            assert await errors(browser, REVOKE, id=wrong) == ["NOT_FOUND"]
        answer = await post(browser, REVOKE, id=first["id"])
        assert cookie(answer)[COOKIE]["max-age"] == "0"
        assert not await signed_in(browser)
        assert await signed_in(stranger)


async def key_of_ann(home: House, permissions: list[str] | None = None) -> str:
    """A key that she made, good everywhere."""
    made = uuid7(START, 7)
    text = api_keys.written(made.bytes * 2)
    await home.execute(
        "insert into api_key (id, user_id, name, prefix, digest, permissions, created_at)"
        " select $1, user_id, 'Key', 'purser_', $2, $3, $4 from session limit 1",
        made,
        api_keys.digest(text),
        permissions,
        START + timedelta(days=1),
    )
    return text


async def test_key_sees_and_ends_no_session(home: House, browser: AsyncClient) -> None:
    await found(browser)
    (session,) = (await ask(browser, VIEWER))["viewer"]["sessions"]
    async with home.visit(authorization=f"Bearer {await key_of_ann(home)}") as program:
        assert (await ask(program, VIEWER))["viewer"]["sessions"] == []
        assert await errors(program, REVOKE, id=session["id"]) == ["NOT_FOUND"]
        assert await errors(program, SIGN_OUT) == []
    assert await signed_in(browser)


@pytest.mark.parametrize(("permissions", "made"), [(None, True), (["VIEW_PLAN"], False)])
async def test_only_a_key_for_everything_makes_organizations(
    home: House, browser: AsyncClient, permissions: list[str] | None, *, made: bool
) -> None:
    await found(browser)
    async with home.visit(authorization=f"Bearer {await key_of_ann(home, permissions)}") as program:
        answer = (await post(program, CREATE, name="Globex", slug="globex", key="1")).json()
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        assert codes == ([] if made else ["FORBIDDEN"])
    assert await home.value("select count(*) from organization") == 1 + made


FORGED = [
    ({"origin": "https://evil.test"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "https://purser.test"}, 403),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "same-origin"}, 200),
    ({"sec-fetch-site": "none"}, 200),
    ({"origin": ORIGIN}, 200),
    ({}, 200),
]


@pytest.mark.parametrize(("headers", "status"), FORGED)
async def test_session_is_good_from_our_own_pages_only(
    home: House, browser: AsyncClient, headers: dict[str, str], status: int
) -> None:
    del browser.headers["origin"]
    answer = await post(browser, VIEWER, headers)
    assert answer.status_code == status
    if status == 403:
        assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["CSRF"]
        async with home.visit() as clean:
            assert answer.content == (await post(clean, VIEWER, shown("made up") | headers)).content
    assert (await browser.get("/graphql", params={"query": VIEWER}, headers=headers)).status_code == status
    assert (await browser.get("/schema.graphql", headers=headers)).status_code == status


async def test_what_may_change_something_needs_the_header_that_no_form_can_send(browser: AsyncClient) -> None:
    del browser.headers["purser-request"]
    assert (await post(browser, SIGN_OUT)).status_code == 403
    assert (await post(browser, SIGN_OUT, {"purser-request": "0"})).status_code == 403
    assert (await browser.get("/graphql", params={"query": VIEWER})).json()["data"]["viewer"]["email"] == ANN
    form = {"content-type": "text/plain", "purser-request": "1"}
    assert (await browser.post("/graphql", content=b'{"query": "{ viewer { id } }"}', headers=form)).status_code == 415
    assert (await browser.get("/graphql", params={"query": SIGN_OUT})).status_code == 405
    browser.headers["purser-request"] = "1"
    assert await signed_in(browser)


async def test_no_other_site_is_invited_to_ask(browser: AsyncClient) -> None:
    asked = {"origin": "https://evil.test", "access-control-request-method": "POST"}
    answer = await browser.options("/graphql", headers=asked)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_key_needs_no_defence(home: House, browser: AsyncClient) -> None:
    key = {"authorization": f"Bearer {await key_of_ann(home)}", "origin": "https://evil.test", "purser-request": "0"}
    await found(browser)
    assert (await post(browser, VIEWER, key)).json()["data"]["viewer"]["email"] == ANN


async def test_answers_depend_on_the_cookie(browser: AsyncClient) -> None:
    assert "Cookie" in (await post(browser, VIEWER)).headers["vary"].split(", ")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Plans.Example", "https://plans.example"),
        ("https://plans.example:443", "https://plans.example"),
        ("http://plans.example:80", "http://plans.example"),
        ("http://plans.example:443", "http://plans.example:443"),
    ],
)
def test_public_url_is_compared_as_browsers_write_it(url: str, origin: str) -> None:
    assert Clients(url).origin == origin


PROXIES = [
    ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
    ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
    ("10.0.0.1", "made up", "10.0.0.1"),
    ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
]


@pytest.mark.parametrize(("peer", "forwarded", "address"), PROXIES)
def test_only_a_trusted_proxy_says_for_whom_it_asks(peer: str, forwarded: str, address: str) -> None:
    clients = Clients(ORIGIN, [ip_network("10.0.0.0/8")])
    headers = [(b"x-forwarded-for", part.encode()) for part in forwarded.split(", ")]
    request = Request({"type": "http", "method": "POST", "headers": headers, "client": (peer, 1)})
    assert clients.of(request).address == address
    assert Clients(ORIGIN).of(request).address == peer


@pytest.mark.parametrize("email", ["\0", "ann\0@example.test", "\ufffd", "a" * 10000])
async def test_what_is_no_address_signs_nobody_in(home: House, email: str) -> None:
    async with home.visit() as browser:
        assert await errors(browser, SIGN_IN, email=email, password=PASSWORD) == ["INVALID_CREDENTIALS"]
