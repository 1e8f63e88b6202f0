"""Others who share the account: seen in what the answers tell, provided for, and no reason to stand still."""

import asyncio

import pytest

from lusha_async import Governor, GovernorConfig, LushaClient, sandbox
from lusha_async.governor.foreign import Foreign
from tests.virtual_clock import run


def test_steady_others_are_expected_to_go_on() -> None:
    """Three requests a second seen for half a minute: in the next second three more, and some for bad luck."""
    foreign = Foreign()
    for second in range(31):
        foreign.see(3 * second, float(second))
    assert foreign.expected(1.0) == pytest.approx(3.0, rel=0.05)
    assert 3 + 3 <= foreign.room(1.0) <= 9


def test_in_a_silence_no_more_is_expected_than_was_seen() -> None:
    """Twelve requests in a moment are a burst, and not six hundred a second from now on."""
    foreign = Foreign()
    foreign.see(0, 0.0)
    foreign.see(12, 0.02)
    for silence in (0.1, 1.0, 10.0, 60.0):
        assert foreign.expected(silence) <= 12


@pytest.mark.parametrize("plan", ["scale", "pro"])
@pytest.mark.parametrize("silence", [0.0, 1.0, 3.0, 8.0, 20.0, 50.0])
def test_the_burst_of_another_worker_holds_nobody_up(plan: str, silence: float) -> None:
    """Two workers begin with a dozen calls each: whenever each then asks again, its turn comes within two seconds."""

    async def main() -> None:
        carrier = sandbox.transport(plan=plan, latency=0.08)
        clock = asyncio.get_running_loop().time

        async def work() -> None:
            governor = Governor(GovernorConfig(rate=12), clock=clock)
            async with LushaClient(
                carrier.api_key, base_url=carrier.base_url, transport=carrier, governor=governor
            ) as lusha:
                await asyncio.gather(*(lusha.contacts.signal_types() for _ in range(12)))
                await asyncio.sleep(silence)
                began = clock()
                await asyncio.gather(*(lusha.contacts.signal_types() for _ in range(4)))
                assert clock() - began < 2

        await asyncio.gather(work(), work())
        assert carrier.sandbox.report()["refused"] == 0

    run(main())
