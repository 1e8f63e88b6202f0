"""Proxies and certificates of the environment: used as they are meant, or refused by the name of their variable."""

import os
import ssl
import traceback
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lusha_async import LushaClient
from lusha_async._call.environment import proxy_for
from lusha_async._call.transport import HttpxTransport
from lusha_async._wire.settings import BaseURL
from lusha_async.errors import ConfigurationError
from tests._call.test_transport import KEY

VENDOR = BaseURL.resolve("https://api.lusha.com")
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


@pytest.fixture(autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """An environment without any of the variables."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield patch


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "proxy.example:8080"}, "http://proxy.example:8080"),
        ({"ALL_PROXY": "http://proxy.example"}, "http://proxy.example"),
        ({"ALL_PROXY": "http://all.example", "https_proxy": "http://own.example"}, "http://own.example"),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "socks5://proxy.example"}, "socks5://proxy.example"),
        ({"HTTP_PROXY": "http://proxy.example"}, None),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "lusha.com"}, None),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": " .lusha.com , x"}, None),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "api.lusha.com:443"}, None),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "[(*,, lusha.co"}, "http://proxy.example"),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "api.lusha.com:80"}, "http://proxy.example"),
    ],
)
def test_the_environment_says_which_proxy(
    environment: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    """The scheme's proxy before that of all, none for hosts that are exempt, a bare host taken as http."""
    for name, value in variables.items():
        environment.setenv(name, value)
    found = proxy_for(VENDOR)
    assert (None if found is None else found.url) == proxy


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "value",
    [
        "http://u:s3cret#1@p.example:80",
        "http://u:s3cret/1@p.example:80",
        "http://u:s3cret?1@p.example:80",
        "http://u:s3cret@1@p.example:80",
        "http://u:s3cret\\1@p.example:80",
        "http://u:s3cret 1@p.example:80",
        "http://u:s3cret@p.example:port",
        "http://u:s3cret@p.example:99999",
        "http://u:s3cret@p.example:0",
        "http://u:s3cret@",
        "http://u:s3cret@[p.example",
        "http://u:s3cret@[v1.p]",
        "http://u:s3cret@p.example/path",
        "socks://u:s3cret@p.example",
        "socks4://u:s3cret@p.example",
        "ftp://u:s3cret@p.example",
        "socks5://u:s3cret@p.example",
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """When the client is created, with what to do, and without any part of the password in text or locals."""
    if value.startswith("socks5") and find_spec("socksio"):
        pytest.skip("SOCKS is supported here")
    environment.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        LushaClient(KEY, base_url="https://api.lusha.com")
    assert str(caught.value).startswith(f"{name} ")
    described = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    own = [frame for frame in described.stack if "lusha_async" in frame.filename]
    for text in (str(caught.value), *(str(frame.locals) for frame in own if "tests" not in frame.filename)):
        assert "s3cret" not in text
        assert KEY not in text
    assert caught.value.__context__ is None


passwords = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@given(password=passwords)
@example("s3cret#1")
@example("80/")
@example("@")
def test_no_password_makes_another_host(password: str) -> None:
    """Whatever is written as the password: the host is the one that was meant, or the variable is refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTPS_PROXY", f"http://user:{password}@proxy.example:8080")
        try:
            found = proxy_for(VENDOR)
        except ConfigurationError:
            return
    assert found is not None
    assert httpx.Proxy(found.url).url.host == "proxy.example"
    assert "proxy.example" not in repr(found)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("SSL_CERT_FILE", None),
        ("SSL_CERT_FILE", ""),
        ("SSL_CERT_FILE", "no certificate"),
        ("SSL_CERT_FILE", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("SSL_CERT_FILE", "folder"),
        ("SSL_CERT_DIR", None),
        ("SSL_CERT_DIR", "file"),
        ("SSLKEYLOGFILE", "folder"),
        ("SSLKEYLOGFILE", None),
    ],
)
def test_files_that_cannot_be_used_are_named_by_their_variable(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str, make: str | None
) -> None:
    """Missing, empty, no PEM, a folder for a file: refused when the client is created; never for http on loopback."""
    path = tmp_path / "s3cret" / "x"
    if make == "folder":
        path.mkdir(parents=True)
    elif make is not None:
        path.parent.mkdir()
        path.write_text(make, encoding="utf-8")
    environment.setenv(name, str(path))
    with pytest.raises(ConfigurationError) as caught:
        LushaClient(KEY, base_url="https://api.lusha.com")
    assert str(caught.value).startswith(f"{name} ")
    assert "s3cret" not in str(caught.value)
    assert caught.value.__context__ is None
    HttpxTransport(BaseURL.resolve("http://127.0.0.1:9"))


def test_files_that_can_be_used_are_used(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of certificates, one of several, and a file for TLS keys."""
    environment.setenv("SSL_CERT_DIR", f"/no/such{os.pathsep}{tmp_path}")
    environment.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    HttpxTransport(VENDOR)
    assert (tmp_path / "keys").exists()


def test_certificates_of_the_package_that_are_gone_say_so(environment: pytest.MonkeyPatch) -> None:
    """An installation without its certificates is no riddle."""

    def gone(*_: object, **__: object) -> ssl.SSLContext:
        raise FileNotFoundError

    environment.setattr(httpx, "create_ssl_context", gone)
    with pytest.raises(ConfigurationError, match="certifi"):
        HttpxTransport(VENDOR)


@pytest.mark.parametrize(
    "url",
    [
        "https://a..b.example",
        "https://.b.example",
        f"https://{'a' * 64}.example",
        "https://[v1.x]",
        "https://[::1",
        "https://xn--",
        "https://a.example:0",
        "https://a\u3002b.example",
    ],
)
def test_a_host_that_cannot_be_looked_up_is_refused(url: str) -> None:
    """On every Python, where the URL is set and not where it is sent."""
    with pytest.raises(ConfigurationError, match="LUSHA_BASE_URL"):
        LushaClient(KEY, base_url=url)


@pytest.mark.parametrize(
    "url",
    ["https://API.Example", "https://münchen.example", "https://xn--mnchen-3ya.example", "https://h.example.:1"],
)
def test_hosts_of_every_alphabet_are_taken(url: str) -> None:
    """By their name or its ASCII form, with a dot at the end, in capitals."""
    HttpxTransport(BaseURL.resolve(url))
