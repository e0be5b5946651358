"""Whom one may sign in as in the demo. Passwords and keys are derived from the installation's secret, never stored."""

import hmac
from base64 import b32encode
from dataclasses import dataclass

from models import api_keys
from models.roles import Role

PASSWORD_BYTES = 10


@dataclass(frozen=True)
class Account:
    """An account of the demo: what it signs in with, and what it is where."""

    email: str
    password: str
    name: str
    roles: dict[str, list[Role]]
    api_key: str


PEOPLE: tuple[tuple[str, str, dict[str, list[Role]]], ...] = (
    ("owner@acme.test", "Zoë Lindqvist", {"acme": [Role.OWNER]}),
    ("admin@acme.test", "Rafael Gonçalves", {"acme": [Role.ADMIN]}),
    ("member@acme.test", "田中 さくら", {"acme": [Role.MEMBER]}),
    ("billing@acme.test", "Amélie Dubois", {"acme": [Role.BILLING_MANAGER]}),
    ("both@acme.test", "Олена Ковальчук", {"acme": [Role.MEMBER, Role.BILLING_MANAGER]}),
    ("mixed@acme.test", "ليلى حداد", {"acme": [Role.BILLING_MANAGER], "globex": [Role.ADMIN]}),
    ("owner@globex.test", "山本 健一", {"globex": [Role.OWNER]}),
)


def accounts(secret: bytes) -> list[Account]:
    """Every account of the demo on the installation that has this secret."""
    return [
        Account(email, password(secret, email), name, roles, api_keys.written(derived(secret, "API key", email)))
        for email, name, roles in PEOPLE
    ]


def password(secret: bytes, email: str) -> str:
    """80 bits in four groups of four letters and digits."""
    text = b32encode(derived(secret, "password", email)[:PASSWORD_BYTES]).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def derived(secret: bytes, purpose: str, subject: str) -> bytes:
    """32 bytes that tell nothing of the secret, nor of what was derived for another purpose or subject."""
    return hmac.digest(secret, f"purser demo, {purpose}: {subject}".encode(), "sha256")
