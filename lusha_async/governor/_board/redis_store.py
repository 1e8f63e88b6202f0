"""Boards for any number of machines, in Redis. Needs the extra `redis`.

A change is computed here and committed by comparing and setting one key; the server's clock is the board's. A change
after another is computed from the board that the commit before returned, so one that meets no other takes one round
trip.
"""

import math
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from ...errors import ConfigurationError
from .store import Change, LostStoreError

__all__ = ["RedisStore"]

_TIMEOUT = 0.25
"""Seconds to connect, and for each answer."""
_TRIES = 50
"""Attempts to commit a change that others come before."""
_TOKEN = 16
"""Bytes before the board, other ones for each commit, by which it is compared."""
_KEPT = 86_400_000
"""Milliseconds after the last change until the board is forgotten."""
_PREFIX = "lusha-async"

_COMMIT = """
local now = redis.call('TIME')
local board = redis.call('GET', KEYS[1])
local found = board and string.sub(board, 1, 16) or ''
if found == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return {1, now[1], now[2]}
end
return {0, now[1], now[2], board or ''}
"""


class RedisStore:
    """The board of one account in Redis. See `BoardStore`.

    `url` is one of redis-py's: `redis://`, `rediss://` (TLS) or `unix://`, with user name and password, number of the
    database, and options in the query; `prefix` is ours: what the key begins with. Raises `ConfigurationError` for a
    URL that is none, or if redis-py is not installed.
    """

    def __init__(self, url: str, account: str) -> None:
        try:
            import redis  # noqa: PLC0415 - an extra
            from redis.backoff import NoBackoff  # noqa: PLC0415
            from redis.retry import Retry  # noqa: PLC0415
        except ImportError:
            raise ConfigurationError(
                "a governor in Redis needs redis-py: pip install 'lusha-async[redis]'"
            ) from None
        self._errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        try:
            parts = urlsplit(url)
            options = [option for option in parts.query.split("&") if option]
            ours = [option for option in options if option.startswith("prefix=")]
            options = [option for option in options if option not in ours]
            prefix = ours[-1].removeprefix("prefix=") if ours else _PREFIX
            self._key = f"{prefix}:{account}"
            port = f":{parts.port}" if parts.port else ""
            self.name = f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
            client: Any = redis.Redis  # its `from_url` is typed in parts only
            self._redis: Any = client.from_url(
                parts._replace(query="&".join(options)).geturl(),
                socket_timeout=_TIMEOUT,
                socket_connect_timeout=_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
        except (ValueError, redis.RedisError):
            raise ConfigurationError(
                "governor must be the URL of a Redis, like redis://:password@host:6379/0"
            ) from None
        self._forget()

    def _forget(self) -> None:
        self._token = b""
        self._board: bytes | None = None
        self._offset, self._distance = math.nan, math.inf

    def enter(self) -> bool:
        """See `BoardStore`. Who else is there is not known without a board."""
        return False

    def company(self) -> bool:
        """See `BoardStore`."""
        return True

    def change(self, change: Change) -> float:
        """See `BoardStore`."""
        try:
            if math.isnan(self._offset):
                self._commit(b"-", b"")
            for _ in range(_TRIES):
                new = change(self._board, self._offset)
                token = secrets.token_hex(_TOKEN // 2).encode()
                took = self._commit(self._token, token + new)
                if took is not None:
                    self._token, self._board = token, new
                    return took
        except self._errors as error:
            self._forget()
            raise LostStoreError(type(error).__name__) from error
        raise LostStoreError("other processes came before each time")

    def _commit(self, expected: bytes, board: bytes) -> float | None:
        """Commit if the board is as `expected`, and return the seconds that took; else learn what it is."""
        began = time.monotonic()
        done, seconds, micros, *found = self._redis.eval(_COMMIT, 1, self._key, expected, board, _KEPT)
        ended = time.monotonic()
        self._learn_clock(int(seconds) + int(micros) / 1e6, began, ended)
        if done:
            return ended - began
        self._token, self._board = found[0][:_TOKEN], found[0][_TOKEN:] or None
        return None

    def _learn_clock(self, theirs: float, began: float, ended: float) -> None:
        """The server read its clock between `began` and `ended`: the shortest round trip tells it best."""
        low, high = began - theirs, ended - theirs
        known = low <= self._offset <= high  # else it is the first, or one of the clocks was set
        if not known or ended - began < self._distance:
            self._offset, self._distance = (low + high) / 2, ended - began

    def disband(self, board: bytes) -> bool:
        """See `BoardStore`. The board stays, for a day, as what is known of the plan windows."""
        return False

    def look(self) -> tuple[bytes | None, float]:
        """See `BoardStore`."""
        try:
            self._commit(b"-", b"")
        except self._errors as error:
            raise LostStoreError(type(error).__name__) from error
        return self._board, self._offset

    def close(self) -> None:
        """See `BoardStore`."""
        self._redis.close()
        self._forget()
