"""Paying, by clicking: what is bought is shown line by line before, charged once, and never charged otherwise."""

import pytest

from tests import cluster
from tests.browsing import Site, Visit, Visits
from tests.buying import add_card, ask_price, founded, sent

OVERDUE = """
    update plan_subscription set status = 'PAST_DUE'
    where organization_id = (select id from organization where slug = '{slug}')
"""


@pytest.fixture
async def founder(visits: Visits, site: Site, request: pytest.FixtureRequest) -> Visit:
    return await founded(visits, site, request.node.name)


async def test_a_plan_is_bought_for_the_price_that_was_shown_and_only_once(founder: Visit) -> None:
    await add_card(founder, "tok_visa")
    await ask_price(founder, "Basic", 3)
    assert sent(founder, "ApplyQuote") == 0
    dialog = founder.page.get_by_role("dialog")
    assert "Due now" in await dialog.inner_text()
    pay = dialog.get_by_role("button", name="Pay")
    price = (await pay.inner_text()).removeprefix("Pay ")
    await pay.dblclick()
    await founder.sees("Done. The plan is up to date.")
    assert sent(founder, "ApplyQuote") == 1
    await founder.part("Plan").get_by_text("Basic", exact=True).wait_for()
    await founder.page.get_by_role("table", name="Payment history").locator("tbody tr").first.wait_for()
    (payment,) = await founder.rows("Payment history")
    assert price in payment
    (invoice,) = await founder.rows("Invoices")
    assert price in invoice


async def test_a_declined_card_changes_nothing_and_another_one_pays(founder: Visit) -> None:
    await add_card(founder, "tok_declined")
    await add_card(founder, "tok_visa")
    await ask_price(founder, "Basic", 2)
    dialog = founder.page.get_by_role("dialog")
    await founder.field("Pay with").select_option(label="Visa ending in 0002")
    await dialog.get_by_role("button", name="Pay").click()
    await founder.sees("The payment did not succeed. Nothing was changed; try another card. (declined)")
    await founder.field("Pay with").select_option(label="Visa ending in 4242 (Default)")
    await dialog.get_by_role("button", name="Pay").click()
    await founder.sees("Done. The plan is up to date.")
    await founder.part("Plan").get_by_text("Basic", exact=True).wait_for()


@pytest.mark.parametrize(("answer", "said"), [("Approve", "The payment succeeded."), ("Decline", "The payment failed")])
async def test_3d_secure_is_asked_on_the_banks_page_and_leads_back(founder: Visit, answer: str, said: str) -> None:
    await add_card(founder, "tok_3ds")
    await ask_price(founder, "Basic", 2)
    await founder.page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    await founder.sees_page("3-D Secure")
    await founder.press(answer)
    await founder.sees_page("Plans Management")
    await founder.sees(said)
    plan = "Basic" if answer == "Approve" else "Free"
    await founder.part("Plan").get_by_text(plan, exact=True).first.wait_for()
    assert founder.foreign() == []


async def test_who_left_the_banks_page_confirms_from_the_payment_history(founder: Visit) -> None:
    await add_card(founder, "tok_3ds")
    await ask_price(founder, "Basic", 2)
    await founder.page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    await founder.sees_page("3-D Secure")
    await founder.page.go_back()
    await founder.sees_page("Plans Management")
    await founder.button("Confirm payment", founder.part("Payment history")).click()
    await founder.sees_page("3-D Secure")
    await founder.press("Approve")
    await founder.sees("The payment succeeded.")
    await founder.part("Plan").get_by_text("Basic", exact=True).wait_for()
    assert await founder.button("Confirm payment").count() == 0


async def test_a_card_that_is_added_while_paying_is_the_one_that_pays(founder: Visit) -> None:
    await add_card(founder, "tok_visa")
    await ask_price(founder, "Basic", 2)
    await founder.press("Add card")
    await founder.field("Test card").select_option("tok_mastercard")
    await founder.field("Charge this card from now on").uncheck()
    await founder.press("Add card")
    chosen = founder.page.locator("option:checked", has_text="Mastercard ending in 4444")
    await chosen.wait_for(state="attached")
    await founder.page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    await founder.sees("Done. The plan is up to date.")
    (payment,) = await founder.rows("Payment history")
    assert "Mastercard ending in 4444" in payment


async def test_a_stale_quote_charges_nothing_and_shows_the_new_price(founder: Visit, site: Site) -> None:
    await add_card(founder, "tok_visa")
    await ask_price(founder, "Basic", 2)
    other: Visit = Visit(await founder.page.context.new_page(), site)
    await other.open(founder.page.url)
    await other.settled()
    await ask_price(other, "Professional", 2)
    await other.page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    await other.sees("Done. The plan is up to date.")
    dialog = founder.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Pay").click()
    await founder.sees("The price has changed or its time was over.")
    assert await dialog.get_by_role("button").count() > 0
    assert len(await other.rows("Payment history")) == 1


