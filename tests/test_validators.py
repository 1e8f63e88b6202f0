"""The texts of refused options: the name, and the values that it accepts."""

import math

import pytest

from lusha_async import GovernorConfig, LushaClient
from lusha_async.errors import ConfigurationError

KEY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"timeout": 0}, "timeout must be a number above 0"),
        ({"max_wait": -1}, "max_wait must be a number of at least 0"),
        ({"lane": "bulk"}, "lane must be Lane.INTERACTIVE or Lane.BULK"),
        ({"waterfall_enabled": "no"}, "waterfall_enabled must be True or False"),
    ],
)
def test_the_text_names_the_option_and_what_it_accepts(option: dict[str, object], text: str) -> None:
    """A refused option of the client is named, with its bounds or its type."""
    with pytest.raises(ConfigurationError) as refused:
        LushaClient(KEY, **option)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"rate": 0}, "rate must be an integer of at least 1"),
        ({"minute": math.inf}, "minute must be a number above 0 and finite"),
        ({"reserve": 1}, "reserve must be a number of at least 0 and below 1"),
        ({"jitter": math.nan}, "jitter must be a number of at least 0 and finite"),
    ],
)
def test_both_bounds_are_named(option: dict[str, object], text: str) -> None:
    """A number that is bounded on both sides, or must be finite, is refused with both bounds."""
    with pytest.raises(ConfigurationError) as refused:
        GovernorConfig(**option)
    assert str(refused.value) == text
