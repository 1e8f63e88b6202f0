"""No frame of an error holds a key or a secret, and no object that an error leaves half made breaks its repr."""

import enum
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

import lusha_async
from lusha_async import CreditBudget, Governor, GovernorConfig, LushaClient
from lusha_async._wire.request import build
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.errors import LushaError
from lusha_async.operations import BY_NAME
from lusha_async.webhooks import App, MemoryInbox, SecretRing, diagnose, sign, verify
from lusha_async.webhooks._forwarding import with_fresh_signature
from tests.webhooks.sending import message, signed

PACKAGE = Path(lusha_async.__file__).parent
CORE = "0123456789abcdef0123456789abcdef"
GOOD = f"whsec_{CORE}"


def frames(traceback: TracebackType | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The functions of ours that an error passed, and their locals."""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if Path(code.co_filename).is_relative_to(PACKAGE):
            yield code.co_qualname, traceback.tb_frame.f_locals
        traceback = traceback.tb_next


def assert_no_frame_holds(error: BaseException | None, text: str) -> None:
    """Neither in a local of ours, nor in the error, its cause or its context."""
    while error is not None:
        assert text not in repr(error)
        assert text not in str(error)
        for function, variables in frames(error.__traceback__):
            for name, value in variables.items():
                assert text not in repr(value), f"{function}: {name}"
        error = error.__cause__ or error.__context__


MISTAKES = {
    "a line end": f"{GOOD}\n",
    "a byte order mark": f"\ufeff{GOOD}",
    "a no-break space": f"{GOOD}\u00a0",
    "a zero-width space": f"whsec_\u200b{CORE}",
    "half a character": f"{GOOD}\ud800",
    "a control": f"{GOOD}\x00",
    "a soft hyphen": f"whsec_{CORE}\u00ad",
}
USES: dict[str, Callable[[Any], object]] = {
    "verify": lambda secret: verify(*signed(), secret),
    "sign": lambda secret: sign(b"{}", "1", secret),
    "SecretRing": SecretRing,
    "SecretRing.add": lambda secret: SecretRing("whsec_other").add(secret),
    "App": lambda secret: App(secret, MemoryInbox()),
    "forwarding": lambda secret: with_fresh_signature(message(), secret),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_secret_that_cannot_be_right_is_refused_and_in_no_frame(use: str, mistake: str) -> None:
    """What came with it from a file or a page is named; the secret itself is nowhere, alone or among others."""
    for secret in (MISTAKES[mistake], [GOOD.replace("0", "1"), MISTAKES[mistake]]):
        if isinstance(secret, list) and use in {"sign", "forwarding", "SecretRing.add"}:
            continue
        with pytest.raises(LushaError, match=r"white space|cannot be seen") as caught:
            USES[use](secret)
        del secret
        assert_no_frame_holds(caught.value, CORE)


@pytest.mark.parametrize("change", ["other secret", "altered", "stale", "no header"])
def test_a_forged_delivery_shows_no_secret(change: str) -> None:
    """The errors of a receiver's daily work end in logs with the locals of their frames."""
    body, headers = signed(secret="whsec_forged" if change == "other secret" else GOOD)
    if change == "altered":
        body += b" "
    with pytest.raises(LushaError) as caught:
        verify(
            body,
            {} if change == "no header" else headers,
            GOOD,
            now=0.0 if change == "stale" else None,
            tolerance=5,
        )
    assert_no_frame_holds(caught.value, CORE)


def test_a_diagnosis_shows_no_secret() -> None:
    """Nor does its refusal of empty ones."""
    for secret in ([GOOD, " "], [], ""):
        with pytest.raises(LushaError) as caught:
            diagnose(*signed(), secret)
        assert_no_frame_holds(caught.value, CORE)


KEY = f"key-{CORE}"


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "http://example.com"},
        {"base_url": "https://"},
        {"timeout": -1},
        {"governor": 5},
        {"governor": "nowhere"},
        {"governor": Governor(), "account": "name"},
        {"governor": "redis://[/0"},
        {"budget": "ten"},
        {"api_key": f"{KEY} "},
        {"api_key": f"{KEY}\ud800"},
    ],
    ids=str,
)
def test_a_client_that_is_refused_shows_no_key(options: dict[str, Any]) -> None:
    """Whatever is wrong."""
    with pytest.raises(LushaError) as caught:
        LushaClient(**{"api_key": KEY, **options})
    del options
    assert_no_frame_holds(caught.value, CORE)


@pytest.mark.parametrize(
    "parts",
    [
        {"body": {"x": "\ud800"}},
        {"query": {"x": "\ud800"}},
        {"query": {"x": "y" * 40_000}},
        {"body": {"x": object()}},
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_a_request_that_is_refused_shows_no_key(parts: dict[str, Any]) -> None:
    """The key is put into a header last of all."""
    with pytest.raises(LushaError) as caught:
        build(BY_NAME["searchContacts"], base_url=BaseURL.resolve("https://x.example"), key=ApiKey(KEY), **parts)
    assert_no_frame_holds(caught.value, CORE)


def own_reprs() -> Iterator[type]:
    """The classes of the package whose repr is written by hand."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "lusha_async."):
        if "__main__" in module.name:
            continue
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            method = vars(kind).get("__repr__")
            if (
                kind.__module__ == module.name
                and inspect.isfunction(method)
                and not hasattr(kind, "__attrs_attrs__")
                and not issubclass(kind, enum.Enum)
            ):
                yield kind


@pytest.mark.parametrize("kind", [*own_reprs()], ids=lambda kind: kind.__qualname__)
def test_half_made_objects_have_a_repr(kind: type) -> None:
    """An error in a constructor leaves one in a frame, and tools that show its locals call its repr."""
    assert kind.__name__ in repr(kind.__new__(kind)) or repr(kind.__new__(kind)) == "{}"


def test_whole_objects_show_more() -> None:
    """The guard hides nothing of an object that is whole."""
    assert "Nothing holds" in repr(Governor(GovernorConfig()))
    assert "0 spent" in repr(CreditBudget(5))
    assert repr(SecretRing(GOOD)) == "<SecretRing of 1>"
