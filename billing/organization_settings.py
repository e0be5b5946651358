"""How the organization works: its settings, changed one by one or several at once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from billing.change import Change, change
from billing.errors import InvalidInput, TooMany
from models import ActivityKind, OrganizationSettings, Permission, Visibility
from models.addresses import address

MOST_DOMAINS = 50
# What each is called where its change is noted.
CALLED = {
    "time_zone": "Time zone",
    "default_visibility": "Default visibility",
    "email_domains": "Email domains",
    "two_factor_required": "Two-factor authentication",
}
AT_FIRST: dict[str, Any] = {
    "time_zone": "UTC",
    "default_visibility": Visibility.ORGANIZATION,
    "email_domains": [],
    "two_factor_required": False,
}


@dataclass(frozen=True)
class Changed:
    """The settings."""

    settings_id: UUID


@change(Permission.MANAGE_SETTINGS)
async def update(
    org: Change,
    *,
    time_zone: str | None = None,
    default_visibility: Visibility | None = None,
    email_domains: list[str] | None = None,
    two_factor_required: bool | None = None,
) -> Changed:
    """Change what is given; null stays. Raises InvalidInput, TooMany."""
    if time_zone is not None and time_zone not in available_timezones():
        raise InvalidInput("timeZone")
    wanted = {
        "time_zone": time_zone,
        "default_visibility": default_visibility,
        "email_domains": None if email_domains is None else _domains(org, email_domains),
        "two_factor_required": two_factor_required,
    }
    settings = await org.maybe(OrganizationSettings) or await org.create(OrganizationSettings, **AT_FIRST)
    changed = [name for name, value in wanted.items() if value is not None and getattr(settings, name) != value]
    for name in changed:
        setattr(settings, name, wanted[name])
        await org.note(ActivityKind.SETTINGS_CHANGED, CALLED[name])
    if changed:
        await settings.save(update_fields=changed)
    return Changed(settings.id)


def _domains(org: Change, given: list[str]) -> list[str]:
    """The domains as they are compared, each once. Raises InvalidInput, TooMany."""
    if len(given) > MOST_DOMAINS:
        raise TooMany("emailDomains")
    found = [address(f"somebody@{domain.strip()}", special=org.room.special_addresses) for domain in given]
    keys = [one.key.partition("@")[2] for one in found if one]
    if len(keys) < len(given):
        raise InvalidInput("emailDomains")
    return list(dict.fromkeys(keys))
