"""One PostgreSQL for the whole run, shared by all workers; a database of its own for whoever asks."""

import gc
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, async_playwright

from tests import browsing, cluster
from tests.company import Company, company
from tests.sandboxes import Process, running
from tests.shop import Shop
from tests.shop import shop as opened_shop
from tests.visitors import Ground, House, ground

settings.register_profile("purser", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("purser")  # no test is about how fast the machine is

stack = pytest.StashKey[ExitStack]()
url = pytest.StashKey[str]()
failed = pytest.StashKey[bool]()

# Whole installations that start, are killed or are stormed; and answers compared for every operation. What they find
# is the same on every version of PostgreSQL.
KINDS = {
    "fault": {
        "clocks", "crash", "kill_points", "money_commands", "purchase_deaths", "purchase_storms", "serving",
        "serving_money",
    },
    "law": {"hidden", "law", "manager_law", "money_law"},
}  # fmt: skip
# These come first, that none is left to one worker alone at the end; each is best done by one, which makes its ground.
LONGEST = ("test_law.py", "test_purchase_deaths.py", "test_money_law.py", "test_hidden.py")

Create = Callable[..., Awaitable[str]]


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(50_000, 20, 50)  # schemas and syntax trees are many objects, and hardly any garbage is in cycles
    config.stash[stack] = ExitStack()
    config.addinivalue_line("markers", "database: runs PostgreSQL; set by itself where server_url is a fixture")
    config.addinivalue_line("markers", "fault: starts, kills or storms; set by itself for the files of KINDS")
    config.addinivalue_line("markers", "law: compares answers to every operation; as above")
    config.addinivalue_line(
        "markers", "browser: looks at the pages in chromium; set by itself where chromium is a fixture"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        for kind, files in KINDS.items():
            if item.path.stem.removeprefix("test_") in files:
                item.add_marker(kind)
        fixtures = getattr(item, "fixturenames", ())
        if "chromium" in fixtures:
            item.add_marker("browser")
        elif "server_url" in fixtures:
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """What was imported stays: no later collection of garbage has to look at it."""
    gc.collect()
    gc.freeze()


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know whether the test has failed."""
    report = yield
    item.stash[failed] = item.stash.get(failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's chromium; in CI it has to be there."""
    if os.environ.get("PURSER_SKIP_WEB") == "1":
        pytest.skip("PURSER_SKIP_WEB is 1")
    if not browsing.CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("there is no chromium here: apt install chromium")
    async with async_playwright() as playwright:
        browser = await browsing.launched(playwright)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def site(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[browsing.Site]:
    """The demo, served to all tests of a process: none changes what Acme buys."""
    async with browsing.site(server_url, tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture
async def visits(
    chromium: Browser, site: browsing.Site, request: pytest.FixtureRequest
) -> AsyncIterator[browsing.Visits]:
    """What lets people visit the demo, each with a browser of their own."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    async with browsing.visiting(chromium, site, name, lambda: request.node.stash.get(failed, False)) as come:
        yield come


def _server_url(config: pytest.Config) -> str:
    """Given by the controller, or started when the first test of this process asks."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["server_url"])
    if url not in config.stash:
        config.stash[url] = config.stash[stack].enter_context(cluster.cluster())
    return config.stash[url]
