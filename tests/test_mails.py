"""Every mail, with the worst of names in it: it says one thing, in text and in HTML, and leads to us alone."""

import inspect
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jinja2 import UndefinedError

from billing.sealing import Sealer
from mailer import messages, render
from mailer.directory import Directory
from mailer.mail import Stationery, mail, sender
from mailer.outbox import Letter, packed, unpacked
from mailer.render import harmless, spelled, words
from models.loading import uuid7
from models.queue import GivenUp, TryLater

URL = "https://plans.example:8443"
HERE = Stationery("Purser <no-reply@plans.example>", URL)
KEY = UUID("018f3a5c-0000-7000-8000-000000000007")
AT = datetime(2026, 1, 31, 12, 0, 59, tzinfo=UTC)
TOKEN = "Zm9vYmFy-_" * 4 + "abc"
HEADERS = ["Message-ID", "Date", "From", "To", "Auto-Submitted", "Subject", "MIME-Version", "Content-Type"]
ATTRIBUTES = {"lang", "charset", "name", "content", "style", "href", "target", "rel"}
TAGS = {"html", "head", "meta", "title", "body", "div", "p", "a", "bdi"}
MAILS = {
    name: made
    for name, made in inspect.getmembers(messages, inspect.isfunction)
    if made.__module__ == "mailer.messages"
}
LINKS = {
    "invitation": "/invitation",
    "member_invitation": "/join",
    "verify_email": "/verify",
    "reset_password": "/reset",
}

HOSTILE = {
    "line breaks": "Acme\r\nBcc: eve@evil.test\r\n\r\n<script>alert(1)</script>\x0b\x0c\x85\u2028\u2029end",
    "bidi": "Acme \u202egnp.exe\u202c \u2066x\u2069 \u200f\u061c\u200b\ufeff\u2060 end",
    "HTML": "</p></div><img src=x onerror=alert(1)><a href='//evil.test'>Acme</a> &amp; \"'`{{ 7 * 7 }}{% raw %}",
    "links": "Acme https://evil.test/login \n http : //evil.test javascript://%0aalert(1) //evil.test",
    "long": "Ä" * 100_000,
    "long words": "W" * 5000 + " " + "🚀" * 500,
    "controls": "".join(map(chr, [*range(32), *range(127, 160)])) + "Acme\ud800\udfff\ufffe\U0010ffff",
    "quotes": '"Acme" <eve@evil.test>, =?utf-8?q?Bcc=3A?= (x) ; \\ ',
    "of many scripts": "Zoë 田中 さくら ليلى حداد Олена 👩‍💻 נעמה",
    "nothing": "",
}  # fmt: skip


def letter(make: Callable[..., Letter], name: str = "Acme", **given: Any) -> Letter:
    """A mail in which everything that people choose is this name."""
    own = {"to": "Ann.O'Neil+tag@Acme.example", "token": TOKEN} | dict.fromkeys(("expires_at", "at", "until"), AT)
    return make(**{one: given.get(one, own.get(one, name)) for one in inspect.signature(make).parameters})


def written(one: Letter, at: datetime = AT, on: Stationery = HERE) -> EmailMessage:
    return message_from_bytes(mail(one, KEY, at, on).content, policy=default)


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


