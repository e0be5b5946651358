"""The commands: what they say and do, and that what a user does wrong is one line and an exit code."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import typer

from models import Role, api_keys
from models.roles import granted_to
from purser.__main__ import main
from purser.commands import commands
from schema.build import Schema, build
from schema.sdl import printed
from schema.views import Views
from scripts.build_web import WEB
from tests import cluster, demos
from tests.conftest import Create
from tests.servers import SECRET, free_port, run

SNAPSHOT = WEB.parent / "schema" / "schema.graphql"
NOWHERE = f"postgresql://purser:hunter2@127.0.0.1:{free_port()}/purser"


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line that says why not."""
        assert self.code in {1, 2}, self
        assert self.err.startswith("purser: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("purser: ").strip()


Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Call]:
    """What runs a command in this process; settings are given by keyword."""

    def called(*arguments: str, **settings: str) -> Done:
        monkeypatch.setattr("sys.argv", ["purser", *arguments])
        for name, value in ({"DATA_DIR": str(tmp_path / "var")} | settings).items():
            monkeypatch.setenv(f"PURSER_{name}", value)
        capsys.readouterr()
        code = main()
        return Done(code, *capsys.readouterr())

    yield called
    structlog.reset_defaults()  # it wrote to the standard error of this test


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build(sandbox=True)


def every(command: Any, *above: str) -> Iterator[tuple[str, ...]]:
    """The name of each command, of groups of them too."""
    yield above
    for name, one in getattr(command, "commands", {}).items():
        yield from every(one, *above, name)


NAMES = list(every(typer.main.get_command(commands)))


def test_commands_are_those_that_are_promised() -> None:
    promised = {"serve", "worker", "migrate", "seed-demo", "demo", "schema", "api-key", "api-key create", "sandbox"}
    promised |= {"jobs", "jobs list", "jobs retry", "jobs drop", "ledger", "ledger check", "refund"}
    promised |= {"payments", "payments book", "payments import", "payments unmatched", "payments match"}
    promised |= {"plans", "plans publish", "plans list"}
    assert {" ".join(name) for name in NAMES} == {"", *promised}


@pytest.mark.parametrize("name", NAMES, ids=" ".join)
def test_every_command_explains_itself_and_its_options(call: Call, name: tuple[str, ...]) -> None:
    command: Any = typer.main.get_command(commands)
    for part in name:
        command = command.commands[part]
    done = call(*name, "--help")
    assert (done.code, done.err) == (0, "")
    assert " ".join(("Usage:", *name)).split()[-1] in done.out.splitlines()[0]
    assert " ".join(command.help.split()) in " ".join(done.out.split())
    assert command.help.endswith(".")
    options = [option for option in command.params if option.name != "help"]
    assert [option.name for option in options if not (option.help or "").endswith(".")] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sevre"], "No such command 'sevre'"),
        (["api-key", "make"], "No such command 'make'"),
        (["--verbose"], "No such option: --verbose"),
        (["serve", "--port", "80"], "No such option: --port"),
        (["serve", "now"], "unexpected extra argument"),
        (["schema", "--as-role", "BOSS"], "Invalid value for '--as-role'"),
        (["schema", "--as-role"], "'--as-role' requires an argument"),
        (["seed-demo", "--members", "many"], "Invalid value for '--members'"),
        (["seed-demo", "--members", "3"], "Invalid value for '--members'"),
        (["seed-demo", "--invoices", "0"], "Invalid value for '--invoices'"),
        (["api-key", "create"], "Missing option '--email'"),
        (["api-key", "create", "--email", "a@acme.test", "--days", "0"], "Invalid value for '--days'"),
        (["api-key", "create", "--email", "a@acme.test", "--permission", "FLY"], "Invalid value for '--permission'"),
    ],
)
def test_what_is_not_understood_is_one_line_and_2(call: Call, arguments: list[str], words: str) -> None:
    done = call(*arguments)
    assert done.code == 2
    assert words in done.refusal
    assert "--help" in done.refusal
    assert done.out == ""


