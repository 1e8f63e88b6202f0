"""Bytes that are left over on a connection behind an answer.

httpcore does not look for them: they would become the answer to the next request. It has no public way to see them
either, so this module looks through its layers, h11's buffer, the TLS buffers and the queue of anyio. Where they are
not as expected, the connection is closed: slower, and never another request's answer. Bytes that arrive later, on an
idle connection, are noticed by httpcore itself.
"""

from typing import Any

import anyio

__all__ = ["close_unless_clean"]


async def close_unless_clean(stream: Any, network: Any, *, distrusted: bool) -> None:
    """Let the connection of an answer that was read be closed, and not reused, if bytes are left over.

    `stream` is the body's stream, about to be closed, and `network` the connection's `network_stream`. `distrusted`:
    close it in any case.
    """
    try:
        state = stream._httpcore_stream._stream._connection._h11_state
        if distrusted or state.trailing_data[0] or _buffered(network._stream):
            state.send_failed()  # not to be reused: httpcore closes it with the stream
    except AttributeError:
        with anyio.CancelScope(shield=True):
            await network.aclose()


def _buffered(stream: Any) -> bool:
    """Whether bytes were received and not read; httpcore sees those that are still in the kernel."""
    while (tls := getattr(stream, "_ssl_object", None)) is not None:
        if tls.pending() or stream._read_bio.pending:
            return True
        stream = stream.transport_stream
    return bool(stream._protocol.read_queue)
