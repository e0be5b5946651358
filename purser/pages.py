"""The pages a browser opens: the application at / and where mailed links lead, GraphiQL, and the assets they load."""

import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).resolve().parent
# A wheel carries the built pages beside this module; a checkout has them where the build leaves them.
DIST = HERE / "web" if (HERE / "web").is_dir() else HERE.parent / "web" / "dist"

# Nothing in the application is inline, and nothing is foreign,
APPLICATION_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
# but for the card's field, where Stripe takes the cards.
STRIPE = {
    "script-src": "'self' https://js.stripe.com",
    "connect-src": "'self' https://api.stripe.com",
    "frame-src": "https://js.stripe.com https://hooks.stripe.com",
}
# GraphiQL's editor writes style elements and has its fonts in data: URLs; nothing else is inline, nothing is foreign.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
# Assets carry them too: a worker obeys the policy that its own script came with, not the page's.
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE_HEADERS = SECURITY_HEADERS | {"Cache-Control": "no-cache"}
# The token of a mailed link stands behind the "#", which no browser sends: the page is the same for every token.
NOT_KEPT = {"Cache-Control": "no-store"}
# Their names hold a digest of their contents.
ASSET_HEADERS = SECURITY_HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
# Addresses that the application knows; web/src/app.tsx says what it shows there.
APPLICATION = ("/", "/sign-in", "/sign-up", "/forgot", "/new", "/payments/return", "/o/{path:path}")
LINKS = ("/invitation", "/join", "/verify", "/reset")
NOT_BUILT = "The web pages are not built: run `python -m scripts.build_web`, then start the server again.\n"


# "gzip", and not that it is the last thing wanted (RFC 9110, 12.4.2 and 12.5.3).
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


class Assets(StaticFiles):
    """Built files under names that never come to mean something else, compressed for whoever takes them so."""

    def __init__(self, dist: Path) -> None:
        super().__init__(directory=dist / "assets")
        self._compressed = dist / "gzip"

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: MutableMapping[str, object],
        status_code: int = 200,
    ) -> Response:
        """The file, as it is or compressed, or 304, with the headers of an asset."""
        headers = dict(ASSET_HEADERS)
        compressed = self._compressed / f"{Path(full_path).name}.gz"
        if compressed.is_file():
            headers["Vary"] = "Accept-Encoding"
            if TAKES_GZIP.search(Headers(scope=scope).get("Accept-Encoding", "")):
                headers["Content-Encoding"] = "gzip"
                full_path, stat_result = compressed, compressed.stat()
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(headers)
        return response


def routes(dist: Path = DIST, *, stripe: bool = False) -> list[BaseRoute]:
    """The pages built into `dist`; when there are none, one sentence with status 503 that says how to build them."""
    application, graphiql = dist / "index.html", dist / "graphiql" / "index.html"
    policy = APPLICATION_POLICY | (STRIPE if stripe else {})
    written = "; ".join(f"{name} {sources}" for name, sources in policy.items())
    headers = PAGE_HEADERS | {"Content-Security-Policy": written}
    made: list[BaseRoute] = [
        *(Route(path, page(application, headers)) for path in APPLICATION),
        *(Route(path, page(application, headers | NOT_KEPT)) for path in LINKS),
        Route("/graphiql", page(graphiql, PAGE_HEADERS)),
    ]
    if application.is_file():
        made.append(Mount("/assets", Assets(dist), name="assets"))
    return made


def page(file: Path, headers: dict[str, str]) -> Callable[[Request], Awaitable[Response]]:
    """A page that was built, or what to do when it was not."""
    built = file.is_file()

    async def endpoint(_: Request) -> Response:
        if built:
            return FileResponse(file, headers=headers)
        return PlainTextResponse(NOT_BUILT, status_code=503, headers=headers | NOT_KEPT)

    return endpoint
