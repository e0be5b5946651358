"""Pages without a build: HTML from templates, one stylesheet, no script, nothing inline and nothing foreign."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from purser.pages import PAGE_HEADERS

HERE = Path(__file__).parent
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
# What stands on them is for who looks at it now.
HEADERS = PAGE_HEADERS | {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
FILES = ("plain.css",)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page."""
    return HTMLResponse(_environment().get_template(template).render(values), status, headers=HEADERS)


def routes() -> list[BaseRoute]:
    """What the pages load."""
    return [Route(f"/plain/{name}", _file) for name in FILES]


async def _file(request: Request) -> Response:
    return FileResponse(HERE / request.url.path.rpartition("/")[2], headers=PAGE_HEADERS)


@cache
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["linked"] = linked
    return made


def linked(text: str) -> Iterator[tuple[str, bool]]:
    """A text in parts, and which of them are links: words on a line of their own that begin like one."""
    for line in text.splitlines(keepends=True):
        bare = line.rstrip()
        is_link = bare.startswith(("http://", "https://")) and " " not in bare
        yield (bare if is_link else line), is_link
        if is_link:
            yield line[len(bare) :], False
