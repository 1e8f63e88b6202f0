"""Models of a network and of a server's work, for the simulation and the strict server. Times are seconds."""

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

__all__ = ["WAYS", "WORKS", "Way"]

WAYS: Final[Mapping[str, Callable[[Random], float]]] = {
    "none": lambda dice: 0.0,
    "uniform": lambda dice: dice.uniform(0, 0.02),
    "exponential": lambda dice: dice.expovariate(50),
    "spikes": lambda dice: 0.2 if dice.random() < 0.03 else 0.0,
    "lognormal": lambda dice: dice.lognormvariate(math.log(0.005), 1),
}
"""Independent delays by name; `correlated` and `stalls` depend on the time."""

WORKS: Final[Mapping[str, Callable[[Random, int], float]]] = {
    "none": lambda dice, busy: 0.0,
    "uniform": lambda dice, busy: dice.uniform(0.05, 0.15),
    "lognormal": lambda dice, busy: dice.lognormvariate(math.log(0.3), 0.7),
    "bimodal": lambda dice, busy: 0.06 if dice.random() < 0.8 else 0.9,
    "growing": lambda dice, busy: dice.uniform(0.03, 0.06) * (1 + busy / 5),
}
"""How long the server works for an answer, by name; `busy` is the number of requests it works on."""


class Way:
    """A way to or from the server. `correlated`: |AR(1)| of 20 ms over 0.5 s; `stalls`: up to 150 ms, once a second.

    Both keep the order.
    """

    def __init__(self, kind: str, dice: Random) -> None:
        self._kind = kind
        self._dice = dice
        self._at = self._level = self._stalled_until = self._last = 0.0
        self._next_stall = dice.expovariate(1)

    def arrives(self, now: float) -> float:
        """When what leaves at `now` arrives."""
        delay = WAYS.get(self._kind)
        if delay is not None:
            return now + delay(self._dice)
        if self._kind == "correlated":
            keep = math.exp(-max(0.0, now - self._at) / 0.5)
            self._level = self._level * keep + math.sqrt(1 - keep * keep) * self._dice.gauss(0, 0.02)
            self._at = now
            at = now + abs(self._level)
        else:
            while self._next_stall <= now:
                self._stalled_until = max(self._stalled_until, self._next_stall + self._dice.uniform(0, 0.15))
                self._next_stall += self._dice.expovariate(1)
            at = max(now, self._stalled_until)
        self._last = max(at, self._last + 0.0002)
        return self._last
