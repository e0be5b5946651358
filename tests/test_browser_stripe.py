"""Cards by Stripe: its field in the page, its bank's question, and nothing of anybody else's."""

import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import FrameLocator

from tests.browsing import Site, Visit, Visits
from tests.buying import ask_price, founded
from tests.doubles import LocalStripe, localstripe
from tests.stripe_browser import HOSTS, StripeHosts, stripe_site

GOOD, REFUSED, ASKING = "4242424242424242", "4000000000000002", "4000002500003155"


@pytest.fixture(scope="module")
def double() -> Iterator[LocalStripe]:
    with localstripe() as played:
        yield played


@pytest.fixture(scope="module")
async def site(server_url: str, tmp_path_factory: pytest.TempPathFactory, double: LocalStripe) -> AsyncIterator[Site]:
    async with stripe_site(server_url, tmp_path_factory.mktemp("stripe"), double) as opened:
        yield opened


@pytest.fixture
async def founder(visits: Visits, site: Site, request: pytest.FixtureRequest) -> Visit:
    return await founded(visits, site, request.node.name)


@pytest.fixture
async def stripe(founder: Visit, double: LocalStripe) -> StripeHosts:
    hosts = StripeHosts(double)
    await hosts.stand_in(founder.page.context)
    return hosts


def field(visit: Visit) -> FrameLocator:
    """Stripe's field, which is a page of its own."""
    return visit.page.get_by_role("dialog").frame_locator("iframe")


async def give(visit: Visit, number: str) -> None:
    """Type a card, and send it."""
    await field(visit).get_by_label("Card number").fill(number)
    await field(visit).get_by_label("Expiry").fill("12/34")
    await field(visit).get_by_label("CVC").fill("123")
    await visit.press("Add card")


async def answer(visit: Visit, how: str) -> None:
    """What the payer does when his bank asks."""
    await visit.page.frame_locator("iframe[title='3D Secure']").get_by_role("button", name=how).click()


async def test_a_card_comes_through_stripes_field_and_what_is_wrong_is_said(
    founder: Visit, stripe: StripeHosts
) -> None:
    assert founder.foreign() == []  # before a card is wanted, nobody else knows of it
    stripe.away = True
    await founder.press("Add card")
    await founder.sees("The field for the card did not load.")
    stripe.away = False
    await founder.press("Try again")
    await field(founder).get_by_label("Card number").wait_for()
    await founder.page.locator("dialog iframe").evaluate("field => field.remove()")
    await founder.press("Add card")
    await founder.sees("The server could not be reached.")
    await founder.press("Cancel")
    await founder.press("Add card")
    await give(founder, "4242")
    await founder.sees("Your card number is incomplete.")
    await give(founder, REFUSED)
    await founder.sees("The gateway does not take this card.")
    await give(founder, GOOD)
    await founder.sees("The card is added.")
    await founder.part("Payment methods").get_by_text("Visa ending in 4242", exact=True).wait_for()
    assert {urlsplit(url).netloc for url in [*founder.foreign(), *stripe.asked]} <= HOSTS
    assert not [text for text, variables, _ in founder.asked() if GOOD in f"{text}{variables}"]
    assert founder.complaints == []


async def test_the_bank_asks_in_front_of_the_dialog_for_the_card_and_for_the_payment(
    founder: Visit, stripe: StripeHosts
) -> None:
    await ask_price(founder, "Basic", 2)
    await founder.press("Add card")
    await give(founder, ASKING)
    await answer(founder, "Fail")
    await founder.sees("its bank has not confirmed it yet")
    await founder.press("Add card")
    await give(founder, ASKING)
    await answer(founder, "Complete")
    await founder.sees("The card is added.")
    await founder.page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    await answer(founder, "Complete")
    await founder.sees("The payment succeeded.")
    await founder.part("Plan").get_by_text("Basic", exact=True).wait_for()
    assert await founder.page.get_by_role("dialog").count() == 0
    assert {urlsplit(url).netloc for url in [*founder.foreign(), *stripe.asked]} == HOSTS
    assert founder.complaints == []


async def test_the_policy_lets_stripes_three_hosts_and_nobody_else(visits: Visits, double: LocalStripe) -> None:
    clerk: Visit = await visits("billing@acme.test")
    stripe = StripeHosts(double)
    await stripe.stand_in(clerk.page.context)
    await clerk.open("/o/acme")
    await clerk.settled()
    policy = await clerk.page.evaluate("fetch('/').then(one => one.headers.get('content-security-policy'))")
    assert {urlsplit(one).netloc for one in re.findall(r"https?:[^\s;]+", policy)} == HOSTS
    tried = "url => fetch(url).then(() => 'let', () => 'refused')"
    urls = ("https://api.stripe.com/v1/any", "https://m.stripe.com/6", "https://hooks.stripe.com/")
    assert [await clerk.page.evaluate(tried, url) for url in urls] == ["let", "refused", "refused"]
    assert stripe.asked == [urls[0]]
    assert all(any(url in one for one in clerk.complaints) for url in urls[1:])
