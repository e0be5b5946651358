"""People, teams, projects, settings and keys, by clicking: for those who may see them, at Globex."""

import json
import re

import httpx
from playwright.async_api import Route

from tests.browsing import Site, Visit, Visits

OWNER = "owner@globex.test"
KEY = "{ viewer { email } }"


async def opened(visits: Visits, section: str, heading: str, email: str = OWNER) -> Visit:
    visit: Visit = await visits(email)
    await visit.open(f"/o/globex/{section}")
    await visit.sees_page(heading)
    await visit.settled()
    return visit


async def refused(visit: Visit, label: str, said: str) -> None:
    """The refusal that stands at a field."""
    await visit.page.locator(".field", has=visit.field(label)).get_by_role("alert").get_by_text(said).wait_for()


async def invites(visit: Visit, pasted: str) -> list[str]:
    """Ask all of them to join: what became of each."""
    await visit.press("Invite members")
    await visit.field("Email addresses").fill(pasted)
    await visit.confirm("Send invitations")
    return [re.split(r"\s{2,}|\t|\n", one)[-1] for one in await visit.rows("Invite members")]


async def gone(visit: Visit, name: str) -> None:
    """A row of a list that is about to go."""
    await visit.page.get_by_role("cell").get_by_text(name, exact=True).wait_for(state="detached")


async def takes_back(visit: Visit, *emails: str) -> None:
    """Revoke invitations, which hold seats."""
    for email in emails:
        await visit.button(f"Revoke the invitation of {email}").click()
        await visit.confirm("Revoke")
        await gone(visit, email)


async def test_a_member_is_invited_joins_by_the_mailed_link_gets_a_role_and_is_removed(
    visits: Visits, site: Site
) -> None:
    owner = await opened(visits, "members", "Members")
    assert await invites(owner, "nori@partner.test") == ["Invited"]
    await owner.confirm("Done")
    dead = await site.link("nori@partner.test", "/join")
    await owner.button("Resend the invitation to nori@partner.test").click()
    link = await site.link("nori@partner.test", "/join", but=dead)
    guest: Visit = await visits()
    await guest.open(dead)
    await guest.sees("Invalid Invitation Link")
    await guest.open("about:blank")
    await guest.open(link)
    await guest.press("I am new here")
    await guest.field("Full name").fill("Nori Tanaka")
    await guest.field("Email address").fill("nori@partner.test")
    await guest.field("Password").fill("correct horse battery")
    await guest.press("Create account")
    await guest.press("Accept invitation")
    await guest.sees_page("Members")
    menu = await guest.page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert [one.strip() for one in menu] == [
        "Members", "Teams", "Projects", "Resources", "Activity", "Settings", "API keys",
    ]  # fmt: skip
    await guest.settled()
    buttons = await guest.page.get_by_role("main").get_by_role("button").all_inner_texts()
    assert buttons == ["Leave"]
    await guest.open("/o/globex/plans")
    await guest.sees_page("There is nothing here")
    await guest.open("/o/globex/settings")
    await guest.sees("Everybody in the organization")
    assert await guest.page.get_by_role("main").get_by_role("button").count() == 0
    await owner.open("/o/globex/members")
    await owner.button("Change role of Nori Tanaka").click()
    await owner.page.get_by_role("radio", name="Admin").check()
    await owner.confirm("Change role")
    await owner.sees("The role is changed.")
    await owner.button("Remove Nori Tanaka").click()
    await owner.confirm("Remove")
    await owner.sees("Nori Tanaka is no member any more.")
    await gone(owner, "Nori Tanaka")


async def test_many_are_asked_to_join_at_once_and_each_has_its_outcome(visits: Visits) -> None:
    owner = await opened(visits, "members", "Members")
    long = f"{'a.long.name.' * 4}ada@partner.test"
    pasted = f'Ada <{long}>, "Kim, Lee" <kim@partner.test>;\nmixed@acme.test nobody@nowhere'
    assert await invites(owner, pasted) == [
        "Invited",
        "Invited",
        "This person is a member already.",
        "No mail can be sent to this address.",
    ]
    assert await owner.page.get_by_role("dialog").evaluate("all => all.scrollWidth <= all.clientWidth")
    await owner.confirm("Done")
    await takes_back(owner, long, "kim@partner.test")


