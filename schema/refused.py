"""The one answer to what is visible elsewhere, but not here."""

from graphql import GraphQLError


def forbidden() -> GraphQLError:
    """A new error; graphql-core puts the place into it."""
    return GraphQLError("You may not see this.", extensions={"code": "FORBIDDEN"})
