"""`client.icp`."""

from typing import Literal

from .._call.call import Executor
from .._call.decode import envelope
from .._params import checks
from ..models.common import Results
from ..models.icp import IcpProfile
from ..operations import BY_NAME

__all__ = ["Icp"]

PROFILES = BY_NAME["listIcpProfiles"]


class Icp:
    """Ideal customer profiles. Scores are in `contacts.icp_fit_scores` and `companies.icp_fit_scores`.

    Source: the vendor's ICP fit score reference.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def profiles(
        self,
        *,
        status: Literal["active", "disabled"] | None = None,
        access: Literal["private", "shared"] | None = None,
    ) -> Results[IcpProfile]:
        """The account's profiles, filtered by `status` and `access` unless None. Free.

        Raises `InvalidRequestError` before anything is sent for another value, or another `LushaError`.
        """
        query = {
            "status": checks.one_of(status, "status", ("active", "disabled")),
            "access": checks.one_of(access, "access", ("private", "shared")),
        }
        return envelope(await self._executor.call(PROFILES, query=query), Results[IcpProfile])