async def test_after_a_lost_answer_only_the_rest_is_asked_to_join(visits: Visits) -> None:
    owner = await opened(visits, "members", "Members")

    async def lose(route: Route) -> None:
        asked = route.request.post_data or ""
        await (route.abort() if "second@partner.test" in asked else route.continue_())

    await owner.page.route("**/graphql", lose)
    await owner.press("Invite members")
    await owner.field("Email addresses").fill("first@partner.test second@partner.test")
    await owner.confirm("Send invitations")
    await owner.sees("The server could not be reached.")
    await owner.page.unroute("**/graphql")
    await owner.confirm("Send invitations")
    assert len(await owner.rows("Invite members")) == 2
    sent = [given["input"] for text, given, _ in owner.asked() if "mutation InviteMember" in text]
    assert [one["email"].partition("@")[0] for one in sent] == ["first", "second", "second"]
    assert len({one["idempotencyKey"] for one in sent}) == 2
    await owner.confirm("Done")
    await takes_back(owner, "first@partner.test", "second@partner.test")


async def test_an_invitation_to_join_is_revoked(visits: Visits, site: Site) -> None:
    owner = await opened(visits, "members", "Members")
    assert await invites(owner, "gone@partner.test") == ["Invited"]
    await owner.confirm("Done")
    await takes_back(owner, "gone@partner.test")
    guest: Visit = await visits()
    await guest.open(await site.link("gone@partner.test", "/join"))
    await guest.sees("Invalid Invitation Link")


async def test_a_team_is_made_renamed_filled_emptied_and_deleted(visits: Visits) -> None:
    owner = await opened(visits, "teams", "Teams")
    await owner.press("New team")
    await owner.field("Name").fill("Mobile")
    await owner.confirm("New team")
    await owner.sees("Another one is called so.")
    await owner.field("Name").fill("Ledger")
    await owner.confirm("New team")
    await owner.button("Rename Ledger").click()
    await owner.field("Name").fill("Bookkeeping")
    await owner.confirm("Rename")
    await owner.page.get_by_role("link", name="Bookkeeping").click()
    await owner.sees("Nobody belongs to this team")
    await owner.press("Add member")
    choice = owner.field("Member")
    await choice.locator("option").nth(13).wait_for(state="attached")
    await choice.select_option(label="山本 健一 · owner@globex.test")
    await owner.confirm("Add member")
    await owner.sees("Added to the team.")
    await owner.button("Take out of the team: 山本 健一").click()
    await owner.confirm("Take out")
    await owner.sees("Nobody belongs to this team")
    await owner.page.get_by_role("link", name="All teams").click()
    await owner.button("Delete Bookkeeping").click()
    await owner.confirm("Delete")
    await owner.sees("Bookkeeping is deleted.")
    await gone(owner, "Bookkeeping")


