"""A pytest plugin: the fixture `lusha_sandbox`, a sandbox for each test that uses it.

Load it with `pytest -p lusha_async.sandbox.pytest_plugin`, or with
`pytest_plugins = ["lusha_async.sandbox.pytest_plugin"]` in the top-level conftest.py.

    @pytest.mark.lusha_sandbox(plan="pro", faults=["500,share=0.2"])
    def test_my_import(lusha_sandbox):
        run_my_import(base_url=lusha_sandbox.url, api_key=lusha_sandbox.api_key)
        lusha_sandbox.assert_no_429()
        assert lusha_sandbox.credits <= 500

The sandbox runs in a thread of its own: it serves synchronous and asynchronous tests.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from .serve.server import Server, serve_in_thread

__all__ = ["LushaSandbox", "lusha_sandbox", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker `lusha_sandbox`."""
    config.addinivalue_line("markers", "lusha_sandbox(**settings): the settings of this test's sandbox")


class LushaSandbox:
    """The sandbox of one test; connect a client to `url` with `api_key`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.url = server.url
        self.api_key = server.api_key
        self.sandbox = server.sandbox

    @property
    def requests(self) -> dict[str, int]:
        """The number of requests so far by operation id."""
        return dict(self.sandbox.stats.requests)

    @property
    def credits(self) -> int:
        """The credits charged so far."""
        return self.sandbox.state.billing.spent

    @property
    def storms(self) -> int:
        """Requests above the limit of 25 in the busiest second; 0 for a client that keeps the limit."""
        return max(0, self.sandbox.stats.busiest_second - 25)

    def assert_no_429(self) -> None:
        """Raise AssertionError if any request was refused with 429."""
        stats = self.sandbox.stats
        if stats.refusals:
            counts = ", ".join(f"{count} by the limit of the {kind}" for kind, count in stats.refusals.items())
            raise AssertionError(
                f"the sandbox refused {counts}; the busiest second had {stats.busiest_second} requests"
            )

    def stats(self) -> dict[str, object]:
        """The statistics, as `GET /_sandbox/stats` returns them."""
        return self._server.stats()


@pytest.fixture
def lusha_sandbox(request: pytest.FixtureRequest) -> Iterator[LushaSandbox]:
    """A sandbox for one test, with the settings of its marker `lusha_sandbox`."""
    settings: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("lusha_sandbox"))):
        settings |= marker.kwargs
    with serve_in_thread(**settings) as server:
        yield LushaSandbox(server)
