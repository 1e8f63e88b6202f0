"""`client.icp`."""

from .._call.call import Pipeline
from .._call.decode import envelope
from .._params import checks
from ..models.icp import IcpProfiles
from ..operations import BY_NAME

__all__ = ["Icp"]

PROFILES = BY_NAME["listIcpProfiles"]


class Icp:
    """Ideal customer profiles; the scores are `contacts.icp_fit_scores` and `companies.icp_fit_scores`."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def profiles(self, *, status: str | None = None, access: str | None = None) -> IcpProfiles:
        """The account's profiles, of a `status` (active, disabled) and `access` (private, shared). Free.

        Source: the vendor's ICP fit score reference.
        """
        asked = {
            "status": checks.one_of(status, "status", ("active", "disabled")),
            "access": checks.one_of(access, "access", ("private", "shared")),
        }
        return envelope(await self._pipeline.call(PROFILES, query=asked), IcpProfiles)
