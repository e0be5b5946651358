"""Ways to get a permission wrong, one at a time: each changes this process as if its author had written it so.

A guard has several places, and each is taken away by itself where that can be noticed:

- the declaration of a type, which guards the type, node(id) and every field that leads to it: all at once;
- the type's guard at run time, and that of node(id), each alone;
- a field's guard in the view and at run time together; for a field with @access of its own also each alone. Where the
  field leads to a guarded type, the type hides it in the view as well, so both together is the one at run time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import models
import purser.auth
from models.roles import EVERYTHING, GRANTS, Permission, Role
from models.table import Row
from models.viewer import Viewer
from resolvers import actors, directory, standings
from resolvers.relations import Case, Choice
from schema import build as building
from schema.access import needed
from schema.query import BY_PREFIX

MATRIX, VIEWS, ACTORS, KEYS, VISIBILITY = (
    f"tests/test_{name}.py" for name in ("role_matrix", "views", "actors", "keys", "visibility")
)
UNION, FIELD, NODE, GUARD, TYPE = (
    f"{MATRIX}::test_{name}"
    for name in (
        "viewer_permissions_are_the_union",
        "a_field_is_shown_or_hidden",
        "a_node_is_shown_or_is_not_there",
        "each_guard_on_the_way_judges_by_itself",
        "a_type_judges_its_objects_however_they_are_reached",
    )
)
# What leads to a row that is always there: the guard of its type gives the same answer at the same place.
TWICE_GUARDED = {("Resource", "project")}


@dataclass(frozen=True)
class Mutant:
    """`apply` changes the process; `first` names the tests that are likeliest to notice."""

    name: str
    apply: Callable[[], object]
    first: str


def mutants() -> list[Mutant]:
    """All of them."""
    schema = building.build()
    return [*grants(), *types(schema), *fields(schema), *values(), *choices(schema), *doors(schema)]


def patch(where: Any, name: str, value: object) -> None:
    object.__setattr__(where, name, value)


def grants() -> Iterator[Mutant]:
    """Each permission of each role, taken or given."""
    for role in Role:
        for permission in Permission:
            verb = "loses" if GRANTS[role] & permission.bit else "gains"
            yield Mutant(f"{role} {verb} {permission}", partial(toggle, role, permission), UNION)


def toggle(role: Role, permission: Permission) -> None:
    GRANTS[role] ^= permission.bit


def types(schema: building.Schema) -> Iterator[Mutant]:
    """Each guarded type: its declaration, and its guards one by one."""
    for kind in building.objects(schema.graphql):
        if schema.need(kind.name):
            yield Mutant(f"{kind.name} without @access", partial(undeclared, kind.name), FIELD)
            yield Mutant(f"{kind.name} unjudged at run time", partial(unjudged, kind.name), TYPE)
            yield Mutant(f"{kind.name} by node(id) for everybody", partial(unfiltered, kind.name), NODE)


def undeclared(name: str) -> None:
    """The type's declaration has no @access; that the start would refuse it is left aside."""
    note = building.note

    def noting(schema: building.Schema, part: Any, *place: str) -> None:
        if place != (name,):
            note(schema, part, *place)

    patch(building, "note", noting)
    patch(building, "check_default", lambda *_: None)
    unfiltered(name)


def unjudged(name: str) -> None:
    """Objects of the type are no longer judged by it."""
    guard_type = building.guard_type

    def guarding(schema: building.Schema, kind: Any) -> None:
        guard_type(schema, kind)
        if kind.name == name:
            kind.is_type_of = None

    patch(building, "guard_type", guarding)


def unfiltered(name: str) -> None:
    """node(id) finds the type's rows in every organization."""
    for prefix, made in BY_PREFIX.items():
        if made.table.noun == name:
            BY_PREFIX[prefix] = replace(made, access=None)


def fields(schema: building.Schema) -> Iterator[Mutant]:
    """Each guarded field that is read; what is written is judged by its verb, and its own tests show it."""
    for kind in building.objects(schema.graphql):
        for name, one in kind.fields.items() if kind.name != "Mutation" else ():
            if schema.need(kind.name, name) and (kind.name, name) not in TWICE_GUARDED:
                where = f"{kind.name}.{name}"
                yield Mutant(f"{where} without guard", partial(unguarded, where, view=True, run=True), GUARD)
                if needed(one.extensions[building.BACK].directives):
                    yield Mutant(
                        f"{where} unjudged at run time", partial(unguarded, where, view=False, run=True), GUARD
                    )
                    yield Mutant(f"{where} in every view", partial(unguarded, where, view=True, run=False), FIELD)


