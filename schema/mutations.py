"""Where changing begins: every mutation, by noun."""

import strawberry

from schema.manager_mutations import ManagerMutations


@strawberry.type(description="Where changing begins.")
class Mutation(ManagerMutations):
    """Roots are nullable: one that fails takes nothing else of the answer with it."""
