"""The mutation of an organization's settings."""

import strawberry

import models
from billing import organization_settings
from models import Visibility
from schema.directory import OrganizationSettings
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told


@asked
class UpdateSettingsInput:
    """What to change; what is not given, or null, stays."""

    organization_id: strawberry.ID = given("Where.")
    time_zone: str | None = given("An IANA name, Europe/Zurich.", default=None)
    default_visibility: Visibility | None = given("Who finds a new project.", default=None)
    email_domains: list[str] | None = given("At most 50 domains, instead of those that are there.", default=None)
    two_factor_required: bool | None = given("Whether members must sign in with a second factor.", default=None)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class UpdateSettingsPayload:
    """Errors: NOT_FOUND, INVALID_INPUT, TOO_MANY."""

    settings: OrganizationSettings | None = told("The settings.")


async def _update(ask: Asking, given: UpdateSettingsInput) -> UpdateSettingsPayload:
    organization = ask.organization(given.organization_id)
    done = await ask.perform(
        organization_settings.update,
        organization,
        given.idempotency_key,
        time_zone=given.time_zone,
        default_visibility=given.default_visibility,
        email_domains=given.email_domains,
        two_factor_required=given.two_factor_required,
    )
    return UpdateSettingsPayload(settings=await ask.row(models.OrganizationSettings, done.settings_id))


@strawberry.type
class SettingsMutations:
    """How the organization works."""

    update_settings: UpdateSettingsPayload | None = mutation(
        _update, "Changes how the organization works.", of=organization_settings.update
    )
