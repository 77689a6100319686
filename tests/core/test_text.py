from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.text import age_text, count_text, exact_size_text, parse_size, size_text, time_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (433_004_544, "433 MB"),
        (999_499_999, "999 MB"),
        (999_500_000, "1.0 GB"),
        (1_234_567_890, "1.2 GB"),
        (412_000_000_000, "412 GB"),
        (10**21, "1000 EB"),
    ],
)
def test_sizes_are_short_and_decimal(size: int, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(1000, 10**18))
def test_a_short_size_is_within_five_percent_and_never_long(size: int) -> None:
    text = size_text(size)
    assert len(text) <= 6
    assert parse_size(text) == pytest.approx(size, rel=0.05)


def test_exact_sizes_name_every_byte() -> None:
    assert exact_size_text(1_234_567_890) == "1,234,567,890 bytes"
    assert exact_size_text(1) == "1 byte"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (512, "512"), (22_713_216, "23 M"), (7_241_732_096, "7.2 B"), (10**13, "10 T")],
)
def test_counts_are_said_as_people_say_parameters(count: int, text: str) -> None:
    assert count_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "now"),
        (59, "now"),
        (60, "1 min"),
        (3599, "59 min"),
        (5 * 3600, "5 h"),
        (86400, "1 d"),
        (59 * 86400, "59 d"),
        (60 * 86400, "2 mo"),
        (729 * 86400, "24 mo"),
        (730 * 86400, "2 y"),
    ],
)
def test_ages_are_said_by_their_largest_unit(seconds: float, text: str) -> None:
    assert age_text(seconds) == text


def test_times_are_to_the_second_and_unknown_ones_are_empty() -> None:
    assert len(time_text(1_790_000_000.5)) == len("2026-09-21 14:13:20")
    assert time_text(0.0) == ""
    assert time_text(1e30) == ""


@pytest.mark.parametrize(
    ("text", "size"),
    [("1GB", 10**9), (" 1.5 GiB ", 3 << 29), ("500m", 500 * 10**6), ("2,5kB", 2500), ("20B", 20), ("0b", 0)],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "1", "GB", "-1GB", "1e3GB", "1 GB 2", "²GB", "9" * 400 + "GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)
