"""The people of the worlds and their work: members, roles, teams, projects, resources, activities, settings, keys."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import models
from models import ActivityKind, InvitationStatus, Permission, ResourceKind, Role, Visibility, api_keys
from tests.world_names import BILLING, NOW, PEOPLE, Made, Tale, World, drawn, moment, number, word

OWNER, ADMIN, MEMBER, MANAGER = Role.OWNER, Role.ADMIN, Role.MEMBER, Role.BILLING_MANAGER
ACCOUNTS = ("owner", "admin", "member", "billing", "both", "mixed", "outsider")
TOKENS: dict[str, str | None] = {
    **{name: api_keys.written(drawn(f"token of {name}", 32)) for name in ACCOUNTS},
    "none": None,
}
T = TypeVar("T")
Actor = tuple[UUID, Role] | tuple[None, None]

# Whose account is other in which worlds. It stays where somebody who sees no difference there may see the name.
USERS: dict[str, dict[str, tuple[World, ...]]] = {
    "acme": {
        "owner": (PEOPLE,),
        "admin": (PEOPLE,),
        "member": (PEOPLE,),
        "both": (),
        "chief": (),
        "billing": (BILLING,),
        "mixed": (BILLING,),
        "clerk": (BILLING,),
        "gone": (PEOPLE, BILLING),
        "former": (PEOPLE, BILLING),
        "former too": (PEOPLE, BILLING),
    },
    "globex": {
        "globex owner": (PEOPLE,),
        "globex clerk": (BILLING,),
        "globex gone": (PEOPLE, BILLING),
        "globex former": (PEOPLE, BILLING),
    },
    "initech": {"outsider": ()},
}
# The members with an account above, in base and other; the chief's other role is nothing that a manager may see, nor
# is it that the clerk is a member.
KNOWN = {
    "acme": (
        {"owner": [OWNER], "admin": [ADMIN], "member": [MEMBER], "both": [MEMBER], "chief": [OWNER]},
        {"owner": [OWNER], "admin": [ADMIN], "member": [MEMBER], "both": [MEMBER], "chief": [ADMIN], "clerk": [MEMBER]},
    ),
    "globex": (
        {"globex owner": [OWNER], "mixed": [ADMIN]},
        {"globex owner": [OWNER, MEMBER], "mixed": [ADMIN]},
    ),
    "initech": ({"outsider": [OWNER]}, {"outsider": [OWNER]}),
}
# Further members, as many together.
FURTHER = {
    "acme": (
        [[MEMBER], [ADMIN, MEMBER], [MEMBER], [MEMBER], [OWNER], [MEMBER], [ADMIN], [MEMBER]],
        [[ADMIN], [MEMBER], [ADMIN], [ADMIN], [MEMBER], [ADMIN], [MEMBER]],
    ),
    "globex": ([[MEMBER], [MEMBER], [ADMIN], [MEMBER]], [[ADMIN], [MEMBER], [OWNER], [ADMIN]]),
    "initech": ([], [[MEMBER]]),
}
MANAGERS = {"acme": ("billing", "both", "mixed", "chief", "clerk"), "globex": ("globex clerk",), "initech": ()}
# Teams, projects, resources, activities.
AMOUNTS = {"acme": (4, 6, 8, 14), "globex": (2, 3, 4, 5), "initech": (0, 0, 0, 0)}
STORED = [status for status in InvitationStatus if status is not InvitationStatus.EXPIRED]
PAST_INVITATIONS = 6
# Billing managers whom there are only where billing is other.
MORE_MANAGERS = {"acme": ("another clerk",), "globex": ("another globex clerk",), "initech": ()}


class Cast:
    """Who is who in a world: users by name, and in each organization who acts."""

    def __init__(self, tale: Tale) -> None:
        self.tale = tale
        self.users: dict[str, UUID] = {}
        self.roles: dict[str, list[Role]] = {}
        self.members: dict[str, UUID] = {}

    def administrator(self, turn: int, *parts: World) -> Actor:
        """Somebody who runs the organization, or did, and is no billing manager; others where the parts are other."""
        held = [(name, role) for name, roles in self.roles.items() for role in roles if role in {OWNER, ADMIN}]
        there = [one for one in held if one[0] not in MANAGERS[self.tale.slug]]
        return self._turn([*there, *self.gone], turn, *parts)

    def former(self, turn: int) -> Actor:
        """Somebody who acted as a billing manager and is none any more."""
        left = ["former", "former too", "acme member 0"] if self.tale.slug == "acme" else ["globex former"]
        return self._turn([(name, MANAGER) for name in left], turn, PEOPLE, BILLING)

    def any(self, turn: int) -> Actor:
        """Each kind of actor in turn; a present billing manager may have acted as something else, or do now."""
        present: list[Actor] = [(self.users[name], MANAGER) for name in MANAGERS[self.tale.slug]]
        if self.tale.slug == "acme":
            present.append((self.users["chief"], self.roles["chief"][0]))
        again = turn + turn // (len(present) + 3)
        others: list[Actor] = [self.administrator(again, PEOPLE, BILLING), self.former(again), (None, None)]
        kinds = [*others, *present]
        return kinds[turn % len(kinds)]

    def worker(self, turn: int) -> Actor:
        """Somebody who does the organization's work, or did; nobody is shown as what."""
        there = [(name, ADMIN if self.tale.other(BILLING) else roles[0]) for name, roles in self.roles.items()]
        return (None, None) if turn % 5 == 4 else self._turn([*there, *self.gone], turn, PEOPLE)

    @property
    def gone(self) -> list[tuple[str, Role]]:
        """Who ran the organization once; as what is hidden from everybody."""
        name = "gone" if self.tale.slug == "acme" else f"{self.tale.slug} gone"
        return [(name, OWNER if self.tale.other(PEOPLE, BILLING) else ADMIN)] if name in self.users else []

    def _turn(self, people: list[tuple[str, Role]], turn: int, *parts: World) -> Actor:
        name, role = people[(turn + self.tale.other(*parts)) % len(people)]
        return self.users[name], role


