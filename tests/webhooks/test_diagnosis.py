"""Each usual mistake is found and named, and nothing is revealed."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.errors import ConfigurationError
from lusha_async.webhooks import Cause, diagnose

from .sending import NOW, SECRET, payload, signed

BODY, HEADERS = signed(payload(data={"companyName": "Café Confidential"}))
BARE = SECRET.removeprefix("whsec_")

CASES: list[tuple[Cause, Any, Any, Any, float]] = [
    (Cause.VALID, BODY, HEADERS, SECRET, 0),
    (Cause.CLOCK_SKEW, BODY, HEADERS, SECRET, 3600),
    (Cause.CLOCK_SKEW, BODY, HEADERS, SECRET, -3600),
    (Cause.RESERIALISED, json.dumps(json.loads(BODY)).encode(), HEADERS, SECRET, 0),
    (Cause.TRAILING_NEWLINE, BODY + b"\n", HEADERS, SECRET, 0),
    (Cause.TRAILING_NEWLINE, b"\xef\xbb\xbf" + BODY, HEADERS, SECRET, 0),
    (Cause.TRAILING_NEWLINE, BODY, signed(BODY + b"\n")[1], SECRET, 0),
    (Cause.DECODED, BODY.decode(), HEADERS, SECRET, 0),
    (Cause.DECODED, json.loads(BODY), HEADERS, SECRET, 0),
    (Cause.DECODED, BODY.decode("latin-1"), HEADERS, SECRET, 0),
    (Cause.DECODED, BODY.decode("latin-1").encode(), HEADERS, SECRET, 0),
    (Cause.DECODED, json.dumps(BODY.decode()).encode(), HEADERS, SECRET, 0),
    (Cause.DECODED, base64.b64encode(BODY), HEADERS, SECRET, 0),
    (Cause.SECRET_WHITESPACE, BODY, HEADERS, f"{SECRET}\n", 0),
    (Cause.SECRET_QUOTED, BODY, HEADERS, f'"{SECRET}"', 0),
    (Cause.SECRET_PREFIX_MISSING, BODY, HEADERS, BARE, 0),
    (Cause.SECRET_PREFIX_MISSING, BODY, HEADERS, f"{BARE}\n", 0),
    (Cause.SECRET_PREFIX_EXTRA, *signed(BODY, secret=BARE), SECRET, 0),
    (Cause.SECRET_DECODED, *signed(BODY, secret=bytes.fromhex(BARE)), SECRET, 0),
    (Cause.SECRET_DECODED, *signed(BODY, secret=base64.b64decode(BARE)), SECRET, 0),
    (Cause.WRONG_SECRET, BODY, HEADERS, "whsec_another", 0),
    (Cause.WRONG_SECRET, json.loads(BODY), HEADERS, "whsec_another", 0),
    (Cause.BODY_ALTERED, json.dumps(payload(2)).encode(), HEADERS, SECRET, 0),
    (Cause.BODY_ALTERED, BODY[:-3], HEADERS, SECRET, 0),
    (Cause.BODY_ALTERED, BODY.decode()[:-3], HEADERS, SECRET, 0),
    (Cause.HEADERS, BODY, {}, SECRET, 0),
    (Cause.HEADERS, BODY, {**HEADERS, "X-Lusha-Timestamp": "soon"}, SECRET, 0),
]


@pytest.mark.parametrize(("cause", "body", "headers", "secret", "late"), CASES)
def test_the_cause_is_found(cause: Cause, body: Any, headers: Any, secret: Any, late: float) -> None:
    """Each mistake is diagnosed as its cause."""
    found = diagnose(body, headers, secret, now=NOW + late)
    assert found.cause is cause
    assert found.certain is (cause not in {Cause.WRONG_SECRET, Cause.BODY_ALTERED})
    if cause is Cause.CLOCK_SKEW:
        assert found.skew == late


@pytest.mark.parametrize(("cause", "body", "headers", "secret", "late"), CASES)
def test_a_diagnosis_gives_nothing_away(cause: Cause, body: Any, headers: Any, secret: Any, late: float) -> None:
    """Neither its text nor its repr holds the secret, the signature or the body."""
    found = diagnose(body, headers, secret, now=NOW + late)
    for text in (str(found), repr(found)):
        assert BARE[:8] not in text
        assert "Confidential" not in text
        assert HEADERS["X-Lusha-Signature"] not in text


@given(body=st.binary(max_size=80) | st.text(max_size=80), secret=st.text(min_size=1, max_size=30))
def test_any_input_has_a_diagnosis(body: Any, secret: str) -> None:
    """Any input gives a cause, or ConfigurationError for a blank secret."""
    try:
        assert diagnose(body, HEADERS, secret, now=NOW).cause in {Cause.WRONG_SECRET, Cause.BODY_ALTERED}
    except ConfigurationError:
        assert not secret.encode().strip()
