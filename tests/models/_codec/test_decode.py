"""Reading answers: what is kept, what is tolerated, and what is refused with its path."""

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
from lusha_async.models.companies import EnrichedCompanies
from lusha_async.models.contacts import Contact, EnrichedContacts, FoundContacts
from lusha_async.models.signals import CompanySignals
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
    """What this version does not know is in `extra` and comes back from `unstructure`."""
    body = {**PERSON, "news": {"a": 1}, "emails": [{"email": "a@example.com", "grade": 3}]}
    person = structure(body, Contact)
    assert person.extra == {"news": {"a": 1}}
    assert person.emails is not None
    assert person.emails[0].extra == {"grade": 3}
    assert unstructure(person) == body


def test_no_personal_data_in_a_repr() -> None:
    """Names, addresses and numbers of people are not shown, nor is what is not known."""
    shown = repr(structure({"results": [{**PERSON, "news": "Ada"}]}, EnrichedContacts))
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
    """There is no silent coercion; the error tells where, and what was expected, but never the value."""
    with pytest.raises(UnreadableAnswerError) as caught:
        structure(body, EnrichedContacts)
    assert problem in str(caught.value)


def test_documented_tolerances() -> None:
    """Numeric ids, one value for a list, plain texts for addresses, whole numbers written with a fraction."""
    told: list[str] = []
    body = {"results": [{"id": 42, "emails": "a@example.com", "phones": {"number": "+15550100"}}]}
    (person,) = structure(body, EnrichedContacts, notice=told.append).results
    assert person.id == "42"
    assert person.emails is not None
    assert person.phones is not None
    assert (person.emails[0].email, person.phones[0].number) == ("a@example.com", "+15550100")
    assert "an id that is a number" in told
    company = structure({"results": {"phone": ["+1", "+2"], "yearFounded": 1999.0}}, EnrichedCompanies).results[0]
    assert (company.phone, company.year_founded) == (("+1", "+2"), 1999)
    table = structure({"tableWrite": {"columnsCreated": []}}, EnrichedContacts).table_write
    assert table is not None
    assert table.columns_created == ()


def test_a_fraction_of_a_credit_counts_as_a_whole_one() -> None:
    """A paid answer is not refused for the price it tells; that the price is odd is counted."""
    told: list[str] = []
    payload = {"billing": {"creditsCharged": 2.04}}
    answer = structure(payload, EnrichedContacts, notice=told.append)
    assert answer.billing is not None
    assert answer.billing.credits_charged == ParsedResponse(quota=Quota(), payload=payload).credits == 3
    assert told == ["a fraction of a credit"]


def test_surprises_are_told_without_values_of_people() -> None:
    """Unknown members and enumeration values are told by name; what looks like data is not repeated."""
    told: list[str] = []
    body = {"results": [{"fax": "x", "emails": [{"type": "home"}, {"type": "ada@example.com"}]}]}
    structure(body, EnrichedContacts, notice=told.append)
    assert sorted(told) == [
        "unknown member Contact.fax",
        "unknown value EmailAddress.type=<other>",
        "unknown value EmailAddress.type=home",
    ]


def test_a_row_counts_only_surprises_of_its_own() -> None:
    """What the row before had, and this one has not, is not counted again."""
    told: list[str] = []
    body = {"results": [{"fax": "x", "id": None}, {"id": None}, {"fax": "x", "id": None}]}
    structure(body, EnrichedContacts, notice=told.append)
    assert told == ["unknown member Contact.fax"] * 2


def test_signals_of_a_type_nobody_knows_yet() -> None:
    """Company signals are keyed by their type, whatever it is."""
    signals = structure({"id": "v1.f", "somethingNew": [{"a": 1}]}, CompanySignals)
    assert signals.of("somethingNew") == [{"a": 1}]
    assert signals.of("riskNews") == ()


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
    for cls in (EnrichedContacts, FoundContacts, EnrichedCompanies):
        try:
            answer = structure(body, cls)
        except UnreadableAnswerError:
            continue
        assert structure(unstructure(answer), cls) == answer
