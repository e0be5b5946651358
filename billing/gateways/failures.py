"""Why a charge failed, or was not taken, in words that are the same for every gateway: docs/errors.md."""

from enum import StrEnum


class Failure(StrEnum):
    """Of a charge that failed: `failure_code`. Another card, or another day, may do better."""

    CARD_DECLINED = "card_declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_DETAILS = "incorrect_details"
    AUTHENTICATION_REQUIRED = "authentication_required"
    AUTHENTICATION_FAILED = "authentication_failed"
    PROCESSING_ERROR = "processing_error"
    CANCELED = "canceled"
    LOST = "lost"


class Refused(StrEnum):
    """Of a call that was refused: the code of GatewayRefused, beside those of a card."""

    INVALID_TOKEN = "invalid_token"  # noqa: S105  # a code
    NOT_FOUND = "not_found"
    INVALID_REQUEST = "invalid_request"
    INVALID_AMOUNT = "invalid_amount"
    AMOUNT_TOO_SMALL = "amount_too_small"
    NOT_REFUNDABLE = "not_refundable"
    REFUND_TOO_LARGE = "refund_too_large"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
