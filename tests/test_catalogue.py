"""`python -m purser plans`: an operator publishes what can be bought, again and again; who has it keeps its price."""

import asyncio
import re
from pathlib import Path

from typer.testing import CliRunner, Result

from billing import catalogue
from billing.catalogue import Offered
from billing.rules.money import Money
from models import BillingInterval
from purser.commands import commands
from tests import cluster
from tests.conftest import Create
from tests.shop import MONEY, Shop

PAGE = Path(__file__).parents[1] / "docs" / "plans.md"
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
LISTED = (
    "free: €0.00 a seat and month, $0.00 a seat and month\n"
    "team: €13.00 a seat and month, $14.50 a seat and month, €132.00 a seat and year, $147.00 a seat and year\n"
)
NEXT = f"""{{ organization(slug: "acme-1") {{ subscription {{
  price {{ unitAmount {MONEY} }} nextCharge {{ total {MONEY} }}
}} }} }}"""
FEATURES = "select * from plan_feature order by id"
PRESENT = """
select r.retired_at is not null as retired from price r join plan p on p.id = r.plan_id and $1::uuid is not null
where p.key = 'basic' and r.interval = 'MONTH' and r.currency = 'EUR'
"""
WRONG = {
    "plan = 1": "plan",
    "plan": "is no TOML",
    f"plan = {'[' * 5000}": "is no TOML",
    EXAMPLE.replace("13.00", "9" * 5000): "is no TOML",
    EXAMPLE.replace("EUR", "EUO"): "EUO is no currency",
    EXAMPLE.replace("13.00", "13.001"): "EUR has 2 decimals",
    EXAMPLE.replace("13.00", "-1"): "greater than or equal to 0",
    EXAMPLE.replace("13.00", "nan"): "finite",
    EXAMPLE.replace("13.00", "1e400"): "too much",
    EXAMPLE.replace("13.00", "1e9999999"): "too much",
    EXAMPLE.replace("EUR = 0", "EUR = 1"): "new organizations begin with the plan `free`",
    EXAMPLE.replace('"team"', '"free"'): "costs something",
    EXAMPLE.replace('"storage"', '"seats"'): "names a feature twice",
    EXAMPLE.replace("EUR", "eur"): "String should match pattern",
    EXAMPLE.replace("limit = 4", "limit = 4000000000"): "less than 2147483648",
    EXAMPLE.replace("limit", "limits"): "Extra inputs are not permitted",
    EXAMPLE.replace('"Team"', '"Te\\u0007am"'): "one line",
}


async def told(url: str, tmp_path: Path, *arguments: str, file: str | None = None) -> Result:
    """What `python -m purser plans` answers on this database."""
    if file is not None:
        (tmp_path / "plans.toml").write_text(file)
        arguments = (*arguments, str(tmp_path / "plans.toml"))
    environment = {"PURSER_DATABASE_URL": url, "PURSER_SECRET_KEY": "s" * 32, "PURSER_DATA_DIR": str(tmp_path)}
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, ["plans", *arguments], env=environment))


async def test_the_documented_file_is_published_once_and_shown(create: Create, server_url: str, tmp_path: Path) -> None:
    url = await create(await cluster.migrated(server_url))
    assert (await told(url, tmp_path, "list")).output == "There is no plan yet.\n"
    first = await told(url, tmp_path, "publish", file=EXAMPLE)
    assert first.exit_code == 0, first.output
    assert first.output == "New plans: 2. New prices: 6, of which 0 replace one.\n"
    async with cluster.connection(url) as connection:
        before = await connection.fetch(FEATURES)
    again = await told(url, tmp_path, "publish", file=EXAMPLE)
    async with cluster.connection(url) as connection:
        assert await connection.fetch(FEATURES) == before
    assert again.output == "New plans: 0. New prices: 0, of which 0 replace one.\n"
    raised = await told(url, tmp_path, "publish", file=EXAMPLE.replace("13.00", "14.00"))
    assert raised.output == "New plans: 0. New prices: 1, of which 1 replace one.\n"
    assert (await told(url, tmp_path, "publish", file=EXAMPLE)).exit_code == 0
    assert sorted((await told(url, tmp_path, "list")).output) == sorted(LISTED)
    async with cluster.connection(url) as connection:
        features = await connection.fetch("select key, limit_value from plan_feature order by plan_id, position")
        (currency,) = await connection.fetchrow("select currency from price order by created_at, id limit 1") or [""]
    assert [tuple(one) for one in features] == [
        ("seats", 4), ("seats", None), ("api_requests", 2_000_000), ("storage", 20_000),
    ]  # fmt: skip
    assert currency == "EUR"


async def test_a_wrong_file_publishes_nothing_and_says_what_is_wrong(
    create: Create, server_url: str, tmp_path: Path
) -> None:
    url = await create(await cluster.migrated(server_url))
    for file, said in WRONG.items():
        answer = await told(url, tmp_path, "publish", file=file)
        assert answer.exit_code == 2, file
        assert said in re.sub(r"[\s│]+", " ", answer.output), file
    assert (await told(url, tmp_path, "list")).output == "There is no plan yet.\n"


async def test_a_new_price_is_for_renewals_and_makes_quotes_stale_and_a_running_term_keeps_its_own(shop: Shop) -> None:
    await shop.buy_plan("professional", 10)
    quote = await shop.quote(seats=11)
    raised = Offered(
        "professional", "Professional", "For several teams.", [(BillingInterval.MONTH, Money(3000, "EUR"))], []
    )
    assert (await catalogue.publish(shop.home.server.room, [raised])).replaced == 1
    subscription = (await shop.ask("clerk", NEXT))["organization"]["subscription"]
    assert subscription["price"]["unitAmount"]["amount"] == 2700
    assert subscription["nextCharge"]["total"]["amount"] == 21420  # six seats, which are used, and 19 % VAT
    done = await shop.apply(quote)
    assert [error["code"] for error in done["errors"]] == ["QUOTE_STALE"]


async def test_catalogues_published_at_once_leave_one_present_price(shop: Shop) -> None:
    room = shop.home.server.room
    offers = [
        [Offered("basic", "Basic", "Small.", [(BillingInterval.MONTH, Money(1300 + number, "EUR"))], [])]
        for number in range(1, 6)
    ]
    done = await asyncio.gather(*(catalogue.publish(room, offer) for offer in offers))
    assert [one.replaced for one in done] == [1] * 5
    versions = await shop.rows(PRESENT)
    assert [version["retired"] for version in versions].count(False) == 1
