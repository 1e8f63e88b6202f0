"""The lists of filter values that the vendor publishes. All are free; each takes a request."""

from attrs import frozen

from ..models.common import BaseResponse
from ..models.filter_values import FilterTypesResponse, FilterValuesResponse
from ..models.recommendations import RecommendationFiltersResponse
from ..models.signals import SignalTypesResponse
from ..operations import BY_NAME, Operation

__all__ = [
    "SIGNAL_TYPES",
    "TYPES",
    "Source",
    "company",
    "contact",
    "hiring",
    "recommendations",
]


@frozen(kw_only=True)
class Source:
    """A list: the member `member` of the response, of class `answer`, to an operation.

    `searched`: the vendor requires a query and returns what matches it. `queries` False: it refuses one.
    """

    operation: Operation
    answer: type[BaseResponse]
    member: str
    filter_type: str | None = None
    searched: bool = False
    queries: bool = True


def contact(filter_type: str) -> Source:
    """The values of a filter of contacts."""
    return _values("getContactFilterValues", filter_type, {"locations"})


def company(filter_type: str) -> Source:
    """The values of a filter of companies."""
    return _values("getCompanyFilterValues", filter_type, {"names", "technologies", "locations"})


def hiring(filter_type: str) -> Source:
    """The values of a filter of company signals."""
    return _values("getCompanySignalFilterValues", filter_type, {"hiringByLocations"}, {"intentCategories"})


def recommendations(kind: str, member: str) -> Source:
    """The values by which recommendations of `contacts` or `companies` are filtered: `target_icp` or `signals`."""
    name = {"contacts": "getContactRecommendationFilters", "companies": "getCompanyRecommendationFilters"}[kind]
    return Source(operation=BY_NAME[name], answer=RecommendationFiltersResponse, member=member)


def _values(
    name: str, filter_type: str, searched: set[str], unqueried: frozenset[str] | set[str] = frozenset()
) -> Source:
    return Source(
        operation=BY_NAME[name],
        answer=FilterValuesResponse,
        member="values",
        filter_type=filter_type,
        searched=filter_type in searched,
        queries=filter_type not in unqueried,
    )


SIGNAL_TYPES = {
    "contacts": Source(
        operation=BY_NAME["getContactSignalTypes"],
        answer=SignalTypesResponse,
        member="signal_types",
        queries=False,
    ),
    "companies": Source(
        operation=BY_NAME["getCompanySignalTypes"],
        answer=SignalTypesResponse,
        member="signal_types",
        queries=False,
    ),
}
TYPES = {
    "contacts": Source(
        operation=BY_NAME["getContactFilterTypes"],
        answer=FilterTypesResponse,
        member="available_filters",
        queries=False,
    ),
    "companies": Source(
        operation=BY_NAME["getCompanyFilterTypes"],
        answer=FilterTypesResponse,
        member="available_filters",
        queries=False,
    ),
    "signals": Source(
        operation=BY_NAME["getCompanySignalFilters"],
        answer=FilterTypesResponse,
        member="available_filters",
        queries=False,
    ),
}
"""The lists of filters."""
