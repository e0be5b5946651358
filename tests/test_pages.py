"""The pages of a browser: what they carry, what they may load, and what there is before they are built."""

import json
import os
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from purser.pages import routes
from scripts.build_web import DIGEST, DIST, WEB, digest_of_sources

needs_build = pytest.mark.skipif(os.environ.get("PURSER_SKIP_WEB") == "1", reason="PURSER_SKIP_WEB is 1")

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
PAGES = ("/", "/sign-in", "/sign-up", "/forgot", "/new", "/payments/return", "/o/acme", "/o/acme/members")
LINKS = ("/invitation", "/join", "/verify", "/reset")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "worker-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
# Where sniffing is off, these must be right; a font loads under any.
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SMALL = 200  # bytes, which compressing may not make fewer
# What the bundled editor may say without asking for it: hosts in links, in names and in messages.
HOSTS_ONLY_NAMED = {
    "code.visualstudio.com": "links in the editor's help and in the list of shortcuts",
    "commonmark.org": "a link in descriptions of the built-in directives",
    "en.wikipedia.org": "a link in the description of Float",
    "github.com": "links in error messages and behind GraphiQL's own logo, which is not shown",
    "js.stripe.com": "the script of a card's field, where Stripe takes the cards; elsewhere the policy forbids it",
    "json-schema.org": "names of JSON Schema's dialects, bundled whole",
    "microsoft.com": "the base of relative file names in the editor",
    "prettier.io": "a link in an error message",
    "react.dev": "a link in error messages",
    "www.w3.org": "XML namespaces",
}


def client_of(dist: Path) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(Starlette(routes=routes(dist))), base_url="http://purser.test")


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    assert DIGEST.is_file(), "run python -m scripts.build_web"
    assert DIGEST.read_text() == digest_of_sources(), "web/ has changed: run python -m scripts.build_web"
    async with client_of(DIST) as client:
        yield client


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text inside its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline_script = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.inline_script += data


def directives(policy: str) -> dict[str, str]:
    return dict(directive.strip().split(" ", 1) for directive in policy.split(";"))


