"""`GET /documents/<id>.pdf`: invoices and credit notes for who may view them; for everybody else there is nothing."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from billing.client import Client
from billing.documents.document import DocumentKind
from billing.printing import Paper, paper
from billing.room import Room
from execution.clients import Clients
from execution.http import VARY, Refused, identified, private
from models import Permission
from models.viewer import NOBODY, Viewer
from resolvers.loads import Database
from schema import ids
from schema.declare import NOUNS

KINDS = {"Invoice": DocumentKind.INVOICE, "CreditNote": DocumentKind.CREDIT_NOTE}
# His browser may keep it, and asks each time whether he still may see it.
HEADERS = {
    "cache-control": "private, no-cache",
    "vary": VARY,
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}


class Documents:
    """Signs in as the API does. Unknown, foreign, hidden and not signed in are one answer: 404."""

    def __init__(
        self,
        database: Database,
        room: Room,
        authenticate: Callable[[Request, Client], Awaitable[Viewer]],
        clients: Clients,
    ) -> None:
        self._database, self._room, self._authenticate, self._clients = database, room, authenticate, clients

    async def __call__(self, request: Request) -> Response:
        """The PDF, or 304 for who has it."""
        client = self._clients.of(request)
        try:
            viewer = await self._authenticate(request, client)
        except Refused:
            viewer = NOBODY
        found = await self._paper(viewer, request.path_params["id"])
        if found is None:
            return Response(status_code=404, headers=private(identified(request)))
        headers = HEADERS | self._clients.headers(client) | {"etag": f'"{found.digest.hex()}"'}
        if headers["etag"] in seen(request):
            return Response(status_code=304, headers=headers)
        headers["content-disposition"] = f'inline; filename="{found.number}.pdf"'
        return Response(found.content, headers=headers, media_type="application/pdf")

    async def _paper(self, viewer: Viewer, text: str) -> Paper | None:
        kind, key = named(text)
        organizations = viewer.organizations_where(Permission.VIEW_INVOICES.bit)
        if kind is None or not organizations:
            return None
        return await paper(self._room, kind, key, organizations, self._database.fetch)


def named(text: str) -> tuple[DocumentKind | None, UUID]:
    """What an id stands for; no kind for what names no document."""
    prefix, key = ids.read(text) or ("", UUID(int=0))
    return next((kind for noun, kind in KINDS.items() if NOUNS[noun].prefix == prefix), None), key


def seen(request: Request) -> list[str]:
    """What the client says that it has."""
    given = request.headers.get("if-none-match", "").split(",")
    return [tag.strip().removeprefix("W/") for tag in given]
