"""Invoices and credit notes as PDF: right to the cent, the same bytes each time, for names of all the world."""

import asyncio
import hashlib
import io
import os
import re
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import orjson
import pytest
from pydantic import ValidationError
from pypdf import PdfReader
from typst import TypstError

from billing.documents.document import Days, Document, DocumentKind, Line, Party, Tax, restored, stored
from billing.documents.fonts import OTHER_ARABIC, families, variant
from billing.documents.rendering import render
from billing.rules.bill import bill
from billing.rules.calendar import Interval, Period
from billing.rules.money import Money
from billing.rules.proration import Line as Priced
from billing.rules.tax import REVERSE_CHARGE, Rate, taxed
from tests.papers import CUSTOMER, INVOICE, LINES, TRANSFER, accessible, archived, fonts, pages, text, to
from tests.test_rules_calendar import utc

ROOT = Path(__file__).parents[1]
VAT = Tax("VAT 19 %", 1900, 28174, 5353)
CREDIT_NOTE = replace(
    INVOICE, kind=DocumentKind.CREDIT_NOTE, number="AR-CN-00003", corrects="AR-00042", due_on=None, taxes=(VAT,)
)
EVERYWHERE = {
    "JP": "株式会社 直骨テクノロジー",
    "KR": "주식회사 한빛 韓國",
    "CN": "北京直骨科技有限公司",
    "TW": "臺灣骨直股份有限公司",
    "HK": "香港骨直有限公司",
    "KW": "شركة النور للتجارة ذ.م.م",
    "IR": "شرکت پگاه گستر ژرف",
    "IL": 'חברת האור בע"מ',
    "BG": "ООО «Жуков и сыновья» Ђђ Її Ґґ",
    "GR": "Ελληνική Εταιρεία Ύδρευσης ΑΕ",
    "VN": "Công ty Cổ phần Thương mại Đường Việt",
    "PL": "Żółć Łódź ẞ Çeşme Ţăndărică ŋ ǅ",
    "IN": "हिन्दी प्राइवेट लिमिटेड தமிழ் বাংলা",
    "TH": "บริษัท น้ำใส จำกัด",
    "GE": "საქართველო Հայաստան አማርኛ",
    "US": "Rocket 🚀 ★ ∞ № ™ ⅓",
}
HOSTILE = {
    "markup": "#panic() $x$ @ref *b* _i_ `raw` = h <a> \\ // /* [x] ]] }} ~ -- '\"",
    "reading": '#read("/etc/passwd") #import "@preview/x:1.0.0" #sys.inputs #include "invoice.typ"',
    "json": '","number":"AR-99999","x":"',
}


def test_same_document_is_the_same_bytes_each_time() -> None:  # case 92
    first = render(INVOICE)
    render(CREDIT_NOTE)
    assert render(restored(stored(INVOICE))) == first
    assert first.startswith(b"%PDF-")


def test_bytes_do_not_depend_on_process_clock_zone_or_language() -> None:  # case 92
    program = (
        "import hashlib; from billing.documents.rendering import render; from tests.papers import INVOICE;"
        "print(hashlib.sha256(render(INVOICE)).hexdigest())"
    )
    here = hashlib.sha256(render(INVOICE)).hexdigest()
    for zone, language, seed in (("Asia/Tokyo", "de_DE.UTF-8", "1"), ("America/Los_Angeles", "C", "2")):
        environment = os.environ | {"TZ": zone, "LANG": language, "LC_ALL": language, "PYTHONHASHSEED": seed}
        environment |= {"PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": seed}
        made = subprocess.run([sys.executable, "-c", program], cwd="/", env=environment, capture_output=True, text=True)  # noqa: S603, PLW1510
        assert made.stdout.strip() == here, made.stderr


async def test_many_at_once_are_what_each_is_alone() -> None:
    documents = [replace(INVOICE, number=f"AR-{count:05d}") for count in range(20)]
    alone = [render(document) for document in documents]
    with ThreadPoolExecutor(8) as threads:
        loop = asyncio.get_running_loop()
        at_once = await asyncio.gather(*(loop.run_in_executor(threads, render, document) for document in documents))
    assert at_once == alone
    assert len(set(alone)) == 20


