"""A pytest plugin: a sandbox for each test that asks for one.

Loaded only when asked for: `pytest -p lusha_async.sandbox.pytest_plugin`, or
`pytest_plugins = ["lusha_async.sandbox.pytest_plugin"]` in the topmost conftest.py.

    @pytest.mark.lusha_sandbox(plan="pro", faults=["500,share=0.2"])
    def test_my_import(lusha_sandbox):
        run_my_import(base_url=lusha_sandbox.url, api_key=lusha_sandbox.api_key)
        lusha_sandbox.assert_no_429()
        assert lusha_sandbox.credits <= 500

The sandbox runs on a thread, so that it serves tests with and without a loop.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from .serve.server import Server, serve_in_thread

__all__ = ["LushaSandbox", "lusha_sandbox", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "lusha_sandbox(**settings): settings of the test's sandbox")


class LushaSandbox:
    """What a test may ask of its sandbox. `url` and `api_key` are what a client needs."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.url = server.url
        self.api_key = server.api_key
        self.sandbox = server.sandbox

    @property
    def requests(self) -> dict[str, int]:
        """Requests so far, by the vendor's operation id."""
        return dict(self.sandbox.stats.requests)

    @property
    def credits(self) -> int:
        """Credits charged so far."""
        return self.sandbox.state.books.spent

    @property
    def storms(self) -> int:
        """By how many requests the busiest second went over the limit of 25; 0 for a client that keeps it."""
        return max(0, self.sandbox.stats.busiest_second - 25)

    def assert_no_429(self) -> None:
        """Fail the test if any request was refused for coming too soon."""
        refused = dict(self.sandbox.stats.refusals)
        if refused:
            told = ", ".join(f"{count} by the limit of the {kind}" for kind, count in refused.items())
            raise AssertionError(f"the sandbox refused {told}; the busiest second had {self._busiest} requests")

    @property
    def _busiest(self) -> int:
        return self.sandbox.stats.busiest_second

    def stats(self) -> dict[str, object]:
        """Everything that the sandbox counts."""
        return self._server.stats()


@pytest.fixture
def lusha_sandbox(request: pytest.FixtureRequest) -> Iterator[LushaSandbox]:
    """A sandbox of the test's own, with the settings of its marker `lusha_sandbox`."""
    settings: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("lusha_sandbox"))):
        settings |= marker.kwargs
    with serve_in_thread(**settings) as server:
        yield LushaSandbox(server)