@pytest.mark.parametrize("arguments", [[], ["api-key"]])
def test_nothing_asked_is_answered_with_the_help(call: Call, arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.code == 2
    assert "Commands:" in done.out + done.err


@pytest.mark.parametrize("command", [["serve"], ["migrate"], ["seed-demo"], ["demo"], ["api-key", "create", "--email", "a@b.c"]])  # fmt: skip  # noqa: E501
def test_wrong_settings_stop_every_command_with_all_that_is_wrong(call: Call, command: list[str]) -> None:
    done = call(*command, PORT="http", DEMO="maybe", COLOUR="red", SECRET_KEY="hunter2")  # noqa: S106  # too short
    assert done.code == 1
    assert [line.split(":")[0].strip() for line in done.err.splitlines()[1:]] == [
        "PURSER_COLOUR",
        "PURSER_DEMO",
        "PURSER_PORT",
        "PURSER_SECRET_KEY",
    ]
    assert "hunter2" not in done.err


@pytest.mark.parametrize("command", [["serve"], ["migrate"], ["migrate", "--check"], ["seed-demo"], ["api-key", "create", "--email", "a@b.c"]])  # fmt: skip  # noqa: E501
def test_database_that_does_not_answer_is_one_line(call: Call, command: list[str]) -> None:
    settings = {"DATABASE_URL": NOWHERE, "SECRET_KEY": SECRET, "DEMO": "1", "PORT": str(free_port())}
    done = call(*command, **settings)
    assert done.code == 1
    assert "Cannot connect to the database" in done.err.splitlines()[-1]
    assert "hunter2" not in done.err + done.out
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", [["plans", "list"], ["jobs", "list"], ["payments", "unmatched"], ["ledger", "check"], ["refund", "pay_1", "--all"], ["api-key", "create", "--email", "a@b.c"]])  # fmt: skip  # noqa: E501
def test_database_that_is_not_migrated_is_one_line(call: Call, empty: str, command: list[str]) -> None:
    done = call(*command, DATABASE_URL=empty, SECRET_KEY=SECRET)
    assert done.refusal.endswith("run `python -m purser migrate`.")


def test_failure_of_a_process_is_no_traceback() -> None:
    for arguments, settings in ((["migrate"], {"DATABASE_URL": NOWHERE, "SECRET_KEY": SECRET}), (["fly"], {})):
        done = run(*arguments, **settings)
        assert Done(done.returncode, done.stdout, done.stderr).refusal


def test_schema_is_printed_whole(call: Call) -> None:
    done = call("schema")
    assert (done.code, done.err) == (0, "")
    assert done.out == SNAPSHOT.read_text()


@pytest.mark.parametrize("roles", [[role] for role in Role] + [[Role.MEMBER, Role.BILLING_MANAGER]])
def test_schema_is_printed_as_roles_see_it(call: Call, schema: Schema, roles: list[Role]) -> None:
    done = call("schema", *(word for role in roles for word in ("--as-role", role)))
    assert done.out == printed(schema, Views(schema).of(granted_to(roles)))
    assert ("type Member " in done.out) == (roles != [Role.BILLING_MANAGER])
    assert ("type Invoice " in done.out) == (roles != [Role.MEMBER])


def test_demo_is_told_for_programs(call: Call) -> None:
    done = call("demo", "--json", PORT="8123")
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    assert told.keys() == {"url", "organizations", "accounts"}
    assert told["url"] == "http://127.0.0.1:8123/graphql"
    assert told["organizations"] == ["acme", "globex"]
    roles = {account["email"]: account["roles"] for account in told["accounts"]}
    assert roles == {
        "owner@acme.test": {"acme": ["OWNER"]},
        "admin@acme.test": {"acme": ["ADMIN"]},
        "member@acme.test": {"acme": ["MEMBER"]},
        "billing@acme.test": {"acme": ["BILLING_MANAGER"]},
        "both@acme.test": {"acme": ["MEMBER", "BILLING_MANAGER"]},
        "mixed@acme.test": {"acme": ["BILLING_MANAGER"], "globex": ["ADMIN"]},
        "owner@globex.test": {"globex": ["OWNER"]},
    }
    for account in told["accounts"]:
        assert account.keys() == {"email", "password", "name", "roles", "apiKey"}
        assert api_keys.well_formed(account["apiKey"])
        assert len(account["password"]) >= 16
    assert len({account["apiKey"] for account in told["accounts"]}) == 7
    assert call("demo", "--json", PORT="8123").out == done.out
    people = call("demo").out
    assert all(account["apiKey"] in people and account["password"] in people for account in told["accounts"])


@pytest.mark.parametrize("command", ["demo", "seed-demo"])
def test_there_is_no_demo_where_it_is_none(call: Call, command: str) -> None:
    for settings in ({"DEMO": "0"}, {"PUBLIC_URL": "https://plans.example"}):
        done = call(command, **settings)
        assert done.code == 1
        assert done.refusal.startswith("This is no demo")
    assert done.out == ""


@pytest.fixture
async def empty(create: Create) -> str:
    return await create()


def test_migrations_are_told_before_and_after(call: Call, empty: str) -> None:
    database = {"DATABASE_URL": empty, "SECRET_KEY": SECRET}
    before = call("migrate", "--check", **database)
    assert before.code == 1
    assert before.refusal.startswith("To be applied: ")
    assert call("migrate", "--check", **database) == before
    applied = call("migrate", **database)
    assert (applied.code, applied.err) == (0, "")
    names = before.refusal.removeprefix("To be applied: ").rstrip(".").split(", ")
    assert applied.out.split() == [word for name in names for word in ("Applied", f"{name}.")]
    for again in (call("migrate", **database), call("migrate", "--check", **database)):
        assert again == Done(0, "", "")


def test_demo_is_seeded_once(call: Call, empty: str) -> None:
    database = {"DATABASE_URL": empty, "SECRET_KEY": SECRET, "DEMO": "1"}
    first = call("seed-demo", "--members", "25", "--invoices", "15", **database)
    assert first.code == 0
    assert first.err.strip().endswith("The demo is there.")
    again = call("seed-demo", **database)
    assert again == Done(0, "", "The demo was there already; nothing was changed.\n")


@pytest.fixture(scope="module")
async def seeded(server_url: str) -> AsyncIterator[dict[str, str]]:
    """The settings of a database with the demo."""
    async with cluster.created(server_url, await demos.seeded(server_url)) as url:
        yield {"DATABASE_URL": url, "SECRET_KEY": SECRET, "DEMO": "1"}


def test_key_is_printed_and_nothing_else(call: Call, seeded: dict[str, str]) -> None:
    for options in (
        [],
        ["--name", "Büro"],
        ["--organization", "acme"],
        ["--permission", "VIEW_PLAN", "--permission", "VIEW_INVOICES"],
        ["--days", "1"],
    ):
        done = call("api-key", "create", "--email", "billing@acme.test", *options, **seeded)
        assert (done.code, done.err) == (0, "")
        assert api_keys.well_formed(done.out.removesuffix("\n"))
    assert call("api-key", "create", "--email", " Billing@ACME.test ", **seeded).code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--email", "nobody@acme.test"], "There is no account with the address nobody@acme.test."),
        (["--email", "billing@acme.test", "--organization", "globex"], "has no role in an organization globex."),
        (["--email", "billing@acme.test", "--organization", "nowhere"], "has no role in an organization nowhere."),
        (["--email", "billing@acme.test", "--permission", "VIEW_MEMBERS"], "does not have VIEW_MEMBERS."),
        (["--email", "member@acme.test", "--permission", "VIEW_PLAN"], "does not have VIEW_PLAN."),
        (
            ["--email", "mixed@acme.test", "--organization", "acme", "--permission", "VIEW_TEAMS"],
            "does not have VIEW_TEAMS.",
        ),
    ],
)
def test_key_that_may_not_be_is_refused(call: Call, seeded: dict[str, str], options: list[str], words: str) -> None:
    done = call("api-key", "create", *options, **seeded)
    assert done.code == 1
    assert done.refusal.endswith(words)
    assert done.out == ""