def test_file_says_its_number_and_day_and_names_nobody() -> None:  # case 55
    told = {name: str(value) for name, value in (PdfReader(io.BytesIO(render(INVOICE))).metadata or {}).items()}
    assert told.pop("/Creator").startswith("Typst ")
    assert told == {
        "/Title": "Invoice AR-00042",
        "/CreationDate": "D:20260106000000Z",
        "/ModDate": "D:20260106000000Z",
    }


def test_snapshot_comes_back_as_it_was_stored() -> None:
    document = replace(CREDIT_NOTE, transfer=TRANSFER, purchase_order="PO 7", voided_on=date(2026, 2, 1))
    assert restored(stored(document)) == document
    assert restored(orjson.loads(orjson.dumps(stored(document)))) == document


def test_what_is_no_snapshot_is_refused() -> None:
    for wrong in ({}, stored(INVOICE) | {"currency": 1}, stored(INVOICE) | {"lines": [{"text": "Ada's seat"}]}):
        with pytest.raises(ValidationError):
            restored(wrong)


def test_snapshot_has_no_place_for_a_name_of_a_person_team_or_project() -> None:  # case 57
    assert [field.name for field in fields(Line)] == [
        "kind",
        "plan",
        "interval",
        "quantity",
        "unit_amount",
        "amount",
        "days",
    ]


def test_invoice_says_whose_it_is_what_for_and_until_when() -> None:
    said = text(replace(INVOICE, purchase_order="PO-2026/117"))
    for words in (
        "Invoice",
        "Number AR-00042",
        "Issued 6 January 2026",
        "Due 20 January 2026",
        "Purchase order PO-2026/117",
        "Example Software GmbH Lindenstraße 14 10969 Berlin Germany Tax ID DE136695976 billing@seller.test",
        "Acme Rockets 500 Howard Street Suite 300 San Francisco 94105 United States accounts@acme.test",
        "$281.74 due on 20 January 2026",
        "Renewal of Professional plan, 12 seats, monthly 1 – 31 January 2026 12 $29.00 $348.00",
        "Unused time on Basic plan, 12 seats 26 of 31 days, 6 – 31 January 2026 12 $9.00 −$90.58",
        "Subtotal $281.74 Total $281.74 Amount due $281.74",
        "No tax is charged",
        "Page 1 of 1",
    ):
        assert words in said
    assert "How to pay" not in said


def test_automatic_seat_is_a_seat_and_its_days() -> None:  # case 57
    assert "Professional plan, 1 seat, monthly 26 of 31 days, 6 – 31 January 2026 1 $29.00 $24.32" in text(INVOICE)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-01-06T12:00", "2026-02-01T00:00", Days(date(2026, 1, 6), date(2026, 1, 31), 26, 31)),
        ("2026-01-31T23:59", "2026-02-01T00:00", Days(date(2026, 1, 31), date(2026, 1, 31), 1, 31)),
        ("2026-01-01T00:00", "2026-02-01T00:00", Days(date(2026, 1, 1), date(2026, 1, 31), 31, 31)),
    ],
)
def test_periods_are_told_in_days(start: str, end: str, days: Days) -> None:  # case 57
    whole = Period(utc("2026-01-01T00:00"), utc("2026-02-01T00:00"))
    assert Days.between(Period(utc(start), utc(end)), whole) == days


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 1, 31), date(2026, 1, 31), "1 of 365 days, 31 January 2026"),
        (date(2026, 1, 31), date(2026, 2, 27), "1 of 365 days, 31 January – 27 February 2026"),
        (date(2025, 12, 31), date(2026, 1, 30), "1 of 365 days, 31 December 2025 – 30 January 2026"),
    ],
)
def test_days_of_two_months_or_years_name_both(first: date, last: date, words: str) -> None:
    assert words in text(replace(INVOICE, lines=(replace(LINES[0], days=Days(first, last, 1, 365)),)))


