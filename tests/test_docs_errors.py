"""docs/errors.md: its table matches the classes of errors, and its examples run."""

import re

import pytest

from lusha_async import AnswerEvent, LushaClient, OutcomeUnknownError, errors, sandbox
from lusha_async._call.retry import GiveUp, RetryPolicy, decide
from lusha_async.errors import APIStatusError, LushaError
from lusha_async.operations import BY_NAME
from tests.examples import Page

PAGE = Page("docs/errors.md")
FAMILIES = {"LushaError", "TransportError", "APIStatusError", "AccountError"}


def _rows() -> dict[str, list[str]]:
    rows = [
        line.strip("| ").split(" | ") for line in PAGE.text.splitlines() if re.match(r"\| `\w+Error` \|", line)
    ]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_each_error_that_is_raised_has_its_row() -> None:
    """The table has every class except the base classes, in the order of the tree, and no other."""
    assert list(_rows()) == [name for name in errors.__all__ if name not in FAMILIES]


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name not in FAMILIES])
def test_the_table_is_right_about_charges(name: str) -> None:
    """`charged` of each class is None where its row says unknown, and 0 otherwise."""
    kind: type[LushaError] = getattr(errors, name)
    assert (kind.charged is None) == (_rows()[name][2] != "no")


@pytest.mark.parametrize(
    "name", [name for name in errors.__all__ if issubclass(getattr(errors, name), APIStatusError)]
)
def test_account_errors_are_the_last_rows(name: str) -> None:
    """The last five rows of the table are the subclasses of `AccountError`."""
    if name in _rows():
        assert issubclass(getattr(errors, name), errors.AccountError) == (name in list(_rows())[-5:])


def _made(name: str) -> LushaError:
    kind: type[LushaError] = getattr(errors, name)
    if issubclass(kind, errors.TransportError):
        return kind("kind", "advice")
    if issubclass(kind, errors.APIStatusError):
        return kind(status=599)
    if kind is errors.UnreadableAnswerError:
        return kind("problem")
    return kind.__new__(kind)


@pytest.mark.parametrize(("name", "row"), _rows().items())
def test_the_table_is_right_about_repeats(name: str, row: list[str]) -> None:
    """The policy repeats a call as the row of its error says: a free call, and one that would be charged again."""
    repeated = {
        operation: not isinstance(
            decide(
                RetryPolicy(),
                BY_NAME[operation],
                _made(name),
                failures=1,
                refusals=1,
                elapsed=0.0,
                draw=0.5,
                tokens=9,
            ),
            GiveUp,
        )
        for operation in ("getAccountUsage", "enrichContacts", "searchContacts")
    }
    stated = row[1].partition(",")[0]
    free = stated in {"yes", "where free"}
    assert repeated == {"getAccountUsage": free, "enrichContacts": free, "searchContacts": stated == "yes"}


@pytest.mark.asyncio
async def test_a_call_with_unknown_outcome_is_put_aside() -> None:
    """The handler returns the results, and keeps a request whose answer was lost."""
    found = PAGE.example("handled")["found"]
    doubtful: list[object] = []
    async with sandbox.serve(faults=["reset-after,operation=companies.search,nth=2"]) as server:
        async with LushaClient(server.api_key, base_url=server.url) as lusha:
            known = [{"id": one} for one in sandbox.company_ids(2)]
            assert len(await found(lusha, known, doubtful)) == 2
            assert await found(lusha, known, doubtful) == ()
    assert len(doubtful) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(("fault", "again"), [("reset", True), ("reset-after", False)])
async def test_a_lost_call_is_repeated_only_if_it_was_not_charged(fault: str, again: bool) -> None:
    """If the account's used credits did not change, the call is repeated; if they did, the error is raised."""
    search = PAGE.example("settled")["search"]
    queries = [{"id": one} for one in sandbox.company_ids(3)]
    clock = sandbox.Clock(virtual=True)

    def some_seconds_pass(event: AnswerEvent) -> None:
        if event.error is not None:
            clock.advance(10)  # by then the account's figures have caught up

    async with sandbox.serve(faults=[f"{fault},operation=companies.search,nth=1"], clock=clock) as server:
        async with LushaClient(server.api_key, base_url=server.url, on_answer=some_seconds_pass) as lusha:
            if again:
                assert len((await search(lusha, queries, seconds=0.0)).results) == 3
            else:
                with pytest.raises(OutcomeUnknownError):
                    await search(lusha, queries, seconds=0.0)
        assert server.stats()["credits"]["used"] == 1
