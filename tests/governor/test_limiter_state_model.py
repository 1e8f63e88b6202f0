"""The limiter state against a model of the vendor's server, under whatever order of events hypothesis invents."""

from collections.abc import Callable

from attrs import define, field
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lusha_async.governor import GovernorConfig, Lane
from lusha_async.governor.limiter_state import LimiterState, RequestRecord
from lusha_async.operations import BY_NAME, Operation, Scope
from lusha_async.quota import Quota, Refusal, Window, WindowReading

OPERATIONS = [BY_NAME["searchContacts"], BY_NAME["getAccountUsage"], BY_NAME["listSubscriptions"]]
CONFIG = GovernorConfig(rate=5, minute=10.0, hour=45.0, day=200.0, jitter=0.05)


@define
class ServerWindow:
    """A window that begins with a call, or is bound to the clock, as the vendor's might be."""

    length: float
    limit: int
    aligned: bool
    offset: float
    used: int = 0
    end: float | None = None

    def settle(self, now: float) -> None:
        if self.end is not None and now >= self.end:
            self.used, self.end = 0, None
        if self.aligned and self.end is None:
            periods = (now - self.offset) // self.length + 1
            self.end = self.offset + periods * self.length

    def count(self, now: float) -> None:
        self.used += 1
        if self.end is None:
            self.end = now + self.length


@define(eq=False)
class Exchange:
    """One request and its response."""

    record: RequestRecord
    informed: frozenset[Window]
    verdict: Window | None = None
    quota: Quota = field(factory=Quota)


