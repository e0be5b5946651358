"""What a change of the schema breaks is told, and told apart from what it does not."""

import subprocess
from pathlib import Path

import pytest

from scripts.schema_changes import RevisionError, changes, main, snapshot

SDL = """
directive @access(permission: Permission!) on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION
enum Permission { VIEW_PLAN VIEW_TEAMS }
enum Kind { PLAN TEAM @access(permission: VIEW_TEAMS) }
input Wish { plan: String team: String @access(permission: VIEW_TEAMS) }
type Query { team(kind: Kind, wish: Wish, as: String @access(permission: VIEW_TEAMS)): Team @access(permission: VIEW_TEAMS) plan: String }
type Team @access(permission: VIEW_TEAMS) { name: String! }
"""  # noqa: E501
GUARD = " @access(permission: VIEW_TEAMS)"
OTHER = " @access(permission: VIEW_PLAN)"


def told(old: str, new: str) -> list[tuple[str, str]]:
    changed = SDL.replace(old, new, 1)
    assert changed != SDL
    return list(changes(SDL, changed))


def test_same_schema_has_no_changes() -> None:
    assert list(changes(SDL, SDL)) == []


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (" plan: String }", " }", ["breaking"]),
        ("name: String!", "name: String", ["breaking"]),
        ("name: String!", "name: Int!", ["breaking"]),
        ("kind: Kind,", "kind: Kind!,", ["breaking"]),
        ("enum Kind { PLAN ", "enum Kind { ", ["breaking"]),
        ("enum Kind { PLAN", "enum Kind { PLAN SEATS", ["dangerous"]),
        ("input Wish { plan: String", "input Wish { plan: String seats: Int", ["dangerous"]),
        ("name: String!", "name: String! id: ID!", []),
        ("type Team", '"People." type Team', []),
    ],
)
def test_changes_are_told_by_how_much_they_hurt(old: str, new: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in told(old, new)] == kinds


@pytest.mark.parametrize(
    ("at", "place"),
    [
        ("TEAM", "Kind.TEAM"),
        ("team: String", "Wish.team"),
        ("as: String", "Query.team.as"),
        (": Team", "Query.team"),
        ("type Team", "Team"),
    ],
)
def test_changed_access_is_told_wherever_it_stands(at: str, place: str) -> None:
    assert told(at + GUARD, at) == [("access", f"{place} needs nothing; it needed VIEW_TEAMS.")]
    assert told(at + GUARD, at + OTHER) == [("breaking", f"{place} needs VIEW_PLAN; it needed VIEW_TEAMS.")]


def test_new_guard_breaks_who_lacks_its_permission() -> None:
    assert told("plan: String }", f"plan: String{OTHER} }}") == [
        ("breaking", "Query.plan needs VIEW_PLAN; it needed nothing.")
    ]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two revisions, tagged, and a work tree that goes beyond them."""

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=Tester", "-c", "user.email=tester@acme.test", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)  # noqa: S603, S607

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "empty")
    git("tag", "empty")
    (tmp_path / "schema").mkdir()
    file = tmp_path / "schema" / "schema.graphql"
    for tag, text in (("one", SDL), ("two", SDL.replace(": Team @", ": [Team] @"))):
        file.write_text(text)
        git("add", ".")
        git("commit", "--quiet", "--message", tag)
        git("tag", tag)
    file.write_text(SDL.replace("enum Kind { PLAN", "enum Kind { PLAN SEATS"))
    return tmp_path


def test_two_revisions_are_compared(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["one", "two"], repository) == 1
    assert capsys.readouterr().out == "breaking: Field Query.team changed type from Team to [Team].\n"
    assert main(["one", "one"], repository) == 0
    assert capsys.readouterr().out == "No client feels a change.\n"


def test_work_tree_is_compared_if_nothing_else_is_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["one"], repository) == 0
    assert capsys.readouterr().out.startswith("dangerous: ")


@pytest.mark.parametrize("revision", ["nowhere", "empty", "--help", "one:schema"])
def test_revision_without_a_schema_is_one_line(
    repository: Path, capsys: pytest.CaptureFixture[str], revision: str
) -> None:
    with pytest.raises(RevisionError, match=rf"^There is no schema/schema\.graphql in {revision}: .*\.$"):
        snapshot(revision, repository)
    if not revision.startswith("-"):
        assert main([revision], repository) == 2
        assert capsys.readouterr().err.count("\n") == 1
