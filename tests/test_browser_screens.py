"""Every screen: usable without eyes or mouse, wide and narrow, light and dark; and nothing is asked of anybody else."""

import gzip
import re
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser

from tests import loopback
from tests.browsing import PATIENCE, Site, Visit, Visits, visiting
from tests.conftest import Create
from tests.world_rows import NOW, canaries
from tests.worlds import held

CANARY = "canary of a stream"
MOST_JAVASCRIPT = 60_000  # bytes, compressed: all that the plans page loads, its charts apart
OUTSIDE = ("/sign-in", "/sign-up", "/forgot", "/reset#token", "/verify#token", "/invitation")
INSIDE = ("plans", "members", "teams", "projects", "resources", "activity", "settings", "keys", "misspelt")
DIALOGS = (
    "Show invoice AR-00012",
    "Invite",
    "Remove Inês Carvalho",
    "Add card",
    "Update Visa ending in 4242",
    "Remove Visa ending in 4242",
    "Edit",
    "Change plan",
    "Change seats",
    "Cancel subscription",
    "Cancel this change",
)
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"


async def examined(visit: Visit, path: str) -> None:
    """Nothing is wrong with a screen, and it is no wider than the window, in every look."""
    await visit.open(path)
    async for look, seen in visit.looks():
        assert await visit.violations(but=seen) == [], (path, look)
        widths = await visit.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], (path, look)


async def test_screens_before_one_is_signed_in_have_no_violation(visits: Visits) -> None:
    guest = await visits()
    for path in OUTSIDE:
        await guest.open("about:blank")
        await examined(guest, path)
    assert guest.foreign() == []
    assert guest.complaints == []


@pytest.mark.parametrize("sections", [INSIDE[::2], INSIDE[1::2]])
async def test_screens_of_an_organization_have_no_violation(visits: Visits, sections: tuple[str, ...]) -> None:
    owner = await visits("owner@acme.test")
    for section in sections:
        await examined(owner, f"/o/acme/{section}")
    assert owner.foreign() == []
    assert owner.complaints == []


@pytest.mark.parametrize("names", [DIALOGS[::2], DIALOGS[1::2]])
async def test_dialogs_have_no_violation_are_cut_off_nowhere_and_give_the_focus_back(
    visits: Visits, names: tuple[str, ...]
) -> None:
    owner = await visits("owner@acme.test")
    await owner.open("/o/acme/plans")
    await owner.settled()
    for name in names:
        await owner.button(name).focus()
        await owner.page.keyboard.press("Enter")
        dialog = owner.page.get_by_role("dialog")
        await dialog.wait_for()
        async for look, seen in owner.looks():
            assert seen or await owner.violations("dialog") == [], (name, look)
            assert await dialog.evaluate("all => all.scrollWidth <= all.clientWidth"), (name, look)
        await owner.page.keyboard.press("Escape")
        await dialog.wait_for(state="detached")
        await owner.page.wait_for_function(f"name => ({FOCUSED}) === name", arg=name)


async def test_the_first_load_is_small(visits: Visits) -> None:
    clerk = await visits("billing@acme.test")
    await clerk.open("/o/acme")
    await clerk.settled()
    scripts = {one.url for one in clerk.requests if one.url.endswith(".js")}
    assert any("chart" in url for url in scripts)
    async with httpx.AsyncClient(timeout=PATIENCE / 1000) as client:
        sizes = {url: len(gzip.compress((await client.get(url)).content)) for url in scripts if "chart" not in url}
    assert 0 < sum(sizes.values()) < MOST_JAVASCRIPT, sizes


async def test_every_request_about_an_organization_names_it(visits: Visits) -> None:
    mixed = await visits("mixed@acme.test")
    await mixed.open("/o/acme")
    await mixed.settled()
    await mixed.page.get_by_role("combobox", name="Organization").select_option("globex")
    await mixed.page.get_by_role("link", name="Members").click()
    await mixed.sees_page("Members")
    await mixed.settled()
    asked = mixed.asked()
    named = {headers.get("purser-organization") for text, _, headers in asked if "organization(" in text}
    assert named == {"acme", "globex"}
    assert all(headers["purser-request"] == "1" for _, _, headers in asked)
    assert not [
        text for text, _, headers in asked if headers.get("purser-organization") == "acme" and "members" in text
    ]


