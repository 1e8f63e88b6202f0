"""An asyncio-native client for the Lusha V3 API.

Modules are loaded at the first use of one of their names, so that a program pays only for what it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from ._bulk.batch import Outcomes as Outcomes
    from ._bulk.outcome import Outcome as Outcome
    from ._bulk.outcome import Progress as Progress
    from ._bulk.outcome import Status as Status
    from ._call.call import APIResponse as APIResponse
    from ._call.hooks import AnswerEvent as AnswerEvent
    from ._call.hooks import RequestEvent as RequestEvent
    from ._call.options import NOT_GIVEN as NOT_GIVEN
    from ._call.options import NotGiven as NotGiven
    from ._call.retry import NO_RETRY as NO_RETRY
    from ._call.retry import RetryBudget as RetryBudget
    from ._call.retry import RetryPolicy as RetryPolicy
    from ._call.transport import HttpxTransport as HttpxTransport
    from ._call.transport import Transport as Transport
    from ._pages.partition import Partition as Partition
    from ._pages.partition import PartitionedStream as PartitionedStream
    from ._pages.stream import PageStream as PageStream
    from ._pages.stream import StreamPage as StreamPage
    from ._wire.request import Request as Request
    from ._wire.response import Response as Response
    from .billing import Cost as Cost
    from .billing import CreditBudget as CreditBudget
    from .billing import Ledger as Ledger
    from .billing.unclaimed import Unclaimed as Unclaimed
    from .client import LushaClient as LushaClient
    from .errors import *  # noqa: F403
    from .filters.cache import CacheOptions as CacheOptions
    from .filters.report import FilterReport as FilterReport
    from .filters.report import FilterWarning as FilterWarning
    from .filters.report import UncheckedFilter as UncheckedFilter
    from .filters.report import UnknownValue as UnknownValue
    from .governor import Governor as Governor
    from .governor import GovernorConfig as GovernorConfig
    from .governor import Lane as Lane
    from .models.common import Enriched as Enriched
    from .models.common import Page as Page
    from .models.common import Results as Results
    from .models.companies import Company as Company
    from .models.companies import CompanyPreview as CompanyPreview
    from .models.companies import CompanyQuery as CompanyQuery
    from .models.contacts import Contact as Contact
    from .models.contacts import ContactPreview as ContactPreview
    from .models.contacts import ContactQuery as ContactQuery
    from .models.filter_values import Discovered as Discovered
    from .models.filters import *  # noqa: F403
    from .operations import BillingClass as BillingClass
    from .operations import Operation as Operation
    from .resources._bodies import CompanyIdentityInput as CompanyIdentityInput
    from .resources._bodies import CompanyInput as CompanyInput
    from .resources._bodies import ContactInput as ContactInput
    from .resources._forms import BulkOptions as BulkOptions
    from .resources._prospecting import FiltersInput as FiltersInput
    from .resources._queries import StreamOptions as StreamOptions
    from .resources._subscriptions import Ensured as Ensured
    from .resources._subscriptions import SubscriptionPlan as SubscriptionPlan
    from .resources._subscriptions import WantedSubscription as WantedSubscription
    from .resources.conversations import ConversationFilters as ConversationFilters

_NAMES = {
    "client": "LushaClient",
    "_call.options": "NOT_GIVEN NotGiven",
    "_call.retry": "NO_RETRY RetryBudget RetryPolicy",
    "_call.hooks": "AnswerEvent RequestEvent",
    "_call.call": "APIResponse",
    "_call.transport": "HttpxTransport Transport",
    "_wire.request": "Request",
    "_wire.response": "Response",
    "operations": "BillingClass Operation",
    "governor": "Governor GovernorConfig Lane",
    "billing": "Cost CreditBudget Ledger",
    "billing.unclaimed": "Unclaimed",
    "_bulk.batch": "Outcomes",
    "_bulk.outcome": "Outcome Progress Status",
    "_pages.stream": "PageStream StreamPage",
    "_pages.partition": "Partition PartitionedStream",
    "resources._forms": "BulkOptions",
    "resources._queries": "StreamOptions",
    "resources._bodies": "CompanyIdentityInput CompanyInput ContactInput",
    "resources._prospecting": "FiltersInput",
    "resources.conversations": "ConversationFilters",
    "resources._subscriptions": "Ensured SubscriptionPlan WantedSubscription",
    "filters.cache": "CacheOptions",
    "filters.report": "FilterReport FilterWarning UncheckedFilter UnknownValue",
    "models.common": "Enriched Page Results",
    "models.contacts": "Contact ContactPreview ContactQuery",
    "models.companies": "Company CompanyPreview CompanyQuery",
    "models.filter_values": "Discovered",
    "models.filters": (
        "CompanyCriteria CompanyFilters CompanySignalFilter ContactCriteria ContactFilters "
        "ContactSignalFilter Education Funding FundingDate FundingKind FundingRange FundingRound "
        "HiringDepartment HiringPlace Nearby Place ProspectingFilters ScoreSpan Span ZipCode"
    ),
    "errors": (
        "LushaError ConfigurationError InvalidRequestError BudgetExceededError PriceUnknownError "
        "QuotaWaitTooLongError ClientClosedError StreamClosedError CursorError ItemError TransportError "
        "NotSentError AnswerLostError OutcomeUnknownError UnreadableAnswerError JobUnfinishedError "
        "APIStatusError BadRequestError NotFoundError ConflictError SessionExpiredError RestrictedError "
        "RateLimitedError ServerTimeoutError ServerError AccountError AuthenticationError "
        "InsufficientCreditsError PermissionDeniedError DailyQuotaExhaustedError TrialLimitError"
    ),
}
"""The names that each module exports here."""
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 # pyright: ignore[reportUnsupportedDunderAll]


if not TYPE_CHECKING:  # checkers then know exactly the names above

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
