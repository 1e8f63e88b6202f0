"""Keys and base URLs: what is taken, what is refused, and that a key never shows."""

from typing import Any

import pytest

from lusha_async._wire.settings import VENDOR_URL, ApiKey, BaseURL
from lusha_async.errors import ConfigurationError

KEY = "0a1b2c3d-0000-4000-8000-00000000beef"


def test_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument, LUSHA_API_KEY is the key; an argument goes first."""
    monkeypatch.setenv("LUSHA_API_KEY", KEY)
    assert ApiKey.resolve(None).value == KEY
    assert ApiKey.resolve("other").value == "other"


@pytest.mark.parametrize("bad", ["", " ", f" {KEY}", f"{KEY}\n", "a b", "a\tb", "a\x00b", "a\x7fb", "kéy"])
def test_malformed_keys_are_refused_without_being_quoted(bad: str) -> None:
    """Blanks, control and non-ASCII characters are refused; the text says what to set, not what was passed."""
    with pytest.raises(ConfigurationError, match=r"LUSHA_API_KEY|set it again") as caught:
        ApiKey.resolve(bad)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("bad", [5, b"0a1b2c3d", True])
def test_keys_that_are_no_texts_are_refused(bad: Any) -> None:
    """Bytes, numbers and the secrets of other libraries are refused without being quoted."""
    with pytest.raises(ConfigurationError, match=r"^api_key must be a string") as caught:
        ApiKey.resolve(bad)
    assert "0a1b" not in str(caught.value)


@pytest.mark.parametrize(
    "bad",
    [
        5,
        b"https://x.example",
        "https://:secret@x.example",
        "https://@x.example",
        "https://x.example?",
        "https://x.example#",
        "https://x.example\x7f",
        "https://\ud800.example",
    ],
)
def test_urls_with_more_than_a_host_and_a_path_are_refused(bad: Any) -> None:
    """No password, no query, no odd signs: such a URL would be shown in a repr, or mean another host."""
    with pytest.raises(ConfigurationError, match="https://host") as caught:
        BaseURL.resolve(bad)
    assert "secret" not in str(caught.value)


def test_missing_key_says_what_to_set() -> None:
    """No key at all names the variable and the argument."""
    with pytest.raises(ConfigurationError, match=r"set LUSHA_API_KEY, or pass LushaClient\(api_key="):
        ApiKey.resolve(None)


def test_key_is_in_no_text_of_itself() -> None:
    """Neither repr, str nor the fingerprint gives the key away."""
    key = ApiKey(KEY)
    assert KEY not in f"{key!r} {key} {key.fingerprint}"


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (None, VENDOR_URL),
        ("https://api.lusha.com/", "https://api.lusha.com"),
        ("https://proxy.example/lusha/", "https://proxy.example/lusha"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_base_urls_that_are_taken(given: str | None, taken: str) -> None:
    """https anywhere, http on loopback only; a slash at the end does not matter."""
    assert str(BaseURL.resolve(given)) == taken


@pytest.mark.parametrize(
    "bad",
    [
        "http://api.lusha.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "api.lusha.com",
        "https://",
        "https://user:pw@api.lusha.com",
        "https://api.lusha.com?x=1",
        "https://api.lusha.com/#x",
        "https://api.lusha.com:port",
        "https://api.lusha.com/ x",
        "",
    ],
)
def test_base_urls_that_are_refused(bad: str) -> None:
    """Anything that could send the key in the clear, or that is not a base URL, is refused with what to set."""
    with pytest.raises(ConfigurationError, match="LUSHA_BASE_URL"):
        BaseURL.resolve(bad)


@pytest.mark.parametrize(
    "url",
    [
        f"https://{'a' * 63}.example",
        "https://api.example.",
        "https://[::1]",
        "https://api.example:1",
        "http://127.0.0.1:8080/path",
    ],
)
def test_hosts_at_the_edge_of_what_can_be_looked_up_are_taken(url: str) -> None:
    """A label of 63 characters, a full stop at the end, an address of this machine, the lowest port."""
    assert BaseURL.resolve(url).value == url


@pytest.mark.parametrize(
    "url", [f"https://{'a' * 64}.example", "https://a..b", "https://.a", "https://api.example:0"]
)
def test_hosts_that_cannot_be_looked_up_are_refused(url: str) -> None:
    """They would raise something else where they are connected."""
    with pytest.raises(ConfigurationError):
        BaseURL.resolve(url)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("https://api.example", False),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("https://127.0.0.2", True),
    ],
)
def test_this_machine_is_known_by_its_addresses(url: str, loopback: bool) -> None:
    """`loopback` is a truth value."""
    assert BaseURL.resolve(url).loopback is loopback


def test_the_argument_and_the_variable_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is malformed is named by where it came from; a missing one differs from an empty one."""
    with pytest.raises(ConfigurationError, match=r"^api_key "):
        ApiKey.resolve("a b")
    monkeypatch.setenv("LUSHA_API_KEY", "a b")
    with pytest.raises(ConfigurationError, match=r"^LUSHA_API_KEY "):
        ApiKey.resolve(None)
    with pytest.raises(ConfigurationError, match=r"^the API key is empty: "):
        ApiKey.resolve("")
    monkeypatch.delenv("LUSHA_API_KEY")
    with pytest.raises(ConfigurationError, match=r"^there is no API key: "):
        ApiKey.resolve(None)
