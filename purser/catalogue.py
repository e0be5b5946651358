"""`python -m purser plans`: what can be bought is published from a file, and shown."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from babel.numbers import is_currency
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from rich.console import Console

from billing import catalogue
from billing.catalogue import Feature, Offered
from billing.documents import wording
from billing.rules.money import Money
from models import BillingInterval, Plan, Price
from purser import clock, rooms
from purser.jobs import on_database
from purser.settings import load

commands = typer.Typer(help="Plans: what can be bought.", no_args_is_help=True)
out = Console(highlight=False)
MOST = 10**12  # in minor units
File = Annotated[
    Path,
    typer.Argument(metavar="FILE.toml", help="The catalogue; docs/plans.md says how.", exists=True, dir_okay=False),
]


def printable(text: str) -> str:
    """A text of one line. Raises ValueError."""
    if not text.isprintable() or text != text.strip():
        raise ValueError("must be one line without blanks around it")
    return text


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Prices = dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], Annotated[Decimal, Field(ge=0)]]


class Table(BaseModel):
    """A table of the file, with nothing in it that says nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FeatureTable(Table):
    """What a plan gives."""

    key: Key
    name: Line
    limit: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class PlanTable(Table):
    """A plan, its prices by currency."""

    key: Key
    name: Line
    description: Line
    month: Prices = {}
    year: Prices = {}
    features: tuple[FeatureTable, ...] = ()

    @model_validator(mode="after")
    def _sold(self) -> "PlanTable":
        if not self.month and not self.year:
            raise ValueError("has no price")
        if len({feature.key for feature in self.features}) < len(self.features):
            raise ValueError("names a feature twice")
        if self.key == "free" and any(price.amount for _, price in self.prices()):
            raise ValueError("costs something: new organizations begin with the plan `free`")
        self.offered()
        return self

    def prices(self) -> list[tuple[BillingInterval, Money]]:
        """All prices, in minor units. Raises ValueError for decimals that a currency has not."""
        by = {BillingInterval.MONTH: self.month, BillingInterval.YEAR: self.year}
        return [(interval, within(code, amount)) for interval, them in by.items() for code, amount in them.items()]

    def offered(self) -> Offered:
        """The plan as it is published."""
        features = [Feature(one.key, one.name, one.limit) for one in self.features]
        return Offered(self.key, self.name, self.description, self.prices(), features)


class CatalogueFile(Table):
    """The whole file, its plans in the order in which they are shown."""

    plan: Annotated[tuple[PlanTable, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> "CatalogueFile":
        if len({plan.key for plan in self.plan}) < len(self.plan):
            raise ValueError("a plan stands there twice")
        return self


def within(currency: str, amount: Decimal) -> Money:
    """The amount, if it is one. Raises ValueError."""
    if not is_currency(currency):
        raise ValueError(f"{currency} is no currency")
    if amount > MOST or (money := Money.exactly(amount, currency)).amount > MOST:
        raise ValueError(f"{amount} {currency} is too much")
    return money


@commands.command()
def publish(file: File) -> None:
    """Offer these plans at these prices from now on; a running term keeps its price. Exit code 2 for a wrong file."""
    offers = [plan.offered() for plan in read(file).plan]
    done = on_database(lambda: published(offers))
    out.print(f"New plans: {done.plans}. New prices: {done.prices}, of which {done.replaced} replace one.")


@commands.command("list")
def list_() -> None:
    """Show the plans and what they cost now."""
    plans, prices = on_database(offered)
    for plan in plans:
        costs = [
            f"{wording.amount(Money(one.unit_amount, one.currency))} a seat and {one.interval.lower()}"
            for one in prices
            if one.plan_id == plan.id
        ]
        out.print(f"{plan.key}: {', '.join(costs)}", markup=False, soft_wrap=True)
    if not plans:
        out.print("There is no plan yet.")


async def published(offers: list[Offered]) -> catalogue.Published:
    """Publish on the database that is open, at the installation's time."""
    settings = load()
    return await catalogue.publish(rooms.of(settings, await clock.read(settings)), offers)


async def offered() -> tuple[list[Plan], list[Price]]:
    """The plans in their order, and what they cost now."""
    return await Plan.all().order_by("position", "id"), await Price.filter(retired_at=None).order_by("interval")


def read(file: Path) -> CatalogueFile:
    """The file's catalogue. Raises BadParameter, which tells all that is wrong in it."""
    try:
        given: Any = tomllib.loads(file.read_text(), parse_float=Decimal)
        return CatalogueFile.model_validate(given)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
        raise typer.BadParameter(f"{file} is wrong. {'; '.join(wrong)}.") from None
    except (ValueError, RecursionError) as error:  # also numbers that are too long, and tables that are too deep
        raise typer.BadParameter(f"{file} is no TOML: {error}.") from None
