"""The domain of a company, from what people type into a "Website" column."""

import re
from urllib.parse import unquote

import idna

__all__ = ["normalise_domain"]

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
_WRAPPING = " \t\r\n<>()[]{}\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb"
_SEPARATOR = re.compile(r"[\s,;|]+")
# also with one slash or backslashes, without the colon, repeated, and mailto
_SCHEME = re.compile(
    r"(?:(?:[a-z][a-z0-9+.-]*:[/\\]+|(?:https?)?[/\\]{2,}|(?:https?|mailto):)\s*)+", re.IGNORECASE
)
_MAILBOX = re.compile(r"<([^<>\s]+@[^<>\s]+)>")  # Jane Doe <jane@example.com>
_AFTER_HOST = re.compile(r"[/\\?#]")
_PORT = re.compile(r":\d*$")
_WWW = re.compile(r"www\d{0,2}\.(?=.*\.)")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP_LEVEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_MAX_LENGTH = 253


def normalise_domain(text: str) -> str | None:
    """The domain in `text`, in lower case; an international one in its ASCII form (punycode).

    `text` may be a domain, a URL or an e-mail address, with or without scheme, user, port, path, `www.` and trailing
    dots. If it holds several, separated by spaces, commas or semicolons, the first counts. Subdomains other than `www`
    are kept. None for everything else: blanks, single words, IP addresses, `n/a`.
    """
    text = unquote(text).translate(_INVISIBLE)
    mailbox = _MAILBOX.search(text)
    text = _SCHEME.sub("", (mailbox.group(1) if mailbox else text).strip(_WRAPPING), count=1)
    first = _SEPARATOR.split(text, maxsplit=1)[0].strip(_WRAPPING)
    address = _AFTER_HOST.split(first, maxsplit=1)[0]
    host = _PORT.sub("", address.rpartition("@")[2])
    return _ascii_domain(host.strip(_WRAPPING + "."))


def _ascii_domain(host: str) -> str | None:
    """`host` as a domain name in ASCII, or None if it is not one."""
    if len(host) > _MAX_LENGTH:
        return None
    name = host.lower()
    if not host.isascii() or "xn--" in name:
        try:
            # also maps full-width letters and the ideographic full stop, and rejects malformed punycode
            name = idna.encode(host, uts46=True).decode("ascii").lower().strip(".")
        except (idna.IDNAError, UnicodeError):
            return None
    name = _WWW.sub("", name, count=1)
    labels = name.split(".")
    if len(name) > _MAX_LENGTH or len(labels) < 2 or not _TOP_LEVEL.fullmatch(labels[-1]):
        return None
    return name if all(_LABEL.fullmatch(label) for label in labels) else None
