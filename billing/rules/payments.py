"""Where a payment goes from where it stands: whatever is told in whatever order ends in one state."""

from typing import Literal

Stand = Literal["PROCESSING", "REQUIRES_ACTION", "FAILED", "SUCCEEDED", "REFUNDED"]

# A gateway tells of the past as well: nothing leads back, and money that came is never forgotten.
RANK: dict[Stand, int] = {"PROCESSING": 0, "REQUIRES_ACTION": 1, "FAILED": 2, "SUCCEEDED": 3, "REFUNDED": 4}


def advanced(stand: Stand, told: Stand) -> Stand:
    """Where it stands behind what was told."""
    return max(stand, told, key=RANK.__getitem__)


def settled(stand: Stand) -> bool:
    """Whether it is over, one way or the other."""
    return RANK[stand] >= RANK["FAILED"]
