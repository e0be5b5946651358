"""Where a demo's mails can be read, and where their links lead."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from mailer import messages
from mailer.directory import Directory
from mailer.mail import Stationery, mail
from mailer.outbox import Letter, enqueue
from models.loading import uuid7
from models.transactions import transaction
from purser import inbox, worker
from purser.app import Ports, application
from purser.settings import load
from tests import cluster
from tests.conftest import Create

URL = "http://purser.test"
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
TOKEN = "t" * 43
NAMES = ("Acme", "<script>alert(1)</script>", "</pre><a href=//evil.test>")


@asynccontextmanager
async def client(path: Path, demo: str = "1") -> AsyncIterator[AsyncClient]:
    """The pages of an installation with its data here, where a mail a name was written."""
    settings = load({"PURSER_DATA_DIR": str(path), "PURSER_DEMO": demo})
    for second, name in enumerate(NAMES):
        at = AT + timedelta(seconds=second)
        sent = mail(invitation(name), uuid7(at, 1), at, Stationery("Purser <purser@purser.test>", URL))
        await Directory(settings.mail_dir).carry(sent)
    app = Starlette(routes=inbox.routes(settings))
    async with AsyncClient(transport=ASGITransport(app), base_url=URL) as made:
        yield made


def invitation(organization: str) -> Letter:
    return messages.invitation("Ann@acme.test", organization, None, AT, TOKEN)


async def test_mails_are_listed_for_programs_newest_first(tmp_path: Path) -> None:
    async with client(tmp_path) as pages:
        response = await pages.get("/dev/inbox.json")
        listed: list[dict[str, Any]] = response.json()
        assert [set(one) for one in listed] == [{"id", "to", "subject", "text", "html", "headers"}] * len(NAMES)
        oldest = listed[-1]
        assert [one["headers"]["Date"][17:25] for one in listed] == ["12:00:02", "12:00:01", "12:00:00"]
        assert (oldest["to"], oldest["subject"]) == ("Ann@acme.test", "Invitation to look after the billing of Acme")
        assert f"{URL}/invitation#{TOKEN}\n" in oldest["text"]
        assert f'href="{URL}/invitation#{TOKEN}"' in oldest["html"]
        assert oldest["headers"]["Message-ID"] == f"<{oldest['id']}@purser.test>"
        assert response.headers["cache-control"] == "no-store"


async def test_mails_can_be_read_and_their_links_clicked_without_a_script(tmp_path: Path) -> None:
    async with client(tmp_path) as pages:
        response = await pages.get("/dev/inbox")
        assert f'<a href="{URL}/invitation#{TOKEN}">' in response.text
        assert response.text.index("12:00:02") < response.text.index("12:00:00")
        assert "<script" not in response.text
        assert "evil.test>" not in response.text
        assert "&lt;script&gt;" in response.text
        assert "unsafe" not in response.headers["content-security-policy"]
        assert response.headers["referrer-policy"] == "no-referrer"


async def test_html_of_a_mail_is_shown_in_a_sandbox(tmp_path: Path) -> None:
    async with client(tmp_path) as pages:
        page = (await pages.get("/dev/inbox")).text
        frames = re.findall(r'<iframe sandbox="([^"]*)"[^>]* src="([^"]*)"', page)
        assert len(frames) == page.count("<iframe") == len(NAMES)
        for sandbox, source in frames:
            assert sandbox == "allow-popups allow-popups-to-escape-sandbox"
            response = await pages.get(source)
            assert "Accept the invitation" in response.text
            policy = response.headers["content-security-policy"]
            assert f"sandbox {sandbox}" in policy
            assert "default-src 'none'" in policy
        assert (await pages.get("/dev/inbox/00000000-0000-0000-0000-000000000000.html")).status_code == 404


async def test_an_installation_that_is_no_demo_shows_no_mail(tmp_path: Path) -> None:
    async with client(tmp_path, demo="0") as pages:
        for path in ("/dev/inbox", "/dev/inbox.json", f"/dev/inbox/{uuid7(AT, 1)}.html"):
            assert (await pages.get(path)).status_code == 404


async def test_an_inbox_without_mails_says_so(tmp_path: Path) -> None:
    app = Starlette(routes=inbox.routes(load({"PURSER_DATA_DIR": str(tmp_path)})))
    async with AsyncClient(transport=ASGITransport(app), base_url=URL) as pages:
        assert (await pages.get("/dev/inbox.json")).json() == []
        assert "There is none yet." in (await pages.get("/dev/inbox")).text


async def test_a_demo_that_serves_sends_its_mails_to_its_inbox(create: Create, server_url: str, tmp_path: Path) -> None:
    url = await create(await cluster.migrated(server_url))
    settings = load({"PURSER_DATA_DIR": str(tmp_path), "PURSER_PUBLIC_URL": URL, "PURSER_DEMO": "1"})
    ports = Ports(url, settings.secret().encode(), beside=partial(worker.beside, settings, url))
    app = application(ports, extra=lambda: inbox.routes(settings))
    async with app.router.lifespan_context(app) as state, asyncio.timeout(30):
        assert state
        room = state["server"].room
        await transaction(lambda: enqueue([invitation("Acme")], room, room.clock(), None))
        async with AsyncClient(transport=ASGITransport(app), base_url=URL) as pages:
            while not (found := (await pages.get("/dev/inbox.json")).json()):  # noqa: ASYNC110  # as people do
                await asyncio.sleep(0.01)
    assert f"{URL}/invitation#{TOKEN}\n" in found[0]["text"]
