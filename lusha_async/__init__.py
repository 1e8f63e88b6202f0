"""An asyncio-native client for the Lusha V3 API.

Names are loaded at their first use, so that a program pays only for the models that it touches.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from ._bulk.batch import Outcomes
    from ._bulk.outcome import Outcome, Progress, Status
    from ._call.hooks import AnswerEvent, RequestEvent
    from ._call.options import NOT_GIVEN, NotGiven
    from ._call.retry import NO_RETRY, RetryBudget, RetryPolicy
    from ._pages.partition import Partition, PartitionedStream
    from ._pages.stream import PageStream, StreamPage
    from .billing import Cost, CreditBudget, Ledger
    from .billing.unclaimed import Unclaimed
    from .client import LushaClient
    from .errors import (
        AccountError,
        AnswerLostError,
        APIStatusError,
        AuthenticationError,
        BadRequestError,
        BudgetExceededError,
        ClientClosedError,
        ConfigurationError,
        ConflictError,
        CursorError,
        DailyQuotaExhaustedError,
        InsufficientCreditsError,
        InvalidRequestError,
        ItemError,
        JobUnfinishedError,
        LushaError,
        NotFoundError,
        NotSentError,
        OutcomeUnknownError,
        PermissionDeniedError,
        PriceUnknownError,
        QuotaWaitTooLongError,
        RateLimitedError,
        RestrictedError,
        ServerError,
        ServerTimeoutError,
        SessionExpiredError,
        StreamClosedError,
        TransportError,
        TrialLimitError,
        UnreadableAnswerError,
    )
    from .filters.report import FilterReport, FilterWarning, UncheckedFilter, UnknownValue
    from .governor import Governor, GovernorConfig, Lane
    from .models.companies import CompanyQuery
    from .models.contacts import ContactQuery
    from .models.filter_values import Discovered
    from .models.filters import (
        CompanyCriteria,
        CompanyFilters,
        CompanySignalFilter,
        ContactCriteria,
        ContactFilters,
        ContactSignalFilter,
        Education,
        Funding,
        FundingDate,
        FundingKind,
        FundingRange,
        FundingRound,
        HiringDepartment,
        HiringPlace,
        Nearby,
        Place,
        ProspectingFilters,
        ScoreSpan,
        Span,
        ZipCode,
    )
    from .resources._subscriptions import Ensured, SubscriptionPlan, WantedSubscription

_HOMES = {
    "_bulk.batch": "Outcomes",
    "_call.options": "NOT_GIVEN NotGiven",
    "client": "LushaClient",
    "errors": (
        "AccountError "
        "AnswerLostError "
        "APIStatusError "
        "AuthenticationError "
        "BadRequestError "
        "BudgetExceededError "
        "ClientClosedError "
        "ConfigurationError "
        "ConflictError "
        "CursorError "
        "DailyQuotaExhaustedError "
        "InsufficientCreditsError "
        "InvalidRequestError "
        "ItemError "
        "JobUnfinishedError "
        "LushaError "
        "NotFoundError "
        "NotSentError "
        "OutcomeUnknownError "
        "PermissionDeniedError "
        "PriceUnknownError "
        "QuotaWaitTooLongError "
        "RateLimitedError "
        "RestrictedError "
        "ServerError "
        "ServerTimeoutError "
        "SessionExpiredError "
        "StreamClosedError "
        "TransportError "
        "TrialLimitError "
        "UnreadableAnswerError "
    ),
    "filters.report": "FilterReport FilterWarning UncheckedFilter UnknownValue",
    "governor": "Governor GovernorConfig Lane",
    "_call.hooks": "AnswerEvent RequestEvent",
    "models.companies": "CompanyQuery",
    "models.contacts": "ContactQuery",
    "models.filter_values": "Discovered",
    "models.filters": (
        "CompanyCriteria "
        "CompanyFilters "
        "CompanySignalFilter "
        "ContactCriteria "
        "ContactFilters "
        "ContactSignalFilter "
        "Education "
        "Funding "
        "FundingDate "
        "FundingKind "
        "FundingRange "
        "FundingRound "
        "HiringDepartment "
        "HiringPlace "
        "Nearby "
        "Place "
        "ProspectingFilters "
        "ScoreSpan "
        "Span "
        "ZipCode "
    ),
    "resources._subscriptions": "Ensured SubscriptionPlan WantedSubscription",
    "_bulk.outcome": "Outcome Progress Status",
    "_pages.partition": "Partition PartitionedStream",
    "_call.retry": "NO_RETRY RetryBudget RetryPolicy",
    "billing": "Cost CreditBudget Ledger",
    "_pages.stream": "PageStream StreamPage",
    "billing.unclaimed": "Unclaimed",
}
"""The names that each module gives to this one."""
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "__version__",
    "LushaClient",
    "NOT_GIVEN",
    "NotGiven",
    "Governor",
    "GovernorConfig",
    "Lane",
    "RetryPolicy",
    "NO_RETRY",
    "RetryBudget",
    "RequestEvent",
    "AnswerEvent",
    "Outcome",
    "Outcomes",
    "Status",
    "Progress",
    "StreamPage",
    "PageStream",
    "Partition",
    "PartitionedStream",
    "CreditBudget",
    "Cost",
    "Ledger",
    "Unclaimed",
    "ContactQuery",
    "CompanyQuery",
    "ProspectingFilters",
    "ContactFilters",
    "ContactCriteria",
    "CompanyFilters",
    "CompanyCriteria",
    "Place",
    "Span",
    "CompanySignalFilter",
    "ContactSignalFilter",
    "Education",
    "Funding",
    "FundingDate",
    "FundingKind",
    "FundingRange",
    "FundingRound",
    "HiringDepartment",
    "HiringPlace",
    "Nearby",
    "ScoreSpan",
    "ZipCode",
    "Discovered",
    "FilterReport",
    "UnknownValue",
    "FilterWarning",
    "UncheckedFilter",
    "WantedSubscription",
    "SubscriptionPlan",
    "Ensured",
    "AccountError",
    "AnswerLostError",
    "APIStatusError",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExceededError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "CursorError",
    "DailyQuotaExhaustedError",
    "InsufficientCreditsError",
    "InvalidRequestError",
    "ItemError",
    "JobUnfinishedError",
    "LushaError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "PriceUnknownError",
    "QuotaWaitTooLongError",
    "RateLimitedError",
    "RestrictedError",
    "ServerError",
    "ServerTimeoutError",
    "SessionExpiredError",
    "StreamClosedError",
    "TransportError",
    "TrialLimitError",
    "UnreadableAnswerError",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
