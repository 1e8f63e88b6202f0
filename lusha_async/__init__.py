"""An asyncio-native client for the Lusha V3 API.

Names are loaded at their first use, so that a program pays only for the models that it touches.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .batch import (
        Outcomes,
    )
    from .client import (
        LushaClient,
    )
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
    from .governor import (
        Governor,
        Lane,
    )
    from .hooks import (
        AnswerEvent,
        RequestEvent,
    )
    from .models.companies import (
        CompanyQuery,
    )
    from .models.contacts import (
        ContactQuery,
    )
    from .models.filters import (
        CompanyCriteria,
        CompanyFilters,
        ContactCriteria,
        ContactFilters,
        Place,
        ProspectingFilters,
        Span,
    )
    from .outcome import (
        Outcome,
        Progress,
        Status,
    )
    from .retry import (
        NO_RETRY,
        RetryPolicy,
    )
    from .retry_budget import (
        RetryBudget,
    )
    from .spending import (
        Cost,
        CreditBudget,
        Ledger,
    )
    from .streams import (
        PageStream,
    )
    from .unclaimed import (
        Unclaimed,
    )

_HOMES = {
    "batch": "Outcomes",
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
    "governor": "Governor Lane",
    "hooks": "AnswerEvent RequestEvent",
    "models.companies": "CompanyQuery",
    "models.contacts": "ContactQuery",
    "models.filters": (
        "CompanyCriteria CompanyFilters ContactCriteria ContactFilters Place ProspectingFilters Span "
    ),
    "outcome": "Outcome Progress Status",
    "retry": "NO_RETRY RetryPolicy",
    "retry_budget": "RetryBudget",
    "spending": "Cost CreditBudget Ledger",
    "streams": "PageStream",
    "unclaimed": "Unclaimed",
}
"""The names that each module gives to this one."""
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "__version__",
    "LushaClient",
    "Governor",
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
    "PageStream",
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
