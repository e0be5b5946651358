"""How the sandbox signs its events: HMAC-SHA256 over the time and the body, good for five minutes."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from billing.gateways.gateway import WrongSignature

HEADER = "purser-sandbox-signature"
TOLERANCE = timedelta(minutes=5)
FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def derived(secret: bytes, purpose: str) -> str:
    """A key of the sandbox's, from the installation's secret: both sides have it, and neither sends it in an event."""
    return hmac.new(secret, f"purser sandbox {purpose}".encode(), hashlib.sha256).hexdigest()


def signed(body: bytes, key: str, at: datetime) -> str:
    """The header."""
    second = int(at.timestamp())
    return f"t={second},v1={_mac(body, key, second)}"


def verify(body: bytes, header: str, key: str, now: datetime) -> None:
    """Raises WrongSignature for what was signed by another, or at another time."""
    parts = FORM.fullmatch(header)
    if parts is None:
        raise WrongSignature
    second = int(parts[1])
    if not hmac.compare_digest(_mac(body, key, second), parts[2]):
        raise WrongSignature
    if abs(now.timestamp() - second) > TOLERANCE.total_seconds():
        raise WrongSignature


def _mac(body: bytes, key: str, second: int) -> str:
    return hmac.new(key.encode(), f"{second}.".encode() + body, hashlib.sha256).hexdigest()
