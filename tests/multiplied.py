"""The same world with many more rows: each row again and again, with relations of its own."""

from models.database import Connection
from models.loading import TABLES

TABLE = {noun.table.source: noun.table for noun in TABLES}


def again(column: str) -> str:
    """The id of the copy number n of what a column names."""
    return f"md5({column}::text || n)::uuid"


def digest(column: str) -> str:
    return f"sha256({column} || n::text::bytea)"


# What is other in a copy, besides its id; what is not told stays as it is.
COPIES: dict[str, dict[str, str]] = {
    "user_account": {"email": "n || email", "email_key": "n || email_key"},
    "member": {"user_id": again("user_id")},
    "role_grant": {"user_id": again("user_id"), "member_id": again("member_id")},
    "api_key": {"digest": digest("digest")},
    "team": {},
    "team_member": {"member_id": again("member_id")},
    "project": {},
    "resource": {},
    "activity": {},
    "payment_method": {
        "gateway_reference": "gateway_reference || n",
        "fingerprint": "fingerprint || n",
        "is_default": "false",
    },
    "invoice": {"number": "number || '-' || n", "transfer_reference": "transfer_reference || n"},
    "invoice_line": {"invoice_id": again("invoice_id")},
    "tax_line": {"invoice_id": again("invoice_id")},
    "credit_note": {"invoice_id": again("invoice_id"), "number": "number || '-' || n"},
    "payment": {"invoice_id": again("invoice_id"), "gateway_reference": "gateway_reference || n"},
    "refund": {"payment_id": again("payment_id")},
    "credit": {},
    "billing_invitation": {"email_key": "n || email_key", "token_digest": digest("token_digest")},
    "billing_activity": {"invoice_id": again("invoice_id"), "payment_id": again("payment_id")},
}


async def multiply(connection: Connection, times: int) -> None:
    """Add so many copies of all that can be many."""
    async with connection.transaction():
        for source, other in COPIES.items():
            columns = list(TABLE[source].columns)
            values = [{"id": again("id"), **other}.get(column, column) for column in columns]
            await connection.execute(
                f"insert into {source} ({', '.join(columns)}) select {', '.join(values)}"  # noqa: S608
                f" from {source}, generate_series(1, {times}) n"
            )
    await connection.execute("analyze")
