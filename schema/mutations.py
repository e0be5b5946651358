"""Where changing begins: every mutation, by noun."""

import strawberry

from schema.account_mutations import AccountMutations
from schema.api_key_mutations import ApiKeyMutations
from schema.clock_mutations import ClockMutations
from schema.invoice_mutations import InvoiceMutations
from schema.manager_mutations import ManagerMutations
from schema.member_mutations import MemberMutations
from schema.payment_mutations import PaymentMutations
from schema.profile_mutations import ProfileMutations
from schema.project_mutations import ProjectMutations
from schema.quote_mutations import QuoteMutations
from schema.settings_mutations import SettingsMutations
from schema.subscription_mutations import SubscriptionMutations
from schema.team_mutations import TeamMutations
from schema.usage_mutations import UsageMutations


@strawberry.type(description="Where changing begins.")
class Mutation(
    ProfileMutations,
    PaymentMutations,
    SubscriptionMutations,
    InvoiceMutations,
    QuoteMutations,
    UsageMutations,
    SettingsMutations,
    ProjectMutations,
    TeamMutations,
    MemberMutations,
    ManagerMutations,
    ApiKeyMutations,
    AccountMutations,
):
    """Roots are nullable: one that fails takes nothing else of the answer with it."""


@strawberry.type(name="Mutation", description="Where changing begins.")
class SandboxMutation(ClockMutations, Mutation):
    """The same in the sandbox, where time can be moved."""