@pytest.mark.parametrize(
    ("currency", "total", "line"),
    [
        ("JPY", "¥28,174", "−¥9,058"),
        ("EUR", "€281.74", "−€90.58"),
        ("KWD", "KWD 28.174", "−KWD 9.058"),
        ("IQD", "IQD 28.174", "−IQD 9.058"),
        ("CLF", "CLF 2.8174", "−CLF 0.9058"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, total: str, line: str) -> None:  # case 78
    said = text(replace(INVOICE, currency=currency))
    assert f"Amount due {total}" in said
    assert line in said


def test_document_adds_up_as_its_bill_does() -> None:
    period = Period(utc("2026-01-01T00:00"), utc("2026-02-01T00:00"))
    price = Money(2995, "EUR")
    priced = Priced("RENEWAL", "professional", Interval.MONTH, 7, price, price * 7, period, period)
    made = bill([priced], Rate("VAT 19 %", 1900), [], "EUR", period.start)
    line, taxes = Line.of(priced, "Professional"), tuple(map(Tax.of, made.tax.lines))
    document = replace(INVOICE, currency="EUR", lines=(line,), taxes=taxes, credit_applied=1000)
    assert (document.subtotal, document.total) == (made.subtotal, made.total) == (price * 7, Money(24948, "EUR"))
    assert (
        "Subtotal €209.65 VAT 19 % on €209.65 €39.83 Total €249.48 Credit applied −€10.00 Amount due €239.48"
        in text(document)
    )


def test_paid_invoice_owes_nothing() -> None:
    said = text(replace(INVOICE, taxes=(VAT,), paid=33527, paid_on=date(2026, 1, 7)))
    assert "PAID" in said
    assert "$335.27 paid on 7 January 2026" in said
    assert "Total $335.27 Paid −$335.27 Amount due $0.00" in said


def test_reverse_charge_is_said_in_words() -> None:
    computed = taxed([(Money(28174, "USD"), REVERSE_CHARGE)], "USD")
    said = text(replace(INVOICE, taxes=tuple(map(Tax.of, computed.lines))))
    assert "VAT reverse charge on $281.74 $0.00 Total $281.74" in said
    assert "Reverse charge: the recipient owes the tax (Article 196 of Directive 2006/112/EC)." in said
    assert "No tax" not in said


def test_tax_of_zero_percent_is_no_reverse_charge() -> None:
    said = text(replace(INVOICE, taxes=(Tax("VAT 0 %", 0, 28174, 0),)))
    assert "VAT 0 % on $281.74 $0.00" in said
    assert "everse charge" not in said


def test_transfer_says_where_to_and_with_which_reference() -> None:
    said = text(replace(INVOICE, transfer=TRANSFER))
    assert "Reference RF18539007547034 Account holder Example Software GmbH" in said
    assert "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX Bank Bank of Berlin" in said
    assert "Account 12-3456" in text(replace(INVOICE, transfer=replace(TRANSFER, account="12-3456")))


def test_void_invoice_is_marked_and_owes_nothing() -> None:
    said = text(replace(INVOICE, voided_on=date(2026, 2, 1), transfer=TRANSFER))
    assert "VOID" in said
    assert "Void since 1 February 2026" in said
    assert "Amount due $0.00" in said
    assert "How to pay" not in said


def test_credit_note_names_the_invoice_that_it_corrects() -> None:  # case 89
    said = text(CREDIT_NOTE)
    assert "Credit note" in said
    assert "Number AR-CN-00003 Corrects invoice AR-00042" in said
    assert "Total credited $335.27" in said
    assert "Amount due" not in said


@pytest.mark.parametrize(("document", "corrects"), [(INVOICE, "AR-00001"), (CREDIT_NOTE, None)])
def test_only_a_credit_note_corrects_something(document: Document, corrects: str | None) -> None:
    with pytest.raises(ValueError, match="corrects"):
        replace(document, corrects=corrects)


def test_sixty_lines_repeat_the_header_and_count_the_pages() -> None:
    document = replace(INVOICE, lines=LINES * 20, transfer=TRANSFER)
    said = pages(document)
    assert len(said) == 4
    for number, page in enumerate(said, start=1):
        assert "Description Quantity Unit price Amount" in page
        assert f"Page {number} of 4" in page
        assert "AR-00042" in page
    assert sum(page.count("Renewal of Professional plan") for page in said) == 20
    assert "Amount due $5,634.80" in said[-1]


@pytest.mark.parametrize("country", EVERYWHERE)
def test_names_of_all_the_world_have_their_glyphs(country: str) -> None:
    name = EVERYWHERE[country]
    document = to(name, country, name)
    assert archived(document)
    # Letter by letter, for the order is that of the eye.
    assert letters(name) <= letters(text(document))


def test_missing_glyph_would_be_found() -> None:
    with pytest.raises(TypstError, match="could not be displayed"):
        archived(to("བོད"))
    assert render(to("བོད")).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("country", "name", "han"),
    [
        ("JP", "直骨", "JP"),
        ("CN", "直骨", "SC"),
        ("TW", "直骨", "TC"),
        ("HK", "直骨", "HK"),
        ("KR", "直骨", "KR"),
        ("US", "直骨", "SC"),
        ("US", "直骨テクノロジー", "JP"),
        ("US", "直骨 한빛", "KR"),
        ("CN", "直骨テクノロジー", "SC"),
    ],
)
def test_han_characters_look_as_in_the_customers_country(country: str, name: str, han: str) -> None:
    assert variant(country, name) == han
    assert families(country, [name])[1] == f"Noto Sans CJK {han}"
    assert any(f"CJK{han.lower()}" in font for font in fonts(to(name, country)))


def test_only_fonts_of_the_dependencies_are_used() -> None:
    assert fonts(INVOICE) == {"NotoSans-Regular"}


@pytest.mark.parametrize("name", [EVERYWHERE["KW"], EVERYWHERE["IR"], EVERYWHERE["IL"], "پاکستان ٹیکنالوجی ڈھاکہ"])
def test_words_from_right_to_left_are_found_in_the_file(name: str) -> None:
    words = set(re.findall(r"\w+", name))
    assert words <= set(re.findall(r"\w+", text(to(name))))


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("شركة", "Almarai-Bold"),
        ("".join(letter for letter in map(chr, range(0x600, 0x700)) if not OTHER_ARABIC.match(letter)), "Almarai-Bold"),
        ("كوردی ێ ۆ ڕ", "NotoSansArabic-Regular"),
    ],
    ids=["arabic", "all", "kurdish"],
)
def test_name_in_arabic_letters_is_in_one_font(name: str, font: str) -> None:
    assert archived(to(name))
    assert fonts(to(name)) == {"NotoSans-Regular", font}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_are_text(kind: str) -> None:
    name = HOSTILE[kind]
    customer = Party(name, name[:2], (name, name), name, name, name, name)
    document = replace(INVOICE, customer=customer, purchase_order=name, lines=(replace(LINES[0], plan=name),))
    said = text(replace(document, transfer=replace(TRANSFER, reference=name, holder=name)))
    squeezed = name.replace(" ", "")
    assert said.replace(" ", "").count(squeezed) >= 6
    assert "root:" not in said
    assert "Number AR-00042" in said


