"""Says what a change of the schema breaks: `python -m scripts.schema_changes REVISION [REVISION]`.

Compares schema/schema.graphql of two revisions of git, or of one and the work tree. Ends with 1 if a client may break.
"""

import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import build_schema, find_breaking_changes, find_dangerous_changes, parse

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = "schema/schema.graphql"
PARTS = ("fields", "values", "arguments")


class RevisionError(Exception):
    """Why there is nothing to compare, in one line."""


def changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Each change that a client may feel: `breaking`, `dangerous` or `access`, and what it is."""
    schemas = build_schema(old), build_schema(new)
    yield from (("breaking", change.description) for change in find_breaking_changes(*schemas))
    yield from (("dangerous", change.description) for change in find_dangerous_changes(*schemas))
    before, after = access(old), access(new)
    for place in sorted(before.keys() & after.keys()):
        if before[place] != after[place]:
            # Who has what was asked for before does not have what is asked for now.
            kind = "access" if after[place] <= before[place] else "breaking"
            yield kind, f"{place} needs {spoken(after[place])}; it needed {spoken(before[place])}."


def access(sdl: str) -> dict[str, set[str]]:
    """The permissions that each type, field, argument, value and input field asks for."""
    return {place: needed(node) for definition in parse(sdl).definitions for place, node in places(definition)}


def places(node: Any, *above: str) -> Iterator[tuple[str, Any]]:
    """A definition and all that is in it, by name."""
    place = (*above, node.name.value)
    yield ".".join(place), node
    for inner in PARTS:
        for part in getattr(node, inner, None) or ():
            yield from places(part, *place)


def needed(node: Any) -> set[str]:
    """What the @access directives of a node name."""
    directives = getattr(node, "directives", None) or ()
    return {one.arguments[0].value.value for one in directives if one.name.value == "access"}


def spoken(permissions: set[str]) -> str:
    """The permissions as a person says them."""
    return " and ".join(sorted(permissions)) or "nothing"


def snapshot(revision: str | None, root: Path = ROOT) -> str:
    """The schema as it was in a revision; without one, as it is in the work tree. Raises RevisionError."""
    if revision is None:
        return (root / SNAPSHOT).read_text(encoding="utf-8")
    command = ["git", "show", "--end-of-options", f"{revision}:{SNAPSHOT}"]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if shown.returncode:
        words = shown.stderr.strip().splitlines() or ["git says nothing"]
        raise RevisionError(f"There is no {SNAPSHOT} in {revision}: {words[-1].removeprefix('fatal: ')}.")
    return shown.stdout


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Print the changes. 0: nothing breaks; 1: something does; 2: there is nothing to compare."""
    parser = ArgumentParser(prog="python -m scripts.schema_changes", description="What a change of the schema breaks.")
    parser.add_argument("old", metavar="REVISION", help="what is compared with")
    parser.add_argument("new", metavar="REVISION", nargs="?", help="what is compared; the work tree if not given")
    given = parser.parse_args(arguments)
    try:
        found = list(changes(snapshot(given.old, root), snapshot(given.new, root)))
    except RevisionError as error:
        print(error, file=sys.stderr)
        return 2
    for kind, words in found:
        print(f"{kind}: {words}")
    if not found:
        print("No client feels a change.")
    return int(any(kind == "breaking" for kind, _ in found))


if __name__ == "__main__":
    sys.exit(main())
