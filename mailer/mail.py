"""A mail that is ready to go: an envelope and its bytes, the same for the same letter."""

from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

import idna

from mailer.outbox import Letter
from mailer.render import Words, words

BOUNDARY = "=_{}"  # no line of quoted-printable begins so


@dataclass(frozen=True)
class Mail:
    """`international`: some server on its way must know SMTPUTF8."""

    id: UUID
    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)
    international: bool = False


class Carrier(Protocol):
    """Takes mails away."""

    async def carry(self, mail: Mail) -> None:
        """Raises TryLater and GivenUp."""


@dataclass(frozen=True)
class Stationery:
    """What stands on every mail: who sends it, and the origin of its links."""

    sender: str
    public_url: str

    @property
    def host(self) -> str:
        """The public host, as Message-ID and EHLO name it."""
        host = urlsplit(self.public_url).hostname or "localhost"
        return f"[{host}]" if ":" in host else _ascii(host)


def mail(letter: Letter, id_: UUID, at: datetime, on: Stationery) -> Mail:
    """A letter as a mail. Whoever writes it again writes the same, byte for byte."""
    to = mailbox(letter.to)
    international = not to.username.isascii()
    message = EmailMessage(SMTP.clone(utf8=international))
    message["Message-ID"] = f"<{id_}@{on.host}>"
    message["Date"] = format_datetime(at)
    message["From"] = author = sender(on.sender)
    message["To"] = to
    message["Auto-Submitted"] = "auto-generated"
    _write(message, words(letter, on.public_url))
    message.set_boundary(BOUNDARY.format(id_.hex))
    return Mail(id_, author.addr_spec, (to.addr_spec,), message.as_bytes(), international)


def _write(message: EmailMessage, said: Words) -> None:
    message["Subject"] = said.subject
    message.set_content(said.text, cte="quoted-printable")
    message.add_alternative(said.html, subtype="html", cte="quoted-printable")


def mailbox(typed: str) -> Address:
    """An address as it was typed, with its domain as every server knows it."""
    local, _, domain = typed.rpartition("@")
    return Address(username=local, domain=_ascii(domain))


def sender(text: str) -> Address:
    """The address of a From line: `Name <local@domain>`, or the address alone. Raises ValueError."""
    try:
        header = SMTP.header_factory("From", text)
    except IndexError:  # the library's parser ran over the end
        header = None
    if header is None or header.defects or len(header.addresses) != 1 or not text.isprintable():
        raise ValueError("must be an address, or Name <address>")
    found = header.addresses[0]
    if not found.username.isascii() or not found.domain:
        raise ValueError("must be an address of ASCII letters, or Name <address>")
    return Address(found.display_name, found.username, _ascii(found.domain))


def _ascii(domain: str) -> str:
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
