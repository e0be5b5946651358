"""Whom invoices are addressed to: one profile an organization; invoices that are issued keep what it was."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from billing.change import Change, change
from billing.errors import InvalidAddress, InvalidInput, InvalidTaxId
from billing.names import line, named
from billing.rules.countries import COUNTRIES
from billing.rules.tax import checked
from models import BillingActivityKind, BillingProfile, Permission
from models.addresses import address
from models.changes import ChangeKind

MOST_LINES = 4
# What may be left out; an empty text takes it away.
OPTIONAL = {
    "postal_code": "postalCode",
    "city": "city",
    "tax_id": "taxId",
    "purchase_order": "purchaseOrder",
}


@dataclass(frozen=True)
class Wanted:
    """What to change; null stays."""

    name: str | None = None
    email: str | None = None
    address_lines: list[str] | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    tax_id: str | None = None
    purchase_order: str | None = None


@dataclass(frozen=True)
class Changed:
    """The profile."""

    profile_id: UUID


@change(Permission.REQUEST_INVOICES)
async def update(org: Change, wanted: Wanted) -> Changed:
    """Change what is given. The first time it needs an address and a country; the name is the organization's then.

    Raises InvalidName, InvalidAddress, InvalidTaxId, InvalidInput.
    """
    profile = await org.maybe(BillingProfile)
    before = _values(profile) if profile else {"name": org.organization.name, "address_lines": []}
    after = before | _read(org, wanted)
    after["tax_id"] = _tax_id(after.get("country"), after.get("tax_id"))
    if profile and after == before:
        return Changed(profile.id)
    if profile is None:
        profile = await org.create(BillingProfile, **_complete(after))
    else:
        await profile.update_from_dict(after).save()
    await org.record(BillingActivityKind.BILLING_PROFILE_CHANGED)
    org.changed(ChangeKind.INVOICES)
    return Changed(profile.id)


def _values(profile: BillingProfile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in asdict(Wanted())}


def _complete(values: dict[str, Any]) -> dict[str, Any]:
    for needed in ("email", "country"):
        if not values.get(needed):
            raise InvalidInput(needed)
    return values


def _read(org: Change, wanted: Wanted) -> dict[str, Any]:
    """What is given, as it is kept."""
    found: dict[str, Any] = {}
    if wanted.name is not None:
        found["name"] = named(wanted.name, "name")
    if wanted.email is not None:
        found["email"] = _email(org, wanted.email)
    if wanted.address_lines is not None:
        found["address_lines"] = _lines(wanted.address_lines)
    if wanted.country is not None:
        found["country"] = _country(wanted.country)
    for name, path in OPTIONAL.items():
        text = getattr(wanted, name)
        if text is not None:
            found[name] = _line(text, path) if text else None
    return found


def _email(org: Change, text: str) -> str:
    found = address(text, special=org.room.special_addresses)
    if found is None:
        raise InvalidAddress("email")
    return found.typed


def _lines(texts: list[str]) -> list[str]:
    if len(texts) > MOST_LINES:
        raise InvalidInput("addressLines")
    return [_line(text, "addressLines") for text in texts]


def _country(text: str) -> str:
    if text not in COUNTRIES:
        raise InvalidInput("country")
    return text


def _line(text: str, path: str) -> str:
    found = line(text)
    if found is None:
        raise InvalidInput(path)
    return found


def _tax_id(country: str | None, tax_id: str | None) -> str | None:
    """As it is written officially in that country. Raises InvalidTaxId."""
    if tax_id is None:
        return None
    found = checked(country, tax_id) if country and tax_id.isascii() else None
    if found is None:
        raise InvalidTaxId("taxId")
    return found
