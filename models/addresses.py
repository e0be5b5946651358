"""Mail addresses: one key for all spellings of the same mailbox, and a refusal of what only looks like one."""

import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

# Seen as nothing, or as part of the letter before: with them two addresses look the same.
INVISIBLE = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]|[ij]\u0307"
)
LONGEST = 320  # in letters; to put very many accents in order takes seconds
QUOTING = frozenset('%<>"')
# Scripts with letters that are drawn like Latin ones.
LIKE_LATIN = ("CYRILLIC ", "GREEK ", "ARMENIAN ", "CHEROKEE ", "COPTIC ", "LISU ")


@dataclass(frozen=True)
class Address:
    """`typed` is where mail goes; `key` is equal for equal mailboxes."""

    typed: str
    key: str


def address(text: str, *, special: bool = False) -> Address | None:
    """The address that was typed, blanks around it aside; None for what is none.

    ASCII letters of the local part are lowered, tags and dots kept; the domain is compared as IDNA 2008 A-label. What
    looks like ASCII and is not is refused. `special` admits .test (demo and tests only).
    """
    typed = text.strip(" \t")
    if len(typed) > LONGEST or unsafe(typed) or misleading(typed):
        return None
    try:
        found = validate_email(typed, check_deliverability=False, test_environment=special, strict=True)
    except EmailNotValidError:
        return None
    return Address(typed, f"{lowered(found.local_part)}@{found.ascii_domain.lower()}")


def lowered(local: str) -> str:
    """ASCII letters in lower case; what the others mean is up to the receiving server."""
    letters = (letter.lower() if letter.isascii() else letter for letter in unicodedata.normalize("NFC", local))
    return unicodedata.normalize("NFC", "".join(letters))


def unsafe(text: str) -> bool:
    """Whether there is a control, a blank, something invisible, or what a mail header or a URL would read otherwise."""
    hidden = any(unicodedata.category(letter)[0] in "CZ" for letter in text)
    return hidden or not QUOTING.isdisjoint(text) or bool(INVISIBLE.search(text))


def misleading(text: str) -> bool:
    """Whether a letter may be taken for another one: a variant of it, or one of a script that is drawn alike."""
    composed = unicodedata.normalize("NFC", text)
    local, _, domain = composed.rpartition("@")
    parts = (local, *domain.split("."))
    variant = unicodedata.normalize("NFKC", composed) != composed
    return variant or any(map(folds_to_ascii, text)) or any(map(mixed, parts))


def folds_to_ascii(letter: str) -> bool:
    """Whether composing it, or upper or lower case, makes it an ASCII one: dotless i, the Kelvin sign."""
    upper, lower = letter.upper(), letter.lower()
    folded = (unicodedata.normalize("NFC", letter), letter.casefold(), lower, upper, upper.lower())
    return not letter.isascii() and any(one.isascii() and len(one) == 1 for one in map(undotted, folded))


def undotted(text: str) -> str:
    """Without the dot that i has anyway."""
    return text.removesuffix("\u0307")


def mixed(part: str) -> bool:
    """Whether there are ASCII letters among others that are drawn like them."""
    latin = any(letter.isascii() and letter.isalpha() for letter in part)
    return latin and any(unicodedata.name(letter, "").startswith(LIKE_LATIN) for letter in part)


def masked(text: str) -> str:
    """As much of an address as its owner recognizes: `a••@e••.org`."""
    local, _, domain = text.rpartition("@")
    name, _, top = domain.rpartition(".")
    return f"{local[:1]}••@{name[:1]}••.{top}"
