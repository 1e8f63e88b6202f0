"""An unclaimed answer as the outcomes of its inputs: rows matched, errors and credits as in a bulk method."""

from collections.abc import Mapping, Sequence
from typing import Any

from .._bulk.items import with_credits
from .._bulk.outcome import ItemResult, Outcome
from .._call.call import APIResponse
from .._json import as_list, as_object
from .._wire.references import is_reference
from ..billing.unclaimed import Unclaimed
from ..errors import InvalidRequestError, LushaError
from . import companies, contacts
from ._forms import REFERENCE, BatchEndpoint

__all__ = ["outcomes_of"]

_ENDPOINTS: Mapping[str, BatchEndpoint[Any, Any, Any]] = {
    endpoint.operation.name: endpoint
    for endpoint in (
        contacts.SEARCH,
        contacts.ENRICH,
        contacts.SEARCH_AND_ENRICH,
        contacts.BUYING_GROUP,
        contacts.SIGNALS,
        contacts.SIGNAL_SCORES,
        contacts.ICP_FIT_SCORES,
        companies.SEARCH,
        companies.ENRICH,
        companies.SEARCH_AND_ENRICH,
        companies.SIGNALS,
        companies.SIGNAL_SCORES,
        companies.ICP_FIT_SCORES,
    )
}


async def outcomes_of(unclaimed: Unclaimed) -> tuple[Outcome[Any, Any], ...]:
    """See `LushaClient.outcomes`."""
    endpoint = _ENDPOINTS.get(unclaimed.operation.name)
    if endpoint is None:
        raise InvalidRequestError(
            "unclaimed", f"{unclaimed.operation} returns no row for each input; its rows are in unclaimed.answer"
        )
    sent = as_list(as_object(unclaimed.inputs).get(endpoint.item_list))
    items = _as_given(sent)
    results = await _results(endpoint, unclaimed, items, sent)
    return tuple(
        Outcome(
            input=items[index],
            index=index,
            status=results[index].status,
            value=results[index].value,
            error=results[index].error,
            credits=results[index].credits,
        )
        for index in (range(len(items)) if unclaimed.rows is None else unclaimed.rows)
    )


async def _results(
    endpoint: BatchEndpoint[Any, Any, Any], unclaimed: Unclaimed, items: Sequence[Any], sent: Sequence[Any]
) -> Sequence[ItemResult[Any]]:
    response = unclaimed.response
    if response.error is not None:
        return [ItemResult[Any].failed(response.error)] * len(items)
    answer = APIResponse(
        operation=unclaimed.operation,
        payload=response.payload,
        request_id=response.request_id,
        quota=response.quota,
    )
    try:
        batch = await endpoint.interpret(answer, items, sent=sent)
    except LushaError as error:
        return [ItemResult[Any].failed(error)] * len(items)
    return with_credits(batch.results, unclaimed.credits)


def _as_given(sent: Sequence[Any]) -> Sequence[Any]:
    """The items as they were given: bulk methods and coalesced calls send references of their own."""
    if not all(is_reference(as_object(item).get(REFERENCE)) for item in sent):
        return sent
    return [{name: value for name, value in item.items() if name != REFERENCE} for item in sent]
