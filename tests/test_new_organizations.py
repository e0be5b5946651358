"""Organizations as they begin: somebody makes one, owns it, and stands on the free plan."""

import pytest

from models.loading import load, uuid7
from models.roles import PLANS_PAGE, Permission, permissions_in
from tests.visitors import (
    ACCEPT,
    ANN,
    CREATE,
    INVITE,
    PASSWORD,
    SIGN_IN,
    START,
    House,
    ask,
    errors,
    found,
    post,
    sign_in,
    sign_up,
)


async def test_who_makes_an_organization_owns_it(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_in(browser)
        made = (await ask(browser, CREATE, name=" Acme\u0301 ", slug="acme", key="1"))["createOrganization"]
        assert made["organization"] | {"id": ""} == {
            "id": "",
            "slug": "acme",
            "name": "Acm\u00e9",
            "viewerRoles": ["OWNER"],
        }
        page = '{ organization(slug: "acme") { members { nodes { roles user { name } } } settings { timeZone } } }'
        seen = (await ask(browser, page))["organization"]
        assert seen["members"]["nodes"] == [{"roles": ["OWNER"], "user": {"name": "Ann"}}]
        assert seen["settings"] == {"timeZone": "UTC"}


async def test_what_a_new_role_opens_waits_for_the_next_request(home: House) -> None:
    asked = "organization { viewerRoles viewerPermissions } errors { code }"
    create = CREATE.replace("organization { id slug name viewerRoles } errors { code path }", asked)
    accept = ACCEPT.replace("organization { slug } errors { code message }", asked)
    async with home.visit() as owner, home.visit() as browser:
        await sign_up(owner, "owner@acme.test")
        await sign_in(owner, "owner@acme.test")
        tokens = []
        for slug in ("acme", "globex"):
            await errors(owner, INVITE, organization=await found(owner, slug), emails=[ANN], key="1")
            tokens.append(await home.token())
        await sign_up(browser)
        await sign_in(browser)
        await ask(browser, ACCEPT, token=tokens[0])
        accepted = (await ask(browser, accept, token=tokens[1]))["acceptInvitation"]["organization"]
        made = (await ask(browser, create, name="Initech", slug="initech", key="1"))["createOrganization"]
        assert made["organization"]["viewerRoles"] == ["OWNER"]
        assert made["organization"]["viewerPermissions"] == accepted["viewerPermissions"]
        assert set(accepted["viewerPermissions"]) == {one.value for one in permissions_in(PLANS_PAGE)}
        page = '{ organization(slug: "initech") { viewerPermissions } }'
        assert set((await ask(browser, page))["organization"]["viewerPermissions"]) == {one.value for one in Permission}
        again = SIGN_IN.replace("viewerRoles", "viewerRoles viewerPermissions")
        await ask(browser, again, email=ANN, password=PASSWORD)


async def test_new_organization_is_on_the_free_plan_for_a_month(home: House) -> None:
    plan, price = uuid7(START, 1), uuid7(START, 2)
    priced = {"plan_id": plan, "interval": "MONTH", "currency": "EUR", "unit_amount": 0, "version": 1}
    seats = {"id": uuid7(START, 3), "plan_id": plan, "key": "seats", "name": "Seats", "position": 0, "limit_value": 4}
    catalogue = {
        "plan": [{"id": plan, "key": "free", "name": "Free", "description": "", "position": 0}],
        "price": [{"id": price, **priced, "created_at": START}],
        "plan_feature": [seats],
    }
    await load(home.ground.connection, catalogue)
    home.clock.go(days=45, hours=12)
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_in(browser)
        await found(browser)
        page = """{ organization(slug: "acme") { subscription {
            status mode currentPeriodStart currentPeriodEnd plan { key } seats { purchased used available }
        } } }"""
        assert (await ask(browser, page))["organization"]["subscription"] == {
            "status": "ACTIVE",
            "mode": "FLEXIBLE",
            "currentPeriodStart": "2026-07-31T00:00:00Z",
            "currentPeriodEnd": "2026-08-31T00:00:00Z",
            "plan": {"key": "free"},
            "seats": {"purchased": 4, "used": 1, "available": 3},
        }
        usage = '{ organization(slug: "acme") { usage { metrics { key used series { date value } } } } }'
        (seats,) = (await ask(browser, usage))["organization"]["usage"]["metrics"]
        assert seats == {"key": "seats", "used": 1, "series": [{"date": "2026-07-31", "value": 1}]}


async def test_making_an_organization_again_with_the_same_key_is_the_same(home: House) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_in(browser)
        first = await ask(browser, CREATE, name="Acme", slug="acme", key="1")
        assert await ask(browser, CREATE, name="Acme", slug="acme", key="1") == first
        assert await errors(browser, CREATE, name="Acme", slug="other", key="1") == ["IDEMPOTENCY_CONFLICT"]
        assert await errors(browser, CREATE, name="Other", slug="acme", key="2") == ["NAME_TAKEN"]
        assert await errors(browser, CREATE, name="Other", slug="acme", key="2") == ["NAME_TAKEN"]
        assert await home.value("select count(*) from organization") == 1


@pytest.mark.parametrize("slug", ["", "-acme", "acme-", "Acme", "a" * 64, "ac me", "acme\n"])
async def test_slug_is_letters_digits_and_hyphens(home: House, slug: str) -> None:
    async with home.visit() as browser:
        await sign_up(browser)
        await sign_in(browser)
        assert await errors(browser, CREATE, name="Acme", slug=slug, key="1") == ["INVALID_INPUT"]


async def test_nobody_makes_no_organization(home: House) -> None:
    async with home.visit() as browser:
        answer = await post(browser, CREATE, name="Acme", slug="acme", key="1")
        assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["FORBIDDEN"]
