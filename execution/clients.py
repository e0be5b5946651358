"""What a request tells of its client: its address, and the cookie that is its session."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from billing import sessions
from billing.client import Client

Network = IPv4Network | IPv6Network
COOKIE = "purser_session"


class Clients:
    """Finds the client of a request, and tells him his session.

    `origin` is where people reach the server: under https the cookie is sent by nothing else, and set by no neighbour.
    `proxies` are believed about whom they ask for.
    """

    def __init__(self, origin: str, proxies: Sequence[Network] = ()) -> None:
        self.origin, self._secure = written(origin), origin.startswith("https://")
        self._cookie = f"__Host-{COOKIE}" if self._secure else COOKIE
        self._proxies = proxies

    def of(self, request: HTTPConnection) -> Client:
        """Who calls."""
        return Client(
            self.address(request),
            request.headers.get("user-agent", ""),
            request.headers.get("purser-organization"),
            request.cookies.get(self._cookie) or None,
        )

    def address(self, request: HTTPConnection) -> str:
        """The nearest address on the way here that is no proxy of ours."""
        address = request.client.host if request.client else ""
        passed = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        while passed and self._trusts(address):
            before = passed.pop().strip()
            if not is_address(before):
                break
            address = before
        return address

    def headers(self, client: Client) -> dict[str, str]:
        """What tells the browser of a changed session."""
        if not client.changed:
            return {}
        age = int(sessions.VALID.total_seconds()) if client.session else 0
        secure = "; Secure" if self._secure else ""
        text = client.session or ""
        return {"set-cookie": f"{self._cookie}={text}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"}

    def _trusts(self, address: str) -> bool:
        return is_address(address) and any(ip_address(address) in network for network in self._proxies)


def written(origin: str) -> str:
    """An origin as browsers write it: in small letters, without the port that goes without saying."""
    parts = urlsplit(origin.lower())
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


def is_address(text: str) -> bool:
    """Whether it is a network address, and nothing else."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
