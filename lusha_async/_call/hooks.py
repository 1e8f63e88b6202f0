"""Events of each request and each answer for logs, metrics and traces, without personal data.

    def log(event: AnswerEvent) -> None:
        logger.info("lusha", extra=event.facts())

    LushaClient(on_answer=log)

Hooks are plain functions, called in the event loop and in the context of the caller, so that its current span is
current in the hook too. They should be quick: put slow work into a queue. An exception from a hook is logged and not
propagated. Each request that is sent has exactly one event of either kind, repeats and cancelled calls included; a
call that is refused before it is sent has none.
"""

import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from .._redact import masked, masked_headers
from .._validators import plain_function
from .._wire.request import Request
from .._wire.response import ParsedResponse
from ..errors import ConfigurationError
from ..governor import Lane
from ..operations import Operation
from ..quota import Quota

__all__ = ["AnswerEvent", "Hooks", "RequestEvent", "check_hook"]

_log = logging.getLogger("lusha_async")


@frozen(kw_only=True, eq=False)
class RequestEvent:
    """A request that is being sent.

    - `call`: the number of its call in this client, from 1; the repeats of a call share it.
    - `attempt`: the number of the request in its call, from 1.
    - `operation`: what is called; `tag` and `lane`: the options of the view that calls it.
    - `waited`: the seconds that this attempt waited for the rate limits.

    Events are compared by identity, and can be keys of a dictionary.
    """

    call: int
    attempt: int
    operation: Operation
    tag: str | None
    lane: Lane
    waited: float
    # Not the request itself: attrs.asdict would show the API key.
    _sent: Callable[[], Request] = field(alias="sent", repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, with the key masked."""
        return masked_headers(self._sent().headers)

    @property
    def body(self) -> Any:
        """The JSON body with texts masked; None if there is none."""
        return masked(self._sent().body)

    def facts(self) -> dict[str, Any]:
        """The event as a flat dictionary of plain values, safe to log, without those that are None."""
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
    """A request that has ended, with an answer or without.

    - `request`: the `RequestEvent` of the same request, the same object.
    - `seconds`: from sending to the whole answer.
    - `status`, `request_id`, `quota`: of the answer; None, or an empty quota, if none arrived.
    - `credits`: what the answer says it cost; None if it does not say.
    - `error`, `message`: the class name and the text of its error, personal data masked; None for a success.
    """

    request: RequestEvent
    seconds: float
    status: int | None
    request_id: str | None
    quota: Quota
    credits: int | None
    error: str | None
    message: str | None
    _response: Callable[[], ParsedResponse] = field(alias="response", repr=False)

    @property
    def body(self) -> Any:
        """The JSON of the answer with texts masked; None if none arrived."""
        response = self._response()
        return masked(response.payload if response.error is None else getattr(response.error, "body", None))

    def facts(self) -> dict[str, Any]:
        """The request's `facts` and the answer's, with `minute_left` and the like for the quota."""
        left = {f"{window}_left": reading.left for window, reading in self.quota.items()}
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


def check_hook(name: str, hook: object) -> None:
    """Raises `ConfigurationError` unless `hook` is a plain function or None: an async one would not be awaited."""
    if hook is None:
        return
    if not callable(hook):
        raise ConfigurationError(f"{name} must be a function")
    if not plain_function(hook):
        raise ConfigurationError(f"{name} is an async function: use a plain one, as queue.put_nowait is")


class Hooks:
    """The hooks of one client. Raises `ConfigurationError` for one that is not a plain function."""

    def __init__(
        self,
        on_request: Callable[[RequestEvent], object] | None,
        on_answer: Callable[[AnswerEvent], object] | None,
    ) -> None:
        for name, hook in (("on_request", on_request), ("on_answer", on_answer)):
            check_hook(name, hook)
        self._on_request = on_request
        self._on_answer = on_answer

    def requested(self, event: RequestEvent) -> None:
        """Call `on_request`."""
        _call(self._on_request, event)

    def answered(self, request: RequestEvent, response: ParsedResponse, seconds: float) -> None:
        """Call `on_answer`."""
        if self._on_answer is None:
            return
        error = response.error
        _call(
            self._on_answer,
            AnswerEvent(
                request=request,
                seconds=seconds,
                status=response.status,
                request_id=response.request_id,
                quota=response.quota,
                credits=response.credits,
                error=None if error is None else type(error).__name__,
                message=None if error is None else str(error),
                response=lambda: response,
            ),
        )


def _call(hook: Callable[[Any], object] | None, event: object) -> None:
    if hook is None:
        return
    try:
        result = hook(event)
        if inspect.iscoroutine(result):  # of a lambda, or of a method that only looks plain
            result.close()
            _log.error("a hook returned a coroutine, which is not awaited: use a plain function")
    except Exception:
        _log.exception("a hook failed")
