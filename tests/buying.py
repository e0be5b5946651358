"""Somebody who founds an organization in a browser, and buys."""

import zlib

from tests.browsing import Site, Visit, Visits

PASSWORD = "correct horse battery"  # noqa: S105


async def founded(visits: Visits, site: Site, story: str) -> Visit:
    """The owner of a new organization on the free plan, in front of its plans page."""
    number = f"{zlib.crc32(story.encode()):08x}"
    name, email = f"Shop {number}", f"{number}@shop.test"
    owner: Visit = await visits()
    await owner.open("/sign-up")
    await owner.field("Full name").fill("Shop Keeper")
    await owner.field("Email address").fill(email)
    await owner.field("Password").fill(PASSWORD)
    await owner.press("Create account")
    await owner.open(await site.link(email, "/verify"))
    await owner.press("Confirm address")
    await owner.sign_in(email, "/new", PASSWORD)
    await owner.field("Name").fill(name)
    await owner.press("Create organization")
    await owner.sees_page("Plans Management")
    await owner.settled()
    return owner


async def add_card(visit: Visit, card: str) -> None:
    await visit.button("Add card").first.click()
    await visit.field("Test card").select_option(card)
    await visit.press("Add card")
    await visit.page.get_by_role("dialog").wait_for(state="detached")


async def ask_price(visit: Visit, plan: str, seats: int) -> None:
    await visit.press("Change plan")
    dialog = visit.page.get_by_role("dialog")
    await dialog.get_by_role("radio", name=plan).check()
    await dialog.get_by_label("Seats", exact=True).fill(str(seats))
    await visit.press("Show price")
    await visit.sees("This price binds until")


def sent(visit: Visit, mutation: str) -> int:
    return len([text for text, _, _ in visit.asked() if f"mutation {mutation}" in text])
