"""The budget by itself: a model of it driven at random, threads, and the wait for credits."""

import asyncio
import random
import threading
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from lusha_async.billing import CreditBudget
from lusha_async.billing import budget as budget_module
from lusha_async.billing.budget import Reservation
from lusha_async.billing.prices import Price
from lusha_async.errors import BudgetExceededError, ConfigurationError

CREDITS = st.integers(0, 60)


class Held:
    """A reservation beside what a bookkeeper would note of it."""

    def __init__(self, budget: str, reservation: Reservation, credits: int) -> None:
        self.budget = budget
        self.reservation = reservation
        self.left = credits
        self.uncertain = False


class Budgets(RuleBasedStateMachine):
    """A month of 100 credits with two jobs in it, one of which has a budget of its own."""

    held: Bundle[Held] = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        month = CreditBudget(100)
        job = CreditBudget(60, within=month)
        self.budgets = {"month": month, "job": job, "part": CreditBudget(25, within=job)}
        self.budgets["other"] = CreditBudget(1000, within=month)
        self.chains = {
            "month": ("month",),
            "job": ("job", "month"),
            "part": ("part", "job", "month"),
            "other": ("other", "month"),
        }
        self.spent = dict.fromkeys(self.budgets, 0)
        self.reserved = dict.fromkeys(self.budgets, 0)
        self.uncertain = dict.fromkeys(self.budgets, 0)
        self.open: list[Held] = []

    def _note(self, held: Held, *, spent: int = 0, taken: int = 0) -> None:
        held.left -= taken
        for name in self.chains[held.budget]:
            self.spent[name] += spent
            (self.uncertain if held.uncertain else self.reserved)[name] -= taken

    def _free(self, name: str) -> int:
        return self.budgets[name].limit - self.spent[name] - self.reserved[name] - self.uncertain[name]

    @rule(target=held, name=st.sampled_from(["month", "job", "part", "other"]), credits=CREDITS)
    def reserve(self, name: str, credits: int) -> Held:
        """Everybody in the chain has to have so much left; else the first that has not is named, with numbers."""
        short = next((one for one in self.chains[name] if self._free(one) < credits), None)
        if short is not None:
            with pytest.raises(BudgetExceededError) as caught:
                self.budgets[name].reserve(credits)
            error = caught.value
            assert (error.requested, error.limit, error.remaining) == (
                credits,
                self.budgets[short].limit,
                self._free(short),
            )
            credits = 0
        held = Held(name, self.budgets[name].reserve(credits), credits)
        self.open.append(held)
        for one in self.chains[name]:
            self.reserved[one] += credits
        return held

    @rule(held=held, share=st.floats(0, 1))
    def capture(self, held: Held, share: float) -> None:
        """An answer said what it cost: never more than was reserved, by the vendor's price list."""
        credits = int(held.left * share)
        held.reservation.capture(credits)
        self._note(held, spent=credits, taken=credits)

    @rule(held=held)
    def mark_uncertain(self, held: Held) -> None:
        """An answer was lost."""
        held.reservation.mark_uncertain()
        if not held.uncertain:
            left = held.left
            self._note(held, taken=left)
            held.uncertain = True
            self._note(held, taken=-left)

    @rule(held=consumes(held))
    def void(self, held: Held) -> None:
        """The call ended; twice is as good as once."""
        held.reservation.void()
        held.reservation.void()
        self._note(held, taken=held.left)

    @invariant()
    def the_books_agree_and_no_limit_is_exceeded(self) -> None:
        """Each budget reports what the model counted, and none has reserved more than there is."""
        for name, budget in self.budgets.items():
            told = (budget.spent, budget.reserved, budget.uncertain)
            assert told == (self.spent[name], self.reserved[name], self.uncertain[name])
            assert sum(told) <= budget.limit
            assert budget.remaining == min(self._free(one) for one in self.chains[name])
            assert budget.in_flight == any(self.reserved[one] for one in self.chains[name])


Budgets.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestBudgets = Budgets.TestCase


