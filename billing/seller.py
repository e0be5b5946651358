"""Who sells: what documents say of him, where transfers go, and where his taxes are due."""

from dataclasses import dataclass

from stdnum import bic, iban
from stdnum.exceptions import ValidationError


@dataclass(frozen=True)
class BankAccount:
    """Where to transfer to. `number` is an IBAN, or what another country has."""

    number: str
    bic: str | None = None
    holder: str | None = None
    bank: str | None = None


@dataclass(frozen=True)
class Seller:
    """The installation's operator, from its settings; without a bank account nobody can transfer to him."""

    name: str = "Purser Demo"
    address_lines: tuple[str, ...] = ()
    country: str = "DE"
    tax_id: str | None = None
    bank: BankAccount | None = None


# Numbers that everybody's examples have: no money moves.
DEMO = Seller(
    address_lines=("Musterstraße 1", "10115 Berlin"),
    tax_id="DE136695976",
    bank=BankAccount("DE89370400440532013000", "COBADEFFXXX", bank="Bank of the Demo"),
)


def account(lines: tuple[str, ...]) -> BankAccount:
    """An account from its lines: number, BIC, holder, bank. Raises ValueError for a number or BIC that is wrong."""
    number, code, holder, bank, *more = (*lines, "", "", "", "")
    if not number or any(more):
        raise ValueError("must be the account's number, BIC, holder and bank")
    try:
        number = iban.validate(number) if number[:2].isalpha() else number
        code = bic.validate(code) if code else ""
    except ValidationError:
        raise ValueError("has a wrong IBAN or BIC") from None
    return BankAccount(number, code or None, holder or None, bank or None)
