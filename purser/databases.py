"""The database that the settings name, for as long as a command needs it: embedded unless a URL is given."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.grants import entitle
from models.migrate import migrate
from purser.embedded import attached, embedded
from purser.settings import Settings


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """For a server: the embedded database is its own. Raises EmbeddedError if another server has it."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded(settings.data_dir) as url:
        yield url


async def migrated(settings: Settings, url: str) -> list[str]:
    """Bring the settings' database to this version: the migrations applied. Raises DatabaseRefused.

    Where its owner is named, he does it, and gives the application the rights that it needs.
    """
    owner = settings.database_owner_url
    if owner is None:
        return await migrate(url)
    names = await migrate(owner)
    await entitle(owner, url)
    return names


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """For a command: the running server's database, or the same started for the time being."""
    running = None if settings.database_url else attached(settings.data_dir)
    if running:
        yield running
        return
    with served(settings) as url:
        yield url