def test_threads_share_a_budget() -> None:
    """Eight threads that reserve and settle at random never hold more than the limit between them."""
    month = CreditBudget(1000)
    most: list[int] = []

    def work(seed: int) -> None:
        draw, budget = random.Random(seed), CreditBudget(300, within=month)
        for _ in range(300):
            credits = draw.randint(1, 40)
            try:
                reservation = budget.reserve(credits)
            except BudgetExceededError:
                continue
            most.append(month.reserved + month.spent)
            reservation.capture(min(credits, draw.randint(0, 3)))
            reservation.void()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (month.reserved, month.uncertain) == (0, 0)
    assert 0 < month.spent <= 1000
    assert most


@pytest.mark.asyncio
async def test_who_waits_for_credits_hears_of_another_threads_settling() -> None:
    """However the threads interleave, a wait for credits ends when the last call in flight has settled."""
    budget = CreditBudget(10)
    for _ in range(200):
        reservation = budget.reserve(10)
        thread = threading.Thread(target=reservation.void)
        thread.start()
        if budget.in_flight:
            async with asyncio.timeout(5):
                await budget.changed()
        thread.join()
    assert budget.remaining == 10


@pytest.mark.asyncio
async def test_a_cancelled_wait_for_credits_leaves_nothing() -> None:
    """Who stops waiting is forgotten here and in the outer budget, and the others still hear."""
    month = CreditBudget(10)
    job = CreditBudget(10, within=month)
    reservation = job.reserve(10)
    leaves, stays = asyncio.ensure_future(job.changed()), asyncio.ensure_future(job.changed())
    await asyncio.sleep(0)
    leaves.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert len(month._waiting) == 1
    reservation.void()
    await stays
    assert month._waiting == []


def test_credits_are_settled_though_who_waited_for_them_is_gone() -> None:
    """A wait whose loop was closed under it does not keep another thread from settling."""
    budget = CreditBudget(10)
    reservation = budget.reserve(10)
    loop = asyncio.new_event_loop()
    waits = loop.create_task(budget.changed())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    reservation.capture(3)
    assert (budget.spent, budget.reserved) == (3, 7)
    waits._log_destroy_pending = False  # type: ignore[attr-defined]


def test_an_abandoned_wait_ends_in_a_thread_that_settles() -> None:
    """The garbage collector ends a wait wherever it runs, also in the midst of a reservation."""
    budget = CreditBudget(10)
    budget.reserve(10)
    loop = asyncio.new_event_loop()

    async def begin() -> None:
        waits.send(None)

    waits = budget.changed()
    loop.run_until_complete(begin())
    loop.close()
    with budget_module._LOCK:
        waits.close()
    assert budget._waiting == []


def test_credits_that_were_not_reserved_are_counted() -> None:
    """A charge without a reservation is spent here and in the outer budget, even beyond the limit."""
    month = CreditBudget(10)
    job = CreditBudget(4, within=month)
    job.charge(6)
    assert (job.spent, month.spent) == (6, 6)
    assert (job.remaining, month.remaining) == (-2, 4)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"limit": -1}, "limit must be an integer of at least 0, in credits"),
        ({"limit": True}, "limit must be an integer of at least 0, in credits"),
        ({"limit": 1.5}, "limit must be an integer of at least 0, in credits"),
        ({"limit": 1, "within": 5}, "within must be a CreditBudget"),
        ({"limit": 1, "prices": [1]}, "prices must be a mapping of price keys to credits"),
    ],
)
def test_an_argument_that_is_no_budget_is_refused(arguments: dict[str, Any], text: str) -> None:
    """Each refused argument is named, with what it must be."""
    with pytest.raises(ConfigurationError) as caught:
        CreditBudget(**arguments)
    assert str(caught.value) == text


def test_prices_of_the_outer_budget_hold_within_it() -> None:
    """A job's own prices come before the month's, a number counts as credits a unit, a `Price` stays what it is."""
    blocks = Price(2, per=25)
    month = CreditBudget(100, prices={"a": 1, "b": blocks})
    job = CreditBudget(10, within=month, prices={"a": 3})
    assert job.prices == {"a": Price(3), "b": blocks}
    assert CreditBudget(10, within=month).prices == {"a": Price(1), "b": blocks}
