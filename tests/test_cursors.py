"""Cursors by themselves: what is sealed comes out again, and only there."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

import models
from models.table import Column
from resolvers.cursors import Cursors

CURSORS = Cursors(b"of these tests")
BY_TIME = (models.Invoice.created_at, models.Invoice.id)
BY_POSITION = (models.InvoiceLine.position, models.InvoiceLine.id)
instants = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(-(2**63), 2**63 - 1)
lists = st.binary(max_size=80)
Place = tuple[Any, ...]
places: st.SearchStrategy[tuple[tuple[Column[Any], ...], Place]] = st.one_of(
    st.tuples(st.just(BY_TIME), st.tuples(instants, st.uuids())),
    st.tuples(st.just(BY_POSITION), st.tuples(numbers, st.uuids())),
)


@settings(deadline=None)
@given(places, lists)
def test_sealed_place_opens_in_its_list(place: tuple[tuple[Column[Any], ...], Place], of: bytes) -> None:
    order, values = place
    cursor = CURSORS.seal(values, of)
    assert CURSORS.opened(cursor, order, of) == values
    assert CURSORS.seal(values, of) == cursor
    assert len(cursor) == 54


@settings(deadline=None)
@given(places, lists, lists)
def test_sealed_place_opens_in_no_other_list(
    place: tuple[tuple[Column[Any], ...], Place], of: bytes, other: bytes
) -> None:
    order, values = place
    opened = CURSORS.opened(CURSORS.seal(values, of), order, other)
    assert (opened == values) == (of == other)


@settings(deadline=None)
@given(places, lists, st.binary(min_size=1, max_size=40))
def test_sealed_place_opens_on_no_other_installation(
    place: tuple[tuple[Column[Any], ...], Place], of: bytes, secret: bytes
) -> None:
    order, values = place
    assert Cursors(secret).opened(CURSORS.seal(values, of), order, of) is None


@settings(deadline=None)
@given(st.one_of(st.text(), st.text("ABCabc019-_=", max_size=60), st.binary().map(bytes.hex)), lists)
def test_what_was_not_sealed_does_not_open(text: str, of: bytes) -> None:
    assert CURSORS.opened(text, BY_TIME, of) is None


@settings(deadline=None)
@given(places, st.integers(0, 53), st.characters(codec="utf-8"))
def test_changed_cursor_does_not_open(place: tuple[tuple[Column[Any], ...], Place], at: int, other: str) -> None:
    order, values = place
    cursor = CURSORS.seal(values, b"list")
    changed = cursor[:at] + other + cursor[at + 1 :]
    assert (CURSORS.opened(changed, order, b"list") is None) == (changed != cursor)


@settings(deadline=None)
@given(instants, st.uuids())
def test_instants_keep_their_microseconds(at: datetime, key: UUID) -> None:
    assert CURSORS.opened(CURSORS.seal((at, key), b""), BY_TIME, b"") == (at, key)
