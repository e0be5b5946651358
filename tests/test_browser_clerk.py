"""All that the product page promises, as one morning of a billing manager of Acme: by clicking, and to the cent."""

from collections.abc import AsyncIterator

import pytest

from purser.ledger import proved
from tests import browsing
from tests.browsing import Site, Visit, Visits


@pytest.fixture(scope="module")
async def site(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A demo of its own: much is bought here."""
    async with browsing.site(server_url, tmp_path_factory.mktemp("clerk")) as opened:
        yield opened


async def pay(clerk: Visit) -> str:
    """Confirm the price that is shown: what it was."""
    button = clerk.page.get_by_role("dialog").get_by_role("button", name="Pay")
    price = (await button.inner_text()).removeprefix("Pay ")
    await button.click()
    await clerk.sees("Done. The plan is up to date.")
    await clerk.page.get_by_role("dialog").wait_for(state="detached")
    return price


async def expand(clerk: Visit, seats: int) -> str:
    await clerk.press("Change seats")
    await clerk.page.get_by_role("dialog").get_by_label("Seats", exact=True).fill(str(seats))
    await clerk.press("Show price")
    return await pay(clerk)


async def renew(clerk: Visit) -> str:
    await clerk.press("Renew now")
    await clerk.press("Show price")
    return await pay(clerk)


async def upgrade(clerk: Visit, plan: str) -> str:
    await clerk.press("Change plan")
    await clerk.page.get_by_role("dialog").get_by_role("radio", name=plan).check()
    await clerk.press("Show price")
    return await pay(clerk)


async def expand_by_invoice(clerk: Visit, seats: int) -> None:
    """Ask for the invoice first, keep its PDF, and pay it."""
    await clerk.press("Change seats")
    await clerk.page.get_by_role("dialog").get_by_label("Seats", exact=True).fill(str(seats))
    await clerk.press("Show price")
    await clerk.confirm("Request invoice")
    await clerk.field("Purchase order (optional)").fill("PO-78")
    await clerk.confirm("Request invoice")
    await clerk.confirm("Done")
    await clerk.page.get_by_label("Show invoices").select_option("OPEN")
    await clerk.page.get_by_role("button", name="Show invoice AR-").first.click()
    dialog = clerk.page.get_by_role("dialog")
    await dialog.get_by_text("PO-78").wait_for()
    async with clerk.page.expect_download() as downloaded:
        await dialog.get_by_role("link", name="Download PDF").click()
    assert (await downloaded.value).suggested_filename.endswith(".pdf")
    await dialog.get_by_role("button", name="Pay").click()
    await clerk.sees("The invoice is paid.")
    await dialog.wait_for(state="detached")


async def test_a_billing_manager_does_everything_about_money_by_clicking(visits: Visits, site: Site) -> None:
    clerk: Visit = await visits()
    await clerk.sign_in("billing@acme.test", "/")
    await clerk.sees_page("Plans Management")
    await clerk.settled()
    await clerk.button("Add card").first.click()
    await clerk.field("Test card").select_option("tok_mastercard")
    await clerk.press("Add card")
    await clerk.button("Make default: Mastercard ending in 4444").click()
    await clerk.sees("Mastercard ending in 4444 is charged from now on.")
    prices = [await expand(clerk, 70)]
    await clerk.part("Seats").get_by_text("60 of 70 seats used").wait_for()
    prices.append(await upgrade(clerk, "Enterprise"))
    await clerk.part("Plan").get_by_text("Enterprise", exact=True).wait_for()
    prices.append(await renew(clerk))
    newest = clerk.page.get_by_role("table", name="Payment history").locator("tbody tr").first
    await newest.get_by_text(prices[-1]).wait_for()
    await clerk.part("Plan").get_by_text("Paid ahead, renews on").wait_for()
    assert await clerk.button("Renew now").count() == 0
    paid = (await clerk.rows("Payment history"))[:3]
    assert all(price in row and "4444" in row for price, row in zip(reversed(prices), paid, strict=True))
    invoices = (await clerk.rows("Invoices"))[:2]  # the third was paid by credits, too
    assert all(price in row and "Paid" in row for price, row in zip(reversed(prices[1:]), invoices, strict=True))
    await expand_by_invoice(clerk, 75)
    await clerk.part("Seats").get_by_text("60 of 75 seats used").wait_for()
    assert not (await proved(site.database_url)).findings
    assert clerk.foreign() == []
    assert clerk.complaints == []
