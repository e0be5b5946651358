"""Refusals: what a client can act on. One class a refusal, its code for ever the same."""

from typing import ClassVar

from models.roles import Permission


class Refusal(Exception):  # noqa: N818  # it is an answer
    """Nothing was changed. `path` leads into the input, if one part of it is to blame."""

    code: ClassVar[str]
    message: ClassVar[str]
    needs: ClassVar[Permission | None] = None  # a code that speaks of something hidden is hidden with it
    lasting: ClassVar[bool] = True  # or asking again with the same idempotency key may do better

    def __init__(self, *path: str) -> None:
        super().__init__(self.code)
        self.path = path


class Forbidden(Exception):  # noqa: N818  # as above
    """The organization is known to who asks, but he may not do this there: an error of the whole field."""


class NotFound(Refusal):
    """Unknown, foreign and hidden are one answer."""

    code = "NOT_FOUND"
    message = "There is nothing with this id."


class IdempotencyConflict(Refusal):
    """The key was used for something else within its 24 hours."""

    code = "IDEMPOTENCY_CONFLICT"
    message = "This idempotency key was used for another request."


class InvalidKey(Refusal):
    """An idempotency key has 1 to 255 characters, none of them a control."""

    code = "INVALID_IDEMPOTENCY_KEY"
    message = "An idempotency key has 1 to 255 characters, none of them a control."


class InvalidInvitation(Refusal):
    """Another account's, unknown, expired, revoked and used links are one answer."""

    code = "INVALID_INVITATION"
    message = "Invalid Invitation Link"


class NotPending(Refusal):
    """It was accepted, declined, revoked or replaced before."""

    code = "NOT_PENDING"
    message = "This invitation is not pending any more."


class TooMany(Refusal):
    """More at once than is allowed."""

    code = "TOO_MANY"
    message = "These are too many at once."


class Empty(Refusal):
    """Nothing was given to work on."""

    code = "EMPTY"
    message = "At least one is needed."


class InvalidAddress(Refusal):
    """No mail can be sent there."""

    code = "INVALID_ADDRESS"
    message = "This is no address that mail can be sent to."


class InvalidName(Refusal):
    """A name has 1 to 100 characters, none of them a control."""

    code = "INVALID_NAME"
    message = "A name has 1 to 100 characters and no line breaks."


class NameTaken(Refusal):
    """Another one is called so."""

    code = "NAME_TAKEN"
    message = "This name is taken."


class LastOwner(Refusal):
    """An organization always has an owner."""

    code = "LAST_OWNER"
    needs = Permission.MANAGE_MEMBERS
    message = "An organization keeps at least one owner."


class OwnersOnly(Refusal):
    """Owners are made, changed and removed by owners."""

    code = "OWNERS_ONLY"
    needs = Permission.MANAGE_MEMBERS
    message = "Only an owner may do this to an owner, or make one."


class AlreadyMember(Refusal):
    """Who is invited is one of the people already."""

    code = "ALREADY_MEMBER"
    needs = Permission.MANAGE_MEMBERS
    message = "This address belongs to a member."


class NoSeatAvailable(Refusal):
    """All seats that were bought are taken."""

    code = "NO_SEAT_AVAILABLE"
    needs = Permission.MANAGE_MEMBERS
    message = "All seats are taken; more can be bought on the plans page."


class RateLimited(Refusal):
    """Too many attempts; the same for everybody."""

    code = "RATE_LIMITED"
    lasting = False
    message = "Too many attempts; try again later."


class InvalidCredentials(Refusal):
    """Unknown address and wrong password are one answer."""

    code = "INVALID_CREDENTIALS"
    message = "The address or the password is wrong."


class WeakPassword(Refusal):
    """A password has 10 to 1,000 characters and is not the address."""

    code = "WEAK_PASSWORD"
    message = "A password has 10 to 1000 characters and is not your address."


class InvalidLink(Refusal):
    """Unknown, used and expired links are one answer."""

    code = "INVALID_LINK"
    message = "This link is good no more."


class InvalidPermissions(Refusal):
    """A key can be given only what its maker may do."""

    code = "INVALID_PERMISSIONS"
    message = "A key can be given only what you may do yourself."


class InvalidInput(Refusal):
    """A value that cannot be: see `path`."""

    code = "INVALID_INPUT"
    message = "This value cannot be used."


class NothingToChange(Refusal):
    """The subscription is so already."""

    code = "NOTHING_TO_CHANGE"
    needs = Permission.CHANGE_PLAN
    message = "The subscription is so already."


class PlanNotAvailable(Refusal):
    """No such plan, or it is not sold at this interval or in this currency."""

    code = "PLAN_NOT_AVAILABLE"
    needs = Permission.CHANGE_PLAN
    message = "This plan is not sold so."


