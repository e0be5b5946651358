"""The mails of a demo, to look at and to click in: there is no other place where they arrive."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mailer.directory import Directory
from purser import plain
from purser.settings import Settings

MOST = 200
# Its styles are inline, as mail programs want them; it is framed by the inbox, and can do nothing.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def routes(settings: Settings) -> list[BaseRoute]:
    """The inbox of a demo; elsewhere there is none."""
    inbox = Inbox(Directory(settings.mail_dir))
    if not settings.demo:
        return []
    return [
        Route("/dev/inbox", inbox.page),
        Route("/dev/inbox.json", inbox.listed),
        Route("/dev/inbox/{id:uuid}.html", inbox.html),
    ]


class Inbox:
    """What lies in the directory, newest first."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def page(self, _request: Request) -> Response:
        """For people."""
        return plain.page("inbox.html", mails=await self._mails())

    async def listed(self, _request: Request) -> Response:
        """For programs."""
        return JSONResponse(await self._mails(), headers=plain.HEADERS)

    async def html(self, request: Request) -> Response:
        """One mail's HTML."""
        wanted = str(request.path_params["id"])
        for mail in await self._mails():
            if mail["id"] == wanted:
                return HTMLResponse(mail["html"], headers=plain.HEADERS | {"Content-Security-Policy": MAIL_POLICY})
        return Response(status_code=404, headers=plain.HEADERS)

    async def _mails(self) -> list[dict[str, Any]]:
        return await asyncio.to_thread(lambda: [opened(path) for path in self._directory.newest(MOST)])


def opened(path: Path) -> dict[str, Any]:
    """What stands in a mail's file."""
    message = message_from_bytes(path.read_bytes(), policy=default)
    return {
        "id": path.stem,
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "text": _content(message, "plain"),
        "html": _content(message, "html"),
        "headers": {name: str(value) for name, value in message.items()},
    }


def _content(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    return str(found.get_content()).replace("\r\n", "\n") if found else ""
