"""The server's life with a database of its own: first start, second start, keys, and an end that leaves nothing."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from billing.gateways import sandbox as client
from billing.gateways.gateway import Charge, ChargeStatus, Order
from billing.rules.money import Money
from models import api_keys
from purser import demo
from purser.sandbox.child import beside
from purser.sandbox.process import Place
from purser.settings import load
from tests.cluster import memory
from tests.sandboxes import SHORT, clicked, seen
from tests.servers import PATIENCE, Running, free_port, run, serving

pytestmark = pytest.mark.database

WHO = "{ viewer { email organizations { nodes { slug } } } }"


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data directory with a short name: one installation, which all tests here share in their order."""
    with tempfile.TemporaryDirectory(dir=memory() or "/tmp") as directory:  # noqa: S108  # its name is short
        yield Path(directory).resolve() / "var"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


def asked(server: Running, key: str) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    found = httpx.post(f"{server.url}/graphql", json={"query": WHO}, headers=headers, timeout=PATIENCE)
    assert found.status_code == 200, found.text
    return found.json()["data"]["viewer"]


def demo_key(data: Path, email: str) -> str:
    secret = (data / "secret_key").read_text().strip().encode()
    return next(account.api_key for account in demo.accounts(secret) if account.email == email)


def new_key(data: Path, email: str) -> str:
    done = run("api-key", "create", "--email", email, DATA_DIR=str(data))
    assert (done.returncode, done.stderr) == (0, "")
    assert api_keys.well_formed(done.stdout.removesuffix("\n"))
    return done.stdout.strip()


def refused(**settings: str) -> str:
    """Why a server did not start, in one line."""
    done = run("serve", **settings)
    assert done.returncode == 1
    assert done.stderr.startswith("purser: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("purser: ").strip()


def ended(server: Running, data: Path, sent: signal.Signals) -> None:
    """Tell it to end: it does so well, and its database with it."""
    running = postmaster(data)
    assert alive(running)
    assert server.stop(sent) == 0
    assert not alive(running)
    assert not (data / "postgres" / "postmaster.pid").exists()


def sandbox(data: Path) -> str:
    """Where the server's sandbox answers."""
    return (data / "sandbox" / "url").read_text().strip()


def test_first_start_serves_the_demo_until_ctrl_c(data: Path) -> None:
    with serving(data.parent, DATA_DIR=str(data)) as server:
        assert httpx.get(f"{server.url}/health/ready", timeout=PATIENCE).json() == {"status": "ok"}
        who = asked(server, demo_key(data, "mixed@acme.test"))
        assert {node["slug"] for node in who["organizations"]["nodes"]} == {"acme", "globex"}
        assert asked(server, new_key(data, "owner@globex.test"))["email"] == "owner@globex.test"
        assert "There is none yet." in httpx.get(sandbox(data), timeout=PATIENCE).text
        ended(server, data, signal.SIGINT)
        assert not (data / "sandbox" / "url").exists()
    assert "Traceback" not in server.errors.read_text()


def test_later_start_serves_what_is_there_alone_until_it_is_terminated(data: Path) -> None:
    key = new_key(data, "billing@acme.test")  # while no server runs
    assert not (data / "postgres" / "postmaster.pid").exists()
    with serving(data.parent, DATA_DIR=str(data)) as server:
        assert asked(server, key)["email"] == "billing@acme.test"
        port = server.url.rpartition(":")[2]
        assert refused(DATA_DIR=str(data), PORT=str(free_port())) == (
            f"Purser already runs on {data}, as process {server.process.pid}."
        )
        other = data.parent / "other"
        assert refused(DATA_DIR=str(other), PORT=port) == (
            f"Cannot listen on 127.0.0.1, port {port}: address already in use. Set PURSER_HOST or PURSER_PORT."
        )
        assert not other.exists()
        assert asked(server, key)["email"] == "billing@acme.test"
        ended(server, data, signal.SIGTERM)
    assert server.errors.read_text() == ""


async def paid(data: Path) -> Charge:
    """The same order each time."""
    secret = (data / "secret_key").read_text().strip().encode()
    order = Order(
        "the same", Money(1000, "EUR"), "tok_3ds", None, on_session=True, return_url="http://127.0.0.1:1/plans"
    )
    async with client.sandbox(lambda: sandbox(data), secret, lambda: datetime.now(UTC), SHORT) as gateway:
        return await gateway.charge(order)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the sandbox by /proc")
async def test_sandbox_that_is_killed_alone_is_started_again_with_what_it_had_taken(data: Path) -> None:
    with serving(data.parent, DATA_DIR=str(data)) as server:
        taken = await paid(data)
        killed, where = played(server.process.pid), sandbox(data)
        os.kill(killed, signal.SIGKILL)
        await asyncio.to_thread(until, lambda: sandbox(data) != where)
        assert (await paid(data)).reference == taken.reference
        assert played(server.process.pid) != killed
        ended(server, data, signal.SIGINT)
        assert not (data / "sandbox" / "url").exists()
    assert "the sandbox ended, and is started again" in server.errors.read_text()
    assert "Traceback" not in server.errors.read_text()


def test_server_whose_neighbour_ends_has_a_sandbox_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PURSER_DATA_DIR", str(tmp_path))
    settings = load()
    place = Place(settings.sandbox_dir)
    with ExitStack() as second:
        with beside(settings) as ready:
            ready()
            second.enter_context(beside(settings))()
            assert place.url()
        until(lambda: place.url() is not None)
    assert (place.url(), place.taken()) == (None, False)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def played(server: int) -> int:
    """The process of a server's sandbox."""
    children = [pid for one in Path(f"/proc/{server}/task").glob("*/children") for pid in one.read_text().split()]
    (found,) = [pid for pid in children if b"purser.sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return int(found)


async def test_killed_server_takes_its_sandbox_with_it_and_the_next_one_finds_what_was_taken(data: Path) -> None:
    with serving(data.parent, DATA_DIR=str(data)) as server:
        charge = await paid(data)
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    with serving(data.parent, DATA_DIR=str(data)) as server:
        again = await paid(data)
        assert (again.reference, again.status) == (charge.reference, ChargeStatus.REQUIRES_ACTION)
        assert again.action
        page = str(again.action.url)
        assert page.startswith(f"{server.url}/sandbox/3ds/")  # under the address that browsers reach
        looked = await seen(page)
        assert "Approve" in looked.text
        assert "form-action 'self' http://127.0.0.1:" in looked.headers["content-security-policy"]
        assert (await seen(f"{server.url}/sandbox/3ds/ch_1%3F")).status_code == 404
        assert (await clicked(page, "approve")).status_code == 303
        assert (await paid(data)).status is ChargeStatus.SUCCEEDED
        ended(server, data, signal.SIGTERM)
