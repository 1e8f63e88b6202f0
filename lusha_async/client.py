"""The client: one object to hold, its namespaces, and views of it with other options."""

import asyncio
from types import TracebackType
from typing import Self

from .governor import Governor, Lane, governor_for
from .pipeline import Core, Options, Pipeline
from .resources.account import Account
from .resources.companies import Companies
from .resources.contacts import Contacts
from .retry import RetryPolicy
from .settings import ApiKey, BaseURL
from .transport import HttpxTransport, Transport

__all__ = ["LushaClient"]

_CLOSING_SECONDS = 10.0


class LushaClient:
    """An account of the Lusha V3 API.

    Make one for the life of the program (or of the web application) and share it between tasks of one
    event loop; close it with `async with` or `aclose()`.

    - `api_key`: else the environment's `LUSHA_API_KEY`. It is in no repr, log or error of this library.
    - `base_url`: else `LUSHA_BASE_URL`, else the vendor's. https, or http on this machine itself.
    - `governor`: keeps the rate limits. By default the one of this process for this key and base URL, which
      every client of the same account shares.
    - `retry`: which failed attempts are repeated; see `RetryPolicy`. What could be charged twice never is.
    - `timeout`: seconds for one exchange, from sending to the whole answer. Time spent waiting for a turn
      does not count, so that a paid request is never sent with too little time left for its answer.
    - `max_wait`: seconds that a call may wait for its turn, None for as long as it takes. A call that would
      wait longer, or longer than the anyio deadline around it, is refused at once with
      `QuotaWaitTooLongError`.
    - `lane`: `interactive` calls go before `bulk` ones.
    - `transport`: what carries the requests; the sandbox has one without sockets. The client closes it.

    Raises `ConfigurationError` for a missing or malformed key or base URL. Source: the vendor's
    authentication and rate limiting pages.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        governor: Governor | None = None,
        retry: RetryPolicy | None = None,
        timeout: float = 60.0,
        max_wait: float | None = None,
        lane: Lane = Lane.INTERACTIVE,
        transport: Transport | None = None,
    ) -> None:
        key = ApiKey.resolve(api_key)
        url = BaseURL.resolve(base_url)
        core = Core(
            key=key,
            base_url=url,
            governor=governor if governor is not None else governor_for(key.value, url.value),
            transport=transport if transport is not None else HttpxTransport(url),
        )
        self._enter(core, Options(timeout=timeout, max_wait=max_wait, lane=lane, retry=retry or RetryPolicy()))

    def _enter(self, core: Core, options: Options) -> None:
        self._core = core
        self._options = options
        pipeline = Pipeline(core, options)
        self.contacts = Contacts(pipeline)
        self.companies = Companies(pipeline)
        self.account = Account(pipeline)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        max_wait: float | None = None,
        lane: Lane | None = None,
        retry: RetryPolicy | None = None,
    ) -> Self:
        """A view of this client with other options, on the same connections and governor.

        What is not given stays as it is; `max_wait=math.inf` lifts a bound. Closing any view closes them all.
        """
        now = self._options
        options = Options(
            timeout=now.timeout if timeout is None else timeout,
            max_wait=now.max_wait if max_wait is None else max_wait,
            lane=now.lane if lane is None else lane,
            retry=now.retry if retry is None else retry,
        )
        view = object.__new__(type(self))
        view._enter(self._core, options)
        return view

    @property
    def governor(self) -> Governor:
        """What keeps the rate limits: `snapshot()` and `explain()` tell how it stands."""
        return self._core.governor

    async def aclose(self) -> None:
        """Refuse new calls, let those under way end (at most 10 s), close the connections.

        Safe to call twice. Answers whose callers had left stay in `unclaimed()`.
        """
        await asyncio.shield(self._core.aclose(_CLOSING_SECONDS))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<LushaClient {self._core.base_url} {self._core.key}>"