def test_what_hides_or_reorders_text_is_left_out() -> None:
    said = text(to("Ac\u202eme\u2066\u200b\r\nTotal: $0.00\x00\x1b\ud800\u2028End"))
    assert "Acme Total: $0.00 End 94105" not in said
    assert "Acme Total: $0.00 End" in said


@pytest.mark.parametrize("name", ["W" * 10_000, "word " * 2_000, "直" * 10_000, "نور" * 3_000], ids=len)
def test_name_of_ten_thousand_characters_is_printed_whole(name: str) -> None:
    document = to(name)
    said = text(document)
    assert said.count(name[0]) >= name.count(name[0])
    assert "Amount due $281.74" in said


def test_long_address_of_mail_stays_whole_for_who_copies_it() -> None:
    email = "accounts.payable.international-department@a-very-long-subdomain.of-the-company.example"
    document = replace(INVOICE, customer=replace(CUSTOMER, email=email))
    assert email in text(document).replace(" ", "")


@pytest.mark.parametrize("document", [INVOICE, CREDIT_NOTE, replace(INVOICE, lines=LINES * 20, transfer=TRANSFER)])
def test_screen_readers_can_tell_what_it_says(document: Document) -> None:
    assert accessible(document)


def letters(said: str) -> set[str]:
    """The characters, apart from the forms that they take in a word."""
    return set(unicodedata.normalize("NFKC", said)) - set(" \u200c\u200d")
