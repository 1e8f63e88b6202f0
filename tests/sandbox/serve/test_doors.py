"""The sandbox's doors: what comes from the network, a file or an option is refused or answered, and breaks nothing."""

import asyncio
import http.client
import json
import math
from typing import Any

import pytest
from attrs import fields
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async.sandbox import DEMO_KEY, Clock, Sandbox, Settings, serve_in_thread
from lusha_async.sandbox.faults.rules import Fault, from_mapping, parse
from lusha_async.sandbox.serve.asgi import App
from lusha_async.sandbox.settings import settings_from

ODD: list[Any] = [
    math.nan,
    math.inf,
    -math.inf,
    -1,
    10**400,
    1e308,
    True,
    "5",
    None,
    [],
    {},
]
"""What no number of a setting, an option or a request may be."""

NUMERIC = (
    *("seed", "companies", "staff", "credits", "external_traffic", "page_cap", "page_min", "page_max"),
    *("max_subscriptions", "webhook_delays"),
)


def test_every_number_of_the_settings_is_known_here() -> None:
    """A new numeric setting has to be added to the list of those that are tried."""
    assert {one.name for one in fields(Settings) if one.type in {int, float, int | None}} <= {*NUMERIC}


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("value", ODD, ids=str)
def test_a_setting_that_is_no_number_in_bounds_is_refused(name: str, value: Any) -> None:
    """Whether it comes from code or from a file, each is a ValueError that names the setting."""
    if (
        (name == "seed" and value == -1)
        or (name == "page_max" and value is None)
        or (name == "webhook_delays" and value == [])
    ):
        return
    for read in (lambda values: values, settings_from):
        with pytest.raises(ValueError, match=name):
            Settings(**read({name: [value] if name == "webhook_delays" and value != [] else value}))


@pytest.mark.parametrize(
    "values",
    [
        {"prices": 5},
        {"prices": {"revealPhone": 5}},
        {"prices": {"revealPhone": [1]}},
        {"prices": {"revealPhone": [math.nan, 1]}},
        {"faults": 5},
        {"faults": [5]},
        {"faults": [{"kind": "latency", "seconds": math.inf}]},
        {"keys": "all"},
        {"limits": "off"},
        {"lenient": 1},
    ],
)
def test_a_file_of_another_shape_is_refused(values: dict[str, Any]) -> None:
    """It is a ValueError, which the command shows in one line."""
    with pytest.raises(ValueError):  # noqa: PT011 - each has a text of its own
        Settings(**settings_from(values))


@pytest.mark.parametrize("name", ["share", "nth", "first", "until", "seconds"])
@pytest.mark.parametrize("value", [one for one in ODD if one not in (True, "5")], ids=str)
def test_a_number_of_a_fault_is_within_bounds(name: str, value: Any) -> None:
    """In code, in JSON and in the text of an option or a header."""
    if value is not None:
        with pytest.raises(ValueError, match=name):
            Fault(kind="latency", **{name: value})
    with pytest.raises(ValueError, match=name):
        from_mapping({"kind": "latency", name: value})
    with pytest.raises(ValueError, match=name):
        parse(f"latency,{name}={str(value)[:50]}")


Scope = dict[str, Any]


async def asked(
    sandbox: Sandbox, method: str, path: str, body: bytes, headers: list[tuple[bytes, bytes]], server: Any = None
) -> tuple[int, dict[str, str], bytes]:
    """The answer of the ASGI application."""
    sent: list[Any] = []
    chunks = [body[:7], body[7:]]

    async def receive() -> Any:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 5),
        "server": server,
    }
    await App(sandbox)(scope, receive, send)
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:])


def state_of(sandbox: Sandbox) -> Any:
    """What a refused request must not change."""
    limiter = sandbox.state.limiter
    rules = [active.report() for active in sandbox.faults.rules.values()]
    clock = (sandbox.clock.now(), sandbox.clock.virtual)
    return limiter.plan.category, limiter.external_traffic, sandbox.state.billing.total, rules, clock


ADMIN = [
    ("clock", "advance"),
    ("credits", "left"),
    ("external-traffic", "rate"),
    ("faults", "seconds"),
    ("faults", "share"),
    ("faults", "nth"),
]
TEXTS = ["NaN", "Infinity", "-Infinity", "-1", "1e400", "9" * 400, "true", '"x"', "null", "[]", "{}"]


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "member"), ADMIN)
@pytest.mark.parametrize("text", [*TEXTS, "[" * 100_000], ids=lambda text: text[:12])
async def test_a_number_of_the_admin_api_is_within_bounds(name: str, member: str, text: str) -> None:
    """Whatever is no such number answers 400, leaves everything as it was, and the next request is answered."""
    sandbox = Sandbox(clock=Clock(virtual=True))
    before = state_of(sandbox)
    body = f'{{"kind": "latency", "virtual": false, "{member}": {text}}}'.encode()
    status, _, _ = await asked(sandbox, "POST", f"/_sandbox/{name}", body, [])
    assert status == 400
    assert state_of(sandbox) == before
    assert (await asked(sandbox, "GET", "/_sandbox/stats", b"", []))[0] == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/v3/contacts/search", "/v3/contacts/prospecting"])
async def test_json_that_is_nested_too_deeply_is_refused(path: str) -> None:
    """It is the sender's fault, not the sandbox's."""
    body = b'{"contacts":' + b"[" * 100_000
    headers = [(b"api_key", DEMO_KEY.encode()), (b"content-type", b"application/json")]
    assert (await asked(Sandbox(), "POST", path, body, headers))[0] == 400


