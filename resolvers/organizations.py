"""What an organization's fields stand for."""

import models
from resolvers.invitations import standing
from resolvers.relations import days, equal, many, only, pages

subscription = only(models.PlanSubscription, by=models.PlanSubscription.organization_id)
payment_methods = many(
    models.PaymentMethod,
    by=models.PaymentMethod.organization_id,
    order=[models.PaymentMethod.is_default, models.PaymentMethod.added_at],
    descending=True,
    where="removed_at is null",
)
payments = pages(
    models.Payment,
    by=models.Payment.organization_id,
    newest=models.Payment.created_at,
    filters=[
        equal("status", models.Payment.status, "Only payments that stand so."),
        *days(models.Payment.created_at),
    ],
)
credits = pages(models.Credit, by=models.Credit.organization_id, newest=models.Credit.granted_at)
invoices = pages(
    models.Invoice,
    by=models.Invoice.organization_id,
    newest=models.Invoice.created_at,
    filters=[
        equal("status", models.Invoice.status, "Only invoices that stand so."),
        *days(models.Invoice.created_at),
    ],
)
billing_profile = only(models.BillingProfile, by=models.BillingProfile.organization_id)
billing_managers = pages(
    models.BillingManager, by=models.BillingManager.organization_id, oldest=models.BillingManager.since
)
billing_invitations = pages(
    models.BillingInvitation,
    by=models.BillingInvitation.organization_id,
    newest=models.BillingInvitation.created_at,
    filters=[standing],
)
billing_activity = pages(
    models.BillingActivity, by=models.BillingActivity.organization_id, newest=models.BillingActivity.at
)
members = pages(models.Member, by=models.Member.organization_id, oldest=models.Member.joined_at)
member_invitations = pages(
    models.MemberInvitation,
    by=models.MemberInvitation.organization_id,
    newest=models.MemberInvitation.created_at,
    filters=[standing],
)
teams = pages(models.Team, by=models.Team.organization_id, oldest=models.Team.created_at)
projects = pages(models.Project, by=models.Project.organization_id, oldest=models.Project.created_at)
resources = pages(models.Resource, by=models.Resource.organization_id, oldest=models.Resource.created_at)
activities = pages(models.Activity, by=models.Activity.organization_id, newest=models.Activity.at)
api_keys = many(
    models.ApiKey,
    by=models.ApiKey.organization_id,
    order=[models.ApiKey.created_at],
    descending=True,
    where="revoked_at is null",
)
settings = only(models.OrganizationSettings, by=models.OrganizationSettings.organization_id)
