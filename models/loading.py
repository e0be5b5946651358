"""Rows into empty tables: ids that sort like the times of their rows, and COPY in the order that keys ask for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import models
from models.database import Connection
from models.table import Stored

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TAIL_BITS = 62

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

TABLES: tuple[type[Stored], ...] = (
    models.User,
    models.Organization,
    models.Member,
    models.RoleGrant,
    models.ApiKey,
    models.Team,
    models.TeamMember,
    models.Project,
    models.Resource,
    models.Activity,
    models.OrganizationSettings,
    models.Plan,
    models.Price,
    models.PlanFeature,
    models.PlanSubscription,
    models.ScheduledChange,
    models.BillingProfile,
    models.PaymentMethod,
    models.Quote,
    models.QuoteLine,
    models.Invoice,
    models.InvoiceLine,
    models.TaxLine,
    models.CreditNote,
    models.SeatAddition,
    models.Payment,
    models.Refund,
    models.Credit,
    models.CreditUse,
    models.DocumentCounter,
    models.RenderedDocument,
    models.LedgerPosting,
    models.LedgerEntry,
    models.BankPayment,
    models.GatewayEvent,
    models.Installation,
    models.BillingInvitation,
    models.BillingActivity,
    models.UsageDay,
    models.MemberInvitation,
    models.Session,
    models.MailedLink,
    models.StoredAnswer,
    models.Job,
)


def uuid7(at: datetime, tail: int) -> UUID:
    """The UUIDv7 of an instant, exact to the microsecond; `tail` gives the 62 bits behind the time."""
    milliseconds, rest = divmod((at - EPOCH) // MICROSECOND, 1000)
    fraction = (rest << 12) // 1000
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | tail % (1 << TAIL_BITS))


async def load(connection: Connection, rows: Rows) -> None:
    """Copy rows, given by table. A column that all rows leave out has its default; that only some do is null there.

    Raises ValueError for a table or a column that does not exist.
    """
    unknown = rows.keys() - {table.table.source for table in TABLES}
    if unknown:
        raise ValueError(f"No such tables: {sorted(unknown)}")
    for noun in TABLES:
        given = rows.get(noun.table.source)
        if given:
            columns = tuple(name for name in noun.table.columns if any(name in row for row in given))
            records = [record(noun, columns, row) for row in given]
            await connection.copy_records_to_table(noun.table.source, records=records, columns=columns)


def record(noun: type[Stored], columns: Sequence[str], row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values of a row in the order of `columns`."""
    if not row.keys() <= noun.table.columns.keys():
        raise ValueError(f"No such columns in {noun.table.source}: {sorted(row.keys() - set(columns))}")
    return tuple(map(row.get, columns))
