"""What things are called: text that can stand in any line, and that nothing beside it has."""

import unicodedata
from typing import Any
from uuid import UUID

from billing.change import Change
from billing.errors import InvalidName, NameTaken
from models.table import Tenant

LONGEST = 100
LONGEST_TYPED = 10 * LONGEST  # accents may be typed apart; to put very many of them in order takes seconds
# Controls, what reorders or hides text, line ends, half characters; joiners, which scripts and emoji need, are none.
REFUSED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINERS = frozenset("\u200c\u200d")


def named(text: str, *path: str) -> str:
    """The name that was typed, in NFC, blanks around it aside. Raises InvalidName."""
    name = line(text)
    if name is None:
        raise InvalidName(*path)
    return name


def line(text: str) -> str | None:
    """The same of any text that fits on a line; none of one that does not, or says nothing."""
    if len(text) > LONGEST_TYPED:
        return None
    found = unicodedata.normalize("NFC", text.strip())
    refused = (unicodedata.category(letter) in REFUSED and letter not in JOINERS for letter in found)
    if not 1 <= len(found) <= LONGEST or not found.strip("".join(JOINERS)) or any(refused):
        return None
    return found


async def unique(org: Change, model: type[Tenant], text: str, *, but: UUID | None = None, **within: Any) -> str:
    """The name, if no other such thing is called so, in capitals or not. Raises InvalidName, NameTaken."""
    name = named(text, "name")
    found = await model.filter(organization_id=org.id, name__iexact=name, **within).values_list("id", flat=True)
    if any(key != but for key in found):
        raise NameTaken("name")
    return name
