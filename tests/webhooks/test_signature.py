"""What is accepted, what is refused and why; that nothing forged ever passes."""

import hmac
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async.errors import ConfigurationError, LushaError
from lusha_async.webhooks import (
    BodyAlteredError,
    MalformedHeaderError,
    MissingHeaderError,
    Signal,
    SignatureMismatchError,
    StaleTimestampError,
    UnreadableEventError,
    WebhookError,
    WrongSecretError,
    sign,
    verify,
)
from lusha_async.webhooks._javascript import canonical

from .sending import NOW, SECRET, payload, signed


def _asgi(headers: dict[str, str]) -> Any:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _wsgi(headers: dict[str, str]) -> Any:
    return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}


def _lists(headers: dict[str, str]) -> Any:
    return {name: [value] for name, value in headers.items()}


def _werkzeug(headers: dict[str, str]) -> Any:
    """Not a mapping, but with items."""

    class Pairs:
        def items(self) -> Any:
            return iter(headers.items())

    return Pairs()


SHAPES: list[Callable[[dict[str, str]], Any]] = [
    dict,
    _asgi,
    _wsgi,
    _lists,
    _werkzeug,
    lambda headers: {name.upper(): value for name, value in headers.items()},
    lambda headers: {name.lower().encode(): value.encode() for name, value in headers.items()},
    lambda headers: iter(headers.items()),
    lambda headers: {name: f" {value} " for name, value in headers.items()},
    lambda headers: {name: (value.upper() if "Signature" in name else value) for name, value in headers.items()},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_headers_of_any_framework_are_understood(shape: Callable[[dict[str, str]], Any]) -> None:
    """Any mapping or pairs, any case, str or bytes, lists, WSGI's environ."""
    body, headers = signed()
    assert verify(body, shape(headers), SECRET, now=NOW).webhook_id == payload()["id"]


@pytest.mark.parametrize("at", [str(int(NOW)), str(int(NOW * 1000)), f"{int(NOW)}123"])
def test_seconds_and_milliseconds(at: str) -> None:
    """The vendor does not say which it sends: both are read, to the same time."""
    event = verify(*signed(at=at), SECRET, now=NOW)
    assert event.signed_at == pytest.approx(NOW, abs=0.2)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_like_body(kind: Callable[[bytes], Any]) -> None:
    """Frameworks hand over bytes in several types."""
    body, headers = signed()
    assert verify(kind(body), headers, SECRET, now=NOW).webhook_id


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: json.dumps(json.loads(text)),
        lambda text: json.dumps(json.loads(text), indent=2),
        lambda text: json.dumps(json.loads(text), ensure_ascii=True),
        lambda text: text + "\n",
    ],
)
def test_a_body_parsed_and_written_anew_is_accepted(rewrite: Callable[[str], str]) -> None:
    """White space, escapes and number forms that were changed are undone; the event is of what was signed."""
    content = payload(data={"companyName": "Café ☕ \u2028", "rate": 1.5, "personId": 7})
    body, headers = signed(content)
    event = verify(rewrite(body.decode()).encode(), headers, SECRET, now=NOW)
    assert event.raw == body


def test_what_is_read_is_what_was_signed() -> None:
    """A number beyond 2**53 that only the unsigned text has is not let in with the signed one."""
    _, headers = signed(canonical(json.dumps(payload(entityId=2**53)).encode()))
    event = verify(json.dumps(payload(entityId=2**53 + 1)).encode(), headers, SECRET, now=NOW)
    assert isinstance(event, Signal)
    assert event.entity_id == str(2**53)


def test_bytes_that_were_signed_as_they_are_need_no_canonical_form() -> None:
    """Raw bytes come first: a sender that signs what it sends is accepted, however it writes JSON."""
    body = json.dumps(payload(), indent=4).encode()
    assert verify(*signed(body), SECRET, now=NOW).raw == body


@pytest.mark.parametrize(
    "secret", [[SECRET, "whsec_other"], ("whsec_other", SECRET.encode()), iter(["a", SECRET])]
)
def test_any_of_several_secrets(secret: Any) -> None:
    """While secrets are rotated, each of them is accepted."""
    assert verify(*signed(), secret, now=NOW).webhook_id


