"""Whose period ends soon and is not told yet: a range of one index."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0007_books")]  # noqa: RUF012  # the base class says how
    operations = [  # noqa: RUF012  # as above
        ops.RunSQL(
            "create index plan_subscription_reminder on plan_subscription (current_period_end)"
            " where status in ('TRIALING', 'ACTIVE', 'PAST_DUE') and reminded_for is distinct from current_period_end",
            "drop index plan_subscription_reminder",
        )
    ]
