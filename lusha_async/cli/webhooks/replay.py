"""`lusha-async webhooks replay`: requeue events, or send them to another receiver."""

from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from attrs import field, frozen

from ...webhooks import SignedMessage, SQLiteInbox, State, StoredEvent, UnreadableEventError
from ...webhooks._forwarding import Forwarder, ForwardError, with_fresh_signature
from ...webhooks.events import read_event
from ..text import say
from .show import print_event

__all__ = ["ReplayOptions", "replay"]

_PAGE_SIZE = 100


@frozen(kw_only=True)
class ReplayOptions:
    """The options of the command. `to` is a URL, or None to requeue; `key` None selects all events of the state."""

    inbox: Path
    to: str | None
    state: str
    key: str | None
    secrets: Sequence[str] = field(repr=False)
    dry_run: bool
    json: bool


async def replay(options: ReplayOptions) -> int:
    """Replay the selected events and return the exit status."""
    done = failed = without_body = 0
    async with SQLiteInbox(options.inbox) as inbox, _forwarder(options) as forwarder:
        async for stored in _selected(inbox, options):
            if stored.body is None:
                without_body += 1
                continue
            _print(stored, stored.body, as_json=options.json)
            if options.dry_run:
                done += 1
            elif forwarder is None:
                done += await inbox.requeue(stored.key)
            else:
                try:
                    await forwarder.send(with_fresh_signature(_message(stored, stored.body), options.secrets[0]))
                    done += 1
                except ForwardError as error:
                    failed += 1
                    say(f"{error}: {stored.key}", err=True)
        waiting = (await inbox.counts()).waiting
    verb = "would be replayed" if options.dry_run else "requeued" if options.to is None else "sent"
    say(
        f"{done} {verb}, {failed} failed, {without_body} no longer have a body; {waiting} wait to be handled",
        err=True,
    )
    return 3 if failed else 0


def _forwarder(options: ReplayOptions) -> Forwarder | nullcontext[None]:
    return nullcontext() if options.to is None or options.dry_run else Forwarder(options.to)


async def _selected(inbox: SQLiteInbox, options: ReplayOptions) -> AsyncIterator[StoredEvent]:
    """The selected events in order of `number`, so that none is met again after it was requeued."""
    after = 0
    while page := await inbox.list_events(State(options.state), after=after, page_size=_PAGE_SIZE):
        after = page[-1].number
        for stored in page:
            if options.key in {None, stored.key}:
                yield stored


def _message(stored: StoredEvent, body: bytes) -> SignedMessage:
    return SignedMessage(
        body=body, timestamp=stored.timestamp, signature=stored.signature, signed_at=stored.signed_at
    )


def _print(stored: StoredEvent, body: bytes, *, as_json: bool) -> None:
    try:
        print_event(read_event(body, signed_at=stored.signed_at), as_json=as_json)
    except UnreadableEventError as error:
        say(f"{error}  {stored.key}")
