"""Headers and 429 messages are read with tolerance and without surprise."""

from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.quota import Quota, Refusal, Window, WindowReading, read_quota, read_refusal

NINE = {
    "x-rate-limit-daily": "50000",
    "x-daily-requests-left": "49990",
    "x-daily-usage": "10",
    "x-rate-limit-hourly": "5000",
    "x-hourly-requests-left": "4990",
    "x-hourly-usage": "10",
    "x-rate-limit-minute": "300",
    "x-minute-requests-left": "290",
    "x-minute-usage": "10",
}


def test_nine_headers_make_three_windows() -> None:
    """All nine headers are read, shortest window first."""
    quota = read_quota(NINE)
    assert quota.minute == WindowReading(limit=300, left=290, used=10)
    assert [window for window, _ in quota.items()] == [Window.MINUTE, Window.HOUR, Window.DAY]


def test_absent_hour_is_no_window() -> None:
    """A plan without an hourly window sends no hourly header."""
    quota = read_quota({name: value for name, value in NINE.items() if "hourly" not in name})
    assert quota.hour is None
    assert quota.day is not None


@pytest.mark.parametrize("noise", ["", "-1", "abc", "1.5", "9" * 30, "٣", "1e3", "0x10", "NaN"])
def test_malformed_headers_count_as_absent(noise: str) -> None:
    """A value that is not a plain count is ignored."""
    assert read_quota({"x-minute-requests-left": noise}) == Quota()


@given(st.dictionaries(st.sampled_from(sorted(NINE)), st.text()), st.text())
def test_reading_never_raises(headers: dict[str, str], message: str) -> None:
    """Whatever the headers and the message hold, reading returns values."""
    read_quota(headers)
    read_refusal(message, headers)


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ("Too many requests. Please wait before making another request.", Refusal()),
        (
            "Hourly API rate limit exceeded. Limit: 150 calls per hour. Reset in 71 seconds",
            Refusal(window=Window.HOUR, retry_after=71),
        ),
        ("Daily API quota limit exceeded. Limit 1500 calls per day", Refusal(window=Window.DAY)),
        (
            "Daily API rate limit exceeded. Limit: 25 calls per day. Reset in 81671 seconds.",
            Refusal(window=Window.DAY, retry_after=81671),
        ),
        ("You've reached your trial limit, please contact support for upgrade", Refusal(trial=True)),
    ],
)
def test_messages_of_429_name_their_window(message: str, refusal: Refusal) -> None:
    """Each kind of 429 message is recognised, with its seconds."""
    assert read_refusal(message, {}) == refusal


def test_header_at_zero_names_the_window_when_the_message_does_not() -> None:
    """A bare 429 with headers that report the minute as used up is a 429 of the minute."""
    assert read_refusal("Too many requests.", NINE | {"x-minute-requests-left": "0"}).window is Window.MINUTE


def test_retry_after_is_honoured_if_it_is_sent() -> None:
    """Seconds are used; a date without a `Date` to count from, a negative or an absurd number is not."""
    assert read_refusal("", {"retry-after": "3"}).retry_after == 3
    assert read_refusal("", {"retry-after": "86400"}).retry_after == 86400
    for noise in ("Wed, 21 Oct 2026 07:28:00 GMT", "-1", "inf", "nan", "1e300"):
        assert read_refusal("", {"retry-after": noise}).retry_after is None


@pytest.mark.parametrize("clock", ["Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 01 Mar 2139 10:00:00 GMT", None])
def test_a_retry_after_date_counts_from_the_date_of_its_own_answer(clock: str | None) -> None:
    """However wrong our clock or the vendor's is, the wait is the same; without a `Date` it is not known."""
    if clock is None:
        later = "Sun, 01 Mar 2139 10:02:00 GMT"
        assert read_refusal("", {"retry-after": later}).retry_after is None
        assert read_refusal("", {"retry-after": later, "date": "noon"}).retry_after is None
    else:
        later = format_datetime(parsedate_to_datetime(clock) + timedelta(minutes=2), usegmt=True)
        assert read_refusal("", {"retry-after": later, "date": clock}).retry_after == 120
        assert read_refusal("", {"retry-after": clock, "date": later}).retry_after is None
