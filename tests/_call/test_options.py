"""Invalid options of the client: refused where they are set, with the values that are accepted."""

import math
from typing import Any

import pytest

from lusha_async import LushaClient
from lusha_async._call.options import NOT_GIVEN
from lusha_async._call.retry import NO_RETRY, RetryBudget, RetryPolicy
from lusha_async.billing import CreditBudget
from lusha_async.billing.prices import Price
from lusha_async.errors import ConfigurationError
from lusha_async.governor import GovernorConfig, Lane

KEY = "00000000-0000-4000-8000-000000000000"
NUMBERS: list[Any] = [-1, math.nan, "5", True, 10**400]


async def later(event: object) -> None:
    """No plain function."""


VIEW: list[tuple[str, Any]] = [
    *(("timeout", bad) for bad in (*NUMBERS, 0)),
    *(("max_wait", bad) for bad in NUMBERS),
    *(("lane", bad) for bad in ("bulk", "fast", 5)),
    *(("retry", bad) for bad in ("x", {}, 0)),
    *(("budget", bad) for bad in (100, "x")),
    *(("tag", bad) for bad in (5, ["a"], "a\nb", "\ud800")),
    *(("waterfall_enabled", bad) for bad in ("no", 1)),
]
CLIENT: list[tuple[str, Any]] = [
    *VIEW,
    ("waterfall_enabled", None),
    *((hook, bad) for hook in ("on_request", "on_answer", "on_unclaimed") for bad in (5, 0, later)),
    *(("governor", bad) for bad in (5, 0, "nowhere", "redis://[/0")),
    *(("retry_budget", bad) for bad in (5, 0)),
]


@pytest.mark.parametrize(("name", "bad"), CLIENT)
def test_a_client_refuses_invalid_options(name: str, bad: Any) -> None:
    """The error names the option; a tag that cannot be counted would else lose an answer that was paid for."""
    with pytest.raises(ConfigurationError, match=f"^{name}"):
        LushaClient(KEY, **{name: bad})


UNSET: list[tuple[str, Any]] = [(name, None) for name in ("timeout", "retry", "waterfall_enabled", "raw")]


@pytest.mark.parametrize(("name", "bad"), [*VIEW, ("raw", "no"), *UNSET])
def test_a_view_refuses_the_same(name: str, bad: Any) -> None:
    """So does `with_options`."""
    with pytest.raises(ConfigurationError, match=f"^{name}(: | must be )"):
        LushaClient(KEY).with_options(**{name: bad})


@pytest.mark.parametrize(
    ("kind", "name", "bad"),
    [
        *((RetryPolicy, "attempts", bad) for bad in (*NUMBERS, 0, 2.5)),
        *((RetryPolicy, "refusals", bad) for bad in (-1, 2.5, None)),
        *((RetryPolicy, "seconds", bad) for bad in (*NUMBERS, None)),
        *((RetryPolicy, name, bad) for name in ("base", "cap") for bad in (*NUMBERS, 0, math.inf)),
        *((RetryBudget, name, bad) for name in ("max_retries", "per_success", "per_second") for bad in NUMBERS),
        *((GovernorConfig, name, bad) for name in ("rate", "burst") for bad in (*NUMBERS, 0, 2.5)),
        *((GovernorConfig, name, bad) for name in ("second", "minute") for bad in (*NUMBERS, 0, math.inf)),
        *((GovernorConfig, "reserve", bad) for bad in (*NUMBERS, 1.0)),
        *((Price, "credits", bad) for bad in (*NUMBERS, math.inf)),
    ],
)
def test_policies_and_settings_refuse_numbers_out_of_range(kind: Any, name: str, bad: Any) -> None:
    """Texts, booleans, NaN and numbers beyond the bounds are refused by name."""
    with pytest.raises(ConfigurationError, match=f"^{name} must be (a number|an integer)"):
        kind(**{name: bad})


@pytest.mark.parametrize(
    ("limit", "more"),
    [
        *((bad, {}) for bad in (-1, 2.5, True, "5", math.inf, None)),
        *((5, {"within": bad}) for bad in (5, "x")),
        *((5, {"prices": bad}) for bad in (5, [("revealEmail", 1)])),
        *((5, {"prices": {"revealEmail": bad}}) for bad in (-1, math.nan, "x", None, True)),
    ],
)
def test_a_budget_refuses_what_it_cannot_count_with(limit: Any, more: Any) -> None:
    """A limit, an outer budget or a price that is none would let through more than was meant."""
    with pytest.raises(ConfigurationError, match=r"^(limit|within|prices|credits)(: | must be )"):
        CreditBudget(limit, **more)


def test_infinite_patience_is_an_option() -> None:
    """`math.inf` lifts the bounds where that is documented."""
    client = LushaClient(KEY, retry_budget=RetryBudget(max_retries=math.inf), retry=RetryPolicy(seconds=math.inf))
    assert client.with_options(max_wait=math.inf, timeout=5) is not client


def test_a_view_keeps_what_is_not_passed_and_unsets_what_is_none() -> None:
    """A budget, a tag, a lane and a bound on waiting can be taken off again; all else stays as it was."""
    budget = CreditBudget(5)
    client = LushaClient(KEY, budget=budget, tag="spring", lane=Lane.BULK, max_wait=2.0, timeout=7.0)
    kept = client.with_options(timeout=NOT_GIVEN, retry=NO_RETRY)._executor.options
    assert (kept.budget, kept.tag, kept.lane, kept.max_wait, kept.timeout) == (
        budget,
        "spring",
        Lane.BULK,
        2.0,
        7.0,
    )
    bare = client.with_options(budget=None, tag=None, lane=None, max_wait=None)._executor.options
    assert (bare.budget, bare.tag, bare.lane, bare.max_wait, bare.timeout) == (None, None, None, None, 7.0)
