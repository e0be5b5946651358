"""Who asks: an API key or a browser's session becomes a viewer, with all that he may do, in one statement."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request

import models
from billing import sessions
from billing.client import Client
from billing.sealing import digest
from execution.clients import Clients
from execution.http import Refused
from models import api_keys
from models.viewer import NOBODY, Viewer
from purser.key_use import KeyUse
from resolvers.loads import Database
from resolvers.standings import OF_KEY, OF_SESSION, key_holder, session_holder

ROW = models.Organization.table.row
HEADER = "purser-request"  # no page of another origin can send it without being asked first, and it is not answered


class Authentication:
    """Turns requests into viewers. Unknown, revoked and expired keys, and what is no key, are one answer.

    A session that is no more is nobody's. Its cookie stays: taken away, the one would go with it that another tab has
    just got by signing in. A key goes before a session.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], clients: Clients, uses: KeyUse) -> None:
        self._database, self._clock, self._clients, self._uses = database, clock, clients, uses

    async def __call__(self, request: Request, client: Client) -> Viewer:
        """Nobody without key and session. Raises Refused: 401, or 403 for what another site made a browser send."""
        given = request.headers.get("authorization")
        if given is None:
            if client.session is None:
                return NOBODY
            if forged(request, self._clients.origin):
                words = f"A session is good from {self._clients.origin} only, with the header Purser-Request: 1."
                raise Refused(403, "CSRF", words)
            return await self.signed_in(client)
        scheme, _, key = given.partition(" ")
        if scheme.lower() != "bearer" or not api_keys.well_formed(key.strip()):
            raise unauthenticated()
        return await self.viewer(key.strip(), client.scope)

    async def viewer(self, key: str, slug: str | None) -> Viewer:
        """Who made this key; with a slug, as if that organization were the only one. Raises Refused, 401."""
        now = self._clock()
        rows = await self._database.fetch(OF_KEY, api_keys.digest(key), now, slug, record_class=ROW)
        if (found := key_holder(rows)) is None:
            raise unauthenticated()
        self._uses.note(rows[0]["credential_id"], rows[0]["last_used_at"], now)
        return found

    async def signed_in(self, client: Client) -> Viewer:
        """Whose session the client has; it lasts longer by being used."""
        text, now = client.session or "", self._clock()
        rows = await self._database.fetch(OF_SESSION, digest(text), now, client.scope, record_class=ROW)
        found = session_holder(rows)
        if found is None:
            return NOBODY
        if rows[0]["seen_at"] <= now - sessions.SEEN:
            await self._database.fetch(sessions.PROLONG, found.session_id, now, now + sessions.VALID)
            client.keep(text)
        return found


def forged(request: Request, origin: str) -> bool:
    """Whether another site may have made the browser ask; what changes nothing may come without the header."""
    sent_from, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if sent_from not in {None, origin} or site not in {None, "same-origin", "none"}:
        return True
    return request.method not in {"GET", "HEAD"} and request.headers.get(HEADER) != "1"


def unauthenticated() -> Refused:
    """The one answer."""
    return Refused(401, "UNAUTHENTICATED", "This key is not good.", www_authenticate='Bearer realm="Purser"')
