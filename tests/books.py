"""The books, as tests prove them at their end."""

from billing.ledger import check
from models.database import Connection


async def balanced(connection: Connection) -> None:
    """Every law of the books holds for all organizations."""
    proof = await check(connection)
    assert not proof.findings, proof.findings
