"""Stripe's three hosts, as a browser meets them: its script and frames, with localstripe behind its API."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.async_api import BrowserContext, Route

from tests import cluster, servers
from tests.browsing import Site
from tests.doubles import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, LocalStripe
from tests.servers import PATIENCE

FILES = Path(__file__).parent / "stripe_script"
SCRIPT = "https://js.stripe.com/v3/"
HOSTS = {"js.stripe.com", "api.stripe.com", "hooks.stripe.com"}
ANYBODY = {"access-control-allow-origin": "*"}


@dataclass
class StripeHosts:
    """Answers for them, and for every other host that is not ours; `away`: the script cannot be had."""

    behind: LocalStripe
    away: bool = False
    asked: list[str] = field(default_factory=list)

    async def stand_in(self, context: BrowserContext) -> None:
        await context.route(lambda url: urlsplit(url).scheme == "https", self._answer)

    async def _answer(self, route: Route) -> None:
        self.asked.append(route.request.url)
        parts = urlsplit(route.request.url)
        if route.request.url == SCRIPT:
            await (route.abort() if self.away else route.fulfill(path=FILES / "v3.js", content_type="text/javascript"))
        elif parts.netloc == "api.stripe.com" and route.request.method == "POST":
            status, body = await self._forwarded(parts.path, route.request.post_data or "")
            await route.fulfill(status=status, body=body, content_type="application/json", headers=ANYBODY)
        elif (page := FILES / Path(parts.path).name).suffix == ".html":
            await route.fulfill(path=page, content_type="text/html")
        else:
            await route.fulfill(body="{}", headers=ANYBODY)

    async def _forwarded(self, path: str, body: str) -> tuple[int, bytes]:
        """What localstripe says: it takes the secret key only, where Stripe takes the publishable one."""
        asked = json.loads(body)
        assert asked["key"] == PUBLISHABLE_KEY
        async with httpx.AsyncClient(base_url=self.behind.url, trust_env=False, timeout=PATIENCE) as client:
            answer = await client.post(path, json=asked, headers={"authorization": f"Bearer {SECRET_KEY}"})
        return answer.status_code, answer.content


@asynccontextmanager
async def stripe_site(server_url: str, directory: Path, stripe: LocalStripe) -> AsyncIterator[Site]:
    """An installation whose cards Stripe takes, and which Stripe tells of them."""
    async with cluster.created(server_url) as database_url:
        settings = {
            "DATABASE_URL": database_url,
            "SECRET_KEY": servers.SECRET,
            "DEMO": "1",
            "GATEWAY": "stripe",
            "STRIPE_SECRET_KEY": SECRET_KEY,
            "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_URL": stripe.url,
        }
        with servers.serving(directory, DATA_DIR=str(directory / "data"), **settings) as running:
            await stripe.send_to(f"{running.url}/webhooks/stripe")
            yield Site(running.url, database_url)
