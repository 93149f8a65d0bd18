"""Identifiers rise, name their desk and never repeat."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.vault.ids import MAXIMUM_DESK, IdMaker, desk_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@given(
    desks=st.lists(st.integers(0, MAXIMUM_DESK), min_size=2, max_size=4, unique=True),
    steps=st.lists(st.tuples(st.integers(1, 6000), st.integers(-5000, 5000)), max_size=20),
)
def test_ids_of_several_desks_rise_and_never_collide(
    desks: list[int], steps: list[tuple[int, int]]
) -> None:
    seen: set[int] = set()
    for desk in desks:
        maker, last, now = IdMaker(desk), 0, NOW
        for count, milliseconds in steps:
            now += timedelta(milliseconds=milliseconds)
            block = maker.block(count, now)
            assert len(block) == count
            assert block[0] > last
            assert block[-1] < 2**63
            assert all(desk_of(identifier) == desk for identifier in (block[0], block[-1]))
            last = block[-1]
            assert not seen.intersection(block)
            seen.update(block)


def test_ids_go_on_after_the_newest_in_the_database() -> None:
    first, second = IdMaker(7), IdMaker(7)
    block = first.block(5000, NOW)
    second.not_before(block[-1])
    assert second.next(NOW) > block[-1]


def test_a_desk_number_has_ten_bits() -> None:
    with pytest.raises(ValueError, match="1024"):
        IdMaker(1024)
