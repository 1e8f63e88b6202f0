"""Decoding bodies: what is kept, what is accepted, and what is refused with its path."""

import copy
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async._wire.response import ParsedResponse
from lusha_async.errors import UnreadableAnswerError
from lusha_async.models._codec.structure import structure, unstructure
from lusha_async.models.common import Enriched, OffsetPage, OffsetPagination, Page, Pagination, Results
from lusha_async.models.companies import Company, CompanyPreview
from lusha_async.models.contacts import Contact, ContactPreview
from lusha_async.models.signals import CompanySignals, ContactSignals, SignalResults
from lusha_async.models.webhooks import Subscription, SubscriptionResult, SubscriptionResults
from lusha_async.quota import Quota

PERSON = {
    "id": "v1.a",
    "firstName": "Ada",
    "jobTitle": {"title": "Engineer", "departments": ["R&D"], "seniority": "Senior"},
    "emails": [{"email": "ada@example.com", "type": "work"}],
    "phones": [{"number": "+15550100", "doNotCall": True}],
    "location": {"isEuContact": True, "coordinates": [34, 32.5]},
}


def test_a_record_is_typed_frozen_and_of_its_class() -> None:
    """Members come under our names, and nothing can be set on what was read."""
    person = structure(PERSON, Contact)
    assert type(person) is Contact
    assert person.emails is not None
    assert person.phones is not None
    assert person.location is not None
    assert (person.emails[0].email, person.phones[0].do_not_call) == ("ada@example.com", True)
    assert (person.location.is_eu_contact, person.location.coordinates) == (True, (34.0, 32.5))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        person.id = "other"  # type: ignore[misc]
    assert person == structure(PERSON, Contact)
    assert hash(person) == hash(structure(PERSON, Contact))
    assert pickle.loads(pickle.dumps(person)) == person == copy.deepcopy(person)


def test_absent_null_and_empty_stay_apart() -> None:
    """`phones` not revealed is None, none found is (), and a null is None with its name in `extra`."""
    absent, empty, null = (structure(body, Contact) for body in ({}, {"phones": []}, {"phones": None}))
    assert (absent.phones, empty.phones, null.phones) == (None, (), None)
    assert "phones" not in absent.extra
    assert "phones" in null.extra
    assert [unstructure(one) for one in (absent, empty, null)] == [{}, {"phones": []}, {"phones": None}]


def test_unknown_members_are_kept_at_every_depth() -> None:
    """What this version does not know is in `extra`, and `unstructure` returns it."""
    body = {**PERSON, "news": {"a": 1}, "emails": [{"email": "a@example.com", "grade": 3}]}
    person = structure(body, Contact)
    assert person.extra == {"news": {"a": 1}}
    assert person.emails is not None
    assert person.emails[0].extra == {"grade": 3}
    assert unstructure(person) == body


