"""The worlds that tests ask about: their rows, the ids and the words in them, and how they get into a database.

`base`, and three that are other where some may not look: `people` (who works there on what), `billing` (its money)
and `tenant` (the organizations beside acme). Nothing here is random: a world is the same every time.
"""

from collections import defaultdict
from functools import cache
from typing import Any

from models.database import Connection
from models.loading import TABLES
from models.loading import load as copy
from purser.demo.book import Book
from purser.demo.catalogue import catalogue
from schema import ids as typeids
from tests import world_money, world_people
from tests.world_names import NOW, ORGANIZATIONS, WORLDS, Made, Tale, World
from tests.world_people import ACCOUNTS, TOKENS, Cast
from tests.world_sight import NOBODY, Accounts, Sight

__all__ = ["ACCOUNTS", "NOW", "ORGANIZATIONS", "TOKENS", "WORLDS", "World", "canaries", "ids", "load", "rows"]

# Every type that is a Node: the prefix of its ids, and its table.
NODES = {
    "Organization": ("org", "organization"),
    "Member": ("mem", "member"),
    "MemberInvitation": ("minv", "member_invitation"),
    "Team": ("team", "team"),
    "Project": ("proj", "project"),
    "Resource": ("res", "resource"),
    "Activity": ("act", "activity"),
    "Plan": ("plan", "plan"),
    "PlanSubscription": ("sub", "plan_subscription"),
    "PaymentMethod": ("pm", "payment_method"),
    "Payment": ("pay", "payment"),
    "Invoice": ("inv", "invoice"),
    "BillingManager": ("bman", "role_grant"),
    "BillingInvitation": ("binv", "billing_invitation"),
    "BillingActivity": ("bact", "billing_activity"),
}


@cache
def rows(world: World) -> dict[str, list[Made]]:
    """The rows of a world by table, in the order of their ids, so that where rows lie says nothing either."""
    found: defaultdict[str, list[Made]] = defaultdict(list)
    book = Book(NOW, b"the catalogue is public, and the same in all worlds")
    plans = catalogue(book)
    casts = {slug: Cast(Tale(world, slug, found)) for slug in ORGANIZATIONS}
    users = {name: key for cast in casts.values() for name, key in world_people.users(cast.tale).items()}
    for slug, cast in casts.items():
        cast.users = users
        world_people.organization(cast.tale)
        world_people.people(cast)
        world_people.personal_keys(cast.tale, users)
        if slug != "initech":  # which has an owner and nothing else
            world_people.work(cast)
            world_people.organization_keys(cast)
            world_money.money(cast, plans)
    return {source: sorted(made, key=lambda row: row["id"]) for source, made in (found | book.take()).items()}


async def load(connection: Connection, world: World) -> None:
    """Make the database hold this world and nothing else."""
    async with connection.transaction():
        await connection.execute(f"truncate {', '.join(table.table.source for table in TABLES)}")
        await copy(connection, rows(world))


@cache
def ids(world: World) -> dict[str, dict[str, list[str]]]:
    """The ids of every Node by organization and type; the plans, which are everybody's, with each."""
    slugs = {row["id"]: row["slug"] for row in rows(world)["organization"]}
    found: dict[str, dict[str, list[str]]] = {slug: {name: [] for name in NODES} for slug in ORGANIZATIONS}
    for name, (prefix, source) in NODES.items():
        for row in rows(world)[source]:
            if name == "BillingManager" and row["member_id"]:
                continue
            owner = row["id"] if name == "Organization" else row.get("organization_id")
            for slug in [slugs[owner]] if owner else ORGANIZATIONS:
                found[slug][name].append(typeids.write(prefix, row["id"]))
    return found


@cache
def canaries(*worlds: World) -> list[dict[str, Any]]:
    """The words of these worlds as patterns, each with the accounts that may receive it."""
    found: dict[str, Accounts] = {}
    for world in worlds:
        for text, accounts in Sight(rows(world)).words():
            found[text] = found.get(text, NOBODY) | accounts
    return [{"match": text, "roles": sorted(accounts)} for text, accounts in sorted(found.items())]


CANARIES = canaries(*WORLDS)
