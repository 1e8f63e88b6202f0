"""The synthetic people and companies that the sandbox knows: by seed, of any size, held in no memory."""

from .companies import Companies, Guest
from .ids import IdForge
from .people import People

__all__ = ["Companies", "Guest", "IdForge", "People", "Population"]


class Population:
    """`companies` companies (rounded up to a prime) with `staff` people each, all functions of the seed.

    Person `i` works at company `i mod len(companies)`. Nothing is stored: every fact is worked out from the
    index when it is asked for, so that ten million people cost as much memory as ten.
    """

    def __init__(self, *, seed: int = 1, companies: int = 50_000, staff: int = 20) -> None:
        self.seed = seed
        self.companies = Companies(seed=seed, size=companies)
        self.people = People(seed=seed, companies=self.companies, staff=staff)
        self.ids = IdForge(seed)

    def person(self, text: str) -> int | None:
        """The index of the person whose id (token or legacy number) is `text`; None if there is none."""
        index = self.ids.read("contact", text)
        return index if index is not None and index < len(self.people) else None

    def company(self, text: str) -> "int | Guest | None":
        """The company whose id is `text`: an index, a guest, or None."""
        index = self.ids.read("company", text)
        if index is not None:
            return index if index < len(self.companies) else None
        key = self.ids.read_guest(text)
        return None if key is None else Guest(key)
