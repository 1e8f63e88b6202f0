"""No personal data passes into a text that may be logged."""

import json
import unicodedata

import pytest

from lusha_async._redact import personal, redact


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("contacts.0.email jo.doe+x@mail.example.com must be an email", "jo.doe"),
        ('value "Jo Doe" is not allowed', "Doe"),
        ("number +1 (202) 555-0143 is bad", "555"),
        ("see https://www.linkedin.com/in/jo-doe for more", "jo-doe"),
        ("linkedin.com/in/jo-doe is bad", "jo-doe"),
        ("key 0a1b2c3d-0000-4000-8000-00000000beef", "beef"),
        ("secret whsec_abcdef", "abcdef"),
    ],
)
def test_personal_data_and_secrets_are_masked(text: str, secret: str) -> None:
    """E-mail addresses, quoted values, phone numbers, profile links, keys and secrets do not survive."""
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "contacts.0.property fullName should not exist",
        "Daily API rate limit exceeded. Limit: 25 calls per day. Reset in 81671 seconds.",
        "You've reached your trial limit, please contact support for upgrade",
        "reveal must contain at least 1 elements",
    ],
)
def test_the_vendors_plain_words_survive(text: str) -> None:
    """Messages that hold nothing personal stay as they are."""
    assert redact(text) == text


def test_a_text_is_one_bounded_line() -> None:
    """Line ends and control characters cannot forge a second log line, and length is bounded."""
    assert "\n" not in redact("a\nb\x1b[31m")
    assert "\x1b" not in redact("a\nb\x1b[31m")
    assert len(redact("word " * 10_000)) <= 500


@pytest.mark.parametrize(
    ("name", "message", "secret"),
    [
        ("Ada Lovelace", "nobody is called Lovelace there", "Lovelace"),
        ("Ada Lovelace", "key ada_lovelace_1 is taken", "lovelace"),
        ("M\u00fcller", unicodedata.normalize("NFD", "no M\u00fcller found"), "ller"),
        ('O"Brien', 'the value is {"name": "O\\"Brien"}', "Brien"),
    ],
)
def test_a_name_is_masked_however_it_is_repeated(name: str, message: str, secret: str) -> None:
    """Half of a name, one in an identifier, one with its accents apart, and one escaped are found too."""
    sent = json.dumps({"contacts": [{"fullName": name}]}).encode()
    assert secret not in redact(message, personal(sent))
