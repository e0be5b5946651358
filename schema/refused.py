"""Refusals that take the place of a field."""

from graphql import GraphQLError

from billing.errors import Refusal


def forbidden() -> GraphQLError:
    """The one answer to what is visible elsewhere, but not here. A new error: graphql-core puts the place into it."""
    return GraphQLError("You may not see this.", extensions={"code": "FORBIDDEN"})


def refused(refusal: Refusal) -> GraphQLError:
    """What a mutation would answer among its errors, for a query."""
    return GraphQLError(refusal.message, extensions={"code": refusal.code})
