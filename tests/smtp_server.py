"""A real SMTP server in the loop of the test, which does as the test says."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TAKEN = "250 2.0.0 OK"
LOGIN = (b"purser", b"p@ss word")


async def take(_: SMTP) -> str:
    """The answer to a mail that is welcome."""
    return TAKEN


class PostOffice:
    """What an SMTP server was asked, and what it answers."""

    def __init__(self) -> None:
        self.port = 0
        self.connections: list[SMTP] = []
        self.envelopes: list[Envelope] = []
        self.sessions: list[Session] = []  # one a mail
        self.recipient: Callable[[str], str] = lambda _: TAKEN
        self.data: Callable[[SMTP], Awaitable[str]] = take

    @property
    def mails(self) -> list[EmailMessage]:
        """What was handed in, whatever was answered."""
        return [message_from_bytes(envelope.original_content or b"", policy=default) for envelope in self.envelopes]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def hang_up(self) -> None:
        """Close every connection."""
        for one in self.connections:
            if one.transport is not None:
                one.transport.close()

    async def lose(self, server: SMTP) -> str:
        """Take a mail, and let its answer get lost on the way."""
        if isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return TAKEN

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.recipient(address)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return await self.data(server)


@asynccontextmanager
async def post_office(port: int = 0, **options: Any) -> AsyncIterator[PostOffice]:
    """An SMTP server on loopback; `options` are those of aiosmtpd's."""
    office, loop = PostOffice(), asyncio.get_running_loop()
    implicit = options.pop("ssl", None)

    def connected() -> SMTP:
        made = SMTP(office, hostname="mx.test", loop=loop, **options)
        office.connections.append(made)
        return made

    server = await loop.create_server(connected, "127.0.0.1", port, ssl=implicit)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        office.hang_up()
        await asyncio.sleep(0)


def authenticated(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    """Whether this is our login."""
    return AuthResult(success=(given.login, given.password) == LOGIN, handled=False)


@cache
def certificate() -> tuple[bytes, bytes]:
    """A certificate for 127.0.0.1 that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mx.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    kept = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem), kept


def tls(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server speaks TLS with, and the file of who vouches for it."""
    authority, both = directory / "ca.pem", directory / "server.pem"
    made, key = certificate()
    authority.write_bytes(made)
    both.write_bytes(made + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, authority
