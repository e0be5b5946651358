"""One PostgreSQL for the whole run, shared by all workers; a database of its own for whoever asks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import cluster
from tests.company import Company, company
from tests.sandboxes import Process, running
from tests.shop import Shop
from tests.shop import shop as opened_shop
from tests.visitors import Ground, House, ground

settings.register_profile("purser", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("purser")  # no test is about how fast the machine is

stack = pytest.StashKey[ExitStack]()
url = pytest.StashKey[str]()

Create = Callable[..., Awaitable[str]]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[stack] = ExitStack()
    config.addinivalue_line("markers", "database: runs PostgreSQL; set by itself where server_url is a fixture")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "server_url" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[stack].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker of pytest-xdist where the run's cluster is."""
    node.workerinput["server_url"] = _server_url(node.config)


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> str:
    """The run's cluster: the URL of its administrator's database, to make others with."""
    return _server_url(request.config)


@pytest.fixture
async def create(server_url: str) -> AsyncIterator[Create]:
    """What makes databases, copies of a template if one is named; they are dropped after the test."""
    async with AsyncExitStack() as databases:

        async def make(template: str | None = None) -> str:
            return await databases.enter_async_context(cluster.created(server_url, template))

        yield make


@pytest.fixture
async def database(create: Create) -> str:
    """The URL of an empty database."""
    return await create()


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[Ground]:
    """An empty database, open for a module's tests."""
    async with ground(server_url) as opened:
        yield opened


@pytest.fixture
async def home(place: Ground) -> House:
    """A server on it, which nobody has visited."""
    await place.clear()
    return House(place)


@pytest.fixture
async def acme(place: Ground) -> AsyncIterator[Company]:
    """A company on it, newly founded."""
    async with company(place) as founded:
        yield founded


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A gateway's process, shared by all tests of this worker; each has charges of its own."""
    with running(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
async def shop(place: Ground, sandbox: Process) -> AsyncIterator[Shop]:
    """A company that buys; its books are proved at the end."""
    async with opened_shop(place, sandbox) as opened:
        yield opened


def _server_url(config: pytest.Config) -> str:
    """Given by the controller, or started when the first test of this process asks."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["server_url"])
    if url not in config.stash:
        config.stash[url] = config.stash[stack].enter_context(cluster.cluster())
    return config.stash[url]
