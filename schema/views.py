"""Views: the schema without what a mask does not grant. Hidden means absent."""

from collections import OrderedDict
from collections.abc import Callable
from copy import copy
from typing import Any

from graphql import (
    GraphQLInputField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    is_union_type,
)

from schema.build import Schema
from schema.refused import forbidden
from schema.sdl import printed

MOST_VIEWS = 256
SDL = "sdl"  # where a view keeps its text
Parts = dict[str, list[str]]  # per type: the fields, values or input fields that are left


class Views:
    """One filtered schema for each mask that makes a difference; the least used are made anew when asked for."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._views: OrderedDict[int, GraphQLSchema] = OrderedDict()
        self._used = 0
        for mask in schema.needs.values():
            self._used |= mask

    def mask(self, granted: int) -> int:
        """The part of a mask that the schema asks for: equal ones have the same view."""
        return granted & self._used

    def of(self, granted: int) -> GraphQLSchema:
        """The schema for somebody who may do this, somewhere in scope."""
        mask = self.mask(granted)
        if mask not in self._views:
            self._views[mask] = Filter(self.schema, mask).made()
            if len(self._views) > MOST_VIEWS:
                self._views.popitem(last=False)
        self._views.move_to_end(mask)
        return self._views[mask]

    def sdl(self, granted: int) -> str:
        """The same, written down; once a view, for it takes longer than most queries."""
        view = self.of(granted)
        if SDL not in view.extensions:
            view.extensions[SDL] = printed(self.schema, view)
        return str(view.extensions[SDL])


class Filter:
    """Makes one view. What is not granted goes, then whatever is empty or unreachable without it."""

    def __init__(self, schema: Schema, granted: int) -> None:
        self.schema, self.granted = schema, granted
        self.types = {n: t for n, t in schema.graphql.type_map.items() if not n.startswith("__")}
        self.hidden = {name for name in self.types if not self.shows(name)}
        self.parts = self.left()
        self._made: dict[str, Any] = {}

    def made(self) -> GraphQLSchema:
        """The schema, every type of it reachable from its roots."""
        full = self.schema.graphql
        roots = {kind: self.root(getattr(full, f"{kind}_type")) for kind in ("query", "mutation", "subscription")}
        directives = []
        for one in full.directives:
            if not any(get_named_type(taken.type).name in self.hidden for taken in one.args.values()):
                shown = copy(one)
                shown.args = {name: self.converted(taken) for name, taken in one.args.items()}
                directives.append(shown)
        implementing = [self.get(n) for n in self.reachable(roots) if getattr(self.types[n], "interfaces", ())]
        return GraphQLSchema(**roots, types=implementing, directives=directives, description=full.description)

    def shows(self, name: str, part: str = "", argument: str = "") -> bool:
        return not self.schema.need(name, part, argument) & ~self.granted

    def gone(self, reference: Any) -> bool:
        """Whether what a field or argument leads to is hidden."""
        return get_named_type(reference.type).name in self.hidden

    def left(self) -> Parts:
        """What is left of each type; to a fixed point, as an empty type takes with it what leads there."""
        parts = {
            name: [part for part in members(kind) if self.shows(name, part)]
            for name, kind in self.types.items()
            if members(kind) is not None
        }
        before = -1
        while before != (before := len(self.hidden) + sum(map(len, parts.values()))):
            parts = {name: [part for part in left if self.stays(name, part)] for name, left in parts.items()}
            self.hidden |= {name for name, kind in self.types.items() if self.empty(kind, parts)}
        return parts

    def stays(self, name: str, part: str) -> bool:
        """A field whose type, or a required argument of whose, is hidden cannot be asked for."""
        one = members(self.types[name])[part]
        if not hasattr(one, "type"):
            return True
        required = (a for n, a in getattr(one, "args", {}).items() if not self.argument_stays(name, part, n, a))
        return not self.gone(one) and not any(isinstance(taken.type, GraphQLNonNull) for taken in required)

    def argument_stays(self, name: str, part: str, argument: str, taken: Any) -> bool:
        return self.shows(name, part, argument) and not self.gone(taken)

    def empty(self, kind: GraphQLNamedType, parts: Parts) -> bool:
        """Whether nothing is left of a type, or an input lacks what it requires."""
        if is_union_type(kind):
            return all(one.name in self.hidden for one in kind.types)
        if kind.name not in parts:
            return False
        required = (n for n, f in members(kind).items() if isinstance(f, GraphQLInputField) and required_input(f))
        return not parts[kind.name] or any(name not in parts[kind.name] for name in required)

    def reachable(self, roots: dict[str, Any]) -> list[str]:
        """The names of the types that the roots lead to; implementations of a visible interface count."""
        waiting = [kind.name for kind in roots.values() if kind]
        found: dict[str, None] = {}
        while waiting:
            name = waiting.pop()
            if name in found or name in self.hidden or name not in self.types:
                continue
            found[name] = None
            waiting += self.led_to(name)
        return list(found)

    def led_to(self, name: str) -> list[str]:
        """The types that stand directly behind a type."""
        kind: Any = self.types[name]
        if is_union_type(kind):
            return [one.name for one in kind.types]
        led = [one.name for one in getattr(kind, "interfaces", ())]
        if is_interface_type(kind):
            led += [one.name for one in self.schema.graphql.get_possible_types(kind)]
        if is_enum_type(kind):
            return led
        for part in self.parts.get(name, ()):
            one = members(kind)[part]
            led += [get_named_type(a.type).name for a in getattr(one, "args", {}).values()]
            led.append(get_named_type(one.type).name)
        return led

    def root(self, kind: GraphQLNamedType | None) -> Any:
        return None if kind is None or kind.name in self.hidden else self.get(kind.name)

    def get(self, name: str) -> Any:
        """The type of this name in the view; the very same one if nothing can differ."""
        if name not in self._made:
            self._made[name] = self.rebuilt(self.types[name]) if name in self.types else None
        return self._made[name] or self.schema.graphql.type_map[name]

    def wrapped(self, reference: Any) -> Any:
        if isinstance(reference, GraphQLNonNull):
            return GraphQLNonNull(self.wrapped(reference.of_type))
        return (
            GraphQLList(self.wrapped(reference.of_type))
            if isinstance(reference, GraphQLList)
            else self.get(reference.name)
        )

    def converted(self, part: Any) -> Any:
        """A field, input field or argument that leads into the view."""
        shown = copy(part)
        shown.type = self.wrapped(part.type)
        return shown

    def field(self, name: str, part: str) -> Any:
        shown = self.converted(members(self.types[name])[part])
        if getattr(shown, "args", None):
            shown.args = {n: self.converted(a) for n, a in shown.args.items() if self.argument_stays(name, part, n, a)}
        return shown

    def rebuilt(self, kind: Any) -> Any:
        """The type with what is left of it, leading into the view; scalars are shared."""
        config = kind.to_kwargs()
        if is_enum_type(kind):
            return smaller_enum(kind, config, self.parts[kind.name])
        if is_union_type(kind):
            config["types"] = lambda: [self.get(one.name) for one in kind.types if one.name not in self.hidden]
        elif kind.name in self.parts:
            config["fields"] = lambda: {part: self.field(kind.name, part) for part in self.parts[kind.name]}
        else:
            return kind
        if "interfaces" in config:
            config["interfaces"] = lambda: [self.get(i.name) for i in kind.interfaces if i.name not in self.hidden]
        if config.get("resolve_type"):
            config["resolve_type"] = self.visible(config["resolve_type"])
        return type(kind)(**config)

    def visible(self, resolve_type: Callable[..., str]) -> Callable[..., str]:
        """Never let graphql-core speak of a type that this view hides."""

        def name_of(found: Any, info: Any, kind: Any) -> str:
            name = resolve_type(found, info, kind)
            if name in self.hidden:
                raise forbidden()
            return name

        return name_of


def members(kind: Any) -> Any:
    """The named parts of a type; None for a scalar or a union."""
    if is_enum_type(kind):
        return kind.values
    return kind.fields if is_object_type(kind) or is_interface_type(kind) or is_input_object_type(kind) else None


def required_input(one: GraphQLInputField) -> bool:
    """Whether an input object without it is none."""
    return isinstance(one.type, GraphQLNonNull) and one.default_value is None


def smaller_enum(kind: Any, config: dict[str, Any], names: list[str]) -> Any:
    """The same enum with fewer values; Strawberry's own class wants its definition back."""
    config["values"] = {name: kind.values[name] for name in names}
    definition = kind.extensions.get("strawberry-definition")
    return type(kind)(enum=definition, **config) if definition is not None else type(kind)(**config)