def by(verb: str, actor: Actor) -> Made:
    """The columns that say who did it, and as what."""
    return {f"{verb}_by_id": actor[0], f"{verb}_as": actor[1]}


def users(tale: Tale) -> dict[str, UUID]:
    """Add the accounts of an organization's people; gives their ids by name."""
    known = dict(USERS[tale.slug])
    if tale.other(BILLING):
        known |= dict.fromkeys(MORE_MANAGERS[tale.slug], (BILLING,))
    for place in range(len(further(tale))):
        known[f"{tale.slug} member {place}"] = (PEOPLE,)
    return {name: user(tale, name, parts) for name, parts in known.items()}


def user(tale: Tale, name: str, parts: tuple[World, ...]) -> UUID:
    label = tale.label(f"user {name}", *parts)
    made = moment(f"{label} signed up", 900, 500)
    email = f"{word(f'{label} email')}@{tale.slug}.test"
    verified = None if name == "acme member 3" else moment(f"{label} verified", 499, 400)
    row = tale.add(models.User, label, name=f"Robin {word(label)}", email=email, email_key=email, created_at=made)
    row["email_verified_at"] = verified
    found: UUID = row["id"]
    return found


def further(tale: Tale) -> list[list[Role]]:
    """The roles of the members who have no account that is named; one fewer where a tenant is other as a whole."""
    found = FURTHER[tale.slug][tale.other(PEOPLE)]
    return found[1:] if tale.slug == "globex" and tale.world == "tenant" else found


def people(cast: Cast) -> None:
    """Add the organization's members and billing managers with their roles."""
    tale = cast.tale
    cast.roles = KNOWN[tale.slug][tale.other(PEOPLE)] | {
        f"{tale.slug} member {place}": roles for place, roles in enumerate(further(tale))
    }
    for place, name in enumerate(cast.roles):
        label = tale.label(f"member {name}", PEOPLE)
        joined = moment(tale.label(f"joined {place // 2}", PEOPLE), 380)  # two at once
        row = tale.add(models.Member, label, user_id=cast.users[name], joined_at=joined)
        cast.members[name] = row["id"]
    for place, (name, roles) in enumerate(cast.roles.items()):
        for role in roles:
            label = tale.label(f"{role} {name}", PEOPLE)
            inviter = cast.administrator(place, PEOPLE) if place else (None, None)
            grant(cast, name, role, label, inviter)
    managers(cast)


