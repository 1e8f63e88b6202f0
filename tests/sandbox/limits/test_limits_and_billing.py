"""Rate limits and billing hold under any sequence of requests."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lusha_async.operations import Scope
from lusha_async.sandbox import Sandbox, contact_ids
from lusha_async.sandbox.limits.limiter import Limiter
from lusha_async.sandbox.limits.plans import PLANS
from lusha_async.sandbox.limits.rules import rule_for
from tests.sandbox.requests import body, new_sandbox, send

IDS = contact_ids(60, start=300)
PERIODS = {"minute": 60, "hour": 3_600, "day": 86_400}


def windows_of(times: list[float], period: float) -> list[int]:
    """Requests in each window, if a window starts with the first request after the previous one."""
    counts: list[int] = []
    start = float("-inf")
    for at in times:
        if at - start >= period:
            start = at
            counts.append(0)
        counts[-1] += 1
    return counts


class Account(RuleBasedStateMachine):
    """Requests of several kinds, time passing and plans changing, in any order."""

    sandbox: Sandbox

    @initialize(plan=st.sampled_from(sorted(PLANS)), credits=st.sampled_from([0, 7, 60, 100_000]))
    def begin(self, plan: str, credits: int) -> None:
        self.sandbox = new_sandbox(plan=plan, credits=credits)
        self.admitted: list[float] = []
        self.usage: list[float] = []
        self.paid = 0
        self.revealed: dict[str, int] = {}

    def send(self, method: str, path: str, payload: Any = None) -> Any:
        """Send, and check the quota headers and billing of every answer."""
        answer = send(self.sandbox, method, path, payload)
        report = body(answer)
        if answer.status != 429:
            self.admitted.append(self.sandbox.clock.now())
        for name, window in self.sandbox.state.limiter.windows.items():
            header = {"minute": "minute", "hour": "hourly", "day": "daily"}[name]
            limit, left, used = (
                int(answer.headers[f"x-{part}"])
                for part in (f"rate-limit-{header}", f"{header}-requests-left", f"{header}-usage")
            )
            assert (limit, left) == (window.limit, max(0, limit - used))
        if answer.status >= 400:
            assert "billing" not in report
            return None
        self.paid += report.get("billing", {}).get("creditsCharged", 0)
        return report

    @rule(
        first=st.integers(0, 50), count=st.integers(1, 10), reveal=st.sampled_from([None, ["emails"], ["phones"]])
    )
    def enrich(self, first: int, count: int, reveal: list[str] | None) -> None:
        ids = IDS[first : first + count]
        report = self.send("POST", "/v3/contacts/enrich", {"ids": ids, **({"reveal": reveal} if reveal else {})})
        if report is None:
            return
        for item in report["results"]:
            for name, price in (("emails", 1), ("phones", 5)):
                points = item.get(name, ())
                charged = sum(point["credits"] for point in points)
                known = self.revealed.get(item["id"] + name, 0)
                assert charged == (0 if known or not points else price)
                if points:
                    self.revealed[item["id"] + name] = 1

    @rule(size=st.sampled_from([10, 30, 50]))
    def prospect(self, size: int) -> None:
        filters = {"contacts": {"include": {"departments": ["Sales"]}}}
        report = self.send(
            "POST", "/v3/contacts/prospecting", {"pagination": {"page": 0, "size": size}, "filters": filters}
        )
        if report is not None:
            assert report["billing"]["creditsCharged"] == -(-len(report["results"]) // 25)

    @rule(burst=st.integers(1, 40))
    def look_up(self, burst: int) -> None:
        for _ in range(burst):
            self.send("GET", "/v3/contacts/signals/types")

    @rule()
    def read_usage(self) -> None:
        if self.send("GET", "/v3/account/usage") is not None:
            self.usage.append(self.sandbox.clock.now())

    @rule(seconds=st.sampled_from([0.001, 0.04, 0.5, 0.999, 1.0, 13.0, 60.0, 3_600.0, 90_000.0]))
    def wait(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)

    @invariant()
    def never_one_too_many(self) -> None:
        if not hasattr(self, "sandbox"):
            return
        for index in range(25, len(self.admitted)):
            assert self.admitted[index] - self.admitted[index - 25] >= 1.0
        for index in range(5, len(self.usage)):
            assert self.usage[index] - self.usage[index - 5] >= 60.0
        plan = self.sandbox.settings.terms
        for name, limit in (("minute", plan.minute), ("hour", plan.hour), ("day", plan.day)):
            if limit is not None:
                assert max(windows_of(self.admitted, PERIODS[name]), default=0) <= limit

    @invariant()
    def the_billing_adds_up(self) -> None:
        if not hasattr(self, "sandbox"):
            return
        billing = self.sandbox.state.billing
        assert billing.spent == self.paid == sum(line.credits for line in billing.lines) <= billing.total
        assert billing.spent == sum(billing.by_key.values()) == sum(billing.by_operation.values())


Account.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestAccount = Account.TestCase
TestAccount.__doc__ = (
    "No window ever holds one request too many, and every credit is reported, listed and charged once."
)


@given(gaps=st.lists(st.floats(0, 0.5), max_size=200))
@settings(deadline=None, max_examples=60)
def test_the_three_ways_to_count_a_second_differ_as_they_should(gaps: list[float]) -> None:
    """A bucket lets no less through than an even rate, fixed periods hold the limit each, sliding is strictest."""
    rules = {name: rule_for(name, 5, 1.0) for name in ("sliding", "fixed", "bucket")}
    admitted: dict[str, list[float]] = {name: [] for name in rules}
    now = 1000.0
    for gap in gaps:
        now += gap
        for name, counting in rules.items():
            if counting.admits(now):
                counting.count(now)
                admitted[name].append(now)
    for index in range(5, len(admitted["sliding"])):
        assert admitted["sliding"][index] - admitted["sliding"][index - 5] >= 1.0
    assert max(windows_of(admitted["fixed"], 1.0), default=0) <= 5
    spent = [at for at in admitted["bucket"] if at <= now]
    assert len(spent) <= 5 + 5 * (now - 1000.0) + 1


def test_a_bucket_lets_a_burst_through_that_a_sliding_second_refuses() -> None:
    """25 at once and 24 more within the next second pass a bucket, but not the strict rule."""
    bucket, sliding = rule_for("bucket", 25, 1.0), rule_for("sliding", 25, 1.0)
    passed = {"bucket": 0, "sliding": 0}
    for at in [10.0] * 25 + [10.0 + step / 25 for step in range(1, 25)]:
        for name, counting in (("bucket", bucket), ("sliding", sliding)):
            if counting.admits(at):
                counting.count(at)
                passed[name] += 1
    assert passed == {"bucket": 49, "sliding": 25}


@pytest.mark.parametrize(("plan", "per_minute"), [("free", 40), ("pro", 50), ("scale", 300)])
def test_the_plan_decides_the_minute(plan: str, per_minute: int) -> None:
    """The window begins with the first call, and opens again a whole minute later."""
    limiter = Limiter(PLANS[plan])
    now = 500.0
    verdicts = []
    for _ in range(per_minute + 5):
        now += 0.0625
        verdicts.append(limiter.admit(now, Scope.GENERAL).kind)
    assert verdicts == [None] * per_minute + ["minute"] * 5
    assert limiter.admit(500.0625 + 59.9, Scope.GENERAL).kind == "minute"
    assert limiter.admit(500.0625 + 60.0, Scope.GENERAL).kind is None


def test_messages_name_the_window_and_the_seconds_until_it_opens() -> None:
    """The messages of hour and day name limit and reset; that of a trial names neither."""
    limiter = Limiter(PLANS["pro"])
    for step in range(150):
        assert limiter.admit(1000.0 + 2 * step, Scope.GENERAL).kind is None
    report = limiter.admit(1300.0, Scope.GENERAL).message
    assert report == "Hourly API rate limit exceeded. Limit: 150 calls per hour. Reset in 3300 seconds."
    trial = Limiter(PLANS["trial"])
    verdicts = [trial.admit(2000.0 + 90_000.0 * step, Scope.GENERAL) for step in range(26)]
    assert [verdict.kind for verdict in verdicts] == [None] * 25 + ["trial"]
    assert "trial limit" in verdicts[-1].message


def test_another_program_eats_from_the_same_windows() -> None:
    """Five requests a second of another program use up a window of 300 a minute."""
    limiter = Limiter(PLANS["premium"], external_traffic=5.0)
    limiter.admit(1000.0, Scope.GENERAL)
    limiter.catch_up(1030.0)
    assert 148 <= limiter.windows["minute"].used <= 153
    limiter.catch_up(1000.0 + 86_400.0)
    assert all(window.used <= window.limit for window in limiter.windows.values())


def test_a_plan_can_change_in_mid_run() -> None:
    """Going down to a smaller plan keeps what was used, so that nothing is left; going up gives the rest."""
    limiter = Limiter(PLANS["scale"])
    for step in range(60):
        limiter.admit(1000.0 + step / 10, Scope.GENERAL)
    limiter.change(PLANS["pro"])
    assert (limiter.windows["minute"].left, limiter.admit(1007.0, Scope.GENERAL).kind) == (0, "minute")
    limiter.change(PLANS["scale"])
    assert limiter.windows["minute"].left == 240


def test_headers_can_be_left_away() -> None:
    """A plan without an hour has no headers for it, and single headers can be missing."""
    limiter = Limiter(PLANS["free"])
    assert sorted(limiter.headers()) == sorted(
        f"x-{name}"
        for window in ("minute", "daily")
        for name in (f"rate-limit-{window}", f"{window}-requests-left", f"{window}-usage")
    )
    assert "x-minute-usage" not in limiter.headers(frozenset({"x-minute-usage"}))


def test_account_usage_trails_by_four_seconds() -> None:
    """What was just charged is not in account usage yet, and is four seconds later."""
    sandbox = new_sandbox()
    send(sandbox, "POST", "/v3/contacts/enrich", {"ids": IDS})
    spent = sandbox.state.billing.spent
    early = body(send(sandbox, "GET", "/v3/account/usage"))
    sandbox.clock.advance(4)
    late = body(send(sandbox, "GET", "/v3/account/usage"))
    assert (early["credits"]["used"], late["credits"]["used"]) == (0, spent)
    assert spent > 0
    assert len(late["pricing"]) == 18


def test_credits_that_run_out_in_mid_call_are_reported_on_the_items() -> None:
    """With credits for some data points the call succeeds partly; with none at all it is refused."""
    sandbox = new_sandbox(credits=20)
    report = body(send(sandbox, "POST", "/v3/contacts/enrich", {"ids": IDS}))
    assert report["status"] == "PARTIAL_OUT_OF_CREDITS"
    unpaid = [
        item
        for item in report["results"]
        if {"BILLING_FAILED"} & {m["status"] for m in item.get("missingDataPoints", ())}
    ]
    assert unpaid
    assert 0 <= sandbox.state.billing.left < 5
    sandbox = new_sandbox(credits=3)
    report = body(send(sandbox, "POST", "/v3/contacts/enrich", {"ids": IDS, "reveal": ["phones"]}))
    assert (report["status"], sandbox.state.billing.spent) == ("OUT_OF_CREDITS", 0)
    refused = send(new_sandbox(credits=0), "POST", "/v3/contacts/enrich", {"ids": IDS})
    assert (refused.status, body(refused)["message"]) == (402, "Insufficient credits for this operation")


def test_a_metered_call_is_paid_whole_or_not_at_all() -> None:
    """A search that costs more than is left answers 402, and nothing is charged."""
    sandbox = new_sandbox(credits=1)
    companies = [{"id": text} for text in [str(10_000_000 + step) for step in range(30)]]
    assert send(sandbox, "POST", "/v3/companies/search", {"companies": companies}).status == 402
    assert sandbox.state.billing.spent == 0


def test_every_charge_is_listed_with_its_request() -> None:
    """The ledger names request, operation, price key, quantity and credits."""
    sandbox = new_sandbox()
    report = body(send(sandbox, "POST", "/v3/companies/search-and-enrich", {"companies": [{"id": "10000001"}]}))
    ledger = sandbox.state.billing.report()
    assert {(line["requestId"], line["key"], line["credits"]) for line in ledger["lines"]} == {
        (report["requestId"], "companySearch", 1),
        (report["requestId"], "revealCompany", 1),
    }
    assert report["billing"]["creditsCharged"] == ledger["credits"]["used"] == 2
