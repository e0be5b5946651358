"""Buying: a quote binds, is applied for exactly what it says or not at all, and is explained line by line."""

import asyncio
from datetime import timedelta
from typing import Any

from models.loading import load
from tests.accounts import FIRST
from tests.company import ACME, OTHER
from tests.office import statements
from tests.shop import MONEY, Shop

BUDGET = (16, 80)  # statements of a quote, and of its application
FAILED = "{ payments(first: 5) { nodes { status failureCode amount { amount } invoice { id } } } }"


def amounts(quote: Any) -> dict[str, int]:
    names = ("subtotal", "tax", "creditApplied", "dueNow")
    return {name: quote[name]["amount"] for name in names}


async def test_from_the_free_plan_the_whole_price_is_due_now(shop: Shop) -> None:
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    net = 10 * shop.price("professional")
    assert amounts(quote) == {
        "subtotal": net,
        "tax": net * 19 // 100,
        "creditApplied": 0,
        "dueNow": net + net * 19 // 100,
    }
    assert [(line["kind"], line["quantity"]) for line in quote["lines"]] == [("PLAN", 10)]
    assert quote["nextChargeAt"] == quote["lines"][0]["periodEnd"]


async def test_applying_a_quote_charges_exactly_that_and_begins_the_terms(shop: Shop) -> None:
    await shop.card()
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    done = await shop.apply(quote)
    assert done["errors"] == []
    assert done["payment"]["status"] == "SUCCEEDED"
    assert done["payment"]["amount"] == quote["dueNow"] == done["invoice"]["total"]
    assert done["invoice"]["number"] == "ACME-1-00001"
    assert (done["invoice"]["status"], done["invoice"]["amountDue"]["amount"]) == ("PAID", 0)
    assert done["subscription"]["plan"]["key"] == "professional"
    assert done["subscription"]["seats"]["purchased"] == 10
    assert await shop.work() == 0
    shop.home.clock.go(minutes=1)
    assert await shop.work() == 1  # the job that would have seen to it finds it done
    assert len(await shop.rows("select 1 from payment where organization_id = $1")) == 1


