"""Rights of the role that the application works as, where another one owns the tables: books are only added to."""

from contextlib import AbstractAsyncContextManager

from models.database import Connection, Database, DatabaseRefused, connected
from models.migrate import LOCK

BOOKS = ("ledger_posting", "ledger_entry")
READ = "tortoise_migrations"
GRANTS = (
    "grant usage on schema public to {role}",
    "grant select, insert, update, delete on all tables in schema public to {role}",
    "revoke update, delete, truncate, references, trigger on {books} from {role}",
    "revoke insert, update, delete on {read} from {role}",
)
MAY_CHANGE = """
select bool_or(has_any_column_privilege(book, 'UPDATE') or has_table_privilege(book, 'DELETE')
  or has_table_privilege(book, 'TRUNCATE') or has_table_privilege(book, 'TRIGGER'))
  or pg_has_role((select relowner from pg_class where oid = 'ledger_entry'::regclass), 'MEMBER')
from unnest($1::text[]) book
"""
WHERE = "select oid, datname from pg_database where datname = current_database()"


async def entitle(owner_url: str, url: str) -> None:
    """Let the role of `url` do all that it needs to, and not change the books. Raises DatabaseRefused, ValueError."""
    async with (
        _opened(owner_url) as owner,
        _opened(url) as application,
        owner.connection() as ours,
        application.connection() as its,
    ):
        if await ours.fetchrow(WHERE) != await its.fetchrow(WHERE):
            raise DatabaseRefused("The owner's URL names another database than the application's.")
        await _granted(ours, await its.fetchval("select quote_ident(current_user)"))
        if await its.fetchval(MAY_CHANGE, BOOKS):
            raise DatabaseRefused(
                "The application's role may change the books: it must be neither the owner of the tables,"
                " nor a member of that role, nor a superuser."
            )


async def _granted(connection: Connection, role: str) -> None:
    """One process at a time: two that grant at once disturb each other."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        for statement in GRANTS:
            await connection.execute(statement.format(role=role, books=", ".join(BOOKS), read=READ))


def _opened(url: str) -> AbstractAsyncContextManager[Database]:
    return connected(url, pool=1, orm=False)
