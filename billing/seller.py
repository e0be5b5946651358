"""Who sells: what documents say of him, and where his taxes are due."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Seller:
    """The installation's operator, from its settings. `bank` are the lines that tell where to transfer to."""

    name: str = "Purser Demo"
    address_lines: tuple[str, ...] = ()
    country: str = "DE"
    tax_id: str | None = None
    bank: tuple[str, ...] = ()
