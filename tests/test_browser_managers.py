"""What the product page promises of billing managers, by clicking: each "can", and each "cannot"."""

import re

from tests.browsing import Site, Visits

CLERK = "billing@acme.test"


async def invited(visits: Visits, site: Site, email: str, name: str) -> str:
    """Somebody with a new account who has become a billing manager of acme: the password."""
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.press("Invite")
    await clerk.field("Email addresses").fill(email)
    await clerk.press("Send invitations")
    await clerk.sees("Invited")
    guest = await visits()
    await guest.open(await site.link(email, "/invitation"))
    await guest.press("I am new here")
    await guest.field("Full name").fill(name)
    await guest.field("Email address").fill(email)
    await guest.field("Password").fill("correct horse battery")
    await guest.press("Create account")
    await guest.press("Accept invitation")
    await guest.sees_page("Plans Management")
    return "correct horse battery"


async def test_opening_the_organization_as_a_billing_manager_shows_the_plans_page_and_nothing_else(
    visits: Visits,
) -> None:
    clerk = await visits()
    await clerk.sign_in(CLERK, "/")
    await clerk.sees_page("Plans Management")
    await clerk.settled()
    assert await clerk.page.get_by_role("navigation").count() == 0
    links = await clerk.page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert set(links) <= {"/", "#main"}
    named = await clerk.page.locator("h1, h2, h3, th, button, label").all_inner_texts()
    assert not [one for one in named if re.search("member|team|project|resource|setting", one, re.IGNORECASE)]


async def test_no_address_leads_a_billing_manager_anywhere_else(visits: Visits) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme/members")
    for section in ("teams", "projects", "resources", "activity", "settings", "keys", "misspelt", "plans/members"):
        await clerk.sees_page("There is nothing here")
        await clerk.open(f"/o/acme/{section}")
    await clerk.sees_page("There is nothing here")
    asked = " ".join(text for text, _, _ in clerk.asked())
    assert not re.search(r"\b(members|teams|projects|resources|activities|settings)\b", asked)


async def test_a_billing_manager_sees_plan_usage_payment_methods_payments_and_invoices(visits: Visits) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.settled()
    # Another test may have paid the open invoice, which is for Enterprise.
    assert re.search("Professional|Enterprise", await clerk.part("Plan").inner_text())
    assert "60 of 65 seats used" in await clerk.part("Seats").inner_text()
    usage = clerk.part("Usage")
    assert await usage.get_by_role("img").count() == 3
    assert "Limit 65" in await usage.inner_text()
    assert "Visa ending in 4242" in await clerk.part("Payment methods").inner_text()
    assert len(await clerk.rows("Payment history")) == 6
    await clerk.button("Show more", clerk.part("Payment history")).click()
    await clerk.page.get_by_role("table", name="Payment history").locator("tbody tr").nth(6).wait_for()
    await clerk.button("Show invoice AR-00012").click()
    dialog = clerk.page.get_by_role("dialog")
    assert "Invoice AR-00012" in await dialog.inner_text()
    assert re.search(r"VAT 19\s?%", await dialog.inner_text())
    await clerk.page.keyboard.press("Escape")
    assert await dialog.count() == 0


async def test_an_administrator_is_a_constant_to_a_billing_manager_and_a_name_to_the_owner(visits: Visits) -> None:
    clerk, owner = await visits(CLERK), await visits("owner@acme.test")
    for one in (clerk, owner):
        await one.open("/o/acme/plans")
        await one.settled()
    assert "An administrator" in await clerk.part("Payment methods").inner_text()
    assert "An administrator" not in await owner.part("Payment methods").inner_text()


async def test_many_addresses_are_invited_at_once_and_each_has_its_outcome(visits: Visits, site: Site) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.press("Invite")
    pasted = 'Mara <mara@partner.test>, "Kim, Lee" <kim@partner.test>;\nkim@partner.test\nno address both@acme.test'
    pasted += "\nmixed@acme.test zoe@partner.test <zoe@partner.test>"
    await clerk.field("Email addresses").fill(pasted)
    await clerk.sees("8 addresses")
    await clerk.press("Send invitations")
    outcomes = await clerk.rows("Invite billing managers")
    assert [re.split(r"\s{2,}|\t|\n", one)[-1] for one in outcomes] == [
        "Invited",
        "Invited",
        "Given twice",
        "No mail can be sent there",
        "No mail can be sent there",
        "Is a billing manager already",
        "Is a billing manager already",
        "Invited",
    ]
    assert await site.link("mara@partner.test", "/invitation")
    await clerk.press("Done")
    await clerk.sees("mara@partner.test")


