"""What the fields of members, teams, projects and resources stand for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import models
from models.roles import Permission, Role
from models.table import Row
from resolvers.loads import Reads
from resolvers.relations import Batched, many, one, pages

user = one(models.Member.user_id, models.User)
member_teams = many(models.TeamOfMember, by=models.TeamOfMember.member_id, order=[models.TeamOfMember.created_at])
team_members = pages(models.MemberOfTeam, by=models.MemberOfTeam.team_id, oldest=models.MemberOfTeam.joined_team_at)
team_projects = pages(models.Project, by=models.Project.team_id, oldest=models.Project.created_at)
team = one(models.Project.team_id, models.Team)
project = one(models.Resource.project_id, models.Project)


async def _roles(reads: Reads, members: Sequence[Row], _args: Mapping[str, Any]) -> Sequence[list[Role]]:
    rows = await reads.fetch(
        "select g.user_id, g.organization_id, g.role from role_grant g"
        " join unnest($1::uuid[], $2::uuid[]) m(organization_id, user_id) using (organization_id, user_id)",
        [row["organization_id"] for row in members],
        [row["user_id"] for row in members],
    )
    held = defaultdict(set)
    for row in rows:
        held[row["organization_id"], row["user_id"]].add(row["role"])
    return [
        [role for role in Role if role in held[row["organization_id"], row["user_id"]] and shown(role, reads, row)]
        for row in members
    ]


def shown(role: Role, reads: Reads, member: Row) -> bool:
    """Who looks after the money is told only to those who may see billing managers."""
    granted = reads.viewer.granted(member.organization)
    return role is not Role.BILLING_MANAGER or bool(granted & Permission.VIEW_BILLING_MANAGERS.bit)


roles = Batched(_roles)
