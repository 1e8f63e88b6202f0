"""What the environment says about the way to the API, proxies and certificates, checked when a client is created.

An error names the variable, never its value: a proxy's URL may have a password.
"""

import os
import ssl
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from attrs import field, frozen

from .._wire.settings import Endpoint
from ..errors import ConfigurationError

__all__ = ["ProxySetting", "proxy_for", "tls_context"]

_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
_FORM = (
    "is not of the form http://[user:password@]host[:port]: correct it, with special characters of the user and the "
    "password percent-encoded (%23 for #, %40 for @, %2F for /), or unset it"
)


@frozen
class ProxySetting:
    """The proxy to use, and the variable that names it."""

    variable: str
    url: str = field(repr=False)


def proxy_for(base_url: Endpoint) -> ProxySetting | None:
    """The environment's proxy for the API; none for this machine itself, which the key should not leave.

    Raises `ConfigurationError` for a URL that is malformed or has another scheme than http, https, socks5 or socks5h.
    """
    parts = urlsplit(base_url.value)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if base_url.loopback or proxy_bypass(host) or proxy_bypass(f"{host}:{port}"):
        return None
    for scheme in (parts.scheme, "all"):
        found = getproxies().get(scheme)
        if found:
            setting = ProxySetting(_variable(scheme), found if "://" in found else f"http://{found}")
            del found  # no frame of an error holds a password
            problem = _problem(setting)
            if problem is not None:
                raise ConfigurationError(f"{setting.variable} {problem}")
            return setting
    return None


def _variable(scheme: str) -> str:
    name = f"{scheme}_proxy"
    if name in os.environ:
        return name
    return next((other for other in os.environ if other.lower() == name), "the system's proxy for the API")


def _problem(setting: ProxySetting) -> str | None:
    url = setting.url
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return _FORM
    if not whole or not _plain(url, parts):
        return _FORM
    if parts.scheme not in _SCHEMES:
        return "has a scheme that is not supported: use http://, https:// or socks5://, or unset it"
    return None


def _plain(url: str, parts: SplitResult) -> bool:
    """Whether every parser reads the URL alike: a # or a second @ in a password makes another host."""
    return (
        parts.path in {"", "/"}
        and not set("?#\\") & set(url)
        and parts.netloc.count("@") <= 1
        and all(" " < character != "\x7f" for character in url)
    )


def tls_context(base_url: Endpoint, create: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The context that `create` makes of the environment; one without certificates if the API is not at https.

    Raises `ConfigurationError` if a file or folder of the environment cannot be used.
    """
    if urlsplit(base_url.value).scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    key_log = os.environ.get("SSLKEYLOGFILE")
    if key_log and not _is_writable(key_log):
        raise ConfigurationError("SSLKEYLOGFILE names no file that can be written: correct it or unset it")
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if folders and not file and not any(os.path.isdir(folder) for folder in folders.split(os.pathsep)):
        raise ConfigurationError("SSL_CERT_DIR names no folder: correct it or unset it")
    with suppress(OSError, ValueError):
        return create()
    if file or folders:
        variable = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
        raise ConfigurationError(f"{variable} has no readable PEM certificates: correct it or unset it")
    raise ConfigurationError(
        "the certificates of certifi cannot be read: install certifi again, or set SSL_CERT_FILE"
    )


def _is_writable(path: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = path
    except (OSError, ValueError):
        return False
    return True
