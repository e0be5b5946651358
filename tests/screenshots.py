"""Pictures of the pages for the documentation, of the demo: `make screenshots` writes them into docs/images."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import async_playwright

from tests import browsing, cluster
from tests.browsing import NARROW, ROOT, WIDE, Visit, Visits

IMAGES = ROOT / "docs" / "images"
CLERK = "billing@acme.test"


@dataclass(frozen=True)
class Picture:
    """Who looks at what, which buttons are pressed before, and what is then to be seen."""

    name: str
    email: str
    path: str
    press: tuple[str, ...] = ()
    until: str = ""
    narrow: bool = False
    scheme: Literal["light", "dark"] = "light"


PICTURES = (
    Picture("plans", CLERK, "/o/acme"),
    Picture("quote", CLERK, "/o/acme", ("Change seats", "Show price"), until="This price binds until"),
    Picture("plans-narrow", CLERK, "/o/acme", narrow=True, scheme="dark"),
    Picture("members", "owner@acme.test", "/o/acme/members"),
)


async def taken(picture: Picture, visits: Visits) -> None:
    """Go there, do as said, and keep what is seen."""
    visit: Visit = await visits(picture.email, viewport=NARROW if picture.narrow else WIDE, color_scheme=picture.scheme)
    await visit.open(picture.path)
    await visit.settled()
    for name in picture.press:
        await visit.press(name)
    if picture.until:
        await visit.sees(picture.until)
    await visit.settled()
    await visit.page.wait_for_load_state("load")
    await visit.page.screenshot(path=IMAGES / f"{picture.name}.png", animations="disabled")
    print(f"docs/images/{picture.name}.png")  # noqa: T201  # it is a command


async def take(server_url: str, directory: Path) -> None:
    """All pictures."""
    async with async_playwright() as playwright, browsing.site(server_url, directory) as site:
        browser = await browsing.launched(playwright)
        async with browsing.visiting(browser, site, "screenshots", lambda: False) as visits:
            for picture in PICTURES:
                await taken(picture, visits)
        await browser.close()


if __name__ == "__main__":
    with cluster.cluster() as url, tempfile.TemporaryDirectory() as temporary:
        asyncio.run(take(url, Path(temporary)))
