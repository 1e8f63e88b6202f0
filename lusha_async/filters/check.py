"""Values of filters compared with the vendor's lists: which lists are asked for, and what comes of it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from .._call.call import Executor
from ..models.filter_values import Discovered
from .lists import Demand, Discovery
from .report import FilterReport, FilterWarning, UncheckedFilter, UnknownValue
from .rules import Located, Rule, Verdict, query
from .sources import Source
from .walk import RequestedValue, Walked

__all__ = ["compare"]

_SHORTEST, _LONGEST = 2, 256  # characters of a query
_LONG = 1_000  # entries of a list
_NO_SEARCH = "more searches would be needed than `searches` allows"
_NO_QUERY = "the vendor searches by 2 to 256 characters"
_NO_LIST = "the vendor's list of its values is empty or does not look as expected"


async def compare(
    executor: Executor,
    discovery: Discovery,
    body: Mapping[str, Any],
    parts: Sequence[Walked],
    *,
    searches: int,
    how: Demand,
) -> FilterReport:
    """What the vendor's lists say of the `parts` of `body`, of which each is asked for once, all at a time.

    Raises the first `LushaError` of them; the others are left.
    """
    lists = _Lists(executor, discovery, searches, how)
    asked = [part for part in parts if isinstance(part, RequestedValue)]
    try:
        async with asyncio.TaskGroup() as group:
            lists.group = group
            told = [group.create_task(_judged(lists, one)) for one in asked]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    verdicts = {one.steps: task.result() for one, task in zip(asked, told, strict=True)}
    found: list[UnknownValue | FilterWarning | UncheckedFilter] = []
    corrected = deepcopy(dict(body))
    for part in parts:
        if isinstance(part, RequestedValue):
            found += _finding(part, verdicts[part.steps])
            _correct(corrected, part, verdicts[part.steps])
        else:
            found.append(part)
    return FilterReport(
        unknown=tuple(one for one in found if isinstance(one, UnknownValue)),
        warnings=tuple(one for one in found if isinstance(one, FilterWarning)),
        unchecked=tuple(dict.fromkeys(one for one in found if isinstance(one, UncheckedFilter))),
        checked=sum(isinstance(told, Verdict) and told.known is not None for told in verdicts.values()),
        age=lists.age,
        corrected=corrected,
    )


class _Lists:
    """The lists that a check asks for, each once, and no more searches than it may send."""

    group: asyncio.TaskGroup

    def __init__(self, executor: Executor, discovery: Discovery, searches: int, how: Demand) -> None:
        self._executor = executor
        self._discovery = discovery
        self._searches = searches
        self._how = how
        self._asked: dict[tuple[Source, str | None], asyncio.Task[Discovered[Any]]] = {}
        self.age: float | None = None

    async def of(self, source: Source, query: str | None) -> Sequence[Any] | None:
        """The list; None where it takes one search too many."""
        key = (source, query)
        if key not in self._asked:
            if source.searched and not self._discovery.fresh(source, query, self._how):
                if not self._searches:
                    return None
                self._searches -= 1
            self._asked[key] = self.group.create_task(
                self._discovery.get(self._executor, source, query, self._how)
            )
        found = await self._asked[key]
        self.age = max(found.age, self.age or 0.0)
        return found.values


async def _judged(lists: _Lists, asked: RequestedValue) -> Verdict | str:
    """The verdict on one value, or why there is none."""
    rule, source = asked.rule, asked.rule.source
    if not source.searched:
        return await _compared(rule, asked.value, await lists.of(source, None) or ())
    searched = query(asked.value)
    if not _SHORTEST <= len(searched) <= _LONGEST:
        return _NO_QUERY
    found = await lists.of(source, searched)
    if found is None:
        return _NO_SEARCH
    verdict = await _compared(rule, asked.value, found)
    if verdict.known is False and not verdict.proposals.sure:
        further = [await lists.of(source, part) or () for part in _parts(searched)]
        found = [*found, *(entry for some in further for entry in some)]
        verdict = await _compared(rule, asked.value, found)
    return verdict


async def _compared(rule: Rule, value: Any, entries: Sequence[Any]) -> Verdict:
    """In a thread where the list is long, so that the loop goes on: 15,000 texts take a tenth of a second."""
    if len(entries) < _LONG:
        return rule.judge(value, entries)
    return await asyncio.to_thread(rule.judge, value, entries)


def _parts(text: str) -> list[str]:
    """The two ends of a text that is misspelt, without its middle: one slip spoils one of them at most."""
    length = max(_SHORTEST, len(text) // 2 - 1)
    ends = (text[:length].strip(), text[-length:].strip())
    return [end for end in ends if _SHORTEST <= len(end) < len(text)]


def _finding(
    asked: RequestedValue, verdict: Verdict | str
) -> Iterator[UnknownValue | FilterWarning | UncheckedFilter]:
    if isinstance(verdict, str):
        yield UncheckedFilter(path=asked.path, reason=verdict)
        return
    values, sure = verdict.proposals.values, verdict.proposals.sure
    if verdict.known is None:
        yield UncheckedFilter(path=asked.path, reason=_NO_LIST)
    elif not verdict.known:
        yield UnknownValue(path=asked.path, value=asked.value, proposals=values, sure=sure)
    elif verdict.doubt is not None:
        yield FilterWarning(path=asked.path, reason=verdict.doubt, proposals=values)


def _correct(body: Any, asked: RequestedValue, verdict: Verdict | str) -> None:
    """Put a sure proposal in the value's place; of a place what the list does not tell stays."""
    if isinstance(verdict, str) or verdict.known is not False or not verdict.proposals.sure:
        return
    *steps, last = asked.steps
    for step in steps:
        body = body[step]
    meant = verdict.proposals.values[0]
    if isinstance(asked.rule, Located):
        covered = asked.rule.covers(asked.value)
        meant = {**{name: part for name, part in asked.value.items() if name not in covered}, **meant}
    body[last] = meant
