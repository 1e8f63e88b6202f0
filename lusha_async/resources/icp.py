"""`client.icp`."""

from .._call.call import Executor
from .._call.decode import envelope
from .._params import checks
from ..models.common import Results
from ..models.icp import IcpProfile
from ..operations import BY_NAME

__all__ = ["Icp"]

PROFILES = BY_NAME["listIcpProfiles"]


class Icp:
    """Ideal customer profiles; the scores are `contacts.icp_fit_scores` and `companies.icp_fit_scores`."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def profiles(self, *, status: str | None = None, access: str | None = None) -> Results[IcpProfile]:
        """The account's profiles, of a `status` (active, disabled) and `access` (private, shared). Free.

        Source: the vendor's ICP fit score reference.
        """
        asked = {
            "status": checks.optional_enum(status, "status", ("active", "disabled")),
            "access": checks.optional_enum(access, "access", ("private", "shared")),
        }
        return envelope(await self._executor.call(PROFILES, query=asked), Results[IcpProfile])
