"""Payment methods: added, made the default one, removed; one entry a card, and nothing of it but what people know."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from schema import ids
from tests.company import ACME, OTHER, mutation
from tests.shop import Shop

METHOD = "paymentMethod { id kind brand last4 expMonth expYear isDefault expired addedAt addedBy { __typename } }"
METHODS = f'{{ organization(slug: "acme-1") {{ paymentMethods {{ {METHOD[16:-2]} }} }} }}'
DEFAULTS = "select count(*) from payment_method where organization_id = $1 and is_default and removed_at is null"
VISA = {"kind": "CARD", "brand": "visa", "last4": "4242", "expMonth": 12, "expYear": 2034, "expired": False}


async def add(shop: Shop, token: str = "tok_visa", who: str = "clerk", **more: Any) -> Any:  # noqa: S107  # the sandbox's
    """A card, when it was added."""
    asked = {"organizationId": ACME, "gatewayToken": token} | more
    return (await shop.done(who, "addPaymentMethod", METHOD, **asked))["paymentMethod"]


async def methods(shop: Shop, who: str = "clerk") -> list[Any]:
    return list((await shop.ask(who, METHODS))["organization"]["paymentMethods"])


async def told(shop: Shop) -> list[str]:
    """What the activity tells, in turn."""
    found = await shop.rows("select kind from billing_activity where organization_id = $1 order by id")
    return [row["kind"] for row in found]


async def defaults(shop: Shop) -> int:
    (row,) = await shop.rows(DEFAULTS)
    return int(row[0])


def key_of(method: Any) -> UUID:
    found = ids.read(method["id"])
    assert found
    assert found[1]
    return found[1]


async def test_the_first_card_is_the_default_one(shop: Shop) -> None:
    first = await add(shop)
    assert first.items() >= (VISA | {"isDefault": True, "addedBy": {"__typename": "BillingManager"}}).items()
    second = await add(shop, "tok_mastercard", who="owner")
    assert (second["isDefault"], second["addedBy"]) == (False, {"__typename": "Member"})
    third = await add(shop, "tok_amex", makeDefault=True)
    assert [one["id"] for one in await methods(shop)] == [third["id"], second["id"], first["id"]]
    assert [one["isDefault"] for one in await methods(shop)] == [True, False, False]
    assert await told(shop) == ["PAYMENT_METHOD_ADDED"] * 3


async def test_nothing_but_brand_digits_and_expiry_leaves_the_server(shop: Shop) -> None:
    # case 86
    await add(shop)
    (row,) = await shop.rows("select * from payment_method where organization_id = $1")
    secret = [row["fingerprint"], row["gateway_reference"], row["customer"]]
    assert all(secret)
    fields = await shop.ask("clerk", '{ __type(name: "PaymentMethod") { fields { name } } }')
    names = " ".join(one["name"] for one in fields["__type"]["fields"])
    shown = orjson.dumps(await methods(shop)).decode()
    given = {"organizationId": ACME, "gatewayToken": "tok_visa", "idempotencyKey": "again"}
    shown += orjson.dumps(await shop.post("clerk", mutation("addPaymentMethod", METHOD), input=given)).decode()
    assert not [one for one in secret if one in shown]
    assert names == "id kind brand last4 expMonth expYear isDefault expired addedAt addedBy"


async def test_the_same_card_twice_is_one_entry(shop: Shop) -> None:
    # case 86
    first = await add(shop, "tok_visa?exp=2027-03")
    again = await add(shop, "tok_visa?exp=2031-03", who="owner")
    assert (again["id"], again["expYear"], again["addedBy"]) == (first["id"], 2031, first["addedBy"])
    assert await told(shop) == ["PAYMENT_METHOD_ADDED", "PAYMENT_METHOD_CHANGED"]
    (row,) = await shop.rows("select gateway_reference from payment_method where organization_id = $1")
    assert (await shop.gateway.method(row[0])).card.exp_year == 2031


async def test_the_same_card_at_once_is_one_entry(shop: Shop) -> None:
    made = await asyncio.gather(*(add(shop, who=who) for who in ("clerk", "owner", "both") for _ in range(3)))
    assert len({one["id"] for one in made}) == 1
    assert len(await methods(shop)) == await defaults(shop) == 1


async def test_an_organization_is_one_customer_at_the_gateway(shop: Shop) -> None:
    await add(shop)
    await add(shop, "tok_amex", who="owner")
    found = await shop.rows("select distinct customer from payment_method where organization_id = $1")
    assert len(found) == 1


async def test_a_customer_that_the_gateway_lost_is_made_anew(shop: Shop) -> None:
    await add(shop)
    await shop.home.execute("update payment_method set customer = 'cus_lost'")
    made = await add(shop, "tok_amex", idempotencyKey="one")
    assert await add(shop, "tok_amex", idempotencyKey="one") == made
    await add(shop, "tok_mastercard")
    found = await shop.rows("select customer, count(*) from payment_method where organization_id = $1 group by 1")
    assert sorted(row["count"] for row in found) == [1, 2]


async def test_the_same_key_is_one_card_and_another_token_with_it_is_refused(shop: Shop) -> None:
    first = await add(shop, idempotencyKey="one")
    assert await add(shop, idempotencyKey="one") == first
    asked = {"organizationId": ACME, "gatewayToken": "tok_amex", "idempotencyKey": "one"}
    assert await shop.codes("clerk", "addPaymentMethod", **asked) == ["IDEMPOTENCY_CONFLICT"]
    await add(shop, "tok_mastercard", who="owner", idempotencyKey="one")  # his own
    assert len(await methods(shop)) == 2


async def test_who_removed_a_card_does_not_get_it_back_by_a_repeat(shop: Shop) -> None:
    made = await add(shop, idempotencyKey="one")
    await shop.done("clerk", "removePaymentMethod", paymentMethodId=made["id"])
    await add(shop, idempotencyKey="one")
    assert await methods(shop) == []


async def test_broken_off_behind_the_gateway_the_same_again_ends_in_one_entry(shop: Shop) -> None:
    await shop.home.execute("alter table payment_method rename to away")
    asked = {"organizationId": ACME, "gatewayToken": "tok_visa", "idempotencyKey": "one"}
    try:
        body = await shop.post("clerk", mutation("addPaymentMethod"), input=asked)
    finally:
        await shop.home.execute("alter table away rename to payment_method")
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL"
    made = await add(shop, idempotencyKey="one")
    assert [one["id"] for one in await methods(shop)] == [made["id"]]


@pytest.mark.parametrize("token", ["", "tok_nothing", "tok_visa\n", "tok_visa?exp=x", "x" * 256, "tok_\u0131"])
async def test_a_token_that_is_none_is_refused(shop: Shop, token: str) -> None:
    payload = await shop.do("clerk", "addPaymentMethod", organizationId=ACME, gatewayToken=token)
    assert payload["errors"] == [{"code": "INVALID_PAYMENT_METHOD", "path": ["gatewayToken"]}]
    assert await methods(shop) == []


async def test_a_gateway_that_is_away_refuses_and_the_same_key_does_better_later(shop: Shop) -> None:
    asked = {"organizationId": ACME, "gatewayToken": "tok_visa", "idempotencyKey": "one"}
    where, shop.gateway._where = shop.gateway._where, lambda: None
    assert await shop.codes("clerk", "addPaymentMethod", **asked) == ["GATEWAY_UNAVAILABLE"]
    shop.gateway._where = where
    assert await shop.codes("clerk", "addPaymentMethod", **asked) == []


async def test_two_defaults_at_once_are_one(shop: Shop) -> None:
    # case 85
    made = [await add(shop, token) for token in ("tok_visa", "tok_amex", "tok_mastercard")]
    asked = [{"paymentMethodId": one["id"], "makeDefault": True} for one in made * 4]
    await asyncio.gather(*(shop.done("clerk", "updatePaymentMethod", **one) for one in asked))
    assert await defaults(shop) == 1


async def test_removing_the_default_one_while_another_becomes_it_leaves_one(shop: Shop) -> None:
    made = [await add(shop, token) for token in ("tok_visa", "tok_amex", "tok_mastercard")]
    await asyncio.gather(
        shop.done("clerk", "removePaymentMethod", paymentMethodId=made[0]["id"]),
        shop.done("owner", "updatePaymentMethod", paymentMethodId=made[1]["id"], makeDefault=True),
        shop.done("both", "removePaymentMethod", paymentMethodId=made[2]["id"]),
    )
    assert [one["id"] for one in await methods(shop)] == [made[1]["id"]]
    assert await defaults(shop) == 1


async def test_the_newest_that_is_good_follows_a_default_one_that_goes(shop: Shop) -> None:
    good = await add(shop, "tok_amex")
    shop.home.clock.go(minutes=1)
    await add(shop, "tok_expired")
    first = await add(shop, makeDefault=True)
    payload = await shop.done("clerk", "removePaymentMethod", "removedPaymentMethodId", paymentMethodId=first["id"])
    assert payload["removedPaymentMethodId"] == first["id"]
    heir = (await methods(shop))[0]
    assert (heir["id"], heir["isDefault"]) == (good["id"], True)
    assert await told(shop) == ["PAYMENT_METHOD_ADDED"] * 3 + ["PAYMENT_METHOD_REMOVED"]


async def test_a_removed_card_is_forgotten_by_the_gateway_and_is_not_found_again(shop: Shop) -> None:
    made = await add(shop)
    (row,) = await shop.rows("select gateway_reference from payment_method where organization_id = $1")
    removal = {"paymentMethodId": made["id"], "idempotencyKey": "one"}
    await shop.done("clerk", "removePaymentMethod", **removal)
    await shop.done("clerk", "removePaymentMethod", **removal)
    assert await shop.codes("clerk", "removePaymentMethod", paymentMethodId=made["id"]) == ["NOT_FOUND"]
    assert await shop.codes("clerk", "updatePaymentMethod", paymentMethodId=made["id"]) == ["NOT_FOUND"]
    await shop.gateway.method(row[0])
    assert await shop.work() == 1
    with pytest.raises(Exception, match="not_found"):
        await shop.gateway.method(row[0])
    assert (await add(shop))["id"] != made["id"]


async def test_the_only_card_stays_while_a_renewal_needs_it(shop: Shop) -> None:
    # case 85
    await shop.buy_plan("professional", 10)
    (card,) = await methods(shop)
    payload = await shop.do("clerk", "removePaymentMethod", paymentMethodId=card["id"], idempotencyKey="one")
    assert payload["errors"] == [{"code": "PAYMENT_METHOD_NEEDED", "path": ["paymentMethodId"]}]
    await add(shop, "tok_expired")
    assert await shop.codes("clerk", "removePaymentMethod", paymentMethodId=card["id"]) == ["PAYMENT_METHOD_NEEDED"]
    await add(shop, "tok_amex")
    assert await shop.codes("clerk", "removePaymentMethod", paymentMethodId=card["id"], idempotencyKey="one") == []


async def test_the_only_card_goes_with_the_renewal(shop: Shop) -> None:
    # case 85
    await shop.buy_plan("professional", 10)
    (card,) = await methods(shop)
    await shop.done("clerk", "removePaymentMethod", paymentMethodId=card["id"], turnOffRenewal=True)
    row = await shop.subscription()
    assert (row["auto_renew"], row["cancel_at"]) == (False, row["current_period_end"])
    assert await methods(shop) == []
    assert (await told(shop))[-2:] == ["SUBSCRIPTION_CANCELED", "PAYMENT_METHOD_REMOVED"]


async def test_two_who_remove_the_last_two_cards_leave_one(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    await add(shop, "tok_amex")
    cards = [one["id"] for one in await methods(shop)]
    found = await asyncio.gather(*(shop.codes("clerk", "removePaymentMethod", paymentMethodId=one) for one in cards))
    assert sorted(found) == [[], ["PAYMENT_METHOD_NEEDED"]]


async def test_a_card_of_another_gateway_pays_nothing(shop: Shop) -> None:
    await add(shop)
    await shop.home.execute("update payment_method set gateway = 'STRIPE'")
    quote = await shop.quote(planId=shop.plan("professional"), seats=10)
    assert [error["code"] for error in (await shop.apply(quote))["errors"]] == ["NO_PAYMENT_METHOD"]
    await add(shop, "tok_amex", makeDefault=True)
    assert (await shop.apply(quote))["errors"] == []


async def test_turning_off_needs_the_right_to_change_the_plan(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    (card,) = await methods(shop)
    permissions = ["VIEW_PAYMENT_METHODS", "MANAGE_PAYMENT_METHODS"]
    made = await shop.done(
        "clerk", "createApiKey", "secret", name="Cards", organizationId=ACME, permissions=permissions
    )
    asked = {"paymentMethodId": card["id"], "turnOffRenewal": True, "idempotencyKey": "one"}
    assert await shop.refused(made["secret"], mutation("removePaymentMethod"), input=asked) == {"FORBIDDEN"}
    assert len(await methods(shop)) == 1


async def test_a_network_renews_a_card_and_whoever_looks_sees_it(shop: Shop) -> None:
    made = await add(shop, "tok_visa?exp=2026-09&renewed=2031-03")
    await shop.home.execute("update payment_method set exp_year = 2026, exp_month = 9, warned_days = 30")
    asked = {"paymentMethodId": made["id"], "refresh": True, "billingName": "Acme & Co", "idempotencyKey": "one"}
    for _ in range(2):
        found = (await shop.done("clerk", "updatePaymentMethod", METHOD, **asked))["paymentMethod"]
        assert (found["expYear"], found["expMonth"]) == (2031, 3)
    (row,) = await shop.rows("select billing_name, warned_days from payment_method where organization_id = $1")
    assert tuple(row) == ("Acme & Co", None)
    assert await told(shop) == ["PAYMENT_METHOD_ADDED", "PAYMENT_METHOD_CHANGED"]


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 101, "\u202eevil"])
async def test_a_billing_name_fits_on_a_line(shop: Shop, name: str) -> None:
    made = await add(shop)
    payload = await shop.do("clerk", "updatePaymentMethod", paymentMethodId=made["id"], billingName=name)
    assert payload["errors"] == [{"code": "INVALID_NAME", "path": ["billingName"]}]


async def test_a_gateway_that_is_away_cannot_be_asked_about_a_card(shop: Shop) -> None:
    made = await add(shop)
    where, shop.gateway._where = shop.gateway._where, lambda: None
    asked = {"paymentMethodId": made["id"], "refresh": True, "billingName": "Acme"}
    assert await shop.codes("clerk", "updatePaymentMethod", **asked) == ["GATEWAY_UNAVAILABLE"]
    shop.gateway._where = where
    (row,) = await shop.rows("select billing_name from payment_method where organization_id = $1")
    assert row[0] is None


@pytest.mark.parametrize("who", ["member", "stranger"])
async def test_who_may_not_has_no_such_mutations(shop: Shop, who: str) -> None:
    for verb in ("addPaymentMethod", "updatePaymentMethod", "removePaymentMethod", "payInvoice"):
        body = await shop.post(who, mutation(verb), input={})
        assert {one["extensions"]["code"] for one in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


async def test_what_is_foreign_unknown_and_malformed_is_one_answer(shop: Shop) -> None:
    made = await add(shop)
    foreign = (await shop.done("owner", "addPaymentMethod", METHOD, organizationId=OTHER, gatewayToken="tok_visa"))[
        "paymentMethod"
    ]["id"]
    answers = [
        await shop.do("clerk", verb, paymentMethodId=name)
        for verb in ("updatePaymentMethod", "removePaymentMethod")
        for name in (foreign, ids.write("pm", UUID(int=7)), ids.write("pay", key_of(made)), "x", "")
    ]
    assert all(one == {"errors": [{"code": "NOT_FOUND", "path": ["paymentMethodId"]}]} for one in answers)
    payload = await shop.do("clerk", "addPaymentMethod", organizationId=OTHER, gatewayToken="tok_visa")
    assert payload["errors"] == [{"code": "NOT_FOUND", "path": ["organizationId"]}]