@pytest.mark.parametrize(
    "secret", ["", b"", [], [""], " ", f"{SECRET}\n", f" {SECRET}", [SECRET, ""], [None], [SECRET, 5]]
)
def test_an_unusable_secret_is_refused(secret: Any) -> None:
    """An empty secret would let anybody in; white space around one is a mistake; no text shows the secret."""
    with pytest.raises(ConfigurationError) as caught:
        verify(*signed(), secret, now=NOW)
    assert "0123456789" not in str(caught.value)


@pytest.mark.parametrize("name", ["X-Lusha-Signature", "X-Lusha-Timestamp"])
@pytest.mark.parametrize("value", [None, "", [], "  "])
def test_a_missing_header_is_named(name: str, value: Any) -> None:
    """Absent, empty and blank are the same: missing."""
    body, headers = signed()
    others: dict[str, Any] = {key: text for key, text in headers.items() if key != name}
    with pytest.raises(MissingHeaderError, match=name) as caught:
        verify(body, others if value is None else {**others, name: value}, SECRET, now=NOW)
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Lusha-Signature", "abc"),
        ("X-Lusha-Signature", "g" * 64),
        ("X-Lusha-Signature", "0" * 63),
        ("X-Lusha-Signature", "0" * 65),
        ("X-Lusha-Signature", "sha256=" + "0" * 64),
        ("X-Lusha-Signature", "\u0660" * 64),
        ("X-Lusha-Signature", ["0" * 64, "1" * 64]),
        ("X-Lusha-Timestamp", "yesterday"),
        ("X-Lusha-Timestamp", "-1800000000"),
        ("X-Lusha-Timestamp", "1800000000.5"),
        ("X-Lusha-Timestamp", "1.8e9"),
        ("X-Lusha-Timestamp", "\u0661\u0668" + "\u0660" * 8),
        ("X-Lusha-Timestamp", "9" * 400),
        ("X-Lusha-Timestamp", ["1800000000", "1800000000"]),
    ],
)
def test_a_malformed_header_is_named(name: str, value: Any) -> None:
    """The error names the header and its problem; two values are ambiguous and refused."""
    body, headers = signed()
    with pytest.raises(MalformedHeaderError, match=name) as caught:
        verify(body, {**headers, name: value}, SECRET, now=NOW)
    assert caught.value.name == name


@pytest.mark.parametrize(("ahead", "fits"), [(300, True), (-300, True), (301, False), (-301, False), (1e9, False)])
def test_the_tolerance_goes_both_ways(ahead: float, fits: bool) -> None:
    """At the tolerance it is accepted, a second beyond refused, with the skew in seconds."""
    delivery = signed(at=NOW)
    if fits:
        assert verify(*delivery, SECRET, now=NOW + ahead)
        return
    with pytest.raises(StaleTimestampError) as caught:
        verify(*delivery, SECRET, now=NOW + ahead)
    assert caught.value.skew == ahead
    assert caught.value.tolerance == 300
    assert verify(*delivery, SECRET, now=NOW + ahead, tolerance=None)


def test_not_a_number_is_no_tolerance() -> None:
    """A clock or tolerance that is NaN refuses, rather than accept anything."""
    for now, tolerance in ((float("nan"), 300.0), (NOW, float("nan"))):
        with pytest.raises(StaleTimestampError):
            verify(*signed(), SECRET, now=now, tolerance=tolerance)


def test_wrong_secret_and_altered_body_are_distinguished() -> None:
    """A body in the vendor's form points at the secret, any other at what happened to the body."""
    body, headers = signed()
    with pytest.raises(WrongSecretError):
        verify(body, headers, "whsec_other", now=NOW)
    with pytest.raises(BodyAlteredError):
        verify(body[:-1], headers, SECRET, now=NOW)
    with pytest.raises(BodyAlteredError):
        verify(json.dumps(payload(9)).encode(), headers, SECRET, now=NOW)


@pytest.mark.parametrize("body", ["text", {"id": 1}, None])
def test_a_body_that_is_not_bytes_is_refused_with_advice(body: Any) -> None:
    """A parsed or decoded body is a TypeError that says what to pass."""
    with pytest.raises(TypeError, match="raw request body"):
        verify(body, signed()[1], SECRET, now=NOW)


