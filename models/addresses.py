"""Mail addresses: one key for all spellings of the same mailbox, and a refusal of what only looks like one."""

import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff%<>\"]")


@dataclass(frozen=True)
class Address:
    """`typed` is where mail goes; `key` is equal for equal mailboxes."""

    typed: str
    key: str


def address(text: str, *, special: bool = False) -> Address | None:
    """The address that was typed, blanks around it aside; None for what is none.

    ASCII letters of the local part are lowered, tags and dots kept; the domain is compared as IDNA 2008 A-label. What
    looks like ASCII and is not is refused. `special` admits special-use domains such as .test (demo and tests only).
    """
    typed = text.strip()
    if FORBIDDEN.search(typed):
        return None
    try:
        found = validate_email(
            typed,
            check_deliverability=False,
            allow_smtputf8=True,
            test_environment=special,
            globally_deliverable=not special,
        )
    except EmailNotValidError:
        return None
    local = unicodedata.normalize("NFC", found.local_part)
    if unicodedata.normalize("NFKC", local) != local or looks_like_ascii(local):
        return None
    lowered = "".join(letter.lower() if letter.isascii() else letter for letter in local)
    return Address(typed, f"{lowered}@{found.ascii_domain.lower()}")


def looks_like_ascii(local: str) -> bool:
    """Whether a letter folds to an ASCII one that it is not, such as dotless i or the Kelvin sign."""
    return any(not letter.isascii() and has_ascii_twin(letter) for letter in local)


def has_ascii_twin(letter: str) -> bool:
    """Whether upper or lower case makes ASCII of it."""
    folded = {letter.casefold(), letter.lower(), letter.upper(), letter.upper().lower()}
    return any(one.isascii() for one in folded)


def masked(text: str) -> str:
    """As much of an address as its owner recognizes: `a••@e••.org`."""
    local, _, domain = text.rpartition("@")
    name, _, top = domain.rpartition(".")
    return f"{local[:1]}••@{name[:1]}••.{top}"
