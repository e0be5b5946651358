"""The mails that Purser sends, a function each: to whom, and what stands in it. The words are in `templates/`."""

from datetime import datetime

from mailer.outbox import Letter


def invitation(to: str, organization: str, inviter: str | None, expires_at: datetime, token: str) -> Letter:
    """To become a billing manager. `inviter` is a billing manager's name, or nobody's."""
    values = {"organization": organization, "inviter": inviter, "expires_at": expires_at.isoformat()}
    return Letter("invitation", to, values, token)


def accepted(to: str, organization: str, email: str) -> Letter:
    """To who invited: this address accepted."""
    return Letter("accepted", to, {"organization": organization, "email": email})


def removed(to: str, organization: str) -> Letter:
    """To who is billing manager no longer."""
    return Letter("removed", to, {"organization": organization})


def no_manager_left(to: str, organization: str) -> Letter:
    """To an owner, when the last billing manager went."""
    return Letter("no_manager_left", to, {"organization": organization})


def member_invitation(to: str, organization: str, expires_at: datetime, token: str) -> Letter:
    """To become one of the people."""
    values = {"organization": organization, "expires_at": expires_at.isoformat()}
    return Letter("member_invitation", to, values, token)


def verify_email(to: str, token: str) -> Letter:
    """To prove an address."""
    return Letter("verify_email", to, {}, token)


def account_exists(to: str) -> Letter:
    """To who signs up with an address that has an account: instead of a link to verify it."""
    return Letter("account_exists", to)


def reset_password(to: str, token: str) -> Letter:
    """To choose a new password."""
    return Letter("reset_password", to, {}, token)


def no_account(to: str) -> Letter:
    """To who wants a new password for an address without an account."""
    return Letter("no_account", to)


def trial_ending(to: str, organization: str, at: datetime, amount: str | None) -> Letter:
    """Three days ahead: what is charged then, or that nothing can be."""
    return Letter("trial_ending", to, {"organization": organization, "at": at.isoformat(), "amount": amount})


def trial_ended(to: str, organization: str) -> Letter:
    """Nobody paid for what comes behind it."""
    return Letter("trial_ended", to, {"organization": organization})


def renewal_ahead(to: str, organization: str, at: datetime, amount: str) -> Letter:
    """A week ahead: what is charged then."""
    return Letter("renewal_ahead", to, {"organization": organization, "at": at.isoformat(), "amount": amount})


def payment_failed(to: str, organization: str, invoice: str, until: datetime) -> Letter:
    """An invoice was not paid; everything works on until then."""
    values = {"organization": organization, "invoice": invoice, "until": until.isoformat()}
    return Letter("payment_failed", to, values)


def suspended(to: str, organization: str) -> Letter:
    """It was not paid for too long."""
    return Letter("suspended", to, {"organization": organization})


def subscription_changed(to: str, organization: str, plan: str, seats: str, at: datetime) -> Letter:
    """What it is from an instant on."""
    values = {"organization": organization, "plan": plan, "seats": seats, "at": at.isoformat()}
    return Letter("subscription_changed", to, values)


def subscription_ended(to: str, organization: str) -> Letter:
    """It did not go on."""
    return Letter("subscription_ended", to, {"organization": organization})


def card_expires(to: str, organization: str, brand: str, last4: str, expires_at: datetime) -> Letter:
    """To who looks after the money: a card will be good no more."""
    values = {"organization": organization, "brand": brand, "last4": last4, "expires_at": expires_at.isoformat()}
    return Letter("card_expires", to, values)


def receipt(to: str, organization: str, number: str, amount: str) -> Letter:
    """So much came for an invoice."""
    values = {"organization": organization, "number": number, "amount": amount}
    return Letter("receipt", to, values)


def invoice(to: str, organization: str, number: str, amount: str, until: datetime, reference: str | None) -> Letter:
    """So much is to be paid until then; by a transfer that bears the reference, if there is one."""
    values = {"organization": organization, "number": number, "amount": amount}
    return Letter("invoice", to, values | {"until": until.isoformat(), "reference": reference})


def invoice_reminder(
    to: str, organization: str, number: str, amount: str, until: datetime, reference: str | None
) -> Letter:
    """It was not paid in time, and is void then."""
    values = {"organization": organization, "number": number, "amount": amount}
    return Letter("invoice_reminder", to, values | {"until": until.isoformat(), "reference": reference})
