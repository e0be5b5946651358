"""When something goes wrong while one looks: what was shown and typed stays, and it is said in words."""

from pathlib import Path

import pytest
from playwright.async_api import Route

from billing.gateways.failures import Failure
from tests import servers
from tests.browsing import NARROW, SIGN_IN, Site, Visit, Visits

WORDS = Path(__file__).parents[1] / "web" / "src" / "words"
CLERK = "billing@acme.test"
OTHER = "mixed@acme.test"  # who is a billing manager there, too
SIGN_IN_AS = """input => fetch("/graphql", {
  method: "POST",
  headers: { "content-type": "application/json", "purser-request": "1" },
  body: JSON.stringify({ query: SIGN_IN, variables: { input } }),
})""".replace("SIGN_IN", repr(SIGN_IN))


async def test_what_was_shown_and_typed_stays_while_the_server_is_away_and_what_was_missed_comes(
    visits: Visits, site: Site, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": site.database_url, "SECRET_KEY": servers.SECRET, "DEMO": "1"}
    settings["PORT"] = str(servers.free_port())
    clerk, other = await visits(CLERK), await visits("both@acme.test")
    with servers.serving(tmp_path, **settings) as running:
        await clerk.open(f"{running.url}/o/acme")
        await clerk.settled()
        plan = await clerk.part("Plan").inner_text()
        await clerk.press("Invite")
        await clerk.field("Email addresses").fill("typed@partner.test")
    await clerk.sees("The server cannot be reached. What you see may be out of date.")
    assert await clerk.part("Plan").inner_text() == plan
    await other.open("/o/acme/plans")
    await other.press("Invite")
    await other.field("Email addresses").fill("missed@partner.test")
    await other.press("Send invitations")
    await other.sees("Invited")
    with servers.serving(tmp_path, **settings):
        await clerk.page.evaluate("dispatchEvent(new Event('online'))")  # rather than wait for the next attempt
        await clerk.sees("missed@partner.test")
        await clerk.page.get_by_text("The server cannot be reached.").wait_for(state="detached")
        assert await clerk.field("Email addresses").input_value() == "typed@partner.test"
        await clerk.page.close()


async def test_a_session_that_ended_under_a_dialog_leads_to_sign_in_in_words(visits: Visits) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.press("Invite")
    await clerk.field("Email addresses").fill("late@partner.test")
    await clerk.page.context.clear_cookies()
    await clerk.press("Send invitations")
    await clerk.sees("Your session has ended.")
    assert await clerk.page.get_by_role("dialog").count() == 0


async def test_nothing_that_was_begun_is_left_to_who_signs_in_beside_it_and_may_do_the_same(
    visits: Visits, site: Site
) -> None:
    # A session of its own, which the other one replaces.
    clerk = await visits()
    await clerk.sign_in(CLERK)
    await clerk.press("Invite")
    await clerk.field("Email addresses").fill("begun@partner.test")
    beside = Visit(await clerk.page.context.new_page(), site)
    await beside.open("/sign-in")
    await beside.page.evaluate(SIGN_IN_AS, {"email": OTHER, "password": site.password(OTHER)})
    await clerk.page.get_by_role("dialog").wait_for(state="detached")
    await beside.open("/o/acme")  # what the first tab asked at that moment did not sign anybody out
    await beside.sees_page("Plans Management")


async def away(route: Route) -> None:
    """As if the server did not answer."""
    await route.abort()


async def test_a_next_part_that_does_not_come_is_said_and_can_be_asked_for_again(visits: Visits) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.settled()
    payments = clerk.part("Payment history")
    await clerk.page.route("**/graphql", away)
    await clerk.button("Show more", payments).click()
    said = payments.get_by_text("The next part did not come.")
    await said.wait_for()
    await clerk.page.unroute("**/graphql", away)
    await clerk.button("Show more", payments).click()
    await payments.locator("tbody tr").nth(6).wait_for()
    assert await said.count() == 0


@pytest.mark.parametrize(("opens", "shows"), [("Change plan", "Enterprise"), ("Add card", "Test card")])
async def test_a_form_whose_choices_do_not_come_says_so_and_can_be_tried_again(
    visits: Visits, opens: str, shows: str
) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.settled()
    await clerk.page.route("**/graphql", away)
    await clerk.press(opens)
    dialog = clerk.page.get_by_role("dialog")
    await dialog.get_by_text("The server cannot be reached.").wait_for()
    await clerk.page.unroute("**/graphql", away)
    await clerk.press("Try again")
    await dialog.get_by_text(shows).first.wait_for()


@pytest.mark.parametrize("path", ["/o/acme", "/sign-in", "/invitation#token"])
async def test_a_frame_is_shown_before_the_server_has_answered_anything(visits: Visits, path: str) -> None:
    clerk = await visits()
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await clerk.page.route("**/graphql", hold)
    await clerk.open(path)
    await clerk.page.locator(".brand").wait_for()
    await clerk.page.get_by_role("status").get_by_text("Loading").first.wait_for(state="attached")
    assert len(held) == 1
    await held[0].continue_()


async def test_outcomes_of_invitations_fit_a_narrow_screen_in_german(visits: Visits) -> None:
    clerk = await visits(CLERK, viewport=NARROW, locale="de-DE")
    await clerk.open("/o/acme")
    await clerk.press("Einladen")
    await clerk.field("E-Mail-Adressen").fill("no-mail both@acme.test finance@acme.test finance@acme.test")
    await clerk.press("Einladungen senden")
    dialog = clerk.page.get_by_role("dialog")
    await dialog.get_by_text("Schon eingeladen").wait_for()
    assert await dialog.evaluate("all => all.scrollWidth <= all.clientWidth")


@pytest.mark.parametrize("language", ["en", "de"])
def test_why_a_payment_failed_has_words(language: str) -> None:
    words = (WORDS / f"{language}-money.ts").read_text()
    assert [one for one in Failure if f"      {one}: " not in words] == []
