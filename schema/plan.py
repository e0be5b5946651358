"""What can be bought, as a client sees it; public."""

import models
from models import BillingInterval
from resolvers import billing
from schema.declare import column, computed, edge, node, record
from schema.money import Money, money


@record(models.Price, prefix="price")
class Price:
    """What a seat costs."""

    interval: BillingInterval = column(models.Price.interval, "How often it is charged.")
    unit_amount: Money = computed(money(models.Price.unit_amount, models.Price.currency), "For one seat, without tax.")


@record(models.PlanFeature)
class PlanFeature:
    """What a plan gives."""

    key: str = column(models.PlanFeature.key, "Names the feature to programs.")
    name: str = column(models.PlanFeature.name, "Names the feature to people.")
    limit: int | None = column(models.PlanFeature.limit_value, "How much of it; null: unlimited.")


@node("plan", models.PlanIn)
class Plan:
    """A plan of the catalogue, with its prices in one currency."""

    key: str = column(models.PlanIn.key, "Names the plan to programs.")
    name: str = column(models.PlanIn.name, "Names the plan to people.")
    description: str = column(models.PlanIn.description, "Whom it is for.")
    prices: list[Price] = edge(billing.prices, "What it costs now, cheapest first; a running term keeps its own price.")
    features: list[PlanFeature] = edge(billing.features, "What it gives.")
