"""The models of requests and responses, as frozen attrs classes. Source: the vendor's API reference.

Every model is importable from here. Modules are loaded at the first use of one of their names.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account import *  # noqa: F403
    from .buying_group import *  # noqa: F403
    from .common import *  # noqa: F403
    from .companies import *  # noqa: F403
    from .contacts import *  # noqa: F403
    from .conversations import *  # noqa: F403
    from .filter_values import *  # noqa: F403
    from .filters import *  # noqa: F403
    from .icp import *  # noqa: F403
    from .lookalikes import *  # noqa: F403
    from .model import Model as Model
    from .model import RequestModel as RequestModel
    from .recommendations import *  # noqa: F403
    from .signals import *  # noqa: F403
    from .tables import *  # noqa: F403
    from .visits import *  # noqa: F403
    from .webhooks import *  # noqa: F403

_NAMES = {
    "account": "Credits Limit Limits PlanInfo PriceEntry Usage",
    "buying_group": "BuyingGroup BuyingGroupContact",
    "common": (
        "BaseResponse Billing CanReveal CompanyReference EnrichJob Enriched ItemFault JobTitle Location "
        "OffsetPage OffsetPagination Page Pagination Results SocialLinks TableWrite"
    ),
    "companies": (
        "Amount Company CompanyEmail CompanyIdentity CompanyPhone CompanyPreview CompanyQuery Competitor "
        "DepartmentHeadcount EmployeeCount Industry IndustryCode LocationHeadcount ParentCompany "
        "RevenueRange SeniorityHeadcount WebTraffic"
    ),
    "contacts": (
        "Contact ContactPreview ContactQuery EmailAddress EnrichJobStatus MissingDataPoint PhoneNumber "
        "PreviousEmployment Tag"
    ),
    "conversations": "Conversation ConversationPage Transcript",
    "filter_values": "Discovered FilterType FilterTypesResponse FilterValuesResponse",
    "filters": (
        "CompanyCriteria CompanyFilters CompanySignalFilter ContactCriteria ContactFilters "
        "ContactSignalFilter Education Funding FundingDate FundingKind FundingRange FundingRound "
        "HiringDepartment HiringPlace Nearby Place ProspectingFilters ScoreSpan Span ZipCode"
    ),
    "icp": "CompanyIcpFit ContactIcpFit IcpProfile ProfileScore",
    "lookalikes": "CompanySeeds ContactSeeds LookalikeResults LookalikesMeta SeedContact",
    "model": "Model RequestModel",
    "recommendations": (
        "Recommendation RecommendationFilters RecommendationFiltersResponse RecommendedCompany "
        "RecommendedContact Sort"
    ),
    "signals": (
        "CompanySignalScore CompanySignals ContactSignalScore ContactSignals SignalOptions SignalResults "
        "SignalTypesResponse"
    ),
    "tables": (
        "AddedRows ColumnRun DeletedTable RemovedColumn RemovedRows Table TableCell TableColumn "
        "TableCreator TableOwner TableRow"
    ),
    "visits": "Countries Minutes Visit VisitFilters",
    "webhooks": (
        "AccountSecret AuditLog AuditLogStats FlowCheck MockPayload NewSubscription Subscription "
        "SubscriptionResult SubscriptionResults SubscriptionTest"
    ),
}
"""The names that each module exports."""
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [*_HOME]  # noqa: PLE0604 # pyright: ignore[reportUnsupportedDunderAll]


if not TYPE_CHECKING:  # checkers then know exactly the names above

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
