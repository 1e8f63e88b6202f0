"""The values of filters checked against the vendor's lists."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from .._call.call import Executor
from ..models.filter_values import Discovered
from .cache import CacheConfig, FilterCache
from .report import FilterReport, FilterWarning, UncheckedFilter, UnknownValue
from .rules import PlaceRule, Rule, RuleResult, search_text
from .sources import Source
from .walk import FilterPart, FilterValue

__all__ = ["check"]

_MIN_QUERY, _MAX_QUERY = 2, 256  # characters
_LONG_LIST = 1_000  # entries
_NO_SEARCH_LEFT = "more searches are needed than `max_searches` allows"
_NO_QUERY = "the vendor searches by 2 to 256 characters"
_NO_LIST = "the vendor's list of its values is empty or has an unexpected shape"


async def check(
    executor: Executor,
    cache: FilterCache,
    body: Mapping[str, Any],
    parts: Sequence[FilterPart],
    *,
    max_searches: int,
    config: CacheConfig,
) -> FilterReport:
    """Check the `parts` of `body`, with one concurrent request for each list that is not cached.

    Raises the first `LushaError` of these requests and cancels the others.
    """
    lists = _Lists(executor, cache, max_searches, config)
    values = [part for part in parts if isinstance(part, FilterValue)]
    try:
        async with asyncio.TaskGroup() as group:
            lists.group = group
            tasks = [group.create_task(_checked(lists, value)) for value in values]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    results = {value.steps: task.result() for value, task in zip(values, tasks, strict=True)}
    found: list[UnknownValue | FilterWarning | UncheckedFilter] = []
    corrected = deepcopy(dict(body))
    for part in parts:
        if isinstance(part, FilterValue):
            found += _findings(part, results[part.steps])
            _correct(corrected, part, results[part.steps])
        else:
            found.append(part)
    return FilterReport(
        unknown=tuple(one for one in found if isinstance(one, UnknownValue)),
        warnings=tuple(one for one in found if isinstance(one, FilterWarning)),
        unchecked=tuple(dict.fromkeys(one for one in found if isinstance(one, UncheckedFilter))),
        checked=sum(isinstance(one, RuleResult) and one.known is not None for one in results.values()),
        age=lists.age,
        corrected=corrected,
    )


class _Lists:
    """The lists of one check: each is requested once, and no more are searched than allowed."""

    group: asyncio.TaskGroup

    def __init__(self, executor: Executor, cache: FilterCache, max_searches: int, config: CacheConfig) -> None:
        self._executor = executor
        self._cache = cache
        self._searches_left = max_searches
        self._config = config
        self._requests: dict[tuple[Source, str | None], asyncio.Task[Discovered[Any]]] = {}
        self.age: float | None = None

    async def get(self, source: Source, query: str | None) -> Sequence[Any] | None:
        """The list; None if no search is left."""
        key = (source, query)
        if key not in self._requests:
            if source.searched and not self._cache.has(source, query, self._config):
                if not self._searches_left:
                    return None
                self._searches_left -= 1
            request = self._cache.get(self._executor, source, query, self._config)
            self._requests[key] = self.group.create_task(request)
        found = await self._requests[key]
        self.age = max(found.age, self.age or 0.0)
        return found.values


async def _checked(lists: _Lists, value: FilterValue) -> RuleResult | str:
    """The result for one value, or the reason why it cannot be checked."""
    rule, source = value.rule, value.rule.source
    if not source.searched:
        return await _apply(rule, value.value, await lists.get(source, None) or ())
    text = search_text(value.value)
    if not _MIN_QUERY <= len(text) <= _MAX_QUERY:
        return _NO_QUERY
    found = await lists.get(source, text)
    if found is None:
        return _NO_SEARCH_LEFT
    result = await _apply(rule, value.value, found)
    if result.known is False and not result.suggestions.sure:
        further = [await lists.get(source, part) or () for part in _ends(text)]
        found = [*found, *(entry for entries in further for entry in entries)]
        result = await _apply(rule, value.value, found)
    return result


async def _apply(rule: Rule, value: Any, entries: Sequence[Any]) -> RuleResult:
    """In a thread for a long list, as 15,000 entries take a tenth of a second."""
    if len(entries) < _LONG_LIST:
        return rule.check(value, entries)
    return await asyncio.to_thread(rule.check, value, entries)


def _ends(text: str) -> list[str]:
    """Both ends of a misspelt text, without its middle: at most one of them has the misspelling."""
    length = max(_MIN_QUERY, len(text) // 2 - 1)
    ends = (text[:length].strip(), text[-length:].strip())
    return [end for end in ends if _MIN_QUERY <= len(end) < len(text)]


def _findings(
    value: FilterValue, result: RuleResult | str
) -> Iterator[UnknownValue | FilterWarning | UncheckedFilter]:
    if isinstance(result, str):
        yield UncheckedFilter(path=value.path, reason=result)
        return
    suggestions, sure = result.suggestions.values, result.suggestions.sure
    if result.known is None:
        yield UncheckedFilter(path=value.path, reason=_NO_LIST)
    elif not result.known:
        yield UnknownValue(path=value.path, value=value.value, suggestions=suggestions, sure=sure)
    elif result.warning is not None:
        yield FilterWarning(path=value.path, reason=result.warning, suggestions=suggestions)


def _correct(body: Any, value: FilterValue, result: RuleResult | str) -> None:
    """Replace the value in `body` by its suggestion if that is sure. Members of a place that were not checked stay."""
    if isinstance(result, str) or result.known is not False or not result.suggestions.sure:
        return
    *steps, last = value.steps
    for step in steps:
        body = body[step]
    replacement = result.suggestions.values[0]
    if isinstance(value.rule, PlaceRule):
        checked = value.rule.covers(value.value)
        replacement = {
            **{name: part for name, part in value.value.items() if name not in checked},
            **replacement,
        }
    body[last] = replacement