class Page(HTMLParser):
    """The tags, the attributes and the visible words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.shown = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if "body" in self.tags:
            self.shown += f"{data} "


each = pytest.mark.parametrize("make", MAILS.values(), ids=MAILS)


def test_every_mail_has_its_template_and_every_template_its_mail() -> None:
    assert {path.stem for path in render.TEMPLATES.glob("*.jinja")} == set(MAILS)
    assert {made.message for made in map(letter, MAILS.values())} == set(MAILS)


@each
def test_no_name_adds_a_header_or_a_line(make: Callable[..., Letter]) -> None:
    for name in HOSTILE.values():
        message = written(letter(make, name))
        assert list(message.keys()) == HEADERS
        assert [one.get_content_type() for one in message.walk()][1:] == ["text/plain", "text/html"]
        assert not [defect for one in message.walk() for defect in one.defects]
        assert not [defect for value in message.values() for defect in value.defects]
        assert message["To"].addresses[0].addr_spec == "Ann.O'Neil+tag@Acme.example"
        assert message["From"].addresses[0].addr_spec == "no-reply@plans.example"
        assert len(message["Subject"]) < 250


@each
def test_nothing_invisible_is_left_of_a_name(make: Callable[..., Letter]) -> None:
    for name in HOSTILE.values():
        message = written(letter(make, name))
        for text in (message["Subject"], part(message, "plain"), part(message, "html")):
            found = {unicodedata.category(one) for one in text if one not in "\r\n\u200c\u200d"}
            assert found.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@each
def test_html_of_a_name_stays_text(make: Callable[..., Letter]) -> None:
    for name in HOSTILE.values():
        page = Page(part(written(letter(make, name)), "html"))
        assert set(page.tags) <= TAGS
        assert {one for one, _ in page.attributes} <= ATTRIBUTES


@each
def test_links_lead_to_the_public_url_alone(make: Callable[..., Letter]) -> None:
    for name in HOSTILE.values():
        one = letter(make, name)
        message = written(one)
        page = Page(part(message, "html"))
        links = [value for attribute, value in page.attributes if attribute in {"href", "src", "action"}]
        links += re.findall(r"\w+:\s*//\S*", part(message, "plain") + page.shown + message["Subject"])
        assert links
        origin = re.escape(URL)
        assert all(re.fullmatch(f"{origin}(/[a-z]*(#{TOKEN})?)?", link) for link in links), links
        expected = f"{URL}{LINKS[one.message]}#{TOKEN}" if one.secret else f"{URL}"
        assert expected in links
        assert (one.message in LINKS) == bool(one.secret)


@each
def test_text_and_html_say_the_same(make: Callable[..., Letter]) -> None:
    for name in HOSTILE.values():
        message = written(letter(make, name))
        text, html = (
            re.findall(r"[\w<&]+", one) for one in (part(message, "plain"), Page(part(message, "html")).shown)
        )
        assert text == html
        assert len(text) > 10


@each
def test_a_mail_is_marked_as_sent_by_a_program_and_dated_by_its_job(make: Callable[..., Letter]) -> None:
    message = written(letter(make))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{KEY}@plans.example>"
    assert message["Date"].datetime == AT
    assert message["From"] == "Purser <no-reply@plans.example>"


@each
def test_whoever_writes_a_letter_again_writes_the_same_bytes(make: Callable[..., Letter]) -> None:
    for name in HOSTILE.values():
        first = mail(letter(make, name), KEY, AT, HERE)
        assert mail(letter(make, name), KEY, AT, HERE) == first
        assert first.content.isascii()
        assert max(map(len, first.content.split(b"\r\n"))) <= 998
        assert b"\n" not in first.content.replace(b"\r\n", b"")


@each
def test_a_value_that_is_missing_is_an_error_and_not_a_gap(make: Callable[..., Letter]) -> None:
    one = letter(make)
    for missing in one.values:
        with pytest.raises((UndefinedError, TypeError)):
            words(replace(one, values={name: value for name, value in one.values.items() if name != missing}), URL)


def test_an_invitation_names_its_inviter_only_if_it_is_told_one() -> None:
    named, unnamed = (part(written(letter(messages.invitation, inviter=who)), "plain") for who in ("Amélie", None))
    assert named.startswith("Amélie invites you to become a billing manager of Acme.")
    assert unnamed.startswith("You are invited to become a billing manager of Acme.")


def test_the_token_stands_behind_the_hash_and_nowhere_else() -> None:
    for make in MAILS.values():
        message = written(letter(make))
        everything = str(message["Subject"]) + part(message, "plain") + part(message, "html")
        assert everything.count(TOKEN) == everything.count(f"#{TOKEN}")


def test_times_are_told_in_utc_in_words() -> None:
    assert spelled("2026-01-31T12:00:59+00:00") == "31 January 2026, 12:00 UTC"
    assert spelled("2026-12-31T23:30:00-05:00") == "1 January 2027, 04:30 UTC"
    plain = part(written(letter(messages.invitation, expires_at=AT.astimezone(timezone(timedelta(hours=9))))), "plain")
    assert "31 January 2026, 12:00 UTC" in " ".join(plain.split())


def test_names_keep_what_belongs_to_them() -> None:
    for name in ("Zoë Lindqvist", "田中 さくら", "ليلى حداد", "👩‍💻 & Söhne GmbH", "می‌خواهم", "O'Neil-Smith, Ltd."):
        assert harmless(name) == name
    assert harmless("  a \t b  ") == "a b"
    assert len(harmless("x" * 101)) == 100
    assert harmless("x" * 100) == "x" * 100


def test_an_address_goes_as_typed_with_its_domain_for_every_server() -> None:
    made = mail(letter(messages.no_account, to="Jose@Bücher.example"), KEY, AT, HERE)
    assert (made.recipients, made.international) == (("Jose@xn--bcher-kva.example",), False)
    assert message_from_bytes(made.content, policy=default)["To"] == "Jose@xn--bcher-kva.example"
    made = mail(letter(messages.no_account, to="Jösé@bücher.example"), KEY, AT, HERE)
    assert (made.recipients, made.international) == (("Jösé@xn--bcher-kva.example",), True)
    assert message_from_bytes(made.content, policy=SMTP.clone(utf8=True))["To"] == "Jösé@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "[::1]"),
        ("https://Bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_message_ids_name_the_public_host(url: str, host: str) -> None:
    assert written(letter(messages.no_account), on=replace(HERE, public_url=url))["Message-ID"] == f"<{KEY}@{host}>"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@b", "a@b, c@d", "<a@b", "a b@c", "a@b\r\nBcc: c@d", "é@b.example", "A <a@b> c", "a@b\u202e"],
)
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be an address"):
        sender(text)


def test_a_letter_waits_sealed_and_is_opened_with_the_same_key_alone() -> None:
    one = letter(messages.invitation)
    payload = packed(one, Sealer(b"here"))
    assert TOKEN not in str(payload)
    assert TOKEN not in repr(one)
    assert unpacked(payload, Sealer(b"here")) == one
    with pytest.raises(GivenUp, match="PURSER_SECRET_KEY"):
        unpacked(payload, Sealer(b"elsewhere"))


async def test_mails_land_as_files_whole_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "mail"
    directory = Directory(path)
    assert directory.newest(5) == []
    keys = [uuid7(AT + timedelta(seconds=second), 0) for second in range(3)]
    for key in [keys[1], keys[0], keys[2], keys[2]]:
        await directory.carry(mail(letter(messages.no_account), key, AT, HERE))
    assert [file.stem for file in directory.newest(2)] == [str(keys[2]), str(keys[1])]
    assert sorted(file.name for file in path.iterdir()) == [f"{key}.eml" for key in keys]
    assert {file.stat().st_mode & 0o777 for file in path.iterdir()} == {0o600}
    assert path.stat().st_mode & 0o777 == 0o700


async def test_a_directory_that_cannot_be_written_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TryLater, match="cannot be written"):
        await Directory(tmp_path / "file" / "mail").carry(mail(letter(messages.no_account), KEY, AT, HERE))
