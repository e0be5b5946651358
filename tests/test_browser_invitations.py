"""Mailed links in a browser: invitations for who has an account, who has none and who has another; verify and reset."""

from tests.browsing import Site, Visit, Visits

CLERK = "billing@acme.test"
PASSWORD = "correct horse battery"  # noqa: S105


async def invite(visits: Visits, site: Site, email: str) -> str:
    """Invite somebody to become a billing manager of acme: the link of the mail."""
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.press("Invite")
    await clerk.field("Email addresses").fill(email)
    await clerk.press("Send invitations")
    await clerk.sees("Invited")
    return await site.link(email, "/invitation")


async def sign_up(visit: Visit, email: str, name: str) -> None:
    await visit.field("Full name").fill(name)
    await visit.field("Email address").fill(email)
    await visit.field("Password").fill(PASSWORD)
    await visit.press("Create account")


async def test_who_has_an_account_signs_in_and_accepts(visits: Visits, site: Site) -> None:
    link = await invite(visits, site, "owner@globex.test")
    guest = await visits()
    await guest.open(link)
    await guest.sees_page("Look after the billing of Acme Rockets GmbH")
    await guest.field("Email address").fill("owner@globex.test")
    await guest.field("Password").fill(site.password("owner@globex.test"))
    await guest.press("Sign in")
    await guest.sees("You are signed in as owner@globex.test.")
    await guest.press("Accept invitation")
    await guest.sees_page("Plans Management")
    assert guest.page.url == f"{site.url}/o/acme"
    options = guest.page.get_by_role("combobox", name="Organization").locator("option")
    assert sorted(await options.all_inner_texts()) == ["Acme Rockets GmbH", "Globex 株式会社"]


async def test_who_has_no_account_signs_up_and_accepts(visits: Visits, site: Site) -> None:
    link = await invite(visits, site, "new@partner.test")
    guest = await visits()
    await guest.open(link)
    await guest.press("I am new here")
    await sign_up(guest, "new@partner.test", "Nele Neu")
    await guest.press("Accept invitation")
    await guest.sees_page("Plans Management")
    assert await guest.page.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_who_has_another_account_sees_an_invalid_link_and_the_right_one_still_accepts(
    visits: Visits, site: Site
) -> None:
    link = await invite(visits, site, "right@partner.test")
    guest = await visits()
    await guest.sign_in("both@acme.test", "/o/acme/members")  # a session of its own, which ends here
    await guest.sees_page("Members")
    await guest.open(link)
    await guest.sees_page("Invalid Invitation Link")
    assert "Acme" not in await guest.page.locator("main").inner_text()
    await guest.press("Use another account")
    await guest.press("I am new here")
    await sign_up(guest, "right@partner.test", "Rita Right")
    await guest.press("Accept invitation")
    await guest.sees_page("Plans Management")


async def test_an_invitation_is_declined(visits: Visits, site: Site) -> None:
    link = await invite(visits, site, "no@partner.test")
    guest = await visits()
    await guest.open(link)
    await guest.press("Decline")
    await guest.confirm("Decline")
    await guest.sees_page("Invitation declined")
    await guest.open("/sign-in")
    await guest.open(link)
    await guest.sees_page("Invalid Invitation Link")


async def test_opening_a_link_changes_nothing_and_tells_the_token_to_no_address(visits: Visits, site: Site) -> None:
    link = await invite(visits, site, "scan@partner.test")
    token = link.partition("#")[2]
    for _ in range(2):
        guest = await visits()
        await guest.open(link)
        await guest.sees_page("Look after the billing of Acme Rockets GmbH")
        assert not [one.url for one in guest.requests if token in one.url.partition("#")[0]]
        assert not [one.url for one in guest.requests if token in one.headers.get("referer", "")]


async def test_a_link_without_a_token_is_invalid(visits: Visits) -> None:
    guest = await visits()
    for path in ("/invitation", "/join", "/invitation#nonsense"):
        await guest.open("/sign-in")
        await guest.open(path)
        await guest.sees_page("Invalid Invitation Link")


async def test_signing_up_verifying_and_founding_an_organization(visits: Visits, site: Site) -> None:
    guest = await visits()
    await guest.open("/sign-up")
    await sign_up(guest, "founder@start.test", "Finn Founder")
    await guest.sees_page("Check your mail")
    await guest.open(await site.link("founder@start.test", "/verify"))
    await guest.press("Confirm address")
    await guest.sees("Your address is confirmed.")
    await guest.field("Email address").fill("founder@start.test")
    await guest.field("Password").fill(PASSWORD)
    await guest.press("Sign in")
    await guest.sees_page("No organization yet")
    await guest.page.get_by_role("link", name="New organization").click()
    await guest.field("Name").fill("Größe & Söhne")
    assert await guest.field("Name in addresses").input_value() == "grosse-sohne"
    await guest.press("Create organization")
    await guest.sees_page("Plans Management")
    await guest.settled()
    for empty in ("No payment method", "No payments yet", "No invoices yet", "No billing managers"):
        await guest.sees(empty)


async def test_a_forgotten_password_is_set_anew_and_ends_other_sessions(visits: Visits, site: Site) -> None:
    guest, elsewhere = await visits(), await visits()
    await guest.open("/sign-up")
    await sign_up(guest, "forgetful@start.test", "Fritz Forgetful")
    await guest.open(await site.link("forgetful@start.test", "/verify"))
    await guest.press("Confirm address")
    await elsewhere.sign_in("forgetful@start.test", "/", PASSWORD)
    await elsewhere.sees_page("No organization yet")
    await guest.open("/forgot")
    await guest.field("Email address").fill("forgetful@start.test")
    await guest.press("Mail me a link")
    await guest.sees_page("Check your mail")
    await guest.open(await site.link("forgetful@start.test", "/reset"))
    await guest.field("New password").fill("forgetful@start.test")
    await guest.press("Set password")
    await guest.sees("is not the address.")
    await guest.field("New password").fill("another horse battery")
    await guest.press("Set password")
    await guest.sees("Your new password is set.")
    await elsewhere.open("/")
    await elsewhere.sees_page("Sign in")