async def test_what_was_chosen_stays_while_the_list_is_read_anew_page_by_page(visits: Visits) -> None:
    owner = await opened(visits, "projects", "Projects")
    lost: list[str] = []
    losing = False

    async def short(route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        given = asked.get("variables", {})
        if given.get("first") != 100:
            await route.continue_()
        elif losing and "after" in given:
            lost.append(given["after"])
            await route.abort()
        else:
            given["first"] = 1
            await route.continue_(post_data=asked)

    await owner.page.route("**/graphql", short)
    await owner.press("New project")
    await owner.field("Name").fill("Chosen")
    choice = owner.field("Team")
    last = choice.get_by_text("Payments", exact=True)
    await last.wait_for(state="attached")
    await choice.select_option(label="Payments")
    chosen = await choice.input_value()
    losing = True
    other = await opened(visits, "projects", "Projects")
    await other.press("New project")
    await other.field("Name").fill("Meanwhile")
    await other.confirm("New project")
    await owner.sees("The next part did not come.")
    await owner.confirm("New project")
    assert await owner.page.get_by_role("dialog").count() == 1  # not without the team that was chosen
    assert len(lost) == 1
    losing = False
    await owner.press("Show more")
    await last.wait_for(state="attached")
    assert await choice.input_value() == chosen
    await owner.confirm("New project")
    row = owner.page.get_by_role("row").filter(has_text="Chosen")
    await row.get_by_text("Payments", exact=True).wait_for()


async def test_a_project_and_its_resource_are_made_renamed_and_deleted(visits: Visits) -> None:
    owner = await opened(visits, "projects", "Projects")
    await owner.press("New project")
    await owner.field("Name").fill("Loyalty")
    await owner.field("Team").select_option(label="Mobile")
    await owner.confirm("New project")
    await owner.button("Rename Loyalty").click()
    await owner.field("Name").fill("Rewards")
    await owner.confirm("Rename")
    await owner.sees("The name is changed.")
    await owner.page.get_by_role("link", name="Resources").click()
    await owner.press("New resource")
    await owner.field("Name").fill("Points")
    await owner.field("Kind").select_option(label="Mock server")
    await owner.field("Project").select_option(label="Rewards")
    await owner.confirm("New resource")
    await owner.button("Delete Points").click()
    await owner.confirm("Delete")
    await gone(owner, "Points")
    await owner.page.get_by_role("link", name="Projects").click()
    await owner.button("Delete Rewards").click()
    await owner.confirm("Delete")
    await gone(owner, "Rewards")
    await owner.page.get_by_role("link", name="Activity").click()
    await owner.sees("Deleted the project")


async def test_settings_are_changed_and_what_is_refused_is_said_at_its_field(visits: Visits) -> None:
    owner = await opened(visits, "settings", "Settings")
    await owner.field("Time zone").fill("Mars/Olympus")
    await owner.press("Save")
    await refused(owner, "Time zone", "This value cannot be.")
    await owner.field("Time zone").fill("Europe/Zurich")
    await owner.field("Email domains").fill("not a domain!")
    await owner.press("Save")
    await refused(owner, "Email domains", "This value cannot be.")
    await owner.field("Email domains").fill("globex.test\nglobex.example")
    await owner.press("Save")
    await owner.sees("The settings are saved.")
    await owner.page.reload()
    await owner.settled()
    assert await owner.field("Time zone").input_value() == "Europe/Zurich"
    assert await owner.field("Email domains").input_value() == "globex.test\nglobex.example"


async def test_a_key_is_shown_once_works_and_is_refused_once_revoked(visits: Visits, site: Site) -> None:
    owner = await opened(visits, "keys", "API keys")
    await owner.press("New key")
    await owner.field("Name").fill("Deploy")
    await owner.field("See members").check()
    await owner.confirm("Make key")
    secret = await owner.page.locator("pre.secret").inner_text()
    async with httpx.AsyncClient(base_url=site.url, headers={"Authorization": f"Bearer {secret}"}) as program:
        answer = await program.post("/graphql", json={"query": KEY})
        assert answer.json() == {"data": {"viewer": {"email": OWNER}}}
        await owner.confirm("Done")
        assert secret not in await owner.page.content()
        assert any("Deploy" in row and "See members" in row for row in await owner.rows("Your keys"))
        await owner.button("Revoke Deploy").first.click()
        await owner.confirm("Revoke")
        await owner.sees("Deploy is revoked.")
        assert (await program.post("/graphql", json={"query": KEY})).status_code == 401


async def test_a_key_whose_answer_was_lost_is_made_once_and_it_is_said_that_it_is_not_shown(visits: Visits) -> None:
    owner = await opened(visits, "keys", "API keys")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await owner.press("New key")
    await owner.field("Name").fill("Lost")
    await owner.page.route("**/graphql", lose, times=1)
    await owner.confirm("Make key")
    await owner.sees("The server could not be reached.")
    await owner.confirm("Make key")
    await owner.sees("The key was made, but it did not arrive here")
    await owner.page.get_by_role("dialog").wait_for(state="detached")
    mine = owner.page.get_by_role("region", name="Your keys", exact=True)
    await mine.get_by_text("Lost", exact=True).wait_for()  # one, or it would not be clear which


async def test_another_browser_is_signed_out(visits: Visits, site: Site) -> None:
    site.signed_in.pop("both@acme.test", None)  # it is signed out here, for whoever comes later too
    other: Visit = await visits()
    await other.sign_in("both@acme.test", "/o/acme/keys")
    await other.sees_page("API keys")
    mine: Visit = await visits()
    await mine.sign_in("both@acme.test", "/o/acme/keys")
    table = mine.page.get_by_role("table", name="Where you are signed in")
    await table.get_by_role("button", name="Sign out").first.wait_for()
    while await table.get_by_role("button", name="Sign out").count():
        rows = await table.locator("tbody tr").count()
        await table.get_by_role("button", name="Sign out").first.click()
        await mine.confirm("Sign out")
        await table.locator("tbody tr").nth(rows - 1).wait_for(state="detached")
    await other.open("/o/acme/keys")
    await other.sees_page("Sign in")


async def test_an_organization_is_handed_over_and_back(visits: Visits) -> None:
    first, second = "山本 健一", "ليلى حداد"
    owner = await opened(visits, "members", "Members")
    await owner.button(f"Make owner in my place: {second}").click()
    await owner.confirm("Make owner")
    await owner.sees(f"{second} is the owner now.")
    await owner.button(f"Change role of {second}").wait_for(state="detached")
    assert await owner.button(f"Remove {second}").count() == 0  # what only owners may do, nobody else is offered
    heir = await opened(visits, "members", "Members", "mixed@acme.test")
    await heir.button(f"Make owner in my place: {first}").click()
    await heir.confirm("Make owner")
    await heir.sees(f"{first} is the owner now.")
