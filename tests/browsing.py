"""People in a browser: real chromium, in front of a server that is served as operators do it."""

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    ViewportSize,
)

from purser.demo import accounts
from tests import cluster, servers

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FAILURES = ROOT / "var" / "failures"
PATIENCE = 60_000  # milliseconds; more than ever needed
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { errors { code } } }"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def launched(playwright: Playwright) -> Browser:
    """A browser without a window; everything in it is ours, so it needs no sandbox of its own."""
    return await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@dataclass(frozen=True)
class Site:
    """A demo that answers at `url`."""

    url: str
    database_url: str
    signed_in: dict[str, str] = field(default_factory=dict)

    def password(self, email: str) -> str:
        """What somebody of the demo signs in with."""
        return next(one.password for one in accounts(servers.SECRET.encode()) if one.email == email)

    async def cookies(self, email: str) -> list[Any]:
        """What the browser of somebody of the demo keeps who has signed in; once is enough."""
        if email not in self.signed_in:
            asked = {"query": SIGN_IN, "variables": {"input": {"email": email, "password": self.password(email)}}}
            async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE / 1000) as client:
                answer = await client.post("/graphql", json=asked)
                self.signed_in[email] = answer.cookies["purser_session"]
        value = self.signed_in[email]
        return [{"name": "purser_session", "value": value, "url": self.url, "httpOnly": True, "sameSite": "Lax"}]

    async def link(self, email: str, path: str, *, but: str = "") -> str:
        """The newest mailed link of this kind to somebody, other than the one given; waits for the mail."""
        async with (
            httpx.AsyncClient(base_url=self.url, timeout=PATIENCE / 1000) as client,
            asyncio.timeout(PATIENCE / 1000),
        ):
            while True:
                mails: list[dict[str, Any]] = (await client.get("/dev/inbox.json")).json()
                found = [
                    re.search(rf"{re.escape(self.url + path)}#\S+", one["text"]) for one in mails if one["to"] == email
                ]
                for link in found:
                    if link and link[0] != but:
                        return link[0]
                await asyncio.sleep(0.05)


@asynccontextmanager
async def site(server_url: str, directory: Path) -> AsyncIterator[Site]:
    """The demo on a database of its own, served in a process of its own."""
    async with cluster.created(server_url) as database_url:
        settings = {"DATABASE_URL": database_url, "SECRET_KEY": servers.SECRET, "DEMO": "1"}
        with servers.serving(directory, DATA_DIR=str(directory / "data"), **settings) as running:
            yield Site(running.url, database_url)


