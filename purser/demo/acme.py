"""Acme Rockets GmbH: sixty people on the Professional plan, by the month and by card."""

from collections.abc import Iterator
from uuid import UUID

from models import ActivityKind, api_keys
from models.roles import Permission, Role
from purser.demo import acme_invoices, work
from purser.demo.accounts import PEOPLE, derived
from purser.demo.acme_money import Money, invitations, methods, profile
from purser.demo.book import Actor, Book, Made
from purser.demo.catalogue import Catalogue
from purser.demo.company import Company
from purser.demo.people import found, grant, join, key, user
from purser.demo.usage import Load, usage

FOUNDED_DAYS = 2500
TEAMS = ["Platform", "Propulsion", "Avionics", "Ground control", "Payloads", "Developer relations", "Quality", "Design"]
PROJECTS = [
    *("Launch scheduling API", "Telemetry gateway", "Range safety", "Payload booking", "Fuel inventory", "Guidance"),
    *("Weather feed", "Crew training", "Recovery tracker", "Partner portal", "Customs declarations", "Status page"),
    *("Engine test stand", "Orbit calculator", "Public website", "Ticket shop", "Parts catalogue", "Noise monitoring"),
    *("Mission archive", "Ground station scheduling"),
]
CHANGES = [
    (221.4, ActivityKind.TEAM_RENAMED, "Ground control"),
    (160.3, ActivityKind.MEMBER_ROLE_CHANGED, "Оксана Савчук"),
    (133.2, ActivityKind.MEMBER_REMOVED, "Callum Reid"),
    (97.6, ActivityKind.SETTINGS_CHANGED, "Two-factor authentication"),
    (61.1, ActivityKind.PROJECT_DELETED, "Fax gateway"),
    (44.5, ActivityKind.RESOURCE_DELETED, "Weather feed: Sandbox mock"),
    (20.2, ActivityKind.PROJECT_RENAMED, "Range safety"),
    (6.7, ActivityKind.TEAM_DELETED, "Catapults"),
    (2.3, ActivityKind.SETTINGS_CHANGED, "Default visibility"),
]
CARRIED = Load(requests=(146_000, 262_000), stored=(31_000, 58_000))


def tell(
    book: Book, secret: bytes, plans: Catalogue, users: dict[str, UUID], members: int, invoices: int
) -> Iterator[tuple[str, int, int]]:
    """Add the company; gives what was added, how many and of how many, after each batch."""
    company = start(book)
    teams = work.teams(book, company, TEAMS)
    for count in join(book, company, members, known(users, members), teams):
        yield "members", count, members
    money = Money(book, company, plans, managers(book, company, users))
    first, card = fill(money)
    keys(book, secret, company, users)
    work.settings(book, company, "Europe/Berlin", ["acme.test"])
    work.projects(book, company, PROJECTS, teams)
    work.changes(book, company, CHANGES)
    usage(book, company, CARRIED)
    for count in acme_invoices.tell(money, first, card, invoices):
        yield "invoices", count, invoices


def start(book: Book) -> Company:
    """Add the organization."""
    at = book.ago(FOUNDED_DAYS)
    id_ = found(book, "acme", "Acme Rockets GmbH", at)
    return Company(id_, "acme.test", at, "EUR", "DE", "DE123456788", "AR")


def known(users: dict[str, UUID], members: int) -> dict[int, tuple[UUID, str]]:
    """Those with an account of the demo who are members, by the order of their coming."""
    places = {"owner": 0, "admin": 2, "both": members * 2 // 5, "member": members // 2}
    names = {email: name for email, name, _ in PEOPLE}
    return {place: (users[f"{who}@acme.test"], names[f"{who}@acme.test"]) for who, place in places.items()}


def managers(book: Book, company: Company, users: dict[str, UUID]) -> dict[str, Actor]:
    """Add who looks after the money, and who did; gives whoever acts in what follows."""
    role = Role.BILLING_MANAGER
    left = user(book, "Petra Weber", "petra.weber@weber-tax.test", book.ago(1200))
    gone = user(book, "Callum Reid", "callum.reid@acme.test", book.ago(1900))
    bookkeeper = user(book, "Inês Carvalho", "ines.carvalho@weber-tax.test", book.ago(300))
    owner: Actor = (users["owner@acme.test"], Role.OWNER)
    grant(book, company, users["both@acme.test"], role, book.ago(520), owner)
    grant(book, company, users["mixed@acme.test"], role, book.ago(490), (users["both@acme.test"], role))
    grant(book, company, bookkeeper, role, book.ago(280), (gone, Role.ADMIN))
    return {
        "owner": owner,
        "admin": (users["admin@acme.test"], Role.ADMIN),
        "gone": (gone, Role.ADMIN),
        "billing": (users["billing@acme.test"], role),
        "both": (users["both@acme.test"], role),
        "left": (left, role),
    }


def keys(book: Book, secret: bytes, company: Company, users: dict[str, UUID]) -> None:
    """Add the organization's keys; nobody has their text."""
    made = [
        ("admin", Role.ADMIN, "Build pipeline", 210, [Permission.VIEW_PROJECTS, Permission.MANAGE_RESOURCES], {}),
        ("owner", Role.OWNER, "Usage meter", 400, [Permission.RECORD_USAGE], {"last_used_at": book.ago(0.01)}),
        ("billing", Role.BILLING_MANAGER, "Bookkeeping export", 75, [Permission.VIEW_INVOICES], {}),
        ("admin", Role.ADMIN, "Old pipeline", 600, None, {"revoked_at": book.ago(211)}),
        ("owner", Role.OWNER, "Load test in spring", 180, None, {"expires_at": book.ago(90)}),
    ]
    for who, role, name, days, chosen, ended in made:
        text = api_keys.written(derived(secret, "API key", f"acme: {name}"))
        user_id = users[f"{who}@acme.test"]
        key(book, user_id, company, name, text, days=days, made_as=role, permissions=chosen, **ended)


def fill(money: Money) -> tuple[Made, Made]:
    """Add all about money but the invoices; gives the card of the early years, and today's."""
    profile(money)
    invitations(money)
    return methods(money)