async def test_a_pending_invitation_is_resent_and_revoked(visits: Visits, site: Site) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.press("Invite")
    await clerk.field("Email addresses").fill("pia@partner.test")
    await clerk.press("Send invitations")
    await clerk.press("Done")
    first = await site.link("pia@partner.test", "/invitation")
    await clerk.button("Resend the invitation to pia@partner.test").click()
    await clerk.sees("A new link is on its way to pia@partner.test")
    second = await site.link("pia@partner.test", "/invitation", but=first)
    await clerk.button("Revoke the invitation of pia@partner.test").click()
    await clerk.confirm("Revoke")
    await clerk.button("Revoke the invitation of pia@partner.test").wait_for(state="detached")
    guest = await visits()
    for link in (first, second):
        await guest.open("/sign-in")
        await guest.open(link)
        await guest.sees_page("Invalid Invitation Link")


async def test_a_billing_manager_who_is_removed_while_looking_sees_nothing_more(visits: Visits, site: Site) -> None:
    password = await invited(visits, site, "nora@partner.test", "Nora Lind")
    nora, clerk = await visits(), await visits(CLERK)
    await nora.sign_in("nora@partner.test", password=password)
    await nora.sees_page("Plans Management")
    await clerk.open("/o/acme")
    await clerk.button("Remove Nora Lind").click()
    await clerk.sees("Remove Nora Lind as a billing manager?")
    await clerk.confirm("Remove")
    await clerk.sees("Nora Lind is no billing manager any more.")
    await nora.sees_page("You no longer have access to this organization")
    assert "Acme" not in await nora.page.locator("body").inner_text()


async def test_a_billing_manager_leaves(visits: Visits, site: Site) -> None:
    password = await invited(visits, site, "otto@partner.test", "Otto Lind")
    otto = await visits()
    await otto.sign_in("otto@partner.test", password=password)
    await otto.press("Leave")
    await otto.confirm("Leave")
    await otto.sees_page("You no longer have access to this organization")


async def test_who_is_invited_appears_for_others_who_look(visits: Visits, site: Site) -> None:
    watcher = await visits("both@acme.test")
    await watcher.open("/o/acme/plans")
    await watcher.sees_page("Plans Management")
    await watcher.settled()
    await invited(visits, site, "vera@partner.test", "Vera Lind")
    await watcher.sees("Vera Lind")


async def test_a_double_click_invites_once(visits: Visits) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.press("Invite")
    await clerk.field("Email addresses").fill("once@partner.test")
    await clerk.button("Send invitations").dblclick()
    await clerk.sees("Invited")
    assert len([text for text, _, _ in clerk.asked() if "mutation InviteBillingManagers" in text]) == 1


async def test_after_a_lost_answer_the_same_key_is_sent_again(visits: Visits) -> None:
    clerk = await visits(CLERK)
    await clerk.open("/o/acme")
    await clerk.press("Invite")
    await clerk.field("Email addresses").fill("lost@partner.test")
    await clerk.page.context.set_offline(offline=True)
    await clerk.press("Send invitations")
    await clerk.sees("The server could not be reached.")
    await clerk.page.context.set_offline(offline=False)
    await clerk.press("Send invitations")
    await clerk.sees("Invited")
    keys = {
        variables["input"]["idempotencyKey"]
        for text, variables, _ in clerk.asked()
        if "mutation InviteBillingManagers" in text
    }
    assert len(keys) == 1


async def test_a_member_who_becomes_an_admin_while_looking_gets_the_menu_of_one(visits: Visits) -> None:
    owner, member = await visits("owner@acme.test"), await visits("member@acme.test")
    await member.open("/o/acme/members")
    await member.sees_page("Members")
    await member.settled()
    assert await member.page.get_by_role("link", name="Plans", exact=True).count() == 0
    await owner.open("/o/acme/members")
    await owner.button("Show more").click()
    await owner.page.get_by_role("row", name="member@acme.test").get_by_role("button", name="Change role").click()
    await owner.page.get_by_role("dialog").get_by_role("radio", name="Admin").check()
    await owner.confirm("Change role")
    await member.page.get_by_role("link", name="Plans", exact=True).click()
    await member.sees_page("Plans Management")


async def test_an_owner_who_leaves_as_a_billing_manager_stays_where_he_is(visits: Visits, site: Site) -> None:
    owner = await visits("owner@acme.test")
    await owner.open("/o/acme/plans")
    await owner.press("Invite")
    await owner.field("Email addresses").fill("owner@acme.test")
    await owner.press("Send invitations")
    await owner.sees("Invited")
    await owner.open(await site.link("owner@acme.test", "/invitation"))
    await owner.press("Accept invitation")
    await owner.sees_page("Plans Management")
    await owner.press("Leave")
    await owner.confirm("Leave")
    await owner.page.get_by_role("dialog").wait_for(state="detached")
    await owner.button("Leave").wait_for(state="detached")
    await owner.sees_page("Plans Management")
