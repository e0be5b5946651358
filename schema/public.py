"""What everybody may ask for: the whole list. A field that is neither guarded nor here stops the start."""

PUBLIC = frozenset(
    {
        "Mutation.acceptInvitation",
        "Mutation.declineInvitation",
        "Mutation.leaveBilling",
        "Organization.id",
        "Organization.name",
        "Organization.slug",
        "Organization.viewerPermissions",
        "Organization.viewerRoles",
        "Plan.description",
        "Plan.features",
        "Plan.id",
        "Plan.key",
        "Plan.name",
        "Plan.prices",
        "Query.node",
        "Query.organization",
        "Query.plans",
        "Query.viewer",
    }
)
