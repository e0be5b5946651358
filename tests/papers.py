"""Invoices to print, and what can be read on them."""

import io
from dataclasses import replace
from datetime import date

import orjson
from pypdf import PdfReader

from billing.documents.document import BankTransfer, Days, Document, DocumentKind, Line, Party
from billing.documents.layout import layout
from billing.documents.rendering import compiler, render
from models.catalogue import BillingInterval
from models.invoice import LineKind

SELLER = Party(
    "Example Software GmbH", "DE", ("Lindenstraße 14",), "10969", "Berlin", "DE136695976", "billing@seller.test"
)
CUSTOMER = Party(
    "Acme Rockets", "US", ("500 Howard Street", "Suite 300"), "94105", "San Francisco", None, "accounts@acme.test"
)
MONTH = Days(date(2026, 1, 1), date(2026, 1, 31), 31, 31)
REST = Days(date(2026, 1, 6), date(2026, 1, 31), 26, 31)
LINES = (
    Line(LineKind.RENEWAL, "Professional", BillingInterval.MONTH, 12, 2900, 34800, MONTH),
    Line(LineKind.SEATS, "Professional", BillingInterval.MONTH, 1, 2900, 2432, REST),
    Line(LineKind.UNUSED_TIME, "Basic", BillingInterval.MONTH, 12, 900, -9058, REST),
)
INVOICE = Document(
    DocumentKind.INVOICE, "AR-00042", "USD", date(2026, 1, 6), SELLER, CUSTOMER, LINES, due_on=date(2026, 1, 20)
)
TRANSFER = BankTransfer("RF18539007547034", SELLER.name, "DE89370400440532013000", "COBADEFFXXX", "Bank of Berlin")


def to(name: str, country: str = "US", *address: str) -> Document:
    """The invoice of a customer who is called so."""
    return replace(INVOICE, customer=replace(CUSTOMER, name=name, country=country, address_lines=address))


def pages(document: Document) -> list[str]:
    """What is printed, page by page; each line break and row of blanks is one blank."""
    read = PdfReader(io.BytesIO(render(document))).pages
    return [" ".join(page.extract_text().split()) for page in read]


def text(document: Document) -> str:
    """What is printed on all pages."""
    return " ".join(pages(document))


def fonts(document: Document) -> set[str]:
    """The names of the fonts that glyphs are taken from."""
    names = set()
    for page in PdfReader(io.BytesIO(render(document))).pages:
        for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[attr-defined]
            names.add(str(font.get_object()["/BaseFont"]).partition("+")[2])
    return names


def archived(document: Document) -> object:
    """The document as PDF/A, which takes no glyph that its font lacks. Raises TypstError for one."""
    data = {"document": orjson.dumps(layout(document)).decode()}
    return compiler().compile(format="pdf", sys_inputs=data, timestamp=0, pdf_standards="a-2u")


def accessible(document: Document) -> object:
    """The document as PDF/UA, which takes no part that a screen reader cannot tell. Raises TypstError for one."""
    data = {"document": orjson.dumps(layout(document)).decode()}
    return compiler().compile(format="pdf", sys_inputs=data, timestamp=0, pdf_standards="ua-1")