async def change_what_is_hidden_and_what_is_not(served: loopback.Loopback) -> None:
    """In this turn: once the second was heard of, the first would have been."""
    acme = loopback.organization_id("acme")
    for mutation, given in (
        ("createProject($input: CreateProjectInput!)", {"name": CANARY}),
        ("inviteBillingManagers($input: InviteBillingManagersInput!)", {"emails": ["visible@acme.test"]}),
    ):
        name = mutation.partition("(")[0]
        query = f"mutation {mutation} {{ {name}(input: $input) {{ errors {{ code }} }} }}"
        variables = {"input": {"organizationId": acme, "idempotencyKey": name, **given}}
        assert (await served.ask(query, variables, role="owner"))[name]["errors"] == []


async def test_a_billing_managers_traffic_holds_no_canary(chromium: Browser, server_url: str, create: Create) -> None:
    url = await create(await held(server_url))
    async with loopback.serving(url) as served:
        await served.sign_in("billing", "of a browser", until=NOW + timedelta(days=1))
        hidden = [one["match"] for one in canaries("base") if "billing" not in one["roles"]]
        assert len(hidden) > 100
        bodies: list[bytes] = []
        async with visiting(chromium, Site(served.origin, url), "canaries", lambda: False) as come:
            clerk: Visit = await come()
            await clerk.page.context.add_cookies(
                [{"name": "purser_session", "value": "of a browser", "url": served.origin}]
            )
            streams = await clerk.overhear()
            await clerk.open("/o/acme")
            await clerk.sees_page("Plans Management")
            await clerk.settled()
            await streams.says(b":")  # it listens
            await change_what_is_hidden_and_what_is_not(served)
            await streams.says(b'"kind":"BILLING_MANAGERS"')
            await clerk.sees("visible@acme.test")
            bodies += await clerk.answers()
            for section in ("members", "teams", "keys"):
                tab = Visit(
                    await clerk.page.context.new_page(), clerk.site
                )  # what a page answered goes when it is left
                tab.listen()
                await tab.open(f"/o/acme/{section}")
                await tab.settled()
                bodies += [*await tab.answers(), (await tab.page.content()).encode()]
        assert len(bodies) > 4
        everything = b"\n".join([*bodies, streams.said]).decode()
        assert [one for one in [*hidden, CANARY, '"PROJECTS"'] if re.search(one, everything)] == []


async def test_addresses_keep_their_meaning_over_back_and_reload(visits: Visits) -> None:
    owner = await visits("owner@acme.test")
    await owner.open("/o/acme")
    for section in ("Members", "Teams"):
        await owner.page.get_by_role("link", name=section, exact=True).click()
        await owner.sees_page(section)
    await owner.page.go_back()
    await owner.sees_page("Members")
    await owner.page.reload()
    await owner.sees_page("Members")
    assert urlsplit(owner.page.url).path == "/o/acme/members"
    assert await owner.page.title() == "Members · Purser"


async def test_an_expired_session_leads_to_sign_in_and_back(visits: Visits, site: Site) -> None:
    clerk = await visits()
    await clerk.sign_in("both@acme.test", "/o/acme/teams")
    await clerk.sees_page("Teams")
    await clerk.page.context.clear_cookies()
    await clerk.page.get_by_role("link", name="Members", exact=True).click()
    await clerk.sees("Your session has ended.")
    await clerk.field("Email address").fill("both@acme.test")
    await clerk.field("Password").fill("wrong")
    await clerk.press("Sign in")
    await clerk.sees("The address or the password is wrong.")
    await clerk.field("Password").fill(site.password("both@acme.test"))
    await clerk.press("Sign in")
    await clerk.sees_page("Members")


async def test_a_lost_network_is_said_and_got_over(visits: Visits) -> None:
    clerk = await visits("billing@acme.test")
    await clerk.open("/o/acme")
    await clerk.settled()
    await clerk.page.context.set_offline(offline=True)
    await clerk.sees("You are offline.")
    assert "per seat and month" in await clerk.part("Plan").inner_text()
    await clerk.page.context.set_offline(offline=False)
    await clerk.page.get_by_text("You are offline.").wait_for(state="detached")


async def test_german_is_spoken_with_its_numbers(visits: Visits) -> None:
    clerk = await visits("billing@acme.test", locale="de-DE")
    await clerk.open("/o/acme")
    await clerk.sees_page("Tarifverwaltung")
    await clerk.settled()
    assert ",00\N{NO-BREAK SPACE}€ je Platz" in await clerk.part("Tarif").inner_text()
    await clerk.page.get_by_role("combobox", name="Sprache").select_option("en")
    await clerk.sees_page("Plans Management")
    await clerk.page.reload()
    await clerk.sees_page("Plans Management")
    assert await clerk.page.evaluate("document.documentElement.lang") == "en"
