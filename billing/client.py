"""Who calls, as far as the network tells, and the session that goes back with the answer."""

from dataclasses import dataclass


@dataclass
class Client:
    """`address` and `agent` are empty if unknown; `scope` is the slug of the organization that the request names.

    `session` is the text of the browser's session; when it is `changed`, the browser has to be told.
    """

    address: str = ""
    agent: str = ""
    scope: str | None = None
    session: str | None = None
    changed: bool = False

    def keep(self, session: str) -> None:
        """Let the browser sign in with this from now on."""
        self.session, self.changed = session, True

    def forget(self) -> None:
        """Let the browser be signed out."""
        self.session, self.changed = None, True
