"""The API key and the base URL: from an argument or the environment, and checked."""

import hashlib
import ipaddress
import os
import re
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from ..errors import ConfigurationError

__all__ = [
    "API_KEY_VARIABLE",
    "BASE_URL_VARIABLE",
    "VENDOR_URL",
    "ApiKey",
    "BaseURL",
    "Endpoint",
    "is_loopback",
    "split_url",
]

API_KEY_VARIABLE = "LUSHA_API_KEY"
BASE_URL_VARIABLE = "LUSHA_BASE_URL"
_FORBIDDEN = frozenset("@?#\\")  # credentials, a query, a fragment; what some parsers take for a slash
VENDOR_URL = "https://api.lusha.com"


@frozen
class ApiKey:
    """An API key. No repr shows its value; `fingerprint` distinguishes keys without revealing them."""

    value: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits of a hash of the key, which do not reveal it."""
        return hashlib.sha256(b"lusha-async:" + self.value.encode()).hexdigest()[:8]

    def __str__(self) -> str:
        return f"<key {self.fingerprint}>"

    @classmethod
    def resolve(cls, value: str | None) -> "ApiKey":
        """`value`, or else the value of `LUSHA_API_KEY`. Raises `ConfigurationError` if it is missing or malformed."""
        source = "api_key" if value is not None else API_KEY_VARIABLE
        if value is None:
            value = os.environ.get(API_KEY_VARIABLE)
        problem = _key_problem(value, source)
        if problem is not None:
            del value  # no frame of an error holds the key
            raise ConfigurationError(problem)
        assert value is not None  # noqa: S101
        return cls(value)


def _key_problem(value: object, source: str) -> str | None:
    if value is None or value == "":
        missing = "there is no API key" if value is None else "the API key is empty"
        return f"{missing}: set {API_KEY_VARIABLE}, or pass LushaClient(api_key=...)"
    if not isinstance(value, str):
        return "api_key must be a string, as the vendor's dashboard shows it"
    if not value.isascii() or any(character <= " " or character == "\x7f" for character in value):
        return (
            f"{source} contains a space, a line end, a control or a non-ASCII character: "
            "set it again, exactly as the vendor's dashboard shows it"
        )
    return None


@frozen
class Endpoint:
    """A URL to send to, as it was given; `loopback`: whether it is on this machine."""

    value: str
    loopback: bool

    def __str__(self) -> str:
        return self.value


@frozen
class BaseURL(Endpoint):
    """The base URL of the API, without a slash at its end."""

    @classmethod
    def resolve(cls, value: str | None) -> "BaseURL":
        """`value`, or else the value of `LUSHA_BASE_URL`, or else the vendor's.

        Raises `ConfigurationError` unless it is https, or http on loopback: the key would travel unencrypted.
        """
        url = value if value is not None else os.environ.get(BASE_URL_VARIABLE) or VENDOR_URL
        parts = split_url(url)
        if parts is None or _FORBIDDEN & {*url}:
            raise ConfigurationError(
                f"the base URL is not of the form https://host[:port][/path]: "
                f"set {BASE_URL_VARIABLE}, or pass LushaClient(base_url=...)"
            )
        if re.search(r"/v\d+/*$", parts.path):
            raise ConfigurationError(
                f"the base URL ends with the version of the API, which each path has already: leave it out of "
                f"{BASE_URL_VARIABLE} or LushaClient(base_url=...)"
            )
        loopback = is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            raise ConfigurationError(
                f"the base URL must begin with https:// (http:// only on loopback, not for {parts.hostname}): "
                f"the key would travel unencrypted. Set {BASE_URL_VARIABLE}"
            )
        return cls(url.rstrip("/"), loopback)


def split_url(url: object) -> SplitResult | None:
    """The parts of an absolute URL; None for what is none, or has no host that can be looked up."""
    if not isinstance(url, str) or any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        url.encode()
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or port == 0 or (host.isascii() and not _has_labels(host)):
        return None
    return parts


def _has_labels(host: str) -> bool:
    """Whether each label of a name can be looked up; one that cannot would raise where it is connected."""
    return ":" in host or all(1 <= len(label) <= 63 for label in host.removesuffix(".").split("."))


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
