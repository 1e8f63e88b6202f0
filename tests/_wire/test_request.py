"""The request that is sent: its URL, its headers and its body, and what is refused before anything is sent."""

import enum
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async._validators import LARGEST
from lusha_async._version import __version__
from lusha_async._wire.request import _MAX_URL, Request, build, without_key
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.errors import InvalidRequestError
from lusha_async.operations import BillingClass, Operation

KEY = "00000000-0000-4000-8000-00000000beef"
GET = Operation(name="news", call="news", method="GET", path="/v3/news/{id}", billing=BillingClass.FREE)
POST = Operation(name="ask", call="ask", method="POST", path="/v3/ask", billing=BillingClass.FREE)


class Colour(enum.StrEnum):
    RED = "red"


def made(operation: Any = POST, **arguments: Any) -> Request:
    """A request to the vendor."""
    base_url, key = BaseURL.resolve("https://api.lusha.com"), ApiKey.resolve(KEY)
    return build(operation, base_url=base_url, key=key, **arguments)


def test_the_whole_request() -> None:
    """Method, URL, headers and body are exactly these."""
    request = made(GET, path={"id": "a b/ü"}, query={"q": "x y", "n": None})
    assert request == Request(
        operation=GET,
        method="GET",
        url="https://api.lusha.com/v3/news/a%20b%2F%C3%BC?q=x+y",
        headers={"api_key": KEY, "accept": "application/json", "user-agent": f"lusha-async/{__version__}"},
        content=None,
    )
    assert without_key(request).headers == {
        "accept": "application/json",
        "user-agent": f"lusha-async/{__version__}",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (-LARGEST, str(-LARGEST)),
        (LARGEST, str(LARGEST)),
        ("ü&=", "%C3%BC%26%3D"),
        (Colour.RED, "red"),
    ],
)
def test_values_of_the_query(value: Any, text: str) -> None:
    """Truth values in lower case, integers and texts as they are, an enumeration member by its value."""
    assert made(query={"a": value}).url == f"https://api.lusha.com/v3/ask?a={text}"


def test_a_list_in_the_query_is_repeated() -> None:
    """Each text of a list is a parameter of its own, and an empty list is none."""
    assert made(query={"a": ["x", Colour.RED], "b": []}).url == "https://api.lusha.com/v3/ask?a=x&a=red"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_a_body_is_compact_json_in_utf_8(value: Any) -> None:
    """Members that are None are left out at every depth, also within lists; nothing is escaped without need."""
    content = made(body={"a": value, "b": {"c": None, "d": (value, {"e": None})}, "n": None, "ü": "ü"}).content
    expected = (
        {"b": {"d": [value, {}]}, "ü": "ü"}
        if value is None
        else {
            "a": value,
            "b": {"d": [value, {}]},
            "ü": "ü",
        }
    )
    assert content == json.dumps(expected, ensure_ascii=False, separators=(",", ":")).encode()
    assert made(body={"list": [{"a": None, "b": [{"c": None}]}]}).content == b'{"list":[{"b":[{}]}]}'


LONE = "contains half a character (a lone surrogate), which cannot be sent"
DEEP: Any = []
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("arguments", "path", "problem"),
    [
        ({"operation": "news"}, "operation", "must be an Operation"),
        ({"path": "id"}, "path", "must be a mapping"),
        ({"query": [("a", "b")]}, "query", "must be a mapping"),
        ({"body": [1]}, "body", "must be a mapping"),
        ({"operation": GET}, "id", "must be a non-empty string"),
        ({"operation": GET, "path": {"id": " "}}, "id", "must be a non-empty string"),
        ({"operation": GET, "path": {"id": ".."}}, "id", "must be a non-empty string"),
        ({"operation": GET, "path": {"id": 5}}, "id", "must be a non-empty string"),
        ({"operation": GET, "path": {"id": "\ud800"}}, "id", LONE),
        ({"query": {"q": "\ud800"}}, "query", LONE),
        ({"query": {"q": 1.5}}, "q", "must be a string, an integer, True or False, or a list of strings"),
        ({"query": {"q": LARGEST + 1}}, "q", "must be a string, an integer, True or False, or a list of strings"),
        ({"query": {"q": b"x"}}, "q", "must be a string, an integer, True or False, or a list of strings"),
        ({"query": {"q": ["x", 1]}}, "q", "must be a string, an integer, True or False, or a list of strings"),
        ({"body": {"a": float("nan")}}, "body", "not JSON (ValueError)"),
        ({"body": {"a": {1, 2}}}, "body", "not JSON (TypeError)"),
        ({"body": {"a": DEEP}}, "body", "not JSON (RecursionError)"),
        ({"body": {"a": "\ud800"}}, "body", "not JSON (UnicodeEncodeError)"),
    ],
)
def test_what_cannot_be_sent_is_refused(arguments: dict[str, Any], path: str, problem: str) -> None:
    """Each is named by its path, with what it must be."""
    with pytest.raises(InvalidRequestError) as caught:
        made(**arguments)
    assert (caught.value.path, caught.value.problem) == (path, problem)


def test_the_longest_url_can_be_sent() -> None:
    """One character more is refused."""
    rest = _MAX_URL - len(made(query={"q": "x"}).url) + 1
    assert len(made(query={"q": "x" * rest}).url) == _MAX_URL
    with pytest.raises(InvalidRequestError):
        made(query={"q": "x" * (rest + 1)})
