"""What a document says, written down when it gets its number: who sold to whom what, as all of them were then."""

from typing import TYPE_CHECKING

from billing.change import Change
from billing.documents.document import BankTransfer, Document, DocumentKind, Line, Party, Tax, restored
from billing.rules.bill import Bill
from billing.rules.money import Money, split, zero
from billing.seller import Seller
from models import BillingProfile, Invoice, LineKind

if TYPE_CHECKING:
    from billing.invoices import Issue


def of_invoice(org: Change, number: str, due: Bill, said: "Issue", profile: BillingProfile | None) -> Document:
    """An invoice that is issued now."""
    today, paid = org.now.date(), said.paid or zero(due.currency)
    open_ = due.due - paid
    return Document(
        DocumentKind.INVOICE,
        number,
        due.currency,
        today,
        _seller(org.room.seller),
        _customer(org, profile),
        tuple(Line.of(line, line.plan) for line in due.lines),
        tuple(Tax.of(line) for line in due.tax.lines),
        due.credit_applied.amount,
        paid.amount,
        due_on=said.due(org.now).date() if open_.amount else None,
        paid_on=None if open_.amount else today,
        purchase_order=said.purchase_order or (profile.purchase_order if profile else None),
        transfer=_transfer(org.room.seller, said.transfer_reference),
    )


def of_credit_note(org: Change, number: str, invoice: Invoice, subtotal: Money, tax: Money) -> Document | None:
    """What takes so much of an invoice back, addressed as the invoice was; none for one without a document."""
    if invoice.document is None or invoice.number is None:
        return None
    made = restored(invoice.document)
    whole = (subtotal.amount, tax.amount) == (invoice.subtotal, invoice.tax)
    return Document(
        DocumentKind.CREDIT_NOTE,
        number,
        made.currency,
        org.now.date(),
        made.seller,
        made.customer,
        made.lines if whole else (_part(made, subtotal),),
        made.taxes if whole else _taxes(made, subtotal, tax),
        corrects=invoice.number,
        purchase_order=made.purchase_order,
    )


def _seller(seller: Seller) -> Party:
    return Party(seller.name, seller.country, seller.address_lines, tax_id=seller.tax_id)


def _customer(org: Change, profile: BillingProfile | None) -> Party:
    """Without a profile, what there is: the organization's name, and the country whose taxes it is taken to pay."""
    if profile is None:
        return Party(org.organization.name, org.room.seller.country)
    return Party(
        profile.name,
        profile.country,
        tuple(profile.address_lines),
        profile.postal_code,
        profile.city,
        profile.tax_id,
        profile.email,
    )


def _transfer(seller: Seller, reference: str | None) -> BankTransfer | None:
    if reference is None or seller.bank is None:
        return None
    bank = seller.bank
    return BankTransfer(reference, bank.holder or seller.name, bank.number, bank.bic, bank.bank)


def _part(made: Document, subtotal: Money) -> Line:
    """A part of all lines in one, of the plan that most was charged for."""
    most = max(made.lines, key=lambda line: line.amount)
    return Line(LineKind.CREDIT, most.plan, most.interval, 1, subtotal.amount, subtotal.amount, most.days)


def _taxes(made: Document, subtotal: Money, tax: Money) -> tuple[Tax, ...]:
    """Net and tax, shared out over the invoice's rates."""
    if not made.taxes:
        return ()
    nets = split(subtotal, [each.net for each in made.taxes])
    amounts = split(tax, [each.amount or (not tax.amount) for each in made.taxes])
    return tuple(
        Tax(each.name, each.basis_points, net.amount, amount.amount, each.reverse_charge)
        for each, net, amount in zip(made.taxes, nets, amounts, strict=True)
    )
