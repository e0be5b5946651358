"""What Stripe says, in words that are the same for every gateway; and amounts as it counts them."""

from billing.gateways.failures import Failure, Refused
from billing.gateways.gateway import ChargeStatus, GatewayRefused
from billing.rules.money import Money, exponent

STATUSES = {
    "succeeded": ChargeStatus.SUCCEEDED,
    "requires_action": ChargeStatus.REQUIRES_ACTION,
    "canceled": ChargeStatus.FAILED,
    "requires_payment_method": ChargeStatus.FAILED,
}  # else it is processing
CODES = {
    Failure.INSUFFICIENT_FUNDS: "insufficient_funds",
    Failure.EXPIRED_CARD: "expired_card",
    Failure.INCORRECT_DETAILS: "incorrect_cvc invalid_cvc incorrect_number invalid_number incorrect_zip "
    "incorrect_address invalid_expiry_month invalid_expiry_year",
    Failure.AUTHENTICATION_REQUIRED: "authentication_required",
    Failure.AUTHENTICATION_FAILED: "payment_intent_authentication_failure setup_intent_authentication_failure",
    Failure.PROCESSING_ERROR: "processing_error issuer_not_available reenter_transaction try_again_later",
}
FAILURES = {code: failure for failure, codes in CODES.items() for code in codes.split()}
REFUSALS = {
    "resource_missing": Refused.NOT_FOUND,
    "amount_too_small": Refused.AMOUNT_TOO_SMALL,
    "amount_too_large": Refused.INVALID_AMOUNT,
    "invalid_charge_amount": Refused.INVALID_AMOUNT,
    "charge_already_refunded": Refused.REFUND_TOO_LARGE,
}
# Where Stripe's minor units are not those of ISO 4217.
EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}


def failure(*codes: str | None) -> Failure:
    """The first of the codes that says more than that the card was declined."""
    return next((FAILURES[code] for code in codes if code in FAILURES), Failure.CARD_DECLINED)


def units(money: Money) -> int:
    """An amount as Stripe counts it. Raises GatewayRefused where it cannot: of three decimals the last one is 0."""
    shift = EXPONENTS.get(money.currency, exponent(money.currency)) - exponent(money.currency)
    up, down = int(10 ** max(shift, 0)), int(10 ** max(-shift, 0))
    whole, rest = divmod(money.amount * up, down)
    if rest or (exponent(money.currency) == 3 and whole % 10):  # noqa: PLR2004  # decimals
        raise GatewayRefused(Refused.INVALID_AMOUNT)
    return whole


def money(amount: int, currency: str) -> Money:
    """An amount that Stripe counted."""
    code = currency.upper()
    shift = EXPONENTS.get(code, exponent(code)) - exponent(code)
    return Money(amount * 10 ** max(-shift, 0) // 10 ** max(shift, 0), code)