@pytest.mark.parametrize("body", [b"[]", b"1", b"not json", b"\xff", b""])
def test_genuine_but_no_event(body: bytes) -> None:
    """Signed bytes that are not a JSON object have an error of their own, which does not show them."""
    with pytest.raises(UnreadableEventError) as caught:
        verify(*signed(body), SECRET, now=NOW)
    assert caught.value.body == body
    assert not isinstance(caught.value, WebhookError)


def test_errors_hold_neither_secret_nor_body() -> None:
    """Whatever goes wrong, the text gives nothing away, and errors survive pickling."""
    body, headers = signed(payload(data={"currentTitle": "Confidential"}))
    attempts: list[tuple[bytes, Any, Any, float]] = [
        (body, headers, "whsec_other", NOW),
        (body[1:], headers, SECRET, NOW),
        (body, {}, SECRET, NOW),
        (body, {**headers, "X-Lusha-Signature": "Confidential"}, SECRET, NOW),
        (body, headers, SECRET, NOW + 999),
    ]
    for attempt in attempts:
        with pytest.raises(LushaError) as caught:
            verify(*attempt[:3], now=attempt[3])
        assert "Confidential" not in str(caught.value)
        assert "whsec_0" not in str(caught.value)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_signature_is_the_documented_one() -> None:
    """hex(HMAC-SHA256(secret, timestamp + "." + body)), the secret unchanged."""
    expected = hmac.new(SECRET.encode(), b'1800000000.{"a":1}', "sha256").hexdigest()
    assert sign(b'{"a":1}', "1800000000", SECRET) == expected


# Nothing forged, ever.

_BODY, _HEADERS = signed(payload(data={"personId": 1, "name": "é\u2028", "list": [1, 2.5, {"a": None}]}))


@settings(max_examples=1500, deadline=None)
@given(data=st.data())
def test_no_change_of_the_body_passes(data: st.DataObject) -> None:
    """However a genuine body is edited, it passes only if its JSON is the very one that was signed."""
    edited = bytearray(_BODY)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(edited)))
        end = data.draw(st.integers(start, min(start + 3, len(edited))))
        edited[start:end] = data.draw(
            st.binary(max_size=3)
            | st.sampled_from([b" ", b"\n", b'"', b"\\u0031", b"1.0", b"0", b"e0", b',"a":1'])
        )
    try:
        event = verify(bytes(edited), _HEADERS, SECRET, now=NOW)
    except SignatureMismatchError:
        return
    assert event.raw == _BODY
    assert canonical(bytes(edited)) == _BODY


@settings(max_examples=500, deadline=None)
@given(
    body=st.binary(max_size=200),
    signature=st.text("0123456789abcdefABCDEF", min_size=64, max_size=64)
    | st.text(max_size=70)
    | st.binary(max_size=70),
    timestamp=st.integers(int(NOW) - 400, int(NOW) + 400).map(str) | st.text(max_size=15) | st.binary(max_size=15),
    secret=st.sampled_from([SECRET, [SECRET, "whsec_b"]]),
)
def test_no_invented_delivery_passes(body: bytes, signature: Any, timestamp: Any, secret: Any) -> None:
    """Random bodies, signatures and timestamps all end in a typed refusal, never in acceptance or a crash."""
    with pytest.raises(WebhookError):
        verify(body, {"X-Lusha-Signature": signature, "X-Lusha-Timestamp": timestamp}, secret, now=NOW)


@given(shift=st.integers(-1000, 1000).filter(bool), cut=st.integers(0, 9))
def test_the_timestamp_is_signed_too(shift: int, cut: int) -> None:
    """Another timestamp does not pass, nor does one whose digits moved into the body."""
    timestamp = _HEADERS["X-Lusha-Timestamp"]
    moved = {**_HEADERS, "X-Lusha-Timestamp": str(int(timestamp) + shift)}
    with pytest.raises(SignatureMismatchError):
        verify(_BODY, moved, SECRET, now=NOW, tolerance=None)
    split = {**_HEADERS, "X-Lusha-Timestamp": timestamp[:cut]}
    with pytest.raises(WebhookError):
        verify(timestamp[cut:].encode() + b"." + _BODY, split, SECRET, now=NOW, tolerance=None)


def test_receiving_needs_no_extra() -> None:
    """`lusha_async.webhooks` loads no package of an extra."""
    code = (
        "import sys, lusha_async.webhooks;"
        "print(sorted({'starlette', 'uvicorn', 'typer'} & {n.split('.')[0] for n in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
