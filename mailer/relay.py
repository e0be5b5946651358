"""Which server takes our mail: what the URL of PURSER_SMTP_URL says."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

FORM = "must be smtp(s)://user:password@host:port, with ?starttls=required, offered or never, ca and timeout"
STARTTLS = {"required": True, "offered": None, "never": False}
IMPLICIT_TLS, SUBMISSION, RELAY = 465, 587, 25
PATIENCE, LONGEST_PATIENCE = 60.0, 3600  # seconds for each answer


@dataclass(frozen=True)
class Relay:
    """`tls` from the first byte on, or by `starttls`: True, if it is offered (None), or never. `ca` is a file."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: bool
    starttls: bool | None
    ca: str | None = None
    timeout: float = PATIENCE


def relay(url: str) -> Relay:
    """`smtp(s)://user:password@host:port?starttls=required|offered|never&ca=/file.pem&timeout=60`.

    Without a port: 465 for smtps, 587 with a user, else 25. Who signs in needs TLS, unless it says `never`. Raises
    ValueError without telling the URL.
    """
    try:
        return _relay(urlsplit(url))
    except (ValueError, KeyError):  # which may quote the password
        raise ValueError(FORM) from None


def _relay(parts: SplitResult) -> Relay:
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    tls, user = parts.scheme == "smtps", unquote(parts.username or "") or None
    starttls = STARTTLS[query.pop("starttls", "required" if user else "offered")]
    ca, timeout = query.pop("ca", None), float(query.pop("timeout", PATIENCE))
    port = parts.port or (IMPLICIT_TLS if tls else SUBMISSION if user else RELAY)
    wrong = query or parts.path.strip("/") or parts.fragment or not parts.hostname or not 0 < timeout < LONGEST_PATIENCE
    if wrong or parts.scheme not in {"smtp", "smtps"}:
        raise ValueError
    return Relay(
        host=parts.hostname or "",
        port=port,
        user=user,
        password=unquote(parts.password or "") if user else None,
        tls=tls,
        starttls=False if tls else starttls,
        ca=ca,
        timeout=timeout,
    )
