"""The worlds have true books, or no test on them would say anything of money."""

import pytest

from tests import cluster, world_rows
from tests.books import balanced
from tests.conftest import Create
from tests.world_names import WORLDS, World


@pytest.mark.parametrize("world", WORLDS)
async def test_the_books_of_a_world_balance(create: Create, server_url: str, world: World) -> None:
    url = await create(await cluster.migrated(server_url))
    async with cluster.connection(url) as connection:
        await world_rows.load(connection, world)
        await balanced(connection)
