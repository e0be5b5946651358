"""Seats: never fewer than people, never more people than the plan allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.seats import Seats

COUNTS = st.integers(0, 200)


@st.composite
def rooms(draw: st.DrawFn) -> Seats:
    """As the database keeps them: purchased is never below what is taken."""
    used, reserved = draw(COUNTS), draw(COUNTS)
    return Seats(used + reserved + draw(COUNTS), used, reserved, draw(st.none() | COUNTS))


def test_reserved_seats_are_taken() -> None:
    seats = Seats(purchased=10, used=7, reserved=2)
    assert (seats.committed, seats.available, seats.floor) == (9, 1, 9)


def test_the_last_seat_is_had_once() -> None:  # case 67
    assert Seats(10, 9, 0).missing(1, fixed=True) == 0
    assert Seats(10, 10, 0).missing(1, fixed=True) is None


def test_flexible_seats_follow_the_people() -> None:
    assert Seats(10, 9, 0).missing(3, fixed=False) == 2
    assert Seats(10, 10, 0, limit=13).missing(3, fixed=False) == 3
    assert Seats(10, 10, 0, limit=12).missing(3, fixed=False) is None


def test_an_accepted_invitation_needs_no_other_seat() -> None:  # case 68
    assert Seats(10, 9, 1).missing(0, fixed=True) == 0
    assert Seats(10, 10, 0).committed == Seats(10, 9, 1).committed


def test_no_fewer_seats_are_sold_than_are_taken() -> None:  # case 69
    seats = Seats(purchased=10, used=6, reserved=1)
    assert [count for count in range(12) if seats.sells(count)] == [7, 8, 9, 10, 11]
    assert not Seats(purchased=1, used=0, reserved=0).sells(0)


def test_free_has_four_people() -> None:
    assert [count for count in range(7) if Seats(4, 2, 0, limit=4).sells(count)] == [2, 3, 4]
    assert Seats(4, 4, 0, limit=4).missing(1, fixed=False) is None


def test_over_the_limit_nobody_goes_and_nobody_comes() -> None:  # case 70
    nine_on_free = Seats(purchased=Seats(20, 9, 0).renewed(4, fixed=False), used=9, reserved=0, limit=4)
    assert nine_on_free.purchased == 9
    assert nine_on_free.over_limit
    assert nine_on_free.missing(1, fixed=False) is None
    assert not Seats(4, 4, 0, limit=4).over_limit


@pytest.mark.parametrize(
    ("asked", "fixed", "expected"),
    [
        (None, False, 7),  # the review sheds what nobody takes
        (None, True, 10),
        (8, False, 8),
        (8, True, 8),
        (3, True, 7),  # case 69
        (3, False, 7),
        (12, True, 12),
    ],
)
def test_a_renewal_has_what_was_asked_for_but_no_less_than_is_taken(
    asked: int | None, fixed: bool, expected: int
) -> None:
    assert Seats(10, 6, 1).renewed(asked, fixed=fixed) == expected


@given(rooms(), COUNTS, st.booleans())
def test_people_who_may_come_have_seats_within_the_limit(seats: Seats, people: int, fixed: bool) -> None:
    missing = seats.missing(people, fixed=fixed)
    if missing is None:
        over = seats.limit is not None and seats.committed + people > seats.limit
        assert over or (fixed and people > seats.available)
    else:
        after = Seats(seats.purchased + missing, seats.used + people, seats.reserved, seats.limit)
        assert after.purchased >= after.committed
        assert not after.over_limit
        assert not (fixed and missing)
        assert missing == 0 or after.available == 0


@given(rooms(), st.none() | COUNTS, st.booleans())
def test_a_renewal_never_leaves_anybody_without_a_seat(seats: Seats, asked: int | None, fixed: bool) -> None:
    assert seats.renewed(asked, fixed=fixed) >= max(seats.committed, 1)
