"""The documents keep up with the code: settings, commands, codes, mutations, links and examples."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from graphql import parse, validate

import billing.limits as attempts
from billing.errors import RateLimited, refusals
from execution import http, limits
from models.roles import GRANTS, Permission, Role, granted_to, permissions_in
from purser.commands import commands
from purser.settings import FOREIGN, PREFIX, Settings
from schema.build import Schema, build
from schema.declare import NOUNS
from schema.views import Views

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
CODE = ("billing", "execution", "mailer", "models", "purser", "resolvers", "schema")
# Functions that are given a code as it is.
CODED = {"Refused", "refused", "coded"}
# A refusal that takes the place of a field: of `invitation(token:)`.
IN_PLACE = {RateLimited.code}
CODE_WORD = re.compile(r"[A-Z]+(_[A-Z]+)*")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEREDOC = re.compile(r"<<EOF\n(.*?)\nEOF$", re.MULTILINE | re.DOTALL)
ROLES = re.compile(r"# as ([A-Z_ ]+|nobody)\n")


def words_of(page: Path) -> set[str]:
    """What stands between backticks, as a whole and in pieces."""
    return {piece for code in re.findall(r"`([^`\n]+)`", page.read_text()) for piece in (code, *code.split())}


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text())


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(page.read_text()) if kind == language]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as renderers of Markdown make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands_within(group: Any, *above: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_within(command, *above, name)
        else:
            yield " ".join((*above, name)), command


def ways(parameter: Any) -> list[str]:
    """How a parameter of a command is given: its options, or what stands in its place."""
    if parameter.param_type_name == "argument":
        return [parameter.metavar]
    return [*parameter.opts, *parameter.secondary_opts]


COMMANDS = dict(commands_within(typer.main.get_command(commands)))


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build(sandbox=True)


def wrong(schema: Schema, text: str) -> list[str]:
    """What is wrong with a document, for the roles that its first line names, or for a billing manager."""
    named = ROLES.match(text)
    roles = named[1].split() if named else [Role.BILLING_MANAGER]
    granted = 0 if roles == ["nobody"] else granted_to(Role(role) for role in roles)
    document = parse(text)
    view = Views(schema).of(granted)
    exceeded = limits.exceeded(document, view)
    return [error.message for error in (*exceeded, *validate(view, document))]


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_documented(setting: str) -> None:
    assert f"{PREFIX}{setting.upper()}" in words_of(DOCS / "settings.md")


def test_documents_name_no_setting_that_is_none() -> None:
    known = {f"{PREFIX}{setting.upper()}" for setting in Settings.model_fields} | FOREIGN
    named = {name for page in PAGES for name in re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", page.read_text())}
    assert named >= FOREIGN
    assert named <= known


def test_every_command_has_a_section_that_names_its_options() -> None:
    sections = re.split(r"^### ", (DOCS / "operators.md").read_text(), flags=re.MULTILINE)
    told = {section.splitlines()[0]: section for section in sections[1:]}
    missing = [
        f"{name} {option}"
        for name, command in COMMANDS.items()
        for parameter in command.params
        if not getattr(parameter, "hidden", False)  # which `serve` alone gives
        for option in ways(parameter)
        if f"`{option}" not in told.get(name, "")
    ]
    assert missing == []
    assert set(COMMANDS) <= set(told)


def test_documents_name_no_command_that_does_not_exist() -> None:
    named = {name for page in PAGES for name in re.findall(r"python -m purser ([a-z][a-z-]*)", page.read_text())}
    assert named
    assert named <= {name.split()[0] for name in COMMANDS}


def test_documents_name_no_option_that_does_not_exist() -> None:
    known = {option for command in COMMANDS.values() for parameter in command.params for option in ways(parameter)}
    named = re.findall(r"^- `(--[a-z-]+)", (DOCS / "operators.md").read_text(), re.MULTILINE)
    assert set(named) <= known | {"--help"}


def codes(path: Path) -> Iterator[str]:
    """The codes of errors in a module: beside the key "code", or given to a function that makes an error of them."""
    for node in ast.walk(ast.parse(path.read_text())):
        given: list[ast.expr | None] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODED:
            given += node.args
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            given += [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "code"]
        texts = (one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))
        yield from (text for text in texts if CODE_WORD.fullmatch(text))


def test_codes_of_errors_are_exactly_those_documented() -> None:
    used = {code for package in CODE for path in (ROOT / package).rglob("*.py") for code in codes(path)}
    assert {"FORBIDDEN", "INVALID_CURSOR", "UNAUTHENTICATED"} < used
    assert list(told_codes("Codes")) == sorted(used | IN_PLACE)


def told_codes(heading: str) -> dict[str, str]:
    """The table of codes under a heading: what is told of each."""
    section = re.split(rf"^## {heading}$", (DOCS / "errors.md").read_text(), flags=re.MULTILINE)[1]
    return dict(re.findall(r"^\| `([A-Z_]+)` \|(.*)$", section.partition("\n## ")[0], re.MULTILINE))


def test_codes_in_payloads_are_exactly_those_documented_and_hidden_ones_say_so() -> None:
    told = told_codes("Codes in payloads")
    assert list(told) == sorted(one.code for one in refusals())
    hidden = {code: named[1] for code, row in told.items() if (named := re.search(r"Hidden without `([A-Z_]+)`", row))}
    assert hidden
    assert hidden == {one.code: one.needs for one in refusals() if one.needs}


def test_every_mutation_is_in_the_changelog(schema: Schema) -> None:
    root = schema.graphql.mutation_type
    assert root
    told = words_of(ROOT / "CHANGELOG.md")
    nouns = ("Team", "Project", "Resource", "Settings", "TeamMember")  # told as what they are about
    assert {name for name in root.fields if name not in told and not name.endswith(nouns)} == set()


def test_limits_of_attempts_are_those_of_the_code() -> None:
    declared = [one for one in vars(attempts).values() if isinstance(one, attempts.Limit)]
    assert declared
    rows = [f"| {' | '.join((one.name, one.by_client or '', one.by_subject or ''))} |" for one in declared]
    page = (DOCS / "operators.md").read_text()
    assert [row for row in rows if re.sub(" +", " ", row) not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        path, _, anchor = target.partition("#")
        if re.match(r"\w+:", target):
            continue
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [(page.parent / t.partition("#")[0]).resolve() for t in LINK.findall(prose(page)) if ":" not in t]
    assert set(PAGES) - reached == set()


@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_every_example_is_valid_for_those_it_is_for(schema: Schema, page: str) -> None:
    asked = blocks(ROOT / page, "graphql")
    for text in blocks(ROOT / page, "sh"):
        sent = [*re.findall(r"-d '([^']+)'", text), *HEREDOC.findall(text)]
        asked += [json.loads(body)["query"] for body in sent]
        asked += re.findall(r"'query=([^']+)'", text)
    for text in blocks(ROOT / page, "json"):
        asked += [body["query"] for body in [json.loads(text)] if "query" in body]
    assert asked
    assert {text: errors for text in asked if (errors := wrong(schema, text))} == {}


def test_the_example_of_graphiql_is_valid_for_a_billing_manager(schema: Schema) -> None:
    source = (ROOT / "web" / "src" / "graphiql" / "examples.ts").read_text()
    example = re.search(r"exampleQuery = `([^`]+)`", source)
    assert example
    assert wrong(schema, example[1]) == []


def test_an_example_that_asks_for_too_much_would_be_noticed(schema: Schema) -> None:
    members = '{ organization(slug: "acme") { members { nodes { id } } } }'
    assert wrong(schema, members) == ["Cannot query field 'members' on type 'Organization'."]
    assert wrong(schema, f"# as MEMBER BILLING_MANAGER\n{members}") == []
    assert wrong(schema, f"# as nobody\n{members}") != []


def test_every_target_that_documents_name_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for code in (*blocks(page, "sh"), *re.findall(r"`([^`\n]+)`", page.read_text()))
        for target in re.findall(r"\bmake ([a-z-]+)", code)
    }
    assert {"serve", "test", "check"} <= named
    assert named <= targets


def test_every_prefix_of_an_id_is_documented(schema: Schema) -> None:
    told = words_of(DOCS / "api.md")
    prefixes = {made.prefix for name, made in NOUNS.items() if name in schema.graphql.type_map and made.prefix}
    assert {prefix for prefix in prefixes if f"{prefix}_" not in told} == set()


def test_limits_are_those_of_the_code() -> None:
    page = (DOCS / "api.md").read_text()
    told = dict(re.findall(r"^\| `(\w+)`[^|]*\| (\d+) \|$", page, re.MULTILINE))
    assert told == {name: str(most) for name, most in vars(limits.LIMITS).items()}
    for most in (limits.MOST_TOKENS, limits.MOST_CHARACTERS, http.MOST_BYTES):
        assert f"| {most}, else" in page


def test_the_table_of_roles_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|(.*)\|$", (DOCS / "permissions.md").read_text(), re.MULTILINE)
    told = {name: [cell.strip() == "yes" for cell in cells.split("|")] for name, cells in rows}
    roles = list(Role)
    assert told == {one.value: [one in permissions_in(GRANTS[role]) for role in roles] for one in Permission}


def test_changelog_says_what_is_new_for_clients() -> None:
    sections = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert sections[1].startswith("[Unreleased]\n")
    assert "\n### API\n" in sections[1]


def test_pictures_are_small() -> None:
    pictures = list((DOCS / "images").iterdir())
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 250_000] == []


def test_decisions_are_numbered_and_dated() -> None:
    for number, page in enumerate(sorted((DOCS / "decisions").iterdir()), start=1):
        text = page.read_text()
        assert page.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        assert re.search(r"^\d{4}-\d{2}-\d{2}\. ", text, re.MULTILINE)
        assert [part for part in ("Context", "Decision", "Consequences") if f"\n## {part}\n" not in text] == []