class SeatsBelowUsed(Refusal):
    """Fewer seats than are taken."""

    code = "SEATS_BELOW_USED"
    needs = Permission.CHANGE_PLAN
    message = "More seats than that are taken."


class SeatsAboveLimit(Refusal):
    """More seats than the plan allows."""

    code = "SEATS_ABOVE_LIMIT"
    needs = Permission.CHANGE_PLAN
    message = "The plan does not allow so many seats."


class AlreadyRenewed(Refusal):
    """The next period is paid already."""

    code = "ALREADY_RENEWED"
    needs = Permission.CHANGE_PLAN
    message = "The next period is paid already."


class NothingToRenew(Refusal):
    """The subscription costs nothing, or does not go on."""

    code = "NOTHING_TO_RENEW"
    needs = Permission.CHANGE_PLAN
    message = "There is nothing to renew."


class TrialNotAvailable(Refusal):
    """There was a trial before, or something is paid for already."""

    code = "TRIAL_NOT_AVAILABLE"
    needs = Permission.CHANGE_PLAN
    message = "There can be no trial."


class CurrencyFixed(Refusal):
    """The currency can change only before the first payment."""

    code = "CURRENCY_FIXED"
    needs = Permission.CHANGE_PLAN
    message = "The currency can change only before the first payment."


class QuoteStale(Refusal):
    """An input of the price changed, or the quote's time is over; nothing was charged. A fresh quote comes along."""

    code = "QUOTE_STALE"
    needs = Permission.CHANGE_PLAN
    message = "This price is good no more; nothing was charged."


class PaymentInProgress(Refusal):
    """A payment is under way: it must end first."""

    code = "PAYMENT_IN_PROGRESS"
    needs = Permission.CHANGE_PLAN
    lasting = False
    message = "A payment is under way; it must end first."


class PaymentDeclined(Refusal):
    """The money did not come; nothing was changed. The payment says why by its failureCode."""

    code = "PAYMENT_DECLINED"
    needs = Permission.CHANGE_PLAN
    message = "The payment was declined; nothing was changed."


class PaymentOverdue(Refusal):
    """An invoice must be paid first."""

    code = "PAYMENT_OVERDUE"
    needs = Permission.CHANGE_PLAN
    lasting = False
    message = "An invoice must be paid first."


class NoPaymentMethod(Refusal):
    """There is nothing to pay with, or it has expired."""

    code = "NO_PAYMENT_METHOD"
    needs = Permission.CHANGE_PLAN
    lasting = False
    message = "There is nothing to pay with."


class RefundTooLarge(Refusal):
    """More than is left of the payment."""

    code = "REFUND_TOO_LARGE"
    needs = Permission.CHANGE_PLAN
    message = "So much is not left of the payment."


class NotPayable(Refusal):
    """The invoice is paid, void or no claim yet."""

    code = "NOT_PAYABLE"
    needs = Permission.CHANGE_PLAN
    message = "There is nothing to pay on this invoice."


class NothingToCancel(Refusal):
    """It costs nothing, ends already, or nothing is scheduled."""

    code = "NOTHING_TO_CANCEL"
    needs = Permission.CHANGE_PLAN
    message = "There is nothing to cancel."


class NothingToResume(Refusal):
    """It goes on as it is, or has ended."""

    code = "NOTHING_TO_RESUME"
    needs = Permission.CHANGE_PLAN
    message = "There is nothing to resume."


class InvalidPaymentMethod(Refusal):
    """The gateway does not take it, or does not know it."""

    code = "INVALID_PAYMENT_METHOD"
    needs = Permission.MANAGE_PAYMENT_METHODS
    message = "The gateway does not take this payment method."


class PaymentMethodNeeded(Refusal):
    """The next renewal would have nothing to be paid by."""

    code = "PAYMENT_METHOD_NEEDED"
    needs = Permission.MANAGE_PAYMENT_METHODS
    lasting = False
    message = "The next renewal needs it: add another one, or turn the renewal off."


class GatewayAway(Refusal):
    """The gateway does not answer."""

    code = "GATEWAY_UNAVAILABLE"
    needs = Permission.MANAGE_PAYMENT_METHODS
    lasting = False
    message = "The gateway does not answer; try again with the same key."


class InvalidTaxId(Refusal):
    """Its form or its checksum is wrong in that country."""

    code = "INVALID_TAX_ID"
    needs = Permission.REQUEST_INVOICES
    message = "This is no tax id of that country."


def refusals() -> list[type[Refusal]]:
    """Every refusal there is."""
    return Refusal.__subclasses__()
