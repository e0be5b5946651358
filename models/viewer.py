"""Who asks, and what he may do where: read once per request, with the key that signs it in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from models.roles import EVERYTHING, Permission, Role, granted_to, permissions_in
from models.table import Row


@dataclass(frozen=True, slots=True)
class Standing:
    """What the viewer is, and may do, in one organization. `organization` is its row."""

    organization: Row
    roles: tuple[Role, ...]
    granted: int

    @classmethod
    def of(cls, organization: Row, roles: Iterable[Role], key: int = EVERYTHING) -> "Standing":
        """By his roles, cut down to what his key may do."""
        held = tuple(role for role in Role if role in set(roles))
        return cls(organization, held, granted_to(held) & key)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Nobody, unless `user_id` says who. Only organizations in scope are here: what is not here does not exist."""

    user_id: UUID | None = None
    standings: Mapping[UUID, Standing] = field(default_factory=dict)
    key_id: UUID | None = None
    session_id: UUID | None = None

    def granted(self, organization: UUID) -> int:
        """What he may do there, as a mask; 0 where he has no role."""
        standing = self.standings.get(organization)
        return standing.granted if standing else 0

    def named(self, slug: str) -> Standing | None:
        """Where he stands in the organization with this slug, if anywhere."""
        return next((s for s in self.standings.values() if s.organization["slug"] == slug), None)

    @property
    def anywhere(self) -> int:
        """What he may do in one organization or another: the mask of his view of the schema."""
        union = 0
        for standing in self.standings.values():
            union |= standing.granted
        return union

    def organizations_where(self, needed: int) -> list[UUID]:
        """The organizations in which he may do all of this."""
        return [key for key, standing in self.standings.items() if standing.granted & needed == needed]

    def permissions(self, organization: UUID) -> list[Permission]:
        """What he may do there."""
        return permissions_in(self.granted(organization))

    def scoped(self, slug: str) -> "Viewer":
        """The same viewer, for whom only this organization exists; none if he has no role in it."""
        standing = self.named(slug)
        return replace(self, standings={standing.organization["id"]: standing} if standing else {})


NOBODY = Viewer()
