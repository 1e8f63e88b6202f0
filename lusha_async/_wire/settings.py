"""The API key and the base URL: from an argument or the environment, and checked."""

import hashlib
import ipaddress
import os
from typing import Any, cast
from urllib.parse import urlsplit

from attrs import field, frozen

from ..errors import ConfigurationError

__all__ = ["API_KEY_VARIABLE", "BASE_URL_VARIABLE", "VENDOR_URL", "ApiKey", "BaseURL"]

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
        if value is not None and not isinstance(cast(Any, value), str):
            raise ConfigurationError("api_key must be a string, as the vendor's dashboard shows it")
        source = "api_key" if value is not None else API_KEY_VARIABLE
        if value is None:
            value = os.environ.get(API_KEY_VARIABLE)
        if not value:
            raise ConfigurationError(
                f"{'the API key is empty' if value == '' else 'there is no API key'}: "
                f"set {API_KEY_VARIABLE}, or pass LushaClient(api_key=...)"
            )
        if not value.isascii() or any(character <= " " or character == "\x7f" for character in value):
            raise ConfigurationError(
                f"{source} contains a space, a line end, a control or a non-ASCII character: "
                "set it again, exactly as the vendor's dashboard shows it"
            )
        return cls(value)


@frozen
class BaseURL:
    """The base URL of the API, without a slash at its end; `loopback`: whether it is on this machine."""

    value: str
    loopback: bool

    def __str__(self) -> str:
        return self.value

    @classmethod
    def resolve(cls, value: str | None) -> "BaseURL":
        """`value`, or else the value of `LUSHA_BASE_URL`, or else the vendor's.

        Raises `ConfigurationError` unless it is https, or http on loopback: the key would travel unencrypted.
        """
        url = value if value is not None else os.environ.get(BASE_URL_VARIABLE) or VENDOR_URL
        try:
            text = str(cast(Any, url)) if isinstance(cast(Any, url), str) else ""
            text.encode()
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if not host or _FORBIDDEN & {*url} or any(c <= " " or c == "\x7f" for c in url):
            raise ConfigurationError(
                f"the base URL is not of the form https://host[:port][/path]: "
                f"set {BASE_URL_VARIABLE}, or pass LushaClient(base_url=...)"
            )
        loopback = _is_loopback(host)
        if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            raise ConfigurationError(
                f"the base URL must begin with https:// (http:// only on loopback, not for {host}): "
                f"the key would travel unencrypted. Set {BASE_URL_VARIABLE}"
            )
        return cls(url.rstrip("/"), loopback)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