@dataclass
class Visit:
    """A person in front of a browser of their own, and all that goes to and fro."""

    page: Page
    site: Site
    requests: list[Request] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        def note(one: Request) -> None:  # not the list's own method: Playwright marks what it is given
            self.requests.append(one)

        def keep(one: Response) -> None:
            self.responses.append(one)

        def complain(said: ConsoleMessage) -> None:
            if "Content Security" in said.text:
                self.complaints.append(said.text)

        self.page.on("request", note)
        self.page.on("response", keep)
        self.page.on("console", complain)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def open(self, path: str) -> None:
        await self.page.goto(path if ":" in path else self.site.url + path)

    async def sign_in(self, email: str, path: str = "/o/acme", password: str | None = None) -> None:
        """Sign in where one wants to go."""
        await self.open(path)
        await self.field("Email address").fill(email)
        await self.field("Password").fill(password or self.site.password(email))
        await self.press("Sign in")

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    async def press(self, name: str) -> None:
        """The button of the dialog that is open, or of the page."""
        dialog = self.page.get_by_role("dialog")
        await self.button(name, dialog if await dialog.count() else None).click()

    async def confirm(self, name: str) -> None:
        """The button of a dialog that is about to open."""
        await self.button(name, self.page.get_by_role("dialog")).click()

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True)

    def part(self, name: str) -> Locator:
        """A card of the page, by its name."""
        return self.page.get_by_role("region", name=name, exact=True)

    async def sees(self, text: str) -> None:
        await self.page.get_by_text(text).first.wait_for()

    async def sees_page(self, heading: str) -> None:
        await self.heading(heading).wait_for()

    async def rows(self, table: str) -> list[str]:
        """The texts of a table's rows."""
        rows = self.page.get_by_role("table", name=table, exact=True).locator("tbody tr")
        await rows.first.wait_for()
        return await rows.all_inner_texts()

    async def settled(self) -> None:
        """Nothing is shown as coming any more."""
        await self.page.locator("h1").first.wait_for()
        await self.page.locator(".skeleton").first.wait_for(state="detached")

    async def violations(self, within: str = "html", but: tuple[str, ...] = ()) -> list[str]:
        """What axe finds wrong for who cannot see, or cannot use a mouse."""
        await self.settled()
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text())
        options = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in but}}
        found = await self.page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
        return [
            f"{one['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    async def looks(self) -> AsyncIterator[tuple[str, tuple[str, ...]]]:
        """Once wide and once narrow, each in the light and in the dark; and the rules that have nothing new to find."""
        for viewport in (WIDE, NARROW):
            await self.page.set_viewport_size(viewport)
            for scheme in SCHEMES:
                await self.page.emulate_media(color_scheme=scheme)
                seen = (viewport is WIDE) is (scheme == "dark")
                yield f"{viewport['width']} {scheme}", ("color-contrast",) if seen else ()
        await self.page.set_viewport_size(WIDE)

    async def overhear(self) -> "Overheard":
        """Listen to the streams of server-sent events, from now on."""
        devtools = await self.page.context.new_cdp_session(self.page)
        overheard = Overheard(devtools)
        await devtools.send("Network.enable")
        return overheard

    async def answers(self) -> list[bytes]:
        """What the API has answered since this was asked last, but for streams; a browser forgets it with the page."""
        answered, self.responses = self.responses, []
        posted = [one for one in answered if one.request.method == "POST"]
        return [await one.body() for one in posted if "event-stream" not in one.headers.get("content-type", "")]

    def foreign(self) -> list[str]:
        """What was asked of anybody else."""
        ours = urlsplit(self.site.url).netloc
        return [one.url for one in self.requests if urlsplit(one.url).netloc not in {ours, ""}]

    def asked(self) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
        """Every operation that was sent: its text, its variables and its headers."""
        posted = [one for one in self.requests if one.method == "POST" and one.url.endswith("/graphql")]
        bodies = [(json.loads(one.post_data or "{}"), one.headers) for one in posted]
        return [(body["query"], body.get("variables") or {}, headers) for body, headers in bodies]


class Overheard:
    """Every byte of the event streams of a page, which never end; asking for a body would wait for that."""

    def __init__(self, devtools: CDPSession) -> None:
        self._devtools = devtools
        self._bodies: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._came = asyncio.Event()
        devtools.on("Network.responseReceived", self._began)
        devtools.on("Network.dataReceived", self._more)

    @property
    def said(self) -> bytes:
        return b"\n".join(self._bodies.values())

    async def says(self, text: bytes) -> None:
        """Until this has come."""
        async with asyncio.timeout(PATIENCE / 1000):
            while text not in self.said:
                self._came.clear()
                await self._came.wait()

    def _began(self, told: dict[str, Any]) -> None:
        if told["response"]["mimeType"] == "text/event-stream":
            task = asyncio.create_task(self._stream(told["requestId"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _stream(self, request: str) -> None:
        """From here on its data are told as they come; these are the ones before."""
        found = await self._devtools.send("Network.streamResourceContent", {"requestId": request})
        self._bodies[request] = b64decode(found["bufferedData"]) + self._bodies.get(request, b"")
        self._came.set()

    def _more(self, told: dict[str, Any]) -> None:
        if data := told.get("data"):
            self._bodies[told["requestId"]] = self._bodies.get(told["requestId"], b"") + b64decode(data)
            self._came.set()


Visits = Callable[..., Any]


@asynccontextmanager
async def visiting(browser: Browser, site: Site, name: str, failed: Callable[[], bool]) -> AsyncIterator[Visits]:
    """What lets people visit; when the test has failed, each leaves a picture of what they saw."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    async def come(email: str | None = None, **options: Any) -> Visit:
        given = {
            "viewport": WIDE,
            "locale": "en-US",
            "timezone_id": "Europe/Berlin",
            "reduced_motion": "reduce",
        } | options
        context = await browser.new_context(**given)
        context.set_default_timeout(PATIENCE)
        if email:
            await context.add_cookies(await site.cookies(email))
        contexts.append(context)
        visit = Visit(await context.new_page(), site)
        visit.listen()
        visits.append(visit)
        return visit

    try:
        yield come
    finally:
        if failed():
            FAILURES.mkdir(parents=True, exist_ok=True)
            for place, visit in enumerate(visits):
                await visit.page.screenshot(path=FAILURES / f"{name}-{place}.png", full_page=True)
        for context in contexts:
            await context.close()
