"""What the database refuses by itself, whatever the code above it does."""

# ruff: noqa: S608  # statements are made of our own names and values

import re
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from models import InvitationStatus, Role
from models.loading import TABLES
from models.table import Stored, Tenant
from tests import cluster
from tests.rows import id_of, one_of_each
from tests.wrong_rows import ENUMS, NEW, OTHER, WRONG, again

Connection = asyncpg.Connection
TENANTS = [noun for noun in TABLES if issubclass(noun, Tenant)]

FOREIGN_KEYS = """
select c.relname as table, f.relname as named, k.conname as name, k.confdeltype::text as on_delete,
  (select array_agg(attname::text order by o) from unnest(k.conkey) with ordinality n(attnum, o)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.attnum) as columns,
  (select array_agg(attname::text order by o) from unnest(k.confkey) with ordinality n(attnum, o)
    join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n.attnum) as named_columns
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class f on f.oid = k.confrelid
where k.contype = 'f'
"""


# What a column never holds, though its enum does.
ELSEWHERE: dict[str, set[StrEnum]] = {
    "billing_invitation_status_check": {InvitationStatus.EXPIRED},
    "member_invitation_status_check": {InvitationStatus.EXPIRED},
    "member_invitation_role_check": {Role.BILLING_MANAGER},
}
# With their id in them these cannot be broken where the primary key is not; foreign keys name them.
NAMED_BY_KEYS = {f"{noun.table.source}_tenant_key" for noun in TENANTS} | {"member_person_key", "price_plan_key"}


@pytest.fixture(scope="module")
async def filled(server_url: str) -> AsyncIterator["Connection[Any]"]:
    """A database with a row of two organizations in every table."""
    async with cluster.created(server_url, await cluster.migrated(server_url)) as url, cluster.connection(url) as made:
        await one_of_each(made, tenant=1)
        await one_of_each(made, tenant=2)
        for noun in TABLES:
            # What refuses every change of a row would hide what refuses a wrong one.
            await made.execute(f"alter table {noun.table.source} disable trigger user")
        yield made


@pytest.fixture
async def database(filled: "Connection[Any]") -> AsyncIterator["Connection[Any]"]:
    """The same; what a test does to it is undone."""
    change = filled.transaction()
    await change.start()
    yield filled
    await change.rollback()


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_row_is_refused(database: "Connection[Any]", name: str) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await database.execute(WRONG[name])
    assert refused.value.constraint_name == name


async def test_every_key_and_check_has_a_wrong_row_above(database: "Connection[Any]") -> None:
    found = await database.fetch(
        "select conname as name from pg_constraint"
        " where connamespace = 'public'::regnamespace and contype in ('c', 'u')"
        " union select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid"
        " where i.indisunique and not i.indisprimary and c.relnamespace = 'public'::regnamespace"
    )
    names = {row["name"] for row in found if "tortoise" not in row["name"]}
    assert names - NAMED_BY_KEYS == WRONG.keys()


async def test_a_billing_manager_is_no_member_and_everybody_else_is_one(database: "Connection[Any]") -> None:
    billing = again("role_grant", role="BILLING_MANAGER", member_id=None)
    await database.execute(billing)
    with pytest.raises(asyncpg.CheckViolationError, match="role_grant_member_check"):
        await database.execute("update role_grant set member_id = $1 where id = $2", id_of("member"), NEW)


async def test_a_removed_member_keeps_his_billing_role_alone(database: "Connection[Any]") -> None:
    await database.execute(again("role_grant", role="BILLING_MANAGER", member_id=None))
    await database.execute("delete from member where id = $1", id_of("member"))
    held = await database.fetch("select role from role_grant where user_id = $1", id_of("user_account"))
    assert [row["role"] for row in held] == ["BILLING_MANAGER"]
    assert not await database.fetch("select from team_member where member_id = $1", id_of("member"))


async def test_a_second_price_comes_when_the_first_is_retired(database: "Connection[Any]") -> None:
    await database.execute("update price set retired_at = now()")
    await database.execute(again("price", version=2))


async def test_an_address_is_invited_again_when_its_invitation_is_settled(database: "Connection[Any]") -> None:
    await database.execute("update billing_invitation set status = 'REVOKED'")
    await database.execute(again("billing_invitation", status="PENDING", token_digest=OTHER))


async def test_drafts_have_no_number_and_there_may_be_many(database: "Connection[Any]") -> None:
    for id_ in (NEW, UUID(int=NEW.int + 1)):
        await database.execute(again("invoice", id=id_, status="DRAFT", number=None))


async def test_no_row_names_what_is_not_there(database: "Connection[Any]") -> None:
    for key in await database.fetch(FOREIGN_KEYS):
        column = key["columns"][key["named_columns"].index("id")]
        if key["table"] in ("member", "price"):  # whose person and plan are named with them
            await refused_by(database, key["name"], again(key["table"], **{column: NEW}))
        elif column != "organization_id":
            await refused_by(database, key["name"], naming(key["table"], column), NEW, id_of(key["table"]))