def test_no_personal_data_in_a_repr() -> None:
    """Names, addresses and numbers of people are not shown, nor is what is not known."""
    shown = repr(structure({"results": [{**PERSON, "news": "Ada"}]}, Enriched[Contact]))
    assert not [word for word in ("Ada", "ada@", "+1555") if word in shown]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"results": [{}, {"phones": [{}, {"number": 5}]}]},
            "results[1].phones[1].number: expected text, got a number",
        ),
        ({"results": [{"firstName": True}]}, "results[0].firstName: expected text, got true or false"),
        ({"results": [{"jobTitle": "x"}]}, "results[0].jobTitle: expected an object, got text"),
        (
            {"results": [{"jobTitle": {"departments": ["a", 1]}}]},
            "results[0].jobTitle.departments[1]: expected text",
        ),
        (
            {"results": [{"partialProfile": "false"}]},
            "results[0].partialProfile: expected true or false, got text",
        ),
        ({"results": [{"linkedinFollowers": 1.5}]}, "results[0].linkedinFollowers: expected a whole number"),
        (
            {"results": [{"location": {"coordinates": ["34"]}}]},
            "results[0].location.coordinates[0]: expected a number",
        ),
        ({"results": [None]}, "results[0]: expected an object, got null"),
        ({"results": "none"}, "results[0]: expected an object, got text"),
        ({"billing": {"creditsCharged": "2"}}, "billing.creditsCharged: expected a whole number, got text"),
        ([], "expected an object, got a list"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_path(body: Any, problem: str) -> None:
    """There is no silent coercion; the error says where, and what was expected, but never the value."""
    with pytest.raises(UnreadableAnswerError) as caught:
        structure(body, Enriched[Contact])
    assert problem in str(caught.value)


def test_kinds_that_are_accepted_for_others() -> None:
    """Numeric ids, one value for a list, plain texts for addresses, whole numbers written with a fraction."""
    drift: list[str] = []
    body = {"results": [{"id": 42, "emails": "a@example.com", "phones": {"number": "+15550100"}}]}
    (person,) = structure(body, Enriched[Contact], on_drift=drift.append).results
    assert person.id == "42"
    assert person.emails is not None
    assert person.phones is not None
    assert (person.emails[0].email, person.phones[0].number) == ("a@example.com", "+15550100")
    assert "an id that is a number" in drift
    company = structure({"results": {"phone": ["+1", "+2"], "yearFounded": 1999.0}}, Enriched[Company]).results[0]
    assert (company.phone, company.year_founded) == (("+1", "+2"), 1999)
    table = structure({"tableWrite": {"columnsCreated": []}}, Enriched[Contact]).table_write
    assert table is not None
    assert table.columns_created == ()


def test_a_fraction_of_a_credit_counts_as_a_whole_one() -> None:
    """A paid response is not refused for an odd price; the oddity is counted."""
    drift: list[str] = []
    payload = {"billing": {"creditsCharged": 2.04}}
    answer = structure(payload, Enriched[Contact], on_drift=drift.append)
    assert answer.billing is not None
    assert answer.billing.credits_charged == ParsedResponse(quota=Quota(), payload=payload).credits == 3
    assert drift == ["a fraction of a credit"]


def test_drift_is_reported_without_values_of_people() -> None:
    """Unknown members and enumeration values are reported by name; what looks like data is not."""
    drift: list[str] = []
    body = {"results": [{"fax": "x", "emails": [{"type": "home"}, {"type": "ada@example.com"}]}]}
    structure(body, Enriched[Contact], on_drift=drift.append)
    assert sorted(drift) == [
        "unknown member Contact.fax",
        "unknown value EmailAddress.type=<other>",
        "unknown value EmailAddress.type=home",
    ]


def test_a_row_counts_only_drift_of_its_own() -> None:
    """What the row before had, and this one has not, is not counted again."""
    drift: list[str] = []
    body = {"results": [{"fax": "x", "id": None}, {"id": None}, {"fax": "x", "id": None}]}
    structure(body, Enriched[Contact], on_drift=drift.append)
    assert drift == ["unknown member Contact.fax"] * 2


def test_signals_of_an_unknown_type() -> None:
    """Company signals are keyed by their type, whatever it is."""
    signals = structure({"id": "v1.f", "somethingNew": [{"a": 1}]}, CompanySignals)
    assert signals.of("somethingNew") == [{"a": 1}]
    assert signals.of("riskNews") == ()


def test_an_alias_decodes_its_results_as_what_it_says() -> None:
    """`Page[X]` and classes that derive from it type their results; without an argument they stay JSON."""
    body = {"requestId": "r", "results": [{"id": "1", "fax": "x"}], "pagination": {"total": 7}, "more": 1}
    drift: list[str] = []
    page = structure(body, Page[ContactPreview], on_drift=drift.append)
    assert type(page) is Page
    assert page.results == (ContactPreview(id="1", extra={"fax": "x"}),)
    assert (page.request_id, page.pagination, page.extra) == ("r", Pagination(total=7), {"more": 1})
    assert drift == ["unknown member ContactPreview.fax", "unknown member Page[ContactPreview].more"]
    assert unstructure(page) == body
    offset = structure({"results": [{"id": 1}], "pagination": {"hasMore": True}}, OffsetPage[Subscription])
    assert (offset.results[0].id, offset.pagination) == ("1", OffsetPagination(has_more=True))
    signals = structure({"results": [{"promotion": [{}]}], "endDate": "d"}, SignalResults[ContactSignals])
    assert (signals.results[0].promotion, signals.end_date) == (({},), "d")
    subscriptions = structure({"results": [{"index": 0}], "total": 1}, SubscriptionResults)
    assert subscriptions.results == (SubscriptionResult(index=0),)
    assert structure(body, Results).results == ({"id": "1", "fax": "x"},)


def test_what_an_alias_decodes_behaves_like_any_value() -> None:
    """It compares, shows, copies, pickles and evolves as an instance of its class, and is as frozen."""
    page = structure({"results": [{"id": "1"}], "extra": 1}, Page[ContactPreview])
    assert page == Page[ContactPreview](results=(ContactPreview(id="1"),), extra={"extra": 1})
    assert hash(page) == hash(copy.copy(page))
    assert pickle.loads(pickle.dumps(page)) == page == copy.deepcopy(page)
    assert attrs.evolve(page, results=()).extra == {"extra": 1}
    assert "results=(ContactPreview(" in repr(page)
    assert not hasattr(page, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        page.results = ()  # type: ignore[misc]


@pytest.mark.parametrize("kind", [Page[ContactPreview], Results[ContactPreview], Page[CompanyPreview]])
def test_an_error_of_an_alias_names_the_path(kind: Any) -> None:
    """The path is that of the body, whatever the alias is."""
    with pytest.raises(UnreadableAnswerError, match=r"results\[1\]\.has\[0\]: expected text, got a number"):
        structure({"results": [{}, {"has": [1]}]}, kind)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["results", "id", "phones", "emails", "number", "jobTitle", "departments", "error", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_comes_is_read_or_refused(body: Any) -> None:
    """Any JSON is either an answer or our own error, and what was read is read again the same."""
    for cls in (Enriched[Contact], Results[ContactPreview], Enriched[Company]):
        try:
            answer = structure(body, cls)
        except UnreadableAnswerError:
            continue
        assert structure(unstructure(answer), cls) == answer
