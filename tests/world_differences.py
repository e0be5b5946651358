"""Whether a world is other than base just where it must be: the ground that the law stands on.

Of each row and world these rules say which columns are hidden from everyone who must see no difference; written from
DOMAIN.md. All else must be equal, and of what is hidden every column's values, and their order, must be other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from models import Role
from tests.world_names import Made, World
from tests.world_rows import rows
from tests.world_sight import ACTORS, OF_MONEY, OF_WORK, Sight, words_in

Columns = set[str]
NONE: Columns = set()
# The tests sign in with the same tokens everywhere; the rest of a personal key's columns are null.
OF_A_PERSONAL_KEY = {"id", "user_id", "name", "created_at", "last_used_at"}
# For owners and admins alone.
ADMINISTERED = {"member_invitation"}
# What orders a table's rows for clients.
TIMES = {
    **dict.fromkeys(("member", "team_member"), "joined_at"),
    **dict.fromkeys(("team", "project", "resource", "payment", "invoice", "refund"), "created_at"),
    **dict.fromkeys(("billing_invitation", "member_invitation", "user_account", "api_key"), "created_at"),
    **dict.fromkeys(("activity", "billing_activity"), "at"),
    "payment_method": "added_at",
    "credit": "granted_at",
    "credit_note": "issued_at",
    "role_grant": "since",
}
FEW = 4


def in_people(sight: Sight, source: str, row: Made) -> Columns:
    """Hidden from who is billing manager of acme and no more, and from the outsider."""
    slug = sight.slug(row)
    if slug == "initech":
        return NONE
    if source in OF_WORK | ADMINISTERED or (source == "role_grant" and row["role"] is not Role.BILLING_MANAGER):
        return set(row)
    if source == "user_account":
        manages = any(role is Role.BILLING_MANAGER for _, role in sight.grants[row["id"]])
        return NONE if manages or sight.accounts.get(row["id"]) == "outsider" else set(row)
    if source == "api_key":
        return of_key(sight, row, {"billing", "mixed", "outsider"})
    return of_actor(source, row, lambda user: sight.is_manager(user, slug))


def in_billing(sight: Sight, source: str, row: Made) -> Columns:
    """Hidden from who is member of acme and no more, and from the outsider."""
    slug = sight.slug(row)
    if slug == "initech":
        return NONE
    if source in OF_MONEY | ADMINISTERED or (source == "role_grant" and row["role"] is Role.BILLING_MANAGER):
        return set(row) - {"seats_used"}
    if source == "user_account":
        return set(row) if looks_after_money(sight, row["id"]) else NONE
    if source == "api_key":
        return of_key(sight, row, {"member", "outsider"})

    def known(user: UUID) -> bool:
        return sight.is_member(user, slug) and not looks_after_money(sight, user)

    if source in {"member", "role_grant"} and looks_after_money(sight, row["user_id"]):
        return {"user_id"} | of_actor(source, row, known)
    return of_actor(source, row, known)


def looks_after_money(sight: Sight, user: UUID) -> bool:
    """Whether somebody is billing manager and no member of acme, or is nothing any more."""
    held = sight.grants[user]
    manages = any(role is Role.BILLING_MANAGER for _, role in held)
    return (manages or not held) and not sight.is_member(user, "acme")


def in_tenant(sight: Sight, source: str, row: Made) -> Columns:
    """Hidden from who has no role outside acme."""
    if source == "organization":
        return NONE if row["slug"] == "acme" else set(row) - {"slug"}
    if source == "user_account":
        return set(row) if foreign(sight, row["id"]) else NONE
    if source == "api_key" and not row["organization_id"]:
        return OF_A_PERSONAL_KEY if foreign(sight, row["user_id"]) else NONE
    return NONE if sight.slug(row) in {"acme", ""} else set(row)


RULES: dict[World, Callable[[Sight, str, Made], Columns]] = {
    "people": in_people,
    "billing": in_billing,
    "tenant": in_tenant,
}


def foreign(sight: Sight, user: UUID) -> bool:
    """Whether somebody has and had nothing to do with acme."""
    acted = any(
        row[ACTORS[source][0]] == user for source in ACTORS for row in sight.rows[source] if sight.slug(row) == "acme"
    )
    return not acted and all(slug != "acme" for slug, _ in sight.grants[user])


def of_key(sight: Sight, row: Made, seeing: set[str]) -> Columns:
    """A key is hidden from all but its maker and who administers the organization."""
    if sight.accounts.get(row["user_id"]) in seeing:
        return NONE
    return set(row) if row["organization_id"] else OF_A_PERSONAL_KEY


def of_actor(source: str, row: Made, known: Callable[[UUID], bool]) -> Columns:
    """Somebody who is known is shown by name, not by what he acted as; of the others there are two constants."""
    if source not in ACTORS:
        return NONE
    who, acted_as = ACTORS[source]
    if row[who] is None:
        return NONE
    return {acted_as} if known(row[who]) else {who, acted_as}


class Comparison:
    """Two worlds, of which the second should be other than the first just as `world` says."""

    def __init__(self, first: Sight, second: Sight, world: World) -> None:
        self.sights, self.rule = (first, second), RULES[world]

    def problems(self) -> Iterator[str]:
        """What is shown and other, and what is hidden and the same."""
        for source in self.sights[0].rows.keys() | self.sights[1].rows.keys():
            first, second = (list(filter(None, self.all_shown(sight, source))) for sight in self.sights)
            if Counter(map(repr, first)) != Counter(map(repr, second)):
                yield f"{source}: what is shown is other"
            yield from self.same_values(source)
            yield from self.same_order(source)
        if self.words(self.sights[0]) & self.words(self.sights[1]):
            yield "a hidden word is in both"

    def all_shown(self, sight: Sight, source: str) -> Iterator[Made]:
        return (self.shown(sight, source, row) for row in sight.rows[source])

    def shown(self, sight: Sight, source: str, row: Made) -> Made:
        """The columns of a row that are not hidden; of a hidden actor, which of the constants stands for him."""
        hidden = self.rule(sight, source, row)
        shown = {column: value for column, value in row.items() if column not in hidden}
        if shown and source in ACTORS and ACTORS[source][0] in hidden:
            shown["actor"] = row[ACTORS[source][1]] is Role.BILLING_MANAGER
        return shown

    def hidden(self, sight: Sight, source: str) -> dict[tuple[str, str], list[Any]]:
        """The hidden values of a table by organization and column."""
        found: dict[tuple[str, str], list[Any]] = {}
        for row in sight.rows[source]:
            for column in self.rule(sight, source, row) - {"organization_id"}:
                found.setdefault((sight.slug(row), column), []).append(row[column])
        return found

    def same_values(self, source: str) -> Iterator[str]:
        first, second = (self.hidden(sight, source) for sight in self.sights)
        for slug, column in first.keys() | second.keys():
            values = [Counter(map(repr, found.get((slug, column), []))) for found in (first, second)]
            if values[0] == values[1]:
                yield f"{slug} {source}.{column}: hidden, and the same"

    def same_order(self, source: str) -> Iterator[str]:
        if source in TIMES:
            for slug in {sight.slug(row) for sight in self.sights for row in sight.rows[source]}:
                orders = [self.order(sight, source, slug) for sight in self.sights]
                if orders[0] == orders[1] and len(orders[0]) >= FEW and any(hidden for hidden, _ in orders[0]):
                    yield f"{slug} {source}: the order is the same"

    def order(self, sight: Sight, source: str, slug: str) -> Sequence[tuple[bool, int]]:
        """By time: which rows are hidden, and which place each has by its id."""
        of = [row for row in sight.rows[source] if sight.slug(row) == slug]
        places = {row["id"]: place for place, row in enumerate(of)}
        of.sort(key=lambda row: (row[TIMES[source]], row["id"]))
        return [(TIMES[source] in self.rule(sight, source, row), places[row["id"]]) for row in of]

    def words(self, sight: Sight) -> set[str]:
        """The words in hidden columns."""
        return {
            word
            for source, made in sight.rows.items()
            for row in made
            for column in self.rule(sight, source, row)
            for word in words_in(row[column])
        }


def differences(world: World) -> list[str]:
    """What is wrong with a world beside base; nothing, if the law may stand on it."""
    return sorted(Comparison(Sight(rows("base")), Sight(rows(world)), world).problems())