def managers(cast: Cast) -> None:
    """Add the roles of those who look after the money, each given by another kind of actor."""
    slug = cast.tale.slug
    names = MANAGERS[slug] + (MORE_MANAGERS[slug] if cast.tale.other(BILLING) else ())
    for turn, name in enumerate(names):
        grant(cast, name, MANAGER, cast.tale.label(f"manager {name}", BILLING), cast.any(turn))


def grant(cast: Cast, name: str, role: Role, label: str, granted: Actor) -> None:
    member_id = None if role is MANAGER else cast.members[name]
    of = {"user_id": cast.users[name], "role": role, "member_id": member_id, "since": moment(f"{label} since")}
    cast.tale.add(models.RoleGrant, label, **of, **by("granted", granted))


def work(cast: Cast) -> None:
    """Add teams, projects, resources, activities and settings: more of each where they are other."""
    tale = cast.tale
    teams, projects, resources, activities = (count + tale.other(PEOPLE) for count in AMOUNTS[tale.slug])
    made = [team(cast, place) for place in range(teams)]
    found = [project(tale, place, made) for place in range(projects)]
    for place in range(resources):
        resource(cast, place, found[place % len(found)])
    for place in range(activities):
        activity(cast, place)
    for place in range(reserved(tale) + PAST_INVITATIONS + tale.other(PEOPLE, BILLING)):
        member_invitation(cast, place)
    settings(tale)


def text(tale: Tale, what: str) -> str:
    """A canary of the part that members see."""
    return word(tale.label(what, PEOPLE))


def team(cast: Cast, place: int) -> UUID:
    """Add a team and who belongs to it; the same people belong to others too."""
    tale = cast.tale
    label = tale.label(f"team {place}", PEOPLE)
    at = moment(tale.label(f"teams {place // 2}", PEOPLE))
    team_id: UUID = tale.add(models.Team, label, name=f"Team {word(label)}", created_at=at)["id"]
    for turn, (name, member_id) in enumerate(cast.members.items()):
        if number(f"{label} {name}", 0, 5) < 3 or turn == place:
            joined = moment(f"{label} joined {turn // 2}", 59, 30)
            of = {"team_id": team_id, "member_id": member_id}
            tale.add(models.TeamMember, f"{label} {name}", **of, joined_at=joined)
    return team_id


def project(tale: Tale, place: int, teams: list[UUID]) -> UUID:
    """Add a project; one is no team's."""
    label = tale.label(f"project {place}", PEOPLE)
    team_id = teams[number(label, 0, len(teams))] if place else None
    at = moment(tale.label(f"projects {place // 2}", PEOPLE))
    made: UUID = tale.add(models.Project, label, team_id=team_id, name=f"Project {word(label)}", created_at=at)["id"]
    return made


def resource(cast: Cast, place: int, project_id: UUID) -> None:
    label = cast.tale.label(f"resource {place}", PEOPLE)
    kind = turned(cast.tale, list(ResourceKind), place)
    what = {"project_id": project_id, "kind": kind, "name": f"Resource {word(label)}", "created_at": moment(label)}
    cast.tale.add(models.Resource, label, **what, **by("created", cast.worker(place)))


def turned(tale: Tale, values: Sequence[T], place: int) -> T:
    """Each value in turn, beginning elsewhere where it is other."""
    return values[(place + tale.other(PEOPLE)) % len(values)]


def activity(cast: Cast, place: int) -> None:
    tale = cast.tale
    label = tale.label(f"activity {place}", PEOPLE)
    actor = cast.worker(place)
    at = moment(tale.label(f"activities {place // 2}", PEOPLE), 50, 1)
    what = {"kind": turned(tale, list(ActivityKind), place), "subject": f"Subject {word(label)}", "at": at}
    tale.add(models.Activity, label, **what, actor_id=actor[0], acted_as=actor[1])


def reserved(tale: Tale) -> int:
    """How many seats are held by invitations that are open."""
    return 3 if tale.other(BILLING) else 2


def member_invitation(cast: Cast, place: int) -> None:
    """Add an invitation: the first ones are open, and of the others those that are PENDING have expired."""
    tale, number_open = cast.tale, reserved(cast.tale)
    label = tale.label(f"member invitation {place}", PEOPLE, BILLING)
    turn = place + tale.other(PEOPLE, BILLING)
    email = f"{word(label)}@{tale.slug}.test"
    at = moment(label, 6, 1) if place < number_open else moment(label, 30, 8)
    tale.add(
        models.MemberInvitation,
        label,
        email=email,
        email_key=email,
        role=(OWNER, ADMIN, MEMBER)[turn % 3],
        status=InvitationStatus.PENDING if place < number_open else STORED[turn % len(STORED)],
        token_digest=drawn(label, 32),
        created_at=at,
        expires_at=at + timedelta(days=7),
        refused_attempts=number(label, 0, 3),
        **by("invited", cast.administrator(place, PEOPLE, BILLING)),
    )