class AgainstTheServer(RuleBasedStateMachine):
    """Requests are granted, sent, delayed, reordered, lost, cancelled; the server counts what arrives."""

    @initialize(
        limits=st.tuples(st.integers(1, 12), st.integers(8, 40), st.integers(20, 120)),
        aligned=st.booleans(),
        offset=st.floats(0, 30),
        unruly=st.booleans(),
    )
    def begin(self, limits: tuple[int, int, int], aligned: bool, offset: float, unruly: bool) -> None:
        self.now = 1000.0
        self.unruly = unruly
        self.state = LimiterState(CONFIG)
        self.server = [
            ServerWindow(length, limit, aligned, offset)
            for length, limit in zip(CONFIG.lengths.values(), limits, strict=True)
        ]
        self.granted: list[Exchange] = []
        self.flying: list[Exchange] = []
        self.arrived: list[Exchange] = []
        self.disturbed = False

    def settle_server(self) -> None:
        for window in self.server:
            window.settle(self.now)

    @rule(seconds=st.one_of(st.floats(0, 0.5), st.floats(1, 2), st.sampled_from([8.5, 9.9, 10.1, 44.0, 199.0])))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def informed(self, operation: Operation) -> frozenset[Window]:
        """The windows that a request of `operation` may not overrun: an hour or a day with nothing left is probed."""
        probed = {w.window for w in self.state.windows[1:] if w.left == 0 or operation.scope is Scope.USAGE}
        return frozenset(w.window for w in self.state.windows if w.left is not None) - probed

    @rule(operation=st.sampled_from(OPERATIONS), lane=st.sampled_from(list(Lane)), times=st.integers(1, 8))
    def ask(self, operation: object, lane: Lane, times: int) -> None:
        for _ in range(times):
            if self.state.hold(self.now, operation.scope, lane) is None:
                reported = self.informed(operation)
                self.granted.append(Exchange(self.state.take(operation), reported))

    @rule(times=st.integers(1, 12), seconds=st.floats(0.001, 0.1), lane=st.sampled_from(list(Lane)))
    def make_round_trips(self, times: int, seconds: float, lane: Lane) -> None:
        """Whole exchanges, `times` one after another, as fast as the limiter state allows."""
        for _ in range(times):
            hold = self.state.hold(self.now, Scope.GENERAL, lane)
            if hold is not None and hold.until < self.now + 2:
                self.now = max(self.now, hold.until)
                hold = self.state.hold(self.now, Scope.GENERAL, lane)
            if hold is not None:
                return
            reported = self.informed(OPERATIONS[0])
            exchange = Exchange(self.state.take(OPERATIONS[0]), reported)
            self.state.sent(exchange.record, self.now)
            self.now += seconds
            self.serve(exchange)
            self.now += seconds
            self.tell(exchange, exchange.quota)

    @precondition(lambda self: self.granted)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        exchange = self.pick(data, self.granted)
        self.state.sent(exchange.record, self.now)
        self.flying.append(exchange)

    @precondition(lambda self: self.granted)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.state.release(self.pick(data, self.granted).record)

    @precondition(lambda self: self.flying)
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        exchange = self.pick(data, self.flying)
        self.serve(exchange)
        self.arrived.append(exchange)

    def serve(self, exchange: Exchange) -> None:
        self.settle_server()
        names = [Window.MINUTE, Window.HOUR, Window.DAY]
        full = [name for name, window in zip(names, self.server, strict=True) if window.used >= window.limit]
        if full:
            exchange.verdict = full[-1]
        else:
            for window in self.server:
                window.count(self.now)
        readings = [WindowReading(limit=window.limit, left=window.limit - window.used) for window in self.server]
        exchange.quota = Quota(minute=readings[0], hour=readings[1], day=readings[2])
        if exchange.verdict is not None and not self.disturbed:
            assert exchange.verdict not in exchange.informed, f"stormed the {exchange.verdict}"

    @precondition(lambda self: self.arrived)
    @rule(data=st.data(), reported=st.sampled_from(["all", "all", "all", "nothing", "minute only"]))
    def answer(self, data: st.DataObject, reported: str) -> None:
        exchange = self.pick(data, self.arrived)
        quota = exchange.quota
        if reported == "nothing":
            quota = Quota()
        elif reported == "minute only":
            quota = Quota(minute=quota.minute)
        self.tell(exchange, quota)

    def tell(self, exchange: Exchange, quota: Quota) -> None:
        refusal = None if exchange.verdict is None else Refusal(window=exchange.verdict)
        self.state.learn(exchange.record, self.now, quota, refusal)

    @precondition(lambda self: self.arrived)
    @rule(data=st.data())
    def lose_the_answer(self, data: st.DataObject) -> None:
        self.state.lost(self.pick(data, self.arrived).record, self.now)

    @precondition(lambda self: self.unruly)
    @rule(requests=st.integers(1, 5))
    def others_send(self, requests: int) -> None:
        self.settle_server()
        self.disturbed = True
        for _ in range(requests):
            if all(window.used < window.limit for window in self.server):
                for window in self.server:
                    window.count(self.now)

    @precondition(lambda self: self.unruly)
    @rule(which=st.integers(0, 2), limit=st.integers(1, 50))
    def change_the_plan(self, which: int, limit: int) -> None:
        self.disturbed = True
        self.server[which].limit = limit

    def pick(self, data: st.DataObject, where: list[Exchange]) -> Exchange:
        return where.pop(data.draw(st.integers(0, len(where) - 1)))

    @invariant()
    def counts_never_drift(self) -> None:
        if not hasattr(self, "state"):
            return
        live = len(self.granted) + len(self.flying) + len(self.arrived)
        assert self.state.in_flight == live
        assert all(window.in_flight == live for window in self.state.windows)
        assert all(window.left is None or window.left >= 0 for window in self.state.windows)
        assert 0 <= self.state.breaker.in_flight <= live

    @invariant()
    def nobody_starves(self) -> None:
        """With nothing in flight, there is always a time from which a request may go or is refused for good."""
        if not hasattr(self, "state") or self.state.in_flight:
            return
        hold = self.state.hold(self.now, Scope.GENERAL, Lane.INTERACTIVE)
        assert hold is None or self.now < hold.until <= self.now + CONFIG.day + 2


TestAgainstTheServer: Callable[[], None] = AgainstTheServer.TestCase
TestAgainstTheServer.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
