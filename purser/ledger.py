"""`python -m purser ledger`: whether the books balance."""

import asyncio

import typer

from billing.ledger import Finding, Proof, check
from models.database import connected
from purser.databases import reached
from purser.settings import load

commands = typer.Typer(help="The books.", no_args_is_help=True)


@commands.callback()
def about() -> None:
    """The books: every amount that moved, in double entry."""


@commands.command("check")
def check_() -> None:
    """Prove the books of all organizations; exit with 1 if something does not add up."""
    with reached(load()) as url:
        proof = asyncio.run(proved(url))
    for finding in proof.findings:
        typer.echo(told(finding))
    if proof.findings:
        raise typer.Exit(1)
    typer.echo(f"The books balance: {', '.join(counted(*each) for each in proof.counts.items())}.")


def counted(table: str, count: int) -> str:
    """So many of what a table holds."""
    return f"{count} {table.removeprefix('ledger_').replace('_', ' ')}s"


async def proved(url: str) -> Proof:
    """The proof, on this database."""
    async with connected(url, pool=1, orm=False) as database, database.connection() as connection:
        return await check(connection)


def told(finding: Finding) -> str:
    """A line for the operator: keys and amounts in minor units, no names."""
    row = f", row {finding.id}" if finding.id else ""
    return (
        f"Broken: {finding.law}. Organization {finding.organization_id}{row}:"
        f" expected {finding.expected}, found {finding.found}."
    )
