"""What an invoice says of tax and of large amounts."""

from tests.company import ACME
from tests.shop import Shop

TAXES = """
{ organization(slug: "acme-1") { invoices(first: 1) { nodes { tax { amount } taxLines { name amount { amount } } } } } }
"""
FRENCH = {"name": "Acme SARL", "email": "compta@acme.test", "country": "FR", "taxId": "FR40303265045"}


async def test_money_is_exact_beyond_32_bits(shop: Shop) -> None:  # case 102
    quote = await shop.quote(planId=shop.plan("enterprise"), seats=1_000_000)
    assert quote["subtotal"]["amount"] == 1_000_000 * shop.price("enterprise") > 2**31
    await shop.card()
    done = await shop.apply(quote)
    assert done["errors"] == []
    assert done["invoice"]["total"] == quote["dueNow"] == done["payment"]["amount"]


async def test_an_invoice_keeps_the_state_of_the_tax_id_that_it_was_issued_with(shop: Shop) -> None:  # case 93
    await shop.done("clerk", "updateBillingProfile", organizationId=ACME, **FRENCH)
    await shop.buy_plan("professional", 10)
    before = await shop.ask("clerk", TAXES)
    (invoice,) = before["organization"]["invoices"]["nodes"]
    assert invoice == {"tax": {"amount": 0}, "taxLines": [{"name": "VAT reverse charge", "amount": {"amount": 0}}]}
    await shop.done("clerk", "updateBillingProfile", organizationId=ACME, country="DE", taxId="")
    assert await shop.ask("clerk", TAXES) == before
    assert (await shop.quote(seats=12))["tax"]["amount"] > 0
