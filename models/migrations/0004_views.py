"""Rows that are derived: each view takes its order from one table, so that a page of it is a range of an index."""

from tortoise import migrations
from tortoise.migrations import operations as ops

BILLING_MANAGER = """
create view billing_manager as
select g.id, g.organization_id, g.user_id, u.name, u.email, g.since, g.granted_by_id, g.granted_as
from role_grant g
join user_account u on u.id = g.user_id
where g.role = 'BILLING_MANAGER'
"""

MEMBER_OF_TEAM = """
create view member_of_team as
select t.member_id as id, t.organization_id, m.user_id, m.joined_at, t.team_id, t.joined_at as joined_team_at
from team_member t
join member m on m.organization_id = t.organization_id and m.id = t.member_id
"""

TEAM_OF_MEMBER = """
create view team_of_member as
select m.team_id as id, m.organization_id, t.name, t.created_at, m.member_id
from team_member m
join team t on t.organization_id = m.organization_id and t.id = m.team_id
"""

PLAN_IN = """
create view plan_in as
select p.id, p.key, p.name, p.description, p.position, c.currency
from plan p
join (select distinct plan_id, currency from price where retired_at is null) c on c.plan_id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0003_order_indexes")]  # noqa: RUF012  # the base class says how
    operations = [  # noqa: RUF012
        ops.RunSQL(
            [BILLING_MANAGER, MEMBER_OF_TEAM, TEAM_OF_MEMBER, PLAN_IN],
            [f"drop view {name}" for name in ("plan_in", "team_of_member", "member_of_team", "billing_manager")],
        )
    ]
