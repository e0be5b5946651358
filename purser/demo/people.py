"""The people of the demo: accounts, members with their roles, billing managers, keys."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from billing.passwords import hashed
from models import Activity, ActivityKind, ApiKey, Member, Organization, RoleGrant, TeamMember, User, api_keys
from models.roles import Role
from purser.demo.accounts import PEOPLE, accounts, derived
from purser.demo.book import SYSTEM, Actor, Book, by
from purser.demo.company import Company, Worker
from purser.demo.names import Directory

BATCH = 5000
SALT = 16  # bytes
GROWTH_DAYS, LATEST_DAYS, TOLD_DAYS = 405, 3, 240
OWNERS, ADMINS, ADMINS_OF_FEW = 2, 4, 1
FEW = 20

Known = Mapping[int, tuple[UUID, str]]
Teams = list[tuple[UUID, datetime]]


def sign_ups(book: Book, secret: bytes) -> dict[str, UUID]:
    """Add the accounts that are told to whoever tries the demo, with their keys; gives the users by address."""
    told = accounts(secret)
    digests = {one.email: hashed(one.password, derived(secret, "salt", one.email)[:SALT]) for one in told}
    users = {email: user(book, name, email, book.ago(2600), digests[email]) for email, name, _ in PEOPLE}
    for account in told:
        key(book, users[account.email], None, "Demo", account.api_key, days=30)
    return users


def user(book: Book, name: str, email: str, at: datetime, password_digest: str | None = None) -> UUID:
    """Add somebody who signed up and verified the address; who has no password cannot sign in."""
    address = {"email": email, "email_key": email.lower(), "email_verified_at": at + timedelta(minutes=4)}
    row = book.add(User, at, name=name, **address, password_digest=password_digest, created_at=at)
    made: UUID = row["id"]
    return made


def key(
    book: Book,
    user_id: UUID,
    company: Company | None,
    name: str,
    text: str,
    *,
    days: float,
    **more: Any,
) -> None:
    """Add an API key made so many days ago; without a company, for all organizations of its maker.

    `more` gives further columns.
    """
    book.add(
        ApiKey,
        book.ago(days),
        user_id=user_id,
        organization_id=company.id if company else None,
        name=name,
        prefix=api_keys.shown(text),
        digest=api_keys.digest(text),
        created_at=book.ago(days),
        **more,
    )


def found(book: Book, slug: str, name: str, at: datetime) -> UUID:
    """Add an organization."""
    made: UUID = book.add(Organization, at, slug=slug, name=name, created_at=at)["id"]
    return made


def grant(book: Book, company: Company, user_id: UUID, role: Role, since: datetime, granted: Actor) -> None:
    """Add a role that is not a member's: billing manager."""
    of = {"organization_id": company.id, "user_id": user_id}
    book.add(RoleGrant, since, **of, role=role, since=since, **by("granted", granted))


def join(book: Book, company: Company, count: int, known: Known, teams: Teams) -> Iterator[int]:
    """Add so many members; gives how many there are after each batch.

    `known` has those who are somebody already, by their place in the order of coming. The first ones own the
    organization, the next administer it.
    """
    directory = Directory(book.random, company.domain)
    for place, at in enumerate(arrivals(book, company, count)):
        if place in known:
            user_id, name = known[place]
        else:
            name, email = directory.next()
            user_id = user(book, name, email, at - timedelta(minutes=12))
        add_member(book, company, Worker(UUID(int=0), user_id, name, role_at(place, count), at), teams)
        if (place + 1) % BATCH == 0 or place + 1 == count:
            yield place + 1


def role_at(place: int, count: int) -> Role:
    """What somebody is who came at this place among so many."""
    if place < OWNERS:
        return Role.OWNER
    return Role.ADMIN if place < OWNERS + (ADMINS if count > FEW else ADMINS_OF_FEW) else Role.MEMBER


def arrivals(book: Book, company: Company, count: int) -> list[datetime]:
    """When members joined, in order: three of five in the early years, ever faster, the others evenly since."""
    recent = count * 2 // 5
    early = count - recent
    turn, end = book.ago(GROWTH_DAYS), book.ago(LATEST_DAYS)
    times = [company.founded + (turn - company.founded) * (place / early) ** 0.5 for place in range(early)]
    passed = [(place + 0.5 + book.random.uniform(-0.3, 0.3)) / recent for place in range(recent)]
    times += [turn + (end - turn) * part for part in passed]
    return sorted(max(at_work(book, at), company.founded) for at in times)


def at_work(book: Book, at: datetime) -> datetime:
    """Some time in the working hours of the day, unless that is still to come."""
    hour, minute, second = book.random.randint(7, 16), book.random.randrange(60), book.random.randrange(60)
    return min(at.replace(hour=hour, minute=minute, second=second, microsecond=0), book.ago(0))


def add_member(book: Book, company: Company, person: Worker, teams: Teams) -> None:
    """Add a member with his role, in a team or two."""
    at, of = person.joined_at, {"organization_id": company.id, "user_id": person.user_id}
    member_id = book.add(Member, at, **of, joined_at=at)["id"]
    inviter = book.random.choice(company.workers[: OWNERS + 1]).actor if company.workers else SYSTEM
    as_member = {"role": person.role, "member_id": member_id, "since": at}
    book.add(RoleGrant, at, **of, **as_member, **by("granted", inviter))
    for team_id, since in book.random.sample(teams, book.random.choice((1, 1, 1, 2))):
        joined = max(at, since)
        membership = {"organization_id": company.id, "team_id": team_id, "member_id": member_id}
        book.add(TeamMember, joined, **membership, joined_at=joined)
    if at > book.ago(TOLD_DAYS):
        done = {"kind": ActivityKind.MEMBER_JOINED, "subject": person.name}
        book.add(Activity, at, organization_id=company.id, **done, at=at, actor_id=person.user_id, acted_as=person.role)
    company.workers.append(Worker(member_id, person.user_id, person.name, person.role, at))
