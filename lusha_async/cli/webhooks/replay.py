"""What `lusha-async webhooks replay` does."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import typer
from attrs import field, frozen

from ...webhooks import SignedMessage, SQLiteInbox, State, StoredEvent, UnreadableEventError
from ...webhooks._forwarding import Forwarder, ForwardError, with_fresh_signature
from ...webhooks.events import read_event
from .show import show

__all__ = ["Replaying", "replay"]

_PAGE_SIZE = 100


@frozen(kw_only=True)
class Replaying:
    """What was asked for."""

    inbox: Path
    to: str | None
    state: str
    key: str | None
    secrets: Sequence[str] = field(repr=False)
    dry_run: bool
    json: bool


async def replay(job: Replaying) -> int:
    """Replay what was asked for; the exit status."""
    done = failed = bare = 0
    async with SQLiteInbox(job.inbox) as inbox, _forwarder(job) as forwarder:
        async for stored in _wanted(inbox, job):
            if stored.body is None:
                bare += 1
                continue
            _tell(stored, stored.body, as_json=job.json)
            if job.dry_run:
                done += 1
            elif forwarder is None:
                done += await inbox.requeue(stored.key)
            else:
                try:
                    await forwarder.send(with_fresh_signature(_message(stored, stored.body), job.secrets[0]))
                    done += 1
                except ForwardError as error:
                    failed += 1
                    sys.stderr.write(f"{error}: {stored.key}\n")
    verb = "would be replayed" if job.dry_run else "wait to be handled" if job.to is None else "sent"
    sys.stderr.write(f"{done} {verb}, {failed} failed, {bare} no longer have a body\n")
    return 3 if failed else 0


def _forwarder(job: Replaying) -> Forwarder | nullcontext[None]:
    return nullcontext() if job.to is None or job.dry_run else Forwarder(job.to)


async def _wanted(inbox: SQLiteInbox, job: Replaying) -> AsyncIterator[StoredEvent]:
    """The events as they were when asked for: what is made to wait again is not met a second time."""
    after = 0
    while page := await inbox.list_events(State(job.state), after=after, page_size=_PAGE_SIZE):
        after = page[-1].number
        for stored in page:
            if job.key in {None, stored.key}:
                yield stored


def _message(stored: StoredEvent, body: bytes) -> SignedMessage:
    return SignedMessage(
        body=body, timestamp=stored.timestamp, signature=stored.signature, signed_at=stored.signed_at
    )


def _tell(stored: StoredEvent, body: bytes, *, as_json: bool) -> None:
    try:
        show(read_event(body, signed_at=stored.signed_at), as_json=as_json)
    except UnreadableEventError as error:
        typer.echo(f"{error}  {stored.key}")
