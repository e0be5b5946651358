"""Where the links of mails lead for now: a page that names the mutation to call, the same whatever the token is."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from purser import plain


@dataclass(frozen=True)
class Link:
    """What a link is for: the mutation, and its input beside the token."""

    title: str
    intention: str
    mutation: str
    more: str = ""

    async def page(self, _request: Request) -> Response:
        """What to do with it."""
        before = f'mutation {{\n  {self.mutation}(input: {{ token: "'
        after = f'"{self.more} }}) {{\n    errors {{ code message }}\n  }}\n}}'
        return plain.page("link.html", title=self.title, intention=self.intention, before=before, after=after)


SIGNED_IN = "with an account for the address that the mail was sent to: signUp makes one, signIn opens it."
LINKS = {
    "/invitation": Link(
        "Become a billing manager", f"acceptInvitation accepts the invitation, {SIGNED_IN}", "acceptInvitation"
    ),
    "/join": Link("Join the organization", f"acceptInvitation does it, {SIGNED_IN}", "acceptInvitation"),
    "/verify": Link("Confirm your address", "verifyEmail confirms that the address is yours.", "verifyEmail"),
    "/reset": Link(
        "Choose a new password", "resetPassword sets it.", "resetPassword", ', newPassword: "the new password"'
    ),
}


def routes() -> list[BaseRoute]:
    """A page for each kind of link, and what they load."""
    return [Route(path, link.page) for path, link in LINKS.items()] + plain.routes()
