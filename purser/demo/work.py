"""What the people of the demo work on: teams, projects, resources, settings, and what happened to them."""

from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID

from models import (
    Activity,
    ActivityKind,
    OrganizationSettings,
    Project,
    Resource,
    ResourceKind,
    Team,
    Visibility,
)
from purser.demo.book import Actor, Book, by
from purser.demo.company import Company
from purser.demo.people import OWNERS, TOLD_DAYS, Teams, at_work

NOBODYS = 7
PARTS: dict[ResourceKind, tuple[str, ...]] = {
    ResourceKind.COLLECTION: ("v1 endpoints", "Public API", "Internal API", "Webhooks"),
    ResourceKind.ENVIRONMENT: ("Staging", "Production", "Load test"),
    ResourceKind.TEST_SUITE: ("Smoke tests", "Contract tests", "Regression"),
    ResourceKind.MOCK_SERVER: ("Mock server", "Sandbox mock"),
    ResourceKind.DOCUMENTATION: ("Reference", "Getting started"),
}


def teams(book: Book, company: Company, names: list[str]) -> Teams:
    """Add teams; gives them with the time of their making, the oldest first."""
    span = (book.ago(60) - company.founded) / len(names)
    made: Teams = []
    for place, name in enumerate(names):
        at = (company.founded + span * place + timedelta(hours=3)).replace(microsecond=0)
        made.append((book.add(Team, at, organization_id=company.id, name=name, created_at=at)["id"], at))
    return made


def settings(book: Book, company: Company, time_zone: str, domains: list[str]) -> None:
    """Add the organization's settings."""
    rules = {"default_visibility": Visibility.ORGANIZATION, "email_domains": domains, "two_factor_required": True}
    book.add(OrganizationSettings, company.founded, organization_id=company.id, time_zone=time_zone, **rules)


def projects(book: Book, company: Company, names: list[str], made: Teams) -> None:
    """Add projects over the last year and a half, each with a few resources; every seventh is nobody's."""
    kinds = cycle(ResourceKind)
    for place, name in enumerate(names):
        at = at_work(book, book.ago(540 - 530 * place / len(names)))
        team_id = book.random.choice(made)[0] if (place + 1) % NOBODYS else None
        of = {"organization_id": company.id, "created_at": at}
        project = book.add(Project, at, **of, team_id=team_id, name=name)
        happened(book, company, ActivityKind.PROJECT_CREATED, name, at)
        for _ in range(book.random.randint(2, 4)):
            at += (book.now - at) * book.random.uniform(0.01, 0.3)
            kind = next(kinds)
            called = f"{name}: {book.random.choice(PARTS[kind])}"
            resource(book, company, project["id"], kind, called, max(at, at_work(book, at)).replace(microsecond=0))


def resource(book: Book, company: Company, project_id: UUID, kind: ResourceKind, name: str, at: datetime) -> None:
    """Add a resource, by somebody who was there."""
    author = book.random.choice(company.workers[: company.members_at(at)])
    of = {"organization_id": company.id, "project_id": project_id, "kind": kind, "name": name}
    book.add(Resource, at, **of, created_at=at, **by("created", author.actor))
    entry(book, company, ActivityKind.RESOURCE_CREATED, name, at, author.actor)


def changes(book: Book, company: Company, told: list[tuple[float, ActivityKind, str]]) -> None:
    """Tell of changes, each so many days ago."""
    for days, kind, subject in told:
        happened(book, company, kind, subject, book.ago(days))


def happened(book: Book, company: Company, kind: ActivityKind, subject: str, at: datetime) -> None:
    """Tell what somebody who may do it did then."""
    there = company.workers[: min(OWNERS + 1, company.members_at(at))]
    entry(book, company, kind, subject, at, book.random.choice(there).actor)


def entry(book: Book, company: Company, kind: ActivityKind, subject: str, at: datetime, actor: Actor) -> None:
    """Add an entry, unless it is so old that it is no longer told."""
    if at > book.ago(TOLD_DAYS):
        what = {"kind": kind, "subject": subject, "at": at}
        book.add(Activity, at, organization_id=company.id, **what, actor_id=actor[0], acted_as=actor[1])