def settings(tale: Tale) -> None:
    other = tale.other(PEOPLE)
    tale.add(
        models.OrganizationSettings,
        tale.label("settings", PEOPLE),
        time_zone="Asia/Tokyo" if other else "Europe/Berlin",
        default_visibility=Visibility.TEAM if other else Visibility.ORGANIZATION,
        email_domains=[f"{text(tale, f'domain {place}')}.test" for place in range(2 + other)],
        two_factor_required=other,
    )


# Keys of one organization: who made them as what, and in which worlds they are other.
KEYS: tuple[tuple[str, Role, tuple[World, ...]], ...] = (
    ("owner", OWNER, (PEOPLE, BILLING)),
    ("admin", ADMIN, (PEOPLE, BILLING)),
    ("admin", ADMIN, (PEOPLE, BILLING)),
    ("owner", OWNER, (PEOPLE, BILLING)),
    ("billing", MANAGER, (BILLING,)),
    ("member", MEMBER, (PEOPLE,)),
)
# One who sees no difference sees his own key; the others' is other.
PERSONAL: dict[str, tuple[World, ...]] = {
    "owner": (PEOPLE, BILLING),
    "admin": (PEOPLE, BILLING),
    "member": (PEOPLE,),
    "billing": (BILLING,),
    "both": (PEOPLE, BILLING),
    "mixed": (BILLING,),
}
CHOSEN = (
    [Permission.VIEW_PROJECTS, Permission.VIEW_INVOICES],
    [Permission.RECORD_USAGE],
    [Permission.VIEW_PLAN, Permission.VIEW_TEAMS, Permission.VIEW_PAYMENTS],
)


def personal_keys(tale: Tale, ids: dict[str, UUID]) -> None:
    """Add the keys that the tests sign in with: made after every role was granted."""
    mine = PERSONAL if tale.slug == "acme" else {"outsider": ()} if tale.slug == "initech" else {}
    for name, parts in mine.items():
        token = TOKENS[name]
        assert token is not None
        label = tale.label(f"personal key of {name}", *parts)
        row = api_key(tale, label, token, user_id=ids[name], organization_id=None)
        # Within the hour: using it changes nothing.
        row["last_used_at"] = NOW - timedelta(microseconds=number(f"{label} used", 1, 3_600_000_000))


def organization_keys(cast: Cast) -> None:
    """Add keys that are good in one organization only: chosen permissions, one revoked, one expired."""
    tale = cast.tale
    keys = KEYS if tale.slug == "acme" else (("globex owner", OWNER, (PEOPLE, BILLING)),) * 3
    hidden = tale.other(PEOPLE, BILLING)
    for place, (name, role, parts) in enumerate((*keys, *keys[:1]) if hidden else keys):
        label = tale.label(f"key {place}", *parts)
        made = {"user_id": cast.users[name], "made_as": role, "organization_id": tale.id}
        row = api_key(tale, label, api_keys.written(drawn(label, 32)), **made)
        turn = place + tale.other(*parts)
        row["permissions"] = [one.value for one in CHOSEN[turn % 3]] if turn % 2 else None
        row["revoked_at"] = moment(f"{label} revoked", 9, 5) if place == 2 else None
        row["expires_at"] = moment(f"{label} expires", 9, 5) if place in {0, 3} else None


def api_key(tale: Tale, label: str, text: str, **made: object) -> Made:
    shown = {"name": f"Key {word(label)}", "prefix": api_keys.shown(text), "digest": api_keys.digest(text)}
    used = {"created_at": moment(label, 45, 30), "last_used_at": moment(f"{label} used", 4, 1)}
    return tale.add(models.ApiKey, label, **shown, **used, **made)


def organization(tale: Tale) -> None:
    """Add the organization itself."""
    name = f"Organization {word(tale.label('organization'))}"
    row = {"id": tale.id, "slug": tale.slug, "name": name, "created_at": tale.founded}
    tale.rows["organization"].append(row)
