"""How somebody signs in: sessions, and the links that prove an address."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.table import Column, Stored


class LinkKind(StrEnum):
    """What a mailed link is good for."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  # a kind of link


class Session(Stored):
    """A browser that is signed in. Only the SHA-256 of its cookie is kept."""

    user_id = Column[UUID]()
    digest = Column[bytes]()
    client = Column[str]()
    created_at = Column[datetime]()
    seen_at = Column[datetime]()
    expires_at = Column[datetime]()
    revoked_at = Column[datetime | None]()


class MailedLink(Stored):
    """A link sent to an address; good once, until `expires_at`. Only the SHA-256 of its token is kept."""

    user_id = Column[UUID]()
    kind = Column[LinkKind]()
    digest = Column[bytes]()
    email_key = Column[str]()
    created_at = Column[datetime]()
    expires_at = Column[datetime]()
    used_at = Column[datetime | None]()
