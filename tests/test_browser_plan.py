"""How a plan is bought: what each way means is said before, and only what can be had is shown."""

import pytest
from playwright.async_api import Locator

from tests.browsing import NARROW, Site, Visit, Visits
from tests.buying import ask_price, founded, sent


@pytest.fixture
async def founder(visits: Visits, site: Site, request: pytest.FixtureRequest) -> Visit:
    return await founded(visits, site, request.node.name)


async def choosing(visit: Visit) -> Locator:
    """The dialog that asks what shall be."""
    await visit.press("Change plan")
    dialog = visit.page.get_by_role("dialog")
    await dialog.get_by_role("radio", name="Basic").wait_for()
    return dialog


async def test_seats_are_bought_in_advance_for_a_year_with_a_card_that_is_added_on_the_way(founder: Visit) -> None:
    dialog = await choosing(founder)
    assert await dialog.get_by_label("Seats", exact=True).count() == 0  # nothing is bought of what is free
    await dialog.get_by_role("radio", name="Basic").check()
    assert await dialog.get_by_label("Seats", exact=True).input_value() == "1"  # as many as are taken
    month, year, flexible, fixed = (
        dialog.get_by_role("radio", name=name) for name in ("Monthly", "Yearly", "Flexible", "Bought in advance")
    )
    await fixed.check()
    assert await year.is_checked()
    await month.check()
    assert await flexible.is_checked()
    await fixed.check()
    await dialog.get_by_label("Seats", exact=True).fill("6")
    await founder.press("Show price")
    await founder.sees("Basic, yearly, 6 seats, bought in advance · at once")
    due = await dialog.get_by_text("Due now").locator("..").inner_text()
    await founder.sees("There is no card to pay with yet. Add one, or request an invoice.")
    await founder.button("Request invoice", dialog).wait_for()
    assert await dialog.get_by_role("button", name="Pay").count() == 0
    await founder.press("Add card")
    await founder.sees("Your price stays as it was shown")
    await founder.press("Add card")
    pay = dialog.get_by_role("button", name="Pay")
    await pay.wait_for()
    assert (await pay.inner_text()).removeprefix("Pay ") in due
    assert sent(founder, "QuoteSubscriptionChange") == 1
    await pay.click()
    await founder.sees("Done. The plan is up to date.")
    await founder.part("Plan").get_by_text("Seats bought in advance").wait_for()
    await founder.part("Seats").get_by_text("1 of 6 seats used").wait_for()
    await choosing(founder)
    assert await fixed.is_checked()
    assert await dialog.get_by_label("Begin with 14 days of trial").count() == 0  # something is paid for


async def test_a_trial_is_offered_once_and_of_plans_that_cost_something(founder: Visit) -> None:
    dialog = await choosing(founder)
    trial = dialog.get_by_label("Begin with 14 days of trial")
    assert await trial.count() == 0
    await dialog.get_by_role("radio", name="Professional").check()
    await trial.check()
    await dialog.get_by_role("radio", name="Free").check()
    assert await trial.count() == 0
    await dialog.get_by_role("radio", name="Professional").check()
    await trial.check()
    await dialog.get_by_label("Seats", exact=True).fill("1000001")
    await founder.press("Show price")
    await founder.sees("That is more seats than the plan allows.")
    assert await dialog.get_by_role("alert").count() == 1  # at its field, and nowhere else
    await dialog.get_by_label("Seats", exact=True).fill("2")
    await founder.press("Show price")
    await founder.press("Confirm change")
    await founder.part("Plan").get_by_text("Trial", exact=True).wait_for()
    await choosing(founder)
    assert await dialog.get_by_role("radio", name="Professional").is_checked()
    assert await trial.count() == 0


async def test_an_invoice_can_be_asked_for_whatever_is_bought(visits: Visits) -> None:
    clerk: Visit = await visits("billing@acme.test")
    await clerk.open("/o/acme")
    await clerk.settled()
    await ask_price(clerk, "Enterprise", 66)
    dialog = clerk.page.get_by_role("dialog")
    for wish in ("Renew now", "Change seats"):
        await clerk.button("Request invoice", dialog).wait_for()
        await clerk.page.keyboard.press("Escape")
        await clerk.press(wish)
        if wish == "Change seats":
            await dialog.get_by_label("Seats", exact=True).fill("90")
        await clerk.press("Show price")
        await clerk.sees("This price binds until")
    await clerk.confirm("Request invoice")
    await clerk.sees("You get an invoice, due in 14 days")


async def test_choosing_and_paying_have_no_violation_in_german_on_a_phone_in_the_dark(visits: Visits) -> None:
    clerk: Visit = await visits("billing@acme.test", viewport=NARROW, color_scheme="dark", locale="de-DE")
    await clerk.open("/o/acme")
    await clerk.settled()
    await clerk.press("Tarif ändern")
    dialog = clerk.page.get_by_role("dialog")
    await dialog.get_by_role("radio", name="Im Voraus gekauft").check()
    await clerk.sees("Die Plätze folgen den Menschen")
    assert await clerk.violations() == []
    await clerk.press("Preis anzeigen")
    await clerk.sees("im Voraus gekauft · ab sofort")
    assert await clerk.violations() == []
    await clerk.press("Karte hinzufügen")
    await clerk.sees("Ihr Preis bleibt, wie er gezeigt wurde")
    assert await clerk.violations() == []
