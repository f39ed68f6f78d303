"""Gauges and sparklines: always as wide as asked, and never nothing for something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.gauge import gauge, gauge_tone, spark


@pytest.mark.parametrize(
    ("share", "pieces"),
    [
        (None, [("──────", "line")]),
        (0.0, [("──────", "line")]),
        (0.1, [("╸", "well"), ("─────", "line")]),
        (40.0, [("━━╸", "well"), ("───", "line")]),
        (70.0, [("━━━━", "strained"), ("──", "line")]),
        (90.0, [("━━━━━╸", "broken")]),
        (240.0, [("━━━━━━", "broken")]),
    ],
)
def test_a_share_is_a_thick_part_of_a_thin_line(share: float | None, pieces: list[tuple[str, str]]) -> None:
    assert gauge(share, 6) == pieces


@given(st.one_of(st.none(), st.floats()), st.integers(-1, 40))
def test_a_gauge_takes_exactly_its_width(share: float | None, width: int) -> None:
    assert len("".join(text for text, _ in gauge(share, width))) == max(0, width)


def test_tones_turn_at_70_and_90() -> None:
    assert [gauge_tone(share) for share in (69.9, 70, 89.9, 90)] == ["well", "strained", "strained", "broken"]


def test_a_sparkline_stands_to_the_right_and_its_largest_value_is_full() -> None:
    assert spark([1, 2, 4, 8], 6) == ["  ▁▂▄█"]
    assert spark([0, 0.001, None, 100], 4) == [" ▁ █"]
    assert spark([4, 8], 2, height=2) == [" █", "██"]
    assert spark([5], 1, top=10) == ["▄"]
    assert spark([], 3) == ["   "]


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), max_size=30), st.integers(0, 20), st.integers(0, 4))
def test_a_sparkline_takes_exactly_its_room(values: list[float | None], width: int, height: int) -> None:
    lines = spark(values, width, height)
    assert len(lines) == (height if width else 0)
    assert all(len(line) == width for line in lines)
