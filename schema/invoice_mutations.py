"""The mutation about invoices: to have one before the money, or the one of a payment."""

import strawberry

import models
from billing import invoice_requests
from billing.errors import Forbidden, InvalidInput
from schema.invoice import Invoice
from schema.mutation import IDEMPOTENCY_KEY, Asking, asked, given, mutation, payload, told


@asked
class RequestInvoiceInput:
    """What the invoice shall be for: a quote, or a payment; one of them."""

    organization_id: strawberry.ID = given("Whose.")
    quote_id: strawberry.ID | None = given(
        "Invoice first: the quote binds while the invoice is open. The plan or the seats come when it is paid.",
        default=None,
    )
    payment_id: strawberry.ID | None = given("Or: the document for a payment made.", default=None)
    purchase_order: str | None = given(
        "Your own reference, to stand on it; the billing profile's if none is given.", default=None
    )
    idempotency_key: str = given(IDEMPOTENCY_KEY)


@payload
class RequestInvoicePayload:
    """Errors: NOT_FOUND, QUOTE_STALE, PAYMENT_IN_PROGRESS, INVALID_NAME.

    INVALID_INPUT: neither or both of quoteId and paymentId; a quote that costs nothing, a payment without an invoice,
    or another purchaseOrder than stands on the invoice of a payment. Asked for again, a quote has the same invoice.
    """

    invoice: Invoice | None = told("The invoice: OPEN and due in 14 days for a quote.")
    transfer_reference: str | None = told("What a transfer must bear, so that it is recognized; null if it is paid.")


async def _request(ask: Asking, given: RequestInvoiceInput) -> RequestInvoicePayload:
    organization, key = ask.organization(given.organization_id), given.idempotency_key
    if not ask.viewer.granted(organization) & models.Permission.REQUEST_INVOICES.bit:
        raise Forbidden  # before any word about the quote, which he may not see
    if bool(given.quote_id) == bool(given.payment_id):
        raise InvalidInput("quoteId")
    if given.quote_id:
        quote = await ask.within(organization, "Quote", given.quote_id, key, "quoteId")
        done = await ask.perform(invoice_requests.request, organization, key, quote, given.purchase_order)
    else:
        payment = await ask.within(organization, "Payment", given.payment_id or "", key, "paymentId")
        done = await ask.perform(invoice_requests.document, organization, key, payment, given.purchase_order)
    invoice = await ask.row(models.Invoice, done.invoice_id)
    open_ = invoice["status"] == models.InvoiceStatus.OPEN
    return RequestInvoicePayload(invoice=invoice, transfer_reference=invoice["transfer_reference"] if open_ else None)


@strawberry.type
class InvoiceMutations:
    """About invoices."""

    request_invoice: RequestInvoicePayload | None = mutation(
        _request, "An invoice before the money comes, or for a payment that was made.", of=invoice_requests.request
    )