def unguarded(where: str, *, view: bool, run: bool) -> None:
    """The field is without its guard in views, at run time, or both."""
    guarded = building.guarded

    def guarding(schema: building.Schema, owner: str, name: str, one: Any, answer: Any) -> Any:
        if f"{owner}.{name}" != where:
            return guarded(schema, owner, name, one, answer)
        mask = schema.needs[owner, name, ""]
        schema.needs[owner, name, ""] = 0 if run else mask
        made = guarded(schema, owner, name, one, answer)
        schema.needs[owner, name, ""] = 0 if view else mask
        return made

    patch(building, "guarded", guarding)


def values() -> Iterator[Mutant]:
    """Each value of Permission, shown to everybody."""
    for permission in Permission:
        yield Mutant(f"Permission.{permission} in every view", partial(shown, permission), VIEWS)


def shown(permission: Permission) -> None:
    gather = building.gather

    def gathering(schema: building.Schema, kind: Any) -> None:
        gather(schema, kind)
        schema.needs.pop(("Permission", permission.value, ""), None)

    patch(building, "gather", gathering)


def choices(schema: building.Schema) -> Iterator[Mutant]:
    """Each case of the actor: left out, told to everybody, holding for everybody; and who stands for nobody."""
    found = [source for source in schema.sources.values() if isinstance(source, Choice)]
    for place, case in enumerate(found[0].cases):
        yield Mutant(f"actor without case {place}", partial(recast, found, place, ()), ACTORS)
        if case.needs:
            told = replace(case, needs=None)
            yield Mutant(f"actor's case {place} told to everybody", partial(recast, found, place, (told,)), ACTORS)
        if case.when:
            yield Mutant(f"actor's case {place} for all who acted", partial(recast, found, place, None), ACTORS)
    yield Mutant("nobody is no system", partial(altered, found, "absent", None), ACTORS)
    yield Mutant("nobody's request is the system's", partial(altered, found, "absent", actors.SYSTEM), ACTORS)


def recast(found: list[Choice], place: int, cases: tuple[Case, ...] | None) -> None:
    """Every choice has these cases in place of one of its own; None: its own, whatever the row says."""
    for choice in found:
        own = choice.cases[place]
        new = (replace(own, when=None),) if cases is None else tuple(replace(own, needs=one.needs) for one in cases)
        patch(choice, "cases", (*choice.cases[:place], *new, *choice.cases[place + 1 :]))


def altered(found: list[Any], name: str, value: object) -> None:
    for one in found:
        patch(one, name, value)


def doors(schema: building.Schema) -> Iterator[Mutant]:
    """What else stands between a viewer and what is not his: keys, scope, roles and permissions that are told."""
    permissions, maker = schema.sources["ApiKey", "permissions"], schema.sources["ApiKey", "madeBy"]
    yield Mutant("roles tell who is billing manager", partial(patch, directory, "shown", lambda *_: True), VISIBILITY)
    yield Mutant("keys tell all their permissions", partial(patch, permissions, "of", lambda chosen, _: chosen), KEYS)
    yield Mutant("a personal key names its maker", partial(patch, maker, "present", models.ApiKey.user_id), ACTORS)
    yield Mutant("views hold everything", partial(setattr, Viewer, "anywhere", EVERYTHING), VIEWS)
    yield Mutant("a key may do all that its maker may", partial(patch, standings, "mask", lambda _: EVERYTHING), KEYS)
    yield Mutant("a key outlives its roles", partial(patch, purser.auth, "key_holder", undead), KEYS)
    for name, condition in (
        ("a key gains by later roles", "g.since <= c.created_at"),
        ("a bound key is good everywhere", "g.organization_id = c.organization_id"),
        ("the header is no scope", "t.slug = $3"),
        ("a revoked key is good", "c.revoked_at is null"),
        ("an expired key is good", "c.expires_at > $2"),
    ):
        statement = standings.OF_KEY
        assert condition in statement
        yield Mutant(name, partial(patch, purser.auth, "OF_KEY", statement.replace(condition, "true")), KEYS)


def undead(rows: Sequence[Row]) -> Viewer | None:
    """As if a key that carries nothing any more were good."""
    return standings.key_holder(rows) or (Viewer(rows[0]["user_id"]) if rows else None)
