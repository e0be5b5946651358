"""Durations as ISO 8601 writes them: `P13M`, `P1Y2M3W4DT5H6M7S`. Months and years are those of the calendar."""

import re
from datetime import datetime, timedelta

from billing.rules.calendar import MONTHS, boundary

FORM = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)


def behind(at: datetime, duration: str) -> datetime:
    """The instant that is so much later: years and months first. Raises ValueError for what is no duration."""
    found = FORM.fullmatch(duration)
    if found is None:
        raise ValueError("A duration is written P13M, or P1DT12H.")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        return boundary(at, years * MONTHS + months) + rest
    except OverflowError:
        raise ValueError("There is no such time.") from None
