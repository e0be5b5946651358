"""The books: append-only, double entry. What an account holds is a sum of its entries, never a column."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.table import Column, Tenant


class Account(StrEnum):
    """What is counted, from the installation's side: assets and expenses are debited, that is positive."""

    RECEIVABLE = "RECEIVABLE"  # what the organization owes
    CARRIED = "CARRIED"  # what it owes that is too little to be taken yet
    CASH = "CASH"  # what a gateway or a bank took for us
    CREDIT = "CREDIT"  # what we owe it, to be spent here
    REVENUE = "REVENUE"
    TAX = "TAX"  # what we owe the state
    PROMOTION = "PROMOTION"  # what was given away
    EXPIRED_CREDIT = "EXPIRED_CREDIT"
    BAD_DEBT = "BAD_DEBT"


class PostingKind(StrEnum):
    """Why something was booked."""

    INVOICE_ISSUED = "INVOICE_ISSUED"
    INVOICE_VOIDED = "INVOICE_VOIDED"
    INVOICE_UNCOLLECTIBLE = "INVOICE_UNCOLLECTIBLE"
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    CREDIT_NOTE = "CREDIT_NOTE"
    CREDIT_GRANTED = "CREDIT_GRANTED"
    CREDIT_USED = "CREDIT_USED"
    CREDIT_RETURNED = "CREDIT_RETURNED"
    CREDIT_EXPIRED = "CREDIT_EXPIRED"
    CARRIED = "CARRIED"


class LedgerPosting(Tenant):
    """Something that was booked, and what it is about. Its entries sum to zero."""

    kind = Column[PostingKind]()
    at = Column[datetime]()
    invoice_id = Column[UUID | None]()
    payment_id = Column[UUID | None]()
    refund_id = Column[UUID | None]()
    credit_id = Column[UUID | None]()
    credit_note_id = Column[UUID | None]()


class LedgerEntry(Tenant):
    """A side of a posting: debit above zero, credit below."""

    posting_id = Column[UUID]()
    position = Column[int]()
    account = Column[Account]()
    amount = Column[int]("bigint")
    currency = Column[str]()