async def test_five_more_seats_cost_the_rest_of_the_period(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    shop.home.clock.go(days=10)
    quote = await shop.quote(seats=15)
    price = 5 * shop.price("professional")
    assert [line["kind"] for line in quote["lines"]] == ["SEATS"]
    assert abs(quote["subtotal"]["amount"] - price * 20 / 30) <= 1
    assert "of 30 days" in quote["lines"][0]["explanation"]
    done = await shop.apply(quote)
    assert done["subscription"]["seats"]["purchased"] == 15
    assert done["payment"]["amount"] == quote["dueNow"]


async def test_a_declined_card_leaves_everything_as_it_was(shop: Shop) -> None:  # case 82
    card = await shop.card("tok_declined")
    before = await shop.subscription()
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    done = await shop.apply(quote, idempotencyKey="once")
    assert [error["code"] for error in done["errors"]] == ["PAYMENT_DECLINED"]
    assert (done["payment"]["status"], done["payment"]["failureCode"]) == ("FAILED", "card_declined")
    assert done["invoice"] is None
    assert await shop.subscription() == before
    assert await shop.apply(quote, idempotencyKey="once") == done
    assert await shop.rows("select 1 from invoice where organization_id = $1") == []
    assert card


async def test_after_a_declined_card_another_one_pays_the_same_quote(shop: Shop) -> None:
    await shop.card("tok_declined")
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    await shop.apply(quote)
    await shop.card("tok_visa")
    done = await shop.apply(quote)
    assert done["errors"] == []
    assert done["payment"]["amount"] == quote["dueNow"]


async def test_a_quote_is_good_for_fifteen_minutes_half_open(shop: Shop) -> None:  # case 81
    await shop.card()
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    shop.home.clock.now += timedelta(minutes=15) - timedelta(microseconds=1)
    assert (await shop.apply(quote))["errors"] == []
    quote = await shop.quote(seats=12)
    shop.home.clock.now += timedelta(minutes=15)
    done = await shop.apply(quote)
    assert [error["code"] for error in done["errors"]] == ["QUOTE_STALE"]
    assert done["quote"]["id"] != quote["id"]
    assert done["payment"] is None
    assert (await shop.apply(done["quote"]))["errors"] == []


async def test_a_quote_is_stale_when_an_input_of_its_price_changed(shop: Shop) -> None:  # case 81
    await shop.buy_plan("professional", 10)
    first, second = await shop.quote(seats=15), await shop.quote(seats=20)
    assert (await shop.apply(first))["errors"] == []
    done = await shop.apply(second)
    assert [error["code"] for error in done["errors"]] == ["QUOTE_STALE"]
    assert done["quote"]["lines"][0]["quantity"] == 5
    assert (await shop.subscription())["seats_purchased"] == 15


async def test_a_quote_of_another_organization_is_not_there(shop: Shop) -> None:  # case 81
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    other = await shop.quote("owner", organizationId=OTHER, planId=shop.plan("basic"), seats=8)
    assert await shop.codes("clerk", "applyQuote", quoteId=other["id"]) == ["NOT_FOUND"]
    assert quote["id"] != other["id"]
    assert await shop.codes("clerk", "applyQuote", quoteId="quote_00000000000000000000000000") == ["NOT_FOUND"]


async def test_three_d_secure_holds_the_quote_until_the_payer_acted(shop: Shop) -> None:
    await shop.card("tok_3ds")
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    done = await shop.apply(quote, idempotencyKey="secure")
    assert done["errors"] == []
    assert done["payment"]["status"] == "REQUIRES_ACTION"
    assert done["nextAction"]["url"] == done["payment"]["nextAction"]["url"]
    assert done["subscription"]["plan"]["key"] == "free"
    assert await shop.codes("clerk", "applyQuote", quoteId=quote["id"]) == ["PAYMENT_IN_PROGRESS"]
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    again = await shop.apply(quote, idempotencyKey="secure")
    assert (again["payment"]["status"], again["subscription"]["plan"]["key"]) == ("SUCCEEDED", "professional")
    assert again["nextAction"] is None


async def test_a_payer_who_declines_loses_nothing(shop: Shop) -> None:
    await shop.card("tok_3ds")
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    done = await shop.apply(quote)
    await shop.click(done["nextAction"]["url"], "decline")
    shop.home.clock.go(minutes=1)
    await shop.work()
    assert (await shop.subscription())["status"] == "ACTIVE"
    (payment,) = (await shop.ask("clerk", '{ organization(slug: "acme-1") ' + FAILED + " }"))["organization"][
        "payments"
    ]["nodes"]
    assert (payment["status"], payment["invoice"]) == ("FAILED", None)


async def test_a_payer_who_does_not_act_within_the_hour_is_let_go(shop: Shop) -> None:
    await shop.card("tok_3ds")
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    done = await shop.apply(quote)
    await shop.work()
    shop.home.clock.go(minutes=61)
    await shop.work()
    await shop.click(done["nextAction"]["url"])
    await shop.work()
    (row,) = await shop.rows("select status from payment where organization_id = $1")
    assert row["status"] == "FAILED"
    assert (await shop.subscription())["seats_purchased"] == 6
    await shop.card("tok_visa")
    assert (await shop.buy_plan("professional", 10))["errors"] == []


async def test_money_for_what_cannot_be_had_any_more_goes_back(shop: Shop) -> None:
    await shop.card("tok_3ds")
    done = await shop.apply(await shop.quote(planId=shop.plan("professional"), seats=10))
    profile = {"id": shop.accounts.new(), "organization_id": FIRST, "name": "Acme", "email": "a@acme.test"}
    profile |= {"address_lines": ["1 Road"], "country": "US"}  # where another tax is due
    await load(shop.home.ground.connection, {"billing_profile": [profile]})
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    (payment,) = await shop.rows(
        "select status, invoice_id, refunded_amount = amount as back from payment where organization_id = $1"
    )
    assert tuple(payment) == ("REFUNDED", None, True)
    assert (await shop.subscription())["seats_purchased"] == 6
    kinds = [row["kind"] for row in await shop.rows("select kind from job where organization_id = $1 order by id")]
    assert [kind for kind in kinds if kind.startswith("render")] == []


async def test_a_credit_that_comes_while_a_payment_is_held_changes_no_price(shop: Shop) -> None:
    await shop.card("tok_3ds")
    await shop.credit(700)
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    assert quote["creditApplied"]["amount"] == 700
    done = await shop.apply(quote, idempotencyKey="held")
    await shop.credit(5000)
    await shop.click(done["nextAction"]["url"])
    shop.home.clock.go(minutes=1)
    await shop.work()
    again = await shop.apply(quote, idempotencyKey="held")
    assert again["payment"]["status"] == "SUCCEEDED"
    assert again["payment"]["amount"] == quote["dueNow"]
    assert [
        row["remaining"]
        for row in await shop.rows("select remaining from credit where organization_id = $1 order by id")
    ] == [0, 5000]


async def test_a_payment_whose_answer_was_lost_is_found_again(shop: Shop) -> None:  # case 83
    await shop.card("tok_timeout_after_success")
    done = await shop.apply(await shop.quote(planId=shop.plan("professional"), seats=10))
    assert done["errors"] == []
    assert done["payment"]["status"] == "PROCESSING"
    shop.home.clock.go(minutes=1)
    await shop.work()
    subscription = await shop.subscription()
    assert (subscription["seats_purchased"], subscription["status"]) == (10, "ACTIVE")
    (row,) = await shop.rows("select status from payment where organization_id = $1")
    assert row["status"] == "SUCCEEDED"


async def test_the_same_key_buys_once_however_often_it_is_sent(shop: Shop) -> None:  # case 101
    await shop.buy_plan("professional", 10)
    quote = await shop.quote(seats=15)
    answers = await asyncio.gather(*(shop.apply(quote, idempotencyKey="same") for _ in range(10)))
    assert {answer["payment"]["id"] for answer in answers} == {answers[0]["payment"]["id"]}
    assert (await shop.subscription())["seats_purchased"] == 15
    assert len(await shop.rows("select 1 from payment where organization_id = $1")) == 2


async def test_of_many_who_buy_at_once_one_gets_it_and_nobody_pays_twice(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    quotes = [await shop.quote(seats=10 + more) for more in range(1, 9)]
    answers = await asyncio.gather(*(shop.apply(quote) for quote in quotes))
    codes = sorted(error["code"] for answer in answers for error in answer["errors"])
    done = [answer for answer in answers if not answer["errors"]]
    assert len(done) == 1
    assert set(codes) <= {"QUOTE_STALE", "PAYMENT_IN_PROGRESS"}
    purchased = (await shop.subscription())["seats_purchased"]
    assert purchased == done[0]["subscription"]["seats"]["purchased"]


async def test_fewer_seats_wait_for_the_end_of_the_period(shop: Shop) -> None:  # case 69
    await shop.buy_plan("professional", 10)
    quote = await shop.quote(seats=7)
    assert (quote["dueNow"]["amount"], quote["lines"]) == (0, [])
    assert quote["effectiveAt"] == quote["nextChargeAt"]
    done = await shop.apply(quote)
    assert done["errors"] == []
    assert done["subscription"]["seats"]["purchased"] == 10
    assert await shop.unquoted(seats=2) == [("SEATS_BELOW_USED", ["seats"])]


async def test_what_cannot_be_had_has_no_price(shop: Shop) -> None:
    assert await shop.unquoted() == [("NOTHING_TO_CHANGE", None)]
    assert await shop.unquoted(planId=ACME) == [("NOT_FOUND", ["planId"])]
    assert await shop.unquoted(planId="plan_00000000000000000000000000") == [("PLAN_NOT_AVAILABLE", ["planId"])]
    assert await shop.unquoted(planId=shop.plan("basic"), seats=101) == [("SEATS_ABOVE_LIMIT", ["seats"])]
    assert await shop.unquoted(planId=shop.plan("basic"), seats=2_000_000) == [("SEATS_ABOVE_LIMIT", ["seats"])]
    assert await shop.unquoted(planId=shop.plan("basic"), seats=-1) == [("SEATS_BELOW_USED", ["seats"])]
    assert await shop.unquoted(planId=shop.plan("basic"), mode="FIXED", interval="MONTH") == [
        ("INVALID_INPUT", ["mode"])
    ]
    assert await shop.unquoted(renew=True) == [("NOTHING_TO_RENEW", ["renew"])]
    await shop.buy_plan("professional", 10)
    assert await shop.unquoted(trial=True, planId=shop.plan("enterprise")) == [("TRIAL_NOT_AVAILABLE", ["trial"])]
    assert await shop.unquoted(currency="JPY") == [("CURRENCY_FIXED", ["currency"])]


async def test_without_a_card_nothing_is_bought(shop: Shop) -> None:
    quote = await shop.quote(planId=shop.plan("basic"), seats=8)
    assert await shop.codes("clerk", "applyQuote", quoteId=quote["id"]) == ["NO_PAYMENT_METHOD"]
    await shop.card("tok_expired")
    assert await shop.codes("clerk", "applyQuote", quoteId=quote["id"]) == ["NO_PAYMENT_METHOD"]


async def test_the_next_period_can_be_bought_ahead_once(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    end = (await shop.subscription())["current_period_end"]
    quote = await shop.quote(renew=True)
    assert quote["subtotal"]["amount"] == 10 * shop.price("professional")
    done = await shop.apply(quote)
    assert done["errors"] == []
    row = await shop.subscription()
    assert (row["current_period_end"], row["paid_ahead_until"] > end) == (end, True)
    assert await shop.unquoted(renew=True) == [("ALREADY_RENEWED", ["renew"])]


async def test_before_the_first_payment_the_currency_can_be_chosen(shop: Shop) -> None:  # case 78
    await shop.card()
    quote = await shop.quote(planId=shop.plan("professional"), seats=10, currency="JPY")
    assert quote["subtotal"] == {"amount": 10 * shop.price("professional", currency="JPY"), "currency": "JPY"}
    assert (await shop.apply(quote))["errors"] == []
    assert (await shop.subscription())["currency"] == "JPY"


async def test_a_trial_costs_nothing_and_comes_once(shop: Shop) -> None:  # case 87
    quote = await shop.quote(planId=shop.plan("professional"), seats=10, trial=True)
    assert quote["dueNow"]["amount"] == 0
    assert quote["nextCharge"]["amount"] > 0
    done = await shop.apply(quote)
    assert done["subscription"]["status"] == "TRIALING"
    assert await shop.unquoted(trial=True, planId=shop.plan("enterprise")) == [("TRIAL_NOT_AVAILABLE", ["trial"])]


async def test_members_learn_nothing_of_prices(shop: Shop) -> None:
    assert await shop.refused(
        "member", f'mutation {{ applyQuote(input: {{quoteId: "{ACME}"}}) {{ quote {{ id dueNow {MONEY} }} }} }}'
    ) == {"GRAPHQL_VALIDATION_FAILED"}


async def test_a_purchase_costs_the_same_statements_however_much_was_bought_before(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    costs = []
    for turn in range(8):
        await statements(shop)
        quote = await shop.quote(seats=11 + turn)
        asked = len(await statements(shop))
        await shop.apply(quote)
        costs.append((asked, len(await statements(shop))))
    assert len(set(costs)) == 1
    assert costs[0] <= BUDGET
