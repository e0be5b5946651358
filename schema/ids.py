"""Ids as a client sees them: TypeIDs, a prefix for the type and a UUIDv7 in base 32 (Crockford's, lower case)."""

from uuid import UUID

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
DIGITS = {digit: value for value, digit in enumerate(ALPHABET)}
SHIFTS = (50, 40, 30, 20, 10, 0)
LARGEST = (1 << 128) - 1


def write(prefix: str, key: UUID) -> str:
    """The id of the row with this key: `inv_01h455vb4pex5vsknk084sn02q`."""
    high, low = divmod(key.int, 1 << 60)  # halves, and two digits at a time: small numbers are fast
    digits = [PAIRS[high >> 60], *(PAIRS[high >> shift & 1023] for shift in SHIFTS)]
    digits += [PAIRS[low >> shift & 1023] for shift in SHIFTS]
    return f"{prefix}_{''.join(digits)}"


def read(text: str) -> tuple[str, UUID] | None:
    """The prefix and the key; None for what is no id."""
    prefix, _, digits = text.rpartition("_")
    if len(digits) != LENGTH or not DIGITS.keys() >= set(digits):
        return None
    number = 0
    for digit in digits:
        number = number << 5 | DIGITS[digit]
    return (prefix, UUID(int=number)) if number <= LARGEST else None
