"""The synthetic people and companies: of any size, computed from a seed."""

from .companies import Companies, StandIn
from .ids import IdCodec
from .people import People

__all__ = ["Companies", "StandIn", "IdCodec", "People", "Population"]


class Population:
    """`companies` companies (rounded up to a prime) with `staff` people each.

    Person `i` works at company `i mod len(companies)`. Nothing is stored: each fact is computed from the seed and
    the index when it is read, so that memory does not grow with the number of people.
    """

    def __init__(self, *, seed: int = 1, companies: int = 50_000, staff: int = 20) -> None:
        self.seed = seed
        self.companies = Companies(seed=seed, size=companies)
        self.people = People(seed=seed, companies=self.companies, staff=staff)
        self.ids = IdCodec(seed)

    def person(self, text: str) -> int | None:
        """The index of the person with this id (token or legacy number); None if there is none."""
        index = self.ids.decode("contact", text)
        return index if index is not None and index < len(self.people) else None

    def company(self, text: str) -> "int | StandIn | None":
        """The company with this id: an index, a stand-in, or None."""
        index = self.ids.decode("company", text)
        if index is not None:
            return index if index < len(self.companies) else None
        key = self.ids.decode_stand_in(text)
        return None if key is None else StandIn(key)
