"""Values: their text equals kubectl's and docker's, and their order is by what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.values import (
    MISSING,
    Bytes,
    Counted,
    Percent,
    Ratio,
    age,
    binary_size,
    decimal_size,
    docker_duration,
    duration,
    key_of,
    quantity,
    text_of,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


# the expectations are those of apimachinery's duration_test.go table, in seconds
@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"), (0, "0s"), (1, "1s"), (70, "70s"), (119, "119s"), (120, "2m"), (190, "3m10s"), (600, "10m"), (47 * 60, "47m"),
        (3 * 3600 - 60, "179m"), (3 * 3600, "3h"), (3 * 3600 + 600, "3h10m"), (9 * 3600, "9h"), (47 * 3600, "47h"), (48 * 3600, "2d"),
        (49 * 3600, "2d1h"), (8 * 86400, "8d"), (9 * 86400 + 3600, "9d"), (800 * 86400, "2y70d"), (9 * 365 * 86400, "9y"),
    ],
)  # fmt: skip
def test_duration_is_kubectls(seconds, text):
    assert duration(seconds) == text


# the expectations are those of go-units' duration_test.go
@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.45, "Less than a second"), (1, "1 second"), (45, "45 seconds"), (46, "46 seconds"), (59, "59 seconds"),
        (60, "About a minute"), (179, "2 minutes"), (3 * 60, "3 minutes"), (35 * 60, "35 minutes"), (3600, "About an hour"),
        (3 * 3600, "3 hours"), (24 * 3600, "24 hours"), (36 * 3600, "36 hours"), (48 * 3600, "2 days"), (13 * 86400, "13 days"),
        (14 * 86400, "2 weeks"), (21 * 86400, "3 weeks"), (2 * 30 * 86400, "2 months"), (12 * 30 * 86400, "12 months"),
        (24 * 30 * 86400, "24 months"), (730 * 86400 + 1, "2 years"), (3 * 365 * 86400, "3 years"),
    ],
)  # fmt: skip
def test_docker_duration_is_dockers(seconds, text):
    assert docker_duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0B"), (1000, "1kB"), (1024, "1.02kB"), (1_000_000, "1MB"), (32.42 * 1e6, "32.4MB"), (3.42e15, "3.42PB")]
)
def test_decimal_size_is_docker_images(size, text):
    assert decimal_size(size) == text


@pytest.mark.parametrize(("size", "text"), [(0, "0B"), (1024, "1KiB"), (1024**2, "1MiB"), (42.5 * 1024**2, "42.5MiB")])
def test_binary_size_is_docker_stats(size, text):
    assert binary_size(size) == text


@pytest.mark.parametrize(
    ("text", "number"), [("250m", 0.25), ("1", 1), ("1Gi", 2**30), ("1k", 1000), ("12e6", 12e6), ("100Ki", 102400), ("0", 0)]
)
def test_quantities(text, number):
    assert quantity(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "x", "1Q", "1mi", "--1"])
def test_what_is_not_a_quantity_is_refused(text):
    with pytest.raises(ValueError, match=r"quantity|float"):
        quantity(text)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=50))
def test_ages_sort_by_time_and_not_by_letters(seconds):
    times = [NOW - timedelta(seconds=one) for one in seconds]
    assert sorted(times, key=key_of) == sorted(times, reverse=True)


def test_missing_values_stand_last_whatever_the_type():
    values = ["b", None, "A", None, "c"]
    assert sorted(values, key=key_of) == ["A", "b", "c", None, None]
    assert key_of(None) == MISSING


def test_clocks_that_disagree_never_give_a_negative_age():
    assert age(NOW + timedelta(days=1), NOW) == "0s"
    assert age(None, NOW) == "<unknown>"


def test_shown_values_write_and_order_themselves():
    assert text_of(Ratio(1, 2), NOW) == "1/2"
    assert text_of(Counted(14, NOW - timedelta(seconds=41)), NOW) == "14 (41s ago)"
    assert text_of(Counted(0), NOW) == "0"
    assert text_of(Percent(187.404), NOW) == "187.40%"
    assert text_of(Bytes(1536, binary=True), NOW) == "1.5KiB"
    assert sorted([Ratio(2, 2), Ratio(0, 3), Ratio(1, 2)], key=key_of)[0] == Ratio(0, 3)
