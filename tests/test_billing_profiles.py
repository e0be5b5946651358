"""Whom invoices are addressed to: changed bit by bit, whatever is typed, and nothing of it on older invoices."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from babel import Locale

from billing.rules.countries import COUNTRIES
from billing.rules.tax import checked
from schema import ids
from tests.company import ACME, OTHER, mutation
from tests.shop import Shop

FIELDS = "name email addressLines postalCode city country taxId purchaseOrder"
PROFILE = f"billingProfile {{ {FIELDS} }}"
FIRST: dict[str, Any] = {"email": "Invoices@acme.test", "country": "DE"}
NOTHING: dict[str, Any] = {"addressLines": [], "postalCode": None, "city": None, "taxId": None, "purchaseOrder": None}
FULL: dict[str, Any] = {
    "name": "Acme Rockets GmbH",
    "addressLines": ["Raketenstraße 7", "Hangar 3"],
    "postalCode": "28199",
    "city": "Bremen",
    "taxId": "DE136695976",
    "purchaseOrder": "AR-4711",
}
HOSTILE = ["a\nb", "a\r\nBcc: x@y.test", "\u202eevil", "\x00", "x" * 101, "x" * 100_000, "  "]
# What clubs of numbers say of digits that are none, and of texts that are no numbers.
STRANGE = [
    "",
    " ",
    "²³¹",
    "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
    "١٢٣٤٥٦٧٨٩",
    "DE",
    "DE" * 50,
    "\x00",
    "0" * 99,
    "-",
    "A1",
    "٪",
    "EL",
    "🚀",
]


async def update(shop: Shop, who: str = "clerk", **given: Any) -> Any:
    """The profile, when it was changed."""
    asked = {"organizationId": ACME} | given
    return (await shop.done(who, "updateBillingProfile", PROFILE, **asked))["billingProfile"]


async def refused(shop: Shop, who: str = "clerk", **given: Any) -> list[tuple[str, list[str] | None]]:
    asked = {"organizationId": ACME} | given
    payload = await shop.do(who, "updateBillingProfile", PROFILE, **asked)
    return [(error["code"], error["path"]) for error in payload["errors"]]


async def kept(shop: Shop) -> Any:
    query = f'{{ organization(slug: "acme-1") {{ {PROFILE} }} }}'
    return (await shop.ask("clerk", query))["organization"]["billingProfile"]


async def test_the_first_time_it_needs_an_address_and_a_country(shop: Shop) -> None:
    assert await refused(shop, country="DE") == [("INVALID_INPUT", ["email"])]
    assert await refused(shop, email="a@acme.test") == [("INVALID_INPUT", ["country"])]
    assert await kept(shop) is None
    made = await update(shop, **FIRST)
    assert made == {"name": "Acme", **FIRST, **NOTHING} == await kept(shop)


async def test_what_is_not_given_stays_and_an_empty_text_takes_away(shop: Shop) -> None:
    await update(shop, **FIRST)
    assert await update(shop, **FULL) == FIRST | FULL
    assert await update(shop, city="Hamburg") == FIRST | FULL | {"city": "Hamburg"}
    gone: dict[str, Any] = {"postalCode": "", "city": "", "taxId": "", "purchaseOrder": "", "addressLines": []}
    assert await update(shop, **gone) == FIRST | {"name": FULL["name"]} | NOTHING


async def test_the_activity_tells_of_it_only_if_something_changed(shop: Shop) -> None:
    await update(shop, **FIRST)
    await update(shop, **FIRST)
    await update(shop, who="owner", city="Bremen")
    found = await shop.rows("select kind, acted_as from billing_activity where organization_id = $1 order by id")
    assert [tuple(row) for row in found] == [
        ("BILLING_PROFILE_CHANGED", "BILLING_MANAGER"),
        ("BILLING_PROFILE_CHANGED", "OWNER"),
    ]


async def test_the_same_key_changes_it_once(shop: Shop) -> None:
    await update(shop, **FIRST, idempotencyKey="one")
    await update(shop, city="Bremen")
    assert (await update(shop, **FIRST, idempotencyKey="one"))["city"] == "Bremen"
    assert await refused(shop, **FIRST, city="Kiel", idempotencyKey="one") == [
        ("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])
    ]


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_is_more_than_a_line(shop: Shop, text: str) -> None:
    await update(shop, **FIRST)
    before = await kept(shop)
    assert await refused(shop, name=text) == [("INVALID_NAME", ["name"])]
    assert await refused(shop, email=text) == [("INVALID_ADDRESS", ["email"])]
    for field in ("postalCode", "city", "taxId", "purchaseOrder", "country"):
        assert await refused(shop, **{field: text}) == [("INVALID_INPUT", [field])]
    assert await refused(shop, addressLines=["Street 1", text]) == [("INVALID_INPUT", ["addressLines"])]
    assert await kept(shop) == before


async def test_an_address_has_at_most_four_lines(shop: Shop) -> None:
    assert (await update(shop, **FIRST, addressLines=["1"] * 4))["addressLines"] == ["1"] * 4
    assert await refused(shop, addressLines=["1"] * 5) == [("INVALID_INPUT", ["addressLines"])]


@pytest.mark.parametrize("country", ["de", "XX", "DEU", "", "D", "EU", "\u0130D"])
async def test_a_country_is_one_of_the_list(shop: Shop, country: str) -> None:
    assert await refused(shop, email="a@acme.test", country=country) == [("INVALID_INPUT", ["country"])]


def test_the_list_has_every_country_whose_name_documents_know() -> None:
    known = Locale("en").territories
    assert len(COUNTRIES) == 249
    assert known.keys() >= COUNTRIES


async def test_a_tax_id_is_checked_where_it_is_from(shop: Shop) -> None:
    await update(shop, **FIRST)
    assert (await update(shop, taxId="136 695 976"))["taxId"] == "DE136695976"
    assert await refused(shop, taxId="DE136695977") == [("INVALID_TAX_ID", ["taxId"])]
    assert await refused(shop, country="FR") == [("INVALID_TAX_ID", ["taxId"])]
    moved = await update(shop, country="FR", taxId="FR40303265045")
    assert (moved["country"], moved["taxId"]) == ("FR", "FR40303265045")
    assert (await update(shop, country="US", taxId="12-3456789"))["taxId"] == "12-3456789"


def test_no_text_breaks_the_check_of_a_tax_id() -> None:
    for country in COUNTRIES:
        for text in STRANGE:
            found = checked(country, text)
            assert found is None or isinstance(found, str)


async def test_a_tax_id_counts_in_the_next_price(shop: Shop) -> None:
    asked: dict[str, Any] = {"planId": shop.plan("professional"), "seats": 10}
    quote = await shop.quote(**asked)
    assert quote["tax"]["amount"] > 0
    await shop.card()
    await update(shop, email="a@acme.test", country="FR", taxId="FR40303265045")
    done = await shop.apply(quote)
    assert [error["code"] for error in done["errors"]] == ["QUOTE_STALE"]
    assert (await shop.quote(**asked))["tax"]["amount"] == 0


async def test_changes_at_once_are_all_there(shop: Shop) -> None:
    await update(shop, **FIRST)
    await asyncio.gather(*(update(shop, **{name: value}) for name, value in FULL.items()))
    assert await kept(shop) == FIRST | FULL


async def test_who_may_not_request_invoices_has_no_part_in_it(shop: Shop) -> None:
    body = await shop.post("member", mutation("updateBillingProfile"), input={})
    assert {error["extensions"]["code"] for error in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    for name in (OTHER, ids.write("org", UUID(int=7)), "x"):
        assert await refused(shop, organizationId=name, city="Kiel") == [("NOT_FOUND", ["organizationId"])]
