"""What each request and each answer tells to those who watch: logs, metrics, traces. Nothing personal in it.

    def log(event: AnswerEvent) -> None:
        logger.info("lusha", extra=event.facts())

    LushaClient(on_answer=log)

Hooks are plain functions, called in the event loop where the request is made: in the context of its caller (so a
span that is current there is current here), and quick. What is slow belongs into a queue. What a hook raises is
logged and goes no further. Each request that leaves has exactly one event of either kind, repeats included, whoever
still waits for it; a call that is refused before it is sent has none.
"""

import inspect
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from .._redact import masked, masked_headers
from .._validators import plain_function
from .._wire.request import Request
from .._wire.response import ParsedResponse
from ..billing.unclaimed import credits_of
from ..errors import ConfigurationError
from ..governor import Lane
from ..operations import Operation
from ..quota import Quota

__all__ = ["AnswerEvent", "Drift", "Hooks", "RequestEvent", "refuse_unfit"]

_log = logging.getLogger("lusha_async")


@frozen(kw_only=True, eq=False)
class RequestEvent:
    """A request leaves now.

    `call` is the number of its call in this client: repeats of one call have the same, and `attempt` 1, 2, ...
    `waited` are the seconds that this attempt waited for its turn; `tag` and `lane` the options of its view. Events
    are told apart by identity, and may be keys of a dictionary.
    """

    call: int
    attempt: int
    operation: Operation
    tag: str | None
    lane: Lane
    waited: float
    # Not the request itself: attrs.asdict would show its key.
    _sent: Callable[[], Request] = field(alias="sent", repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, the key masked."""
        return masked_headers(self._sent().headers)

    @property
    def body(self) -> Any:
        """The JSON body's shape, texts masked; None when there is none."""
        return masked(self._sent().body)

    def facts(self) -> dict[str, Any]:
        """The event as flat, plain values that are safe to log; what is not known is left out."""
        return _without_none(
            operation=self.operation.call,
            method=self.operation.method,
            path=self.operation.path,
            call=self.call,
            attempt=self.attempt,
            tag=self.tag,
            lane=str(self.lane),
            waited=round(self.waited, 6),
        )


@frozen(kw_only=True, eq=False)
class AnswerEvent:
    """A request has ended, with an answer or without.

    `request` is the event of its beginning, the same object. `seconds` from leaving to the whole answer; `status`
    None when none came; `credits` what the answer says it cost; `error` the name of its error's class, `message`
    the error's text, personal data masked.
    """

    request: RequestEvent
    seconds: float
    status: int | None
    request_id: str | None
    quota: Quota
    credits: int | None
    error: str | None
    message: str | None
    _read: Callable[[], ParsedResponse] = field(alias="read", repr=False)

    @property
    def body(self) -> Any:
        """The shape of the answer's JSON, texts masked; None when none came."""
        reading = self._read()
        return masked(reading.payload if reading.error is None else getattr(reading.error, "body", None))

    def facts(self) -> dict[str, Any]:
        """Those of the request and the answer's, flat and plain, with `minute_left` and the like for the quota."""
        left = {f"{window}_left": told.left for window, told in self.quota.items()}
        return self.request.facts() | _without_none(
            status=self.status,
            seconds=round(self.seconds, 6),
            request_id=self.request_id,
            credits=self.credits,
            error=self.error,
            message=self.message,
            **left,
        )


def _without_none(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def refuse_unfit(name: str, hook: object) -> None:
    """`ConfigurationError` for what cannot be called, or is an async function: nobody would wait for it."""
    if hook is None:
        return
    if not callable(hook):
        raise ConfigurationError(f"{name}: give a function")
    if not plain_function(hook):
        raise ConfigurationError(f"{name} is an async function: give a plain one, as queue.put_nowait is")


class Hooks:
    """Those who watch one client. `ConfigurationError` for what is no plain function."""

    def __init__(
        self,
        on_request: Callable[[RequestEvent], object] | None,
        on_answer: Callable[[AnswerEvent], object] | None,
    ) -> None:
        for name, hook in (("on_request", on_request), ("on_answer", on_answer)):
            refuse_unfit(name, hook)
        self._on_request = on_request
        self._on_answer = on_answer

    def requested(self, event: RequestEvent) -> None:
        """Tell of a request."""
        _tell(self._on_request, event)

    def answered(self, request: RequestEvent, reading: ParsedResponse, seconds: float) -> None:
        """Tell how it ended."""
        if self._on_answer is None:
            return
        error = reading.error
        _tell(
            self._on_answer,
            AnswerEvent(
                request=request,
                seconds=seconds,
                status=reading.status,
                request_id=reading.request_id,
                quota=reading.quota,
                credits=credits_of(reading.payload),
                error=None if error is None else type(error).__name__,
                message=None if error is None else str(error),
                read=lambda: reading,
            ),
        )


def _tell(hook: Callable[[Any], object] | None, event: object) -> None:
    if hook is None:
        return
    try:
        told = hook(event)
        if inspect.iscoroutine(told):  # of a lambda, or of a method that only looks plain
            told.close()
            _log.error("a hook returned a coroutine, which nobody awaits: give a plain function")
    except Exception:
        _log.exception("a hook failed")


_MOST_KINDS = 200


class Drift:
    """Counts of surprises by operation: unknown members and enumeration values, tolerated kinds.

    Words only, never values of people. At most 200 different ones are kept for an operation; further ones count
    as `others`.
    """

    def __init__(self) -> None:
        self._seen: dict[str, Counter[str]] = {}

    def notice(self, operation: str) -> Callable[[str], None]:
        """What counts one surprise in an answer to `operation`."""
        seen = self._seen.setdefault(operation, Counter())

        def note(what: str) -> None:
            seen[what if what in seen or len(seen) < _MOST_KINDS else "others"] += 1

        return note

    def told(self) -> Mapping[str, Mapping[str, int]]:
        """What was counted so far, by the vendor's operation id, the most frequent first."""
        return {operation: dict(seen.most_common()) for operation, seen in self._seen.items() if seen}
