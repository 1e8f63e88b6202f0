"""Domains as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.cli.enrich.domains import normalise_domain

TYPED = {
    "acme.example": "acme.example",
    "  HTTP://WWW.Acme.Example/ ": "acme.example",
    "https://www.acme.example/careers?team=1#top": "acme.example",
    "acme.example:8443/path": "acme.example",
    "http://user:secret@acme.example:8080/": "acme.example",
    "ACME.EXAMPLE.": "acme.example",
    "acme.example...": "acme.example",
    "www2.acme.example": "acme.example",
    "careers.acme.example": "careers.acme.example",
    "www.com": "www.com",
    "//acme.example": "acme.example",
    "http:/acme.example": "acme.example",
    "http:\\\\acme.example\\home": "acme.example",
    "https//acme.example": "acme.example",
    "https://https://acme.example": "acme.example",
    "https:// acme.example": "acme.example",
    "https%3A%2F%2Facme.example%2Fhome": "acme.example",
    "jane.doe@acme.example": "acme.example",
    "mailto:jane@acme.example?subject=hello": "acme.example",
    "Jane Doe <jane@acme.example>": "acme.example",
    "@acme.example": "acme.example",
    "<acme.example>": "acme.example",
    '"acme.example"': "acme.example",
    "acme.example, acme.test": "acme.example",
    "acme.example; acme.test": "acme.example",
    "acme.example (main site)": "acme.example",
    "acme\u200b.example\ufeff": "acme.example",
    "\uff41\uff43\uff4d\uff45\uff0eexample": "acme.example",
    "müller.example": "xn--mller-kva.example",
    "https://www.BÜCHER.example/x": "xn--bcher-kva.example",
    "straße.example": "xn--strae-oqa.example",
    "例え。テスト": "xn--r8jz45g.xn--zckzah",
    "xn--mller-kva.example": "xn--mller-kva.example",
    "500tech.example": "500tech.example",
}

NOT_DOMAINS = [
    "",
    "   ",
    "-",
    "n/a",
    "N/A",
    "n.a.",
    "none",
    "acme",
    "Acme Inc.",
    "acme .example",
    "www.",
    "http://",
    "@acme",
    "127.0.0.1",
    "http://[::1]:80/",
    "localhost:8000",
    "acme.c",
    "acme..example",
    "-acme.example",
    "acme-.example",
    "a_b.example",
    "xn--zz.example",
    "1.5",
    f"{'a' * 64}.example",
    f"{'a.' * 130}example",
    "acme\x00.example",
]


@pytest.mark.parametrize(("typed", "domain"), TYPED.items())
def test_a_domain_is_found_in_what_people_type(typed: str, domain: str) -> None:
    """Scheme, user, `www`, port, path, case, dots, e-mail addresses and international names all go."""
    assert normalise_domain(typed) == domain


@pytest.mark.parametrize("typed", NOT_DOMAINS)
def test_anything_but_a_domain_is_none(typed: str) -> None:
    """A blank, a word, an address of a machine or a malformed name is never sent as a domain."""
    assert normalise_domain(typed) is None


@given(st.text(max_size=80))
def test_any_text_gives_none_or_a_domain_that_stays_the_same(text: str) -> None:
    """Nothing typed raises, and a normalised domain is its own normal form."""
    domain = normalise_domain(text)
    assert domain is None or (normalise_domain(domain) == domain and domain.isascii())
