"""What filters there are and which values they take. Source: the vendor's prospecting filters reference."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar

from attrs import frozen

from .common import BaseResponse
from .model import Model

__all__ = ["Discovered", "FilterType", "FilterTypesResponse", "FilterValuesResponse"]

T = TypeVar("T")


@frozen(kw_only=True)
class FilterType(Model):
    """A filter; where `requires_query`, its values are searched by a text of 2-256 characters."""

    filter_type: str | None = None
    requires_query: bool | None = None


@frozen(kw_only=True)
class FilterTypesResponse(BaseResponse):
    """The filters that there are."""

    available_filters: tuple[FilterType, ...] = ()


@frozen(kw_only=True)
class FilterValuesResponse(BaseResponse):
    """The values of a filter. Their shape is the filter's own: texts, names with codes, ranges, ..."""

    values: Any = None


@frozen(kw_only=True)
class Discovered(Generic[T]):
    """A list of the vendor's that is kept in memory. Iterating over it gives its `values`.

    `fetched_at` (UTC) is when the vendor told it, `age` how many seconds ago that was when you asked.
    """

    values: tuple[T, ...]
    fetched_at: datetime
    age: float

    def __iter__(self) -> Iterator[T]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)
