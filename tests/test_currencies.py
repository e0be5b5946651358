"""Currencies of no decimals and of three: bought, added to, renewed and carried, to the minor unit."""

import pytest

from tests.passing import invoices, until
from tests.shop import Shop

# A catalogue in this currency, of the prices that there are in euro.
PRICED = """
insert into price (id, plan_id, interval, unit_amount, currency, created_at, version)
select gen_random_uuid(), plan_id, interval, unit_amount * 10 + (unit_amount > 0)::int, 'KWD', created_at, version
from price
where currency = 'EUR' and retired_at is null and not exists (select from price where currency = 'KWD')
"""


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
async def test_a_year_goes_by_in_any_currency(shop: Shop, currency: str) -> None:  # case 78
    if currency == "KWD":
        await shop.home.execute(PRICED)
    unit = await shop.home.value(
        "select unit_amount from price r join plan p on p.id = r.plan_id"
        " where p.key = 'professional' and r.interval = 'MONTH' and r.retired_at is null and r.currency = $1",
        currency,
    )
    done = await shop.buy_plan("professional", 10, currency=currency)
    net = 10 * unit
    assert done["payment"]["amount"] == {"amount": net + (net * 19 + 50) // 100, "currency": currency}
    shop.home.clock.go(days=15)
    assert (await shop.apply(await shop.quote(seats=11)))["errors"] == []
    assert [(await shop.do_quote(currency="EUR", seats=12))["errors"][0]["code"]] == ["CURRENCY_FIXED"]
    await until(shop, shop.home.clock.now.replace(year=shop.home.clock.now.year + 1))
    found = await invoices(shop)
    assert (len(found), {row["status"] for row in found}) == (14, {"PAID"})
    assert await shop.home.value("select count(distinct currency) from ledger_entry") == 1