async def test_no_row_names_what_belongs_to_another_organization(database: "Connection[Any]") -> None:
    for key in await between_tenants(database):
        column = key["columns"][key["named_columns"].index("id")]
        statement = naming(key["table"], column)
        await refused_by(database, key["name"], statement, id_of(key["named"], tenant=2), id_of(key["table"]))


def naming(table: str, column: str) -> str:
    """Let a row name another; a PDF is of an invoice or of a credit note."""
    also = ", invoice_id = null" if (table, column) == ("rendered_document", "credit_note_id") else ""
    return f"update {table} set {column} = $1{also} where id = $2"


async def between_tenants(database: "Connection[Any]") -> list[asyncpg.Record]:
    """The foreign keys from a table of organizations' rows to another; there are some."""
    tenants = {noun.table.source for noun in TENANTS}
    keys = [key for key in await database.fetch(FOREIGN_KEYS) if {key["table"], key["named"]} <= tenants]
    assert keys
    return keys


async def refused_by(database: "Connection[Any]", name: str, statement: str, *values: Any) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        async with database.transaction():
            await database.execute(statement, *values)
    assert refused.value.constraint_name == name


async def test_a_role_belongs_to_the_person_of_its_membership(database: "Connection[Any]") -> None:
    stranger = id_of("user_account", tenant=2)
    await refused_by(database, "role_grant_member_fkey", "update role_grant set user_id = $1", stranger)


async def test_a_subscription_has_a_price_of_its_own_plan(database: "Connection[Any]") -> None:
    other = id_of("price", tenant=2)
    statement = "update plan_subscription set price_id = $1 where id = $2"
    await refused_by(database, "plan_subscription_price_fkey", statement, other, id_of("plan_subscription"))


async def test_an_organization_with_rows_is_not_deleted(database: "Connection[Any]") -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await database.execute("delete from organization")


@pytest.mark.parametrize("noun", TENANTS, ids=lambda noun: noun.__name__)
async def test_rows_are_named_by_their_organization(database: "Connection[Any]", noun: type[Stored]) -> None:
    definitions = await database.fetch(
        "select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = $1::text::regclass",
        noun.table.source,
    )
    assert {
        "PRIMARY KEY (id)",
        "UNIQUE (organization_id, id)",
        "FOREIGN KEY (organization_id) REFERENCES organization(id)",
    } <= {row["text"] for row in definitions}
    assert not noun.table.columns["organization_id"].nullable


async def test_keys_between_tables_of_an_organization_name_the_organization(database: "Connection[Any]") -> None:
    for key in await between_tenants(database):
        assert key["columns"][0] == key["named_columns"][0] == "organization_id", key["name"]


async def test_only_what_belongs_to_a_member_or_team_goes_with_it(database: "Connection[Any]") -> None:
    keys = await database.fetch(FOREIGN_KEYS)
    assert {key["name"] for key in keys if key["on_delete"] != "a"} == {
        "role_grant_member_fkey",
        "team_member_member_fkey",
        "team_member_team_fkey",
    }


@pytest.mark.parametrize("table", ["user_account", "organization"])
async def test_accounts_and_organizations_that_are_named_stay(
    database: "Connection[Any]", table: str
) -> None:  # case 23
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await database.execute(f"delete from {table} where id = $1", id_of(table))


async def test_every_id_of_another_row_is_a_foreign_key(database: "Connection[Any]") -> None:
    keys = await database.fetch(FOREIGN_KEYS)
    covered = {(key["table"], column) for key in keys for column in key["columns"]}
    ids = {
        (noun.table.source, name)
        for noun in TABLES
        for name, column in noun.table.columns.items()
        if column.type is UUID and name != "id"
    }
    assert ids <= covered


@pytest.mark.parametrize(("noun", "column"), ENUMS, ids=str)
async def test_an_enum_is_the_same_in_python_and_in_the_database(
    database: "Connection[Any]", noun: type[Stored], column: Any
) -> None:
    name = f"{noun.table.source}_{column.name}_check"
    definition = await database.fetchval("select pg_get_constraintdef(oid) from pg_constraint where conname = $1", name)
    assert set(re.findall(r"'(\w+)'::text", definition)) == set(column.type) - ELSEWHERE.get(name, set())


async def test_text_in_an_index_sorts_the_same_on_every_machine(database: "Connection[Any]") -> None:
    found = await database.fetch(
        "select a.attrelid::regclass::text || '.' || a.attname as column from pg_index i"
        " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
        " join pg_collation l on l.oid = a.attcollation join pg_class c on c.oid = i.indrelid"
        " where c.relnamespace = 'public'::regnamespace and c.relname <> 'tortoise_migrations' and l.collname <> 'C'"
    )
    assert [row["column"] for row in found] == []