@pytest.mark.asyncio
@pytest.mark.parametrize("limits", [True, False])
async def test_time_and_traffic_at_their_bounds_are_survived(limits: bool) -> None:
    """Thousands of years with the most external traffic take no time, and the clock ends with the calendar."""
    sandbox = Sandbox(Settings(limits=limits), clock=Clock(virtual=True))
    for path, body in (
        ("external-traffic", b'{"rate": 1000}'),
        ("clock", b'{"advance": 100000000}'),
        ("clock", b'{"advance": 200000000000}'),
    ):
        assert (await asked(sandbox, "POST", f"/_sandbox/{path}", body, []))[0] == 200
        assert (await asked(sandbox, "GET", "/_sandbox/stats", b"", []))[0] == 200
    assert (await asked(sandbox, "POST", "/_sandbox/clock", b'{"advance": 1e11}', []))[0] == 400
    headers = [(b"api_key", DEMO_KEY.encode())]
    assert (await asked(sandbox, "GET", "/v3/account/usage", b"", headers))[0] in {200, 429}


LOCAL = ("127.0.0.1", 8787)


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/", "/_sandbox/stats", "/v3/account/usage"])
@pytest.mark.parametrize(
    ("hosts", "believed"),
    [
        ([b"localhost"], True),
        ([b"LOCALHOST:8787"], True),
        ([b"127.0.0.1:8787"], True),
        ([b"[::1]:8787"], True),
        ([b"evil.example"], False),
        ([b"localhost.evil.example"], False),
        ([b"127.0.0.1.evil.example:8787"], False),
        ([b"evil.example@localhost"], False),
        ([b"localhost:x"], False),
        ([b""], False),
        ([], False),
        ([b"localhost", b"evil.example"], False),
    ],
)
async def test_only_names_of_this_machine_are_believed(path: str, hosts: list[bytes], believed: bool) -> None:
    """A site whose name is made to resolve to this machine reaches no path: neither the page nor the API."""
    headers = [(b"host", host) for host in hosts] + [(b"api_key", DEMO_KEY.encode())]
    sandbox = Sandbox()
    status, _, _ = await asked(sandbox, "GET", path, b"", headers, server=LOCAL)
    assert status == (200 if believed else 421)
    assert believed or sandbox.report()["requests"] == 0


@pytest.mark.asyncio
async def test_other_addresses_have_other_names() -> None:
    """Behind an address that is not loopback, such as in a container, the sandbox has any name."""
    for server in (("172.17.0.2", 8787), ("testserver", 80), None):
        status, _, _ = await asked(Sandbox(), "GET", "/_sandbox/stats", b"", [(b"host", b"lusha")], server=server)
        assert status == 200


@pytest.mark.asyncio
async def test_the_page_is_in_no_frame() -> None:
    """No other site can show the page in a frame and have it clicked."""
    _, headers, _ = await asked(Sandbox(), "GET", "/", b"", [])
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


def test_a_wrong_host_is_refused_over_a_socket() -> None:
    """The server's own address tells that it is on loopback."""
    with serve_in_thread() as server:
        port = int(server.url.rpartition(":")[2])
        for host, status in (("evil.example", 421), (f"127.0.0.1:{port}", 200)):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/_sandbox/stats", headers={"Host": host})
            assert connection.getresponse().status == status
            connection.close()


PATHS = st.sampled_from(
    [
        *("/", "/_sandbox", "/_sandbox/clock", "/_sandbox/faults", "/_sandbox/faults/1", "/_sandbox/signals"),
        *("/_sandbox/opt-out", "/_sandbox/plan", "/_sandbox/credits", "/v3/contacts/search"),
        *("/v3/contacts/enrich", "/v3/contacts/prospecting", "/v3/companies/search", "/v3/webhooks/subscriptions"),
        "/v3/%zz/\udcff",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["ids", "contacts", "filters", "pagination", "kind", "advance", "left", "rate", "plan", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.integers(1, 100_000).map(lambda depth: b'{"contacts":' + b"[" * depth),
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"host", b"origin", b"api_key", b"content-type", b"x-sandbox-fault", b"content-length"]),
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from([DEMO_KEY.encode(), b"application/json", b"localhost", b"latency,seconds=0"]),
        ),
    ),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "BREW"]),
    path=PATHS,
    body=BODIES,
    headers=HEADERS,
    server=st.sampled_from([LOCAL, None]),
)
def test_whatever_is_asked_is_answered(
    method: str, path: str, body: bytes, headers: list[tuple[bytes, bytes]], server: Any
) -> None:
    """No request is answered by a fault of the sandbox itself, and the next one is answered as usual."""

    async def main() -> None:
        sandbox = Sandbox(clock=Clock(virtual=True))
        keyed = [(b"host", b"localhost"), (b"api_key", DEMO_KEY.encode()), (b"content-type", b"application/json")]
        for some in (headers, [*keyed, *headers]):
            await asked(sandbox, method, path, body, some, server)
        assert "sandbox bug" not in str(sandbox.stats.report())
        status, _, content = await asked(sandbox, "GET", "/_sandbox/stats", b"", keyed, server)
        assert (status, json.loads(content)["plan"] is not None) == (200, True)

    asyncio.run(main())
