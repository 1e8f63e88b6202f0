"""Tools that show the locals of a traceback's frames find no key there, and every object has a repr."""

import traceback
from collections.abc import Callable
from enum import Enum
from importlib import import_module
from pkgutil import walk_packages
from types import FunctionType
from typing import Any

import pytest

import lusha_async
from lusha_async import CreditBudget, Governor, LushaClient
from lusha_async._wire.request import build
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.errors import LushaError
from lusha_async.operations import BY_NAME

KEY = "0a1b2c3d-0000-4000-8000-00000000beef"
ENRICH = BY_NAME["enrichContacts"]


def built(**parts: Any) -> None:
    """A request with these parts."""
    build(ENRICH, base_url=BaseURL.resolve(None), key=ApiKey.resolve(KEY), **parts)


@pytest.mark.parametrize(
    "raising",
    [
        lambda: built(body={"ids": [object()]}),
        lambda: built(body={"ids": ["\ud800"]}),
        lambda: built(body={"n": float("nan")}),
        lambda: built(query={"a": object()}),
        lambda: built(path="no mapping"),
        lambda: ApiKey.resolve(f"{KEY}\n"),
        lambda: ApiKey.resolve(f"\ufeff{KEY}"),
        lambda: ApiKey.resolve(KEY.encode()),  # type: ignore[arg-type]
        lambda: LushaClient(KEY, base_url="http://api.lusha.com"),
        lambda: LushaClient(KEY, timeout=-1),
        lambda: LushaClient(f"{KEY}\u200b"),
    ],
)
def test_no_frame_of_ours_holds_the_key(raising: Callable[[], object]) -> None:
    """Whatever is wrong, with the key, the options or a request."""
    with pytest.raises(LushaError) as caught:
        raising()
    described = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    for frame in described.stack:
        if "/lusha_async/" in frame.filename.replace("\\", "/"):
            assert KEY not in str(frame.locals)
            assert "repr() failed" not in str(frame.locals)


EDGES = ("lusha_async.cli", "lusha_async.__main__", "lusha_async.sandbox", "lusha_async.webhooks")


def with_a_repr() -> list[type]:
    """The classes of the client that have a repr of their own, which attrs has not generated."""
    found: dict[type, None] = {}
    for module in walk_packages(lusha_async.__path__, "lusha_async."):
        if not module.name.startswith(EDGES):
            for value in vars(import_module(module.name)).values():
                own = vars(value).get("__repr__") if isinstance(value, type) else None
                written = isinstance(own, FunctionType) and own.__code__.co_filename.endswith(".py")
                if isinstance(value, type) and written and value.__module__ == module.name:
                    found[value] = None
    return sorted(found, key=lambda kind: kind.__qualname__)


@pytest.mark.parametrize("kind", with_a_repr(), ids=lambda kind: kind.__qualname__)
def test_a_half_made_object_has_a_repr(kind: type) -> None:
    """A constructor that raises leaves one in its frame, which a tool may show."""
    assert issubclass(kind, Enum) or repr(kind.__new__(kind))


def test_whole_objects_say_what_they_are() -> None:
    """The repr of a half-made one does not replace it."""
    assert "api.lusha.com" in repr(LushaClient(KEY))
    assert repr(CreditBudget(5)) == "<CreditBudget 0 spent, 0 reserved, 0 uncertain of 5>"
    assert repr(Governor()).startswith("<Governor: ")
