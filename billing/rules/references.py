"""Creditor references (ISO 11649): what a transfer bears, and is found by in whatever the payer wrote."""

import re
from uuid import UUID

from stdnum import iso11649

DIGITS = 16
NOISE = re.compile(r"[^0-9A-Z]")
# Behind one another too: digits that follow are the payer's.
FOUND = re.compile(rf"(?=(RF[0-9]{{{DIGITS + 2}}}))")


def reference(key: UUID) -> str:
    """The reference of something: RF, two digits that check it, and sixteen that stand for the key."""
    digits = f"{key.int % 10**DIGITS:0{DIGITS}d}"
    check = 98 - int(f"{digits}271500") % 97  # RF00, with letters as numbers
    return f"RF{check:02d}{digits}"


def references(text: str) -> list[str]:
    """Those that a text has, in small letters or capitals, with blanks or without; wrong check digits are none."""
    found = FOUND.findall(NOISE.sub("", text.upper()))
    return list(dict.fromkeys(one for one in found if iso11649.is_valid(one)))


def spelled(written: str) -> str:
    """In groups of four, as people read it."""
    return " ".join(written[place : place + 4] for place in range(0, len(written), 4))
