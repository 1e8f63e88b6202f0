"""The vendor's plans. Data only. Source: its help centre, and recordings of live accounts."""

from collections.abc import Mapping

from attrs import frozen

__all__ = ["PLANS", "PRICES", "UNLISTED_PRICES", "Plan"]


@frozen(kw_only=True)
class Plan:
    """The requests of each window (None: the plan has no such window), and the features of a plan.

    `category` is its name in account usage; `total` limits all requests of a trial.
    """

    category: str
    minute: int
    hour: int | None
    day: int
    total: int | None = None
    renewal: str | None = "annual"
    prospecting: bool = True
    tables: str = "full"
    """`full`, `read` or `none`."""
    do_not_call_filter: bool = True


PLANS: Mapping[str, Plan] = {
    "free": Plan(
        category="free", minute=40, hour=None, day=100, renewal=None, tables="none", do_not_call_filter=False
    ),
    "starter": Plan(category="starter", minute=40, hour=None, day=100, tables="none", do_not_call_filter=False),
    "pro": Plan(category="professional", minute=50, hour=150, day=1_500, tables="read", do_not_call_filter=False),
    "premium": Plan(category="premium", minute=300, hour=1_800, day=18_000, tables="read"),
    "scale": Plan(category="scale", minute=300, hour=5_000, day=50_000),
    "legacy": Plan(category="legacy", minute=300, hour=600, day=6_000),
    "trial": Plan(
        category="trial",
        minute=40,
        hour=None,
        day=25,
        total=25,
        renewal=None,
        tables="none",
        do_not_call_filter=False,
    ),
}

PRICES: Mapping[str, tuple[int, int]] = {
    "contactSearch": (1, 25),
    "companySearch": (1, 25),
    "revealEmail": (1, 1),
    "revealPhone": (5, 1),
    "revealCompany": (1, 1),
    "revealCompanyPremiumData": (1, 1),
    "lookalikeContact": (1, 5),
    "lookalikeCompany": (1, 5),
    "showSignalsContact": (1, 1),
    "showSignalsCompany": (1, 1),
    "signalScoreContact": (1, 1),
    "signalScoreCompany": (1, 1),
    "contactRecommendationsReveal": (1, 1),
    "companyRecommendationsReveal": (1, 1),
    "tableRead": (1, 25),
    "buyingGroupReveal": (1, 1),
    "conversationsSearch": (1, 25),
    "conversationsTranscript": (1, 1),
}
"""(Credits, block size) by price key of account usage; a started block costs a full one."""

UNLISTED_PRICES: Mapping[str, tuple[int, int]] = {
    "icpFitScore": (1, 1),
    "waterfallEmail": (2, 1),
    "waterfallPhone": (8, 1),
}
"""Prices that account usage does not list; the names are the sandbox's own."""
