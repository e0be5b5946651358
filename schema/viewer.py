"""Who asks, as he sees himself."""

import models
from resolvers import viewers
from schema.api_key import ApiKey
from schema.connection import PAGING, Connection
from schema.declare import Computed, column, computed, edge, record, resolver
from schema.organization import Organization
from schema.session import Session


@record(models.User, prefix="user")
class Viewer:
    """The signed-in user, or whoever made the key that is used."""

    email: str = column(models.User.email, "Where mail goes.")
    name: str = column(models.User.name, "Full name.")
    email_verified: bool = computed(
        Computed((models.User.email_verified_at,), lambda at: at is not None), "Whether the address is known to be his."
    )
    organizations: Connection[Organization] = resolver(
        lambda user, info, **args: viewers.organizations(info.context, user, args),
        "Where he has a role, oldest first; only the one in scope, if the request names one.",
        takes=PAGING,
    )
    api_keys: list[ApiKey] = edge(viewers.api_keys, "His keys in scope, newest first.")
    sessions: list[Session] = edge(
        viewers.sessions, "The browsers that he is signed in with, newest first; none to whoever asks by a key."
    )
