"""Transfers: found by their reference, booked once, exactly, under or over; what fits nothing waits for a person."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer

from billing import due, transfers
from billing.rules.money import Money
from billing.rules.references import spelled
from billing.transfers import Line
from models import BankPayment, Invoice
from purser.statements import WrongLineError, imported, line, matched
from schema import ids
from tests.accounts import FIRST
from tests.desk import named
from tests.shop import Shop
from tests.test_invoice_requests import request, year


async def open_invoice(shop: Shop) -> Any:
    await named(shop)
    return await request(shop, await year(shop))


async def book(shop: Shop, text: str, amount: int, name: str = "B-1", currency: str = "EUR") -> str:
    money = Money(amount, currency)
    done = await transfers.book(shop.home.server.room, Line(name, text, money, date(2026, 6, 20)))
    return done.status.value


async def stand(shop: Shop) -> tuple[str, int]:
    (row,) = await shop.rows("select status, amount_due from invoice where organization_id = $1")
    return row["status"], row["amount_due"]


async def credits(shop: Shop) -> list[tuple[int, str]]:  # noqa: A001  # what they are
    found = await shop.rows("select remaining, reason from credit where organization_id = $1 and remaining > 0")
    return [(row["remaining"], row["reason"]) for row in found]


async def test_the_exact_amount_pays_the_invoice_and_the_seats_come(shop: Shop) -> None:  # case 90
    done = await open_invoice(shop)
    due = done["invoice"]["amountDue"]["amount"]
    text = f"thanks, {spelled(done['transferReference']).lower()} acme"
    assert await book(shop, text, due) == "MATCHED"
    assert await stand(shop) == ("PAID", 0)
    row = await shop.subscription()
    assert (row["status"], row["mode"], row["seats_purchased"]) == ("ACTIVE", "FIXED", 10)
    receipts = [mail.to for mail in await shop.home.mails() if mail.message == "receipt"]
    assert sorted(receipts) == ["both@people.test", "clerk@people.test"]


async def test_too_little_leaves_the_rest_and_too_much_becomes_a_credit(shop: Shop) -> None:  # case 90
    done = await open_invoice(shop)
    due = done["invoice"]["amountDue"]["amount"]
    assert await book(shop, done["transferReference"], due - 500) == "MATCHED"
    assert await stand(shop) == ("OPEN", 500)
    assert (await shop.subscription())["status"] == "PENDING_PAYMENT"
    assert await book(shop, done["transferReference"], 700, "B-2") == "MATCHED"
    assert await stand(shop) == ("PAID", 0)
    assert await credits(shop) == [(200, "OVERPAYMENT")]


async def test_the_same_line_told_often_is_one_payment(shop: Shop) -> None:  # case 90
    done = await open_invoice(shop)
    told = [book(shop, done["transferReference"], 1000) for _ in range(10)]
    assert set(await asyncio.gather(*told)) == {"MATCHED"}
    assert await shop.home.value("select count(*) from payment") == 1


async def test_what_fits_no_invoice_waits_until_it_is_matched(shop: Shop) -> None:  # case 90
    done = await open_invoice(shop)
    reference, due = done["transferReference"], done["invoice"]["amountDue"]["amount"]
    wrong = f"{reference[:-1]}{(int(reference[-1]) + 1) % 10}"
    for place, (text, currency) in enumerate([("", "EUR"), (wrong, "EUR"), (reference, "USD")]):
        assert await book(shop, text, due, f"B-{place}", currency) == "UNMATCHED"
    assert (await matched(shop.home.server.room, "B-2", done["invoice"]["id"])).status == "UNMATCHED"
    assert (await matched(shop.home.server.room, "B-1", done["invoice"]["id"])).status == "MATCHED"
    assert (await matched(shop.home.server.room, "B-0", done["invoice"]["id"])).status == "UNMATCHED"
    assert await stand(shop) == ("PAID", 0)
    for unknown in ("B-9", "\udcff"):
        with pytest.raises(typer.BadParameter):
            await matched(shop.home.server.room, unknown, done["invoice"]["id"])


async def void(shop: Shop) -> str:
    """An invoice that two of ten euros came for before something else was bought; its reference."""
    done = await open_invoice(shop)
    assert await book(shop, done["transferReference"], 200) == "MATCHED"
    await shop.card()
    bought = await shop.apply(await shop.quote(planId=shop.plan("basic"), seats=8))
    assert bought["errors"] == []
    return str(done["transferReference"])


async def test_what_comes_for_an_invoice_that_is_void_waits_and_pays_another(shop: Shop) -> None:  # case 90
    reference = await void(shop)
    assert await credits(shop) == [(200, "OVERPAYMENT")]  # what came before, when its price did not know of it
    before = await shop.subscription()
    assert await book(shop, reference, 700, "B-2") == "UNMATCHED"
    first = ids.write("inv", (await Invoice.get(organization_id=FIRST, status="VOID")).id)
    assert (await matched(shop.home.server.room, "B-2", first)).status == "UNMATCHED"
    assert (await shop.subscription(), await credits(shop)) == (before, [(200, "OVERPAYMENT")])
    again = await request(shop, await year(shop))
    assert (await matched(shop.home.server.room, "B-2", again["invoice"]["id"])).status == "MATCHED"
    left = await Invoice.get(organization_id=FIRST, status="OPEN")
    assert left.amount_due == again["invoice"]["amountDue"]["amount"] - 700


async def test_what_comes_behind_the_period_that_it_was_for_waits(shop: Shop) -> None:  # case 90
    await named(shop)
    await shop.buy_plan("professional", 6)
    shop.home.clock.go(days=20)
    done = await request(shop, await shop.quote(seats=9))
    shop.home.clock.now = (await shop.subscription())["current_period_end"]
    total = done["invoice"]["total"]["amount"]
    assert await book(shop, done["transferReference"], total) == "UNMATCHED"  # before the renewal sees to it
    assert (await shop.subscription())["seats_purchased"] == 6
    await due.attend(shop.home.server.room, FIRST)
    assert await book(shop, done["transferReference"], total) == "UNMATCHED"
    found = await shop.rows("select status from invoice where organization_id = $1 order by number")
    assert [row["status"] for row in found] == ["PAID", "VOID", "PAID"]
    assert (await BankPayment.get(bank_reference="B-1")).amount == total


async def test_a_wrong_line_of_a_file_stops_no_other(shop: Shop, tmp_path: Path) -> None:
    done = await open_invoice(shop)
    file = tmp_path / "statement.csv"
    head = "reference,text,amount,currency,date\n"
    lines = (
        f"B-1,{done['transferReference']},10.00,EUR,2026-06-20\nB-2,x,1.001,EUR,2026-06-20\nB-3,y,5,EUR,2026-06-21\n"
    )
    file.write_text(head + lines)
    for _ in range(2):
        told = await imported(shop.home.server.room, file)
        assert (told.matched, told.unmatched, told.wrong) == (1, 1, 1)
    assert await shop.home.value("select count(*) from bank_payment") == 2


@pytest.mark.parametrize(
    "fields",
    [
        ["B", "", "0", "EUR", "2026-06-20"],
        ["B", "", "-1", "EUR", "2026-06-20"],
        ["", "", "1", "EUR", "2026-06-20"],
        ["B", "", "1.5", "JPY", "2026-06-20"],
        ["B", "", "1", "eur", "2026-06-20"],
        ["B", "", "1e999999999", "EUR", "2026-06-20"],
        ["\udcff", "", "1", "EUR", "2026-06-20"],
        ["B", "", "1", "EUR", "20.6.2026"],
        ["B", "", "NaN", "EUR", "2026-06-20"],
        ["B", "1"],
    ],
)
def test_a_line_that_cannot_be_is_told_why(fields: list[str]) -> None:
    with pytest.raises(WrongLineError):
        line(fields)
