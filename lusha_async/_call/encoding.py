"""The body of an answer as it is declared: exactly one gzip or deflate is decoded, and nothing grows beyond a bound.

What cannot be decoded may have been paid for, so its bytes are kept. If they are JSON as they stand, the declaration
was wrong and the answer is used.
"""

import asyncio
import json
import zlib

from attrs import field, frozen

__all__ = ["ACCEPTED", "MAX_ANSWER_BYTES", "TOO_LARGE", "Body", "decode"]

ACCEPTED = "gzip, deflate"

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Bytes, as received and decompressed: reading stops when an answer is larger."""

TOO_LARGE = f"larger than {MAX_ANSWER_BYTES} bytes"

_STEP = 128 * 1024  # bytes in and out at a time; the event loop runs between the steps
_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_FORMATS = {
    "gzip": (_GZIP,),
    "x-gzip": (_GZIP,),
    "deflate": (_ZLIB, _RAW),
}  # some servers send deflate without zlib


@frozen(kw_only=True)
class Body:
    """The body of an answer: decoded, or its bytes as received if there is a `problem`.

    `drift` names a wrong declaration that did not matter.
    """

    content: bytes = field(repr=False)
    problem: str | None = None
    drift: str | None = None


class _TooLargeError(Exception):
    pass


async def decode(content: bytes, declared: str) -> Body:
    """The body `content` of an answer whose `content-encoding` is `declared`."""
    encodings = [name.strip().lower() for name in declared.split(",")]
    encodings = [name for name in encodings if name not in {"", "identity"}]
    if not encodings or not content:
        return Body(content=content)
    try:
        return await _decoded(content, encodings)
    except _TooLargeError:
        return Body(content=content, problem=TOO_LARGE)


async def _decoded(content: bytes, encodings: list[str]) -> Body:
    name = encodings[0]
    problem = f"compressed in another way than {ACCEPTED}"
    if len(encodings) > 1:
        problem = "compressed more than once"
    elif name in _FORMATS:
        problem = "compressed wrongly or cut short"
        for window in _FORMATS[name]:
            try:
                decoded, rest = await _inflated(content, window)
            except zlib.error:
                continue
            if rest == b"":
                return Body(content=decoded)
            if rest is None and _is_json(decoded):
                return Body(content=decoded, drift="a compressed answer without its checksum")
            if rest and _is_json(decoded):
                return Body(content=decoded, drift="bytes behind the compressed answer")
            break
    if _is_json(content):
        return Body(content=content, drift="a content-encoding that the answer does not have")
    return Body(content=content, problem=problem)


async def _inflated(content: bytes, window: int) -> tuple[bytes, bytes | None]:
    """The decompressed content and what is behind its checksum; None if it is cut short before."""
    inflate = zlib.decompressobj(window)
    pieces: list[bytes] = []
    size = 0
    for start in range(0, len(content), _STEP):
        data = content[start : start + _STEP]
        while True:
            piece = inflate.decompress(data, _STEP)
            pieces.append(piece)
            size += len(piece)
            if size > MAX_ANSWER_BYTES:
                raise _TooLargeError
            if inflate.eof:
                return b"".join(pieces), inflate.unused_data + content[start + _STEP :]
            data = inflate.unconsumed_tail
            if len(piece) < _STEP and not data:
                break
            await asyncio.sleep(0)
    return b"".join(pieces), None


def _is_json(content: bytes) -> bool:
    if not content.lstrip().startswith((b"{", b"[")):
        return False
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