@needs_build
@pytest.mark.parametrize("path", [*PAGES, *LINKS])
async def test_the_application_comes_with_the_strictest_headers(client: AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert directives(response.headers["content-security-policy"]) == APPLICATION_POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == ("no-store" if path in LINKS else "no-cache")


@needs_build
async def test_stripe_may_be_asked_only_where_it_takes_the_cards() -> None:
    app = Starlette(routes=routes(DIST, stripe=True))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://purser.test") as client:
        policy = directives((await client.get("/o/acme")).headers["content-security-policy"])
        assert policy == APPLICATION_POLICY | {
            "script-src": "'self' https://js.stripe.com",
            "connect-src": "'self' https://api.stripe.com",
            "frame-src": "https://js.stripe.com https://hooks.stripe.com",
        }
        assert directives((await client.get("/graphiql")).headers["content-security-policy"]) == POLICY


@needs_build
@pytest.mark.parametrize("path", LINKS)
async def test_the_page_of_a_mailed_link_is_the_same_whatever_the_token_and_is_only_read(
    client: AsyncClient, path: str
) -> None:
    page = (await client.get(path)).content
    assert (await client.get(f"{path}?token={'t' * 43}")).content == page
    assert (await client.post(path)).status_code == 405


@needs_build
async def test_graphiql_comes_with_the_strict_headers(client: AsyncClient) -> None:
    response = await client.get("/graphiql")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert directives(response.headers["content-security-policy"]) == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-cache"


@needs_build
@pytest.mark.parametrize("path", ["/", "/graphiql"])
async def test_a_page_holds_no_inline_script_and_asks_its_own_origin_only(client: AsyncClient, path: str) -> None:
    page = Elements((await client.get(path)).text)
    assert page.inline_script.strip() == ""
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    asked = [attributes.get("src") or attributes.get("href") for tag, attributes in page.elements if tag != "html"]
    addresses = [address for address in asked if address]
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith("/assets/")
        assert (await client.get(address)).status_code == 200


@needs_build
async def test_assets_are_cached_for_good_and_obey_the_policy_of_the_page(client: AsyncClient) -> None:
    files = sorted((DIST / "assets").iterdir())
    assert {path.suffix for path in files} == {*MEDIA_TYPES, ".ttf"}
    assert len([path for path in files if ".worker-" in path.name]) == 3
    for path in files:
        response = await client.get(f"/assets/{path.name}")
        assert response.status_code == 200
        media_type = response.headers["content-type"].split(";")[0]
        assert media_type == MEDIA_TYPES.get(path.suffix, media_type)
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert directives(response.headers["content-security-policy"]) == POLICY
        assert response.headers["x-content-type-options"] == "nosniff"


@needs_build
async def test_a_text_comes_compressed_to_whoever_takes_it_so(client: AsyncClient) -> None:
    texts = [path for path in (DIST / "assets").iterdir() if path.suffix in MEDIA_TYPES]
    for path in texts:
        plain = await client.get(f"/assets/{path.name}", headers={"Accept-Encoding": "br, gzip;q=0"})
        whole = await client.get(f"/assets/{path.name}", headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.8"})
        assert "content-encoding" not in plain.headers
        assert whole.headers["content-encoding"] == "gzip"
        assert whole.num_bytes_downloaded < len(plain.content) or len(plain.content) < SMALL
        assert plain.content == whole.content == path.read_bytes()
        assert plain.headers["vary"] == whole.headers["vary"] == "Accept-Encoding"
        assert plain.headers["content-type"] == whole.headers["content-type"]
        assert plain.headers["etag"] != whole.headers["etag"]
        again = await client.get(f"/assets/{path.name}", headers={"If-None-Match": whole.headers["etag"]})
        assert again.status_code == 304
    assert (await client.get(f"/assets/{texts[0].name}.gz")).status_code == 404


@needs_build
@pytest.mark.usefixtures("client")
def test_built_files_name_foreign_hosts_only_where_nothing_is_requested() -> None:
    hosts: dict[str, set[str]] = {}
    for path in (DIST / "assets").iterdir():
        if path.suffix != ".ttf":
            hosts[path.name] = set(re.findall(r"(?:https?|wss?)://([\w.-]+)", path.read_text()))
    assert set().union(*hosts.values()) <= set(HOSTS_ONLY_NAMED)
    assert not set().union(*(found for name, found in hosts.items() if name.endswith(".css")))


@needs_build
@pytest.mark.parametrize(
    "path", ["%2e%2e/.digest", "..%2f.digest", "%2e%2e%2fgraphiql%2findex.html", "/etc/passwd", "%00", ""]
)
async def test_nothing_beside_the_assets_is_served(client: AsyncClient, path: str) -> None:
    assert (await client.get(f"/assets/{path}")).status_code == 404


@needs_build
async def test_pages_are_only_read(client: AsyncClient) -> None:
    for path in ("/", "/graphiql", f"/assets/{next((DIST / 'assets').iterdir()).name}"):
        assert (await client.head(path)).status_code < 400
        assert (await client.post(path)).status_code == 405


@pytest.mark.parametrize(("path", "policy"), [("/", APPLICATION_POLICY), ("/graphiql", POLICY)])
async def test_before_a_build_a_page_says_how_to_make_one(tmp_path: Path, path: str, policy: dict[str, str]) -> None:
    async with client_of(tmp_path) as client:
        response = await client.get(path)
        assert response.status_code == 503
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert directives(response.headers["content-security-policy"]) == policy
        assert "python -m scripts.build_web" in response.text
        assert response.text.count("\n") == 1
        assert (await client.get("/assets/any.js")).status_code == 404


def test_lock_pins_every_package_and_names_no_host() -> None:
    text = (WEB / "package-lock.json").read_text()
    assert "://" not in text, "`npm run lock` writes the lock without hosts"
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    wanted = json.loads((WEB / "package.json").read_text())
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert version == packages[f"node_modules/{name}"]["version"]


def test_pages_are_stale_once_a_source_the_lock_or_the_schema_changes(tmp_path: Path) -> None:
    web, schema = tmp_path / "web", tmp_path / "schema.graphql"
    (web / "src").mkdir(parents=True)
    (web / "generated").mkdir()
    source, lock = web / "src" / "page.ts", web / "package-lock.json"
    source.write_text("1")
    lock.write_text("{}")
    schema.write_text("type Query")
    digests = [digest_of_sources(web, schema)]
    source.write_text("2")
    digests.append(digest_of_sources(web, schema))
    lock.write_text("{ }")
    digests.append(digest_of_sources(web, schema))
    schema.write_text("type Mutation")
    digests.append(digest_of_sources(web, schema))
    source.rename(web / "src" / "other.ts")
    digests.append(digest_of_sources(web, schema))
    assert len(set(digests)) == 5
    (web / "generated" / "any.ts").write_text("3")
    assert digest_of_sources(web, schema) == digests[-1]
