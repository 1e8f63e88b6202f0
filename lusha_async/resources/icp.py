"""`client.icp`."""

from .. import arguments
from ..models.icp import IcpProfiles
from ..operations import BY_NAME
from ..pipeline import Pipeline
from .answers import envelope

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
            "status": arguments.one_of(status, "status", ("active", "disabled")),
            "access": arguments.one_of(access, "access", ("private", "shared")),
        }
        return envelope(await self._pipeline.call(PROFILES, query=asked), IcpProfiles)