async def test_a_downgrade_is_scheduled_and_called_off_and_the_plan_canceled_and_resumed(founder: Visit) -> None:
    await add_card(founder, "tok_visa")
    await ask_price(founder, "Professional", 3)
    await founder.page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    await founder.part("Plan").get_by_text("Professional", exact=True).wait_for()
    await ask_price(founder, "Basic", 2)
    await founder.press("Confirm change")
    await founder.sees("this becomes Basic")
    await founder.press("Cancel subscription")
    await founder.sees("The change that was scheduled is dropped")
    await founder.confirm("Keep subscription")
    await founder.press("Change seats")
    dialog = founder.page.get_by_role("dialog")
    await dialog.get_by_label("Seats", exact=True).fill("5")
    await founder.press("Show price")
    await founder.sees("This takes the place of what is scheduled now")
    await founder.press("Back")
    assert await dialog.get_by_label("Seats", exact=True).input_value() == "5"
    await founder.press("Cancel")
    await founder.press("Cancel this change")
    await founder.confirm("Cancel this change")
    await founder.page.get_by_text("this becomes Basic").wait_for(state="detached")
    await founder.press("Cancel subscription")
    await founder.confirm("Cancel subscription")
    await founder.button("Resume").wait_for()
    await founder.press("Resume")
    await founder.confirm("Resume")
    await founder.sees("The subscription goes on.")
    await founder.button("Cancel subscription").wait_for()


async def test_cards_are_added_made_default_updated_and_removed(founder: Visit) -> None:
    methods = founder.part("Payment methods")
    await add_card(founder, "tok_visa")
    await add_card(founder, "tok_mastercard")
    await methods.get_by_text("Mastercard ending in 4444", exact=True).wait_for()
    await founder.button("Make default: Visa ending in 4242").click()
    await founder.sees("Visa ending in 4242 is charged from now on.")
    await founder.button("Update Visa ending in 4242").click()
    await founder.field("Name on the card (optional)").fill("Shop Keeper")
    await founder.press("Update")
    await founder.sees("Visa ending in 4242 is up to date.")
    await founder.button("Remove Mastercard ending in 4444").click()
    await founder.confirm("Remove")
    await methods.get_by_text("Mastercard ending in 4444", exact=True).wait_for(state="detached")


async def test_the_billing_profile_is_filled_in(founder: Visit) -> None:
    await founder.button("Edit", founder.part("Billing profile")).click()
    await founder.field("Email address").fill("bills@shop.test")
    await founder.field("Address").fill("Main Street 1")
    await founder.field("City").fill("Bremen")
    countries = await founder.field("Country").locator("option").all_inner_texts()
    assert len(countries) == len(set(countries))
    await founder.field("Country").select_option("DE")
    await founder.field("VAT ID (optional)").fill("DE1")
    await founder.press("Save")
    await founder.sees("This is no valid VAT ID.")
    await founder.field("VAT ID (optional)").fill("DE136695976")
    await founder.press("Save")
    await founder.sees("The billing profile is saved.")
    await founder.part("Billing profile").get_by_text("DE136695976").wait_for()


async def test_an_invoice_is_requested_with_a_purchase_order_instead_of_paying_now(founder: Visit) -> None:
    await ask_price(founder, "Basic", 2)
    await founder.confirm("Request invoice")
    await founder.field("Purchase order (optional)").fill("PO-77")
    await founder.confirm("Request invoice")
    await founder.sees("Put the reference on your bank transfer")
    await founder.confirm("Done")
    (invoice,) = await founder.rows("Invoices")
    assert "Open" in invoice
    assert sent(founder, "ApplyQuote") == 0
    await founder.part("Plan").get_by_text("Free", exact=True).first.wait_for()


async def test_who_owes_is_led_from_the_plan_to_the_open_invoice(founder: Visit, site: Site) -> None:
    await ask_price(founder, "Basic", 2)
    await founder.confirm("Request invoice")
    await founder.confirm("Request invoice")
    await founder.confirm("Done")
    (invoice,) = await founder.rows("Invoices")
    number = invoice.split()[0]
    slug = founder.page.url.partition("/o/")[2].partition("/")[0]
    assert await founder.button(f"Pay invoice {number}").count() == 0
    # Moving the clock would move it for everybody who looks.
    await cluster.execute(site.database_url, OVERDUE.format(slug=slug))
    await founder.page.reload()
    await founder.button(f"Pay invoice {number}").click()
    await founder.page.get_by_role("dialog", name=f"Invoice {number}").wait_for()
