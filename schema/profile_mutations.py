"""The mutation of whom invoices are addressed to."""

import strawberry

import models
from billing import billing_profiles
from billing.billing_profiles import Wanted
from schema.invoice import BillingProfile
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told


@asked
class UpdateBillingProfileInput:
    """What to change; what is not given, or null, stays. An empty text takes away what may be left out."""

    organization_id: strawberry.ID = given("Whose.")
    name: str | None = given("The company, as on its invoices.", default=None)
    email: str | None = given("Where invoices are sent; needed the first time.", default=None)
    address_lines: list[str] | None = given("Street and the like, top down; at most 4.", default=None)
    postal_code: str | None = given("If the country has them.", default=None)
    city: str | None = given("The town.", default=None)
    country: str | None = given("ISO 3166-1 alpha-2 code, in capitals; needed the first time.", default=None)
    tax_id: str | None = given("VAT number or the like; its country's prefix may be left out.", default=None)
    purchase_order: str | None = given("Put on new invoices.", default=None)
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class UpdateBillingProfilePayload:
    """Errors: NOT_FOUND, INVALID_NAME, INVALID_ADDRESS, INVALID_TAX_ID, INVALID_INPUT."""

    billing_profile: BillingProfile | None = told("As it is now. Invoices that were issued keep what it was.")


async def _update(ask: Asking, given: UpdateBillingProfileInput) -> UpdateBillingProfilePayload:
    organization = ask.organization(given.organization_id)
    wanted = Wanted(
        given.name,
        given.email,
        given.address_lines,
        given.postal_code,
        given.city,
        given.country,
        given.tax_id,
        given.purchase_order,
    )
    await ask.perform(billing_profiles.update, organization, given.idempotency_key, wanted)
    return UpdateBillingProfilePayload(billing_profile=await ask.only(models.BillingProfile, organization))


@strawberry.type
class ProfileMutations:
    """Whom invoices are addressed to."""

    update_billing_profile: UpdateBillingProfilePayload | None = mutation(
        _update, "Changes whom new invoices are addressed to.", of=billing_profiles.update
    )
