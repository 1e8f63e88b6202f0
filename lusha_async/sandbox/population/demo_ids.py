"""Ids to try the API with, without a search."""

from . import IdForge

__all__ = ["company_ids", "contact_ids"]


def contact_ids(count: int, *, seed: int = 1, start: int = 0) -> list[str]:
    """`count` ids of people of the population; five in a thousand are restricted, as in real life."""
    forge = IdForge(seed)
    return [forge.token("contact", index) for index in range(start, start + count)]


def company_ids(count: int, *, seed: int = 1, start: int = 0) -> list[str]:
    """`count` ids of companies of the population."""
    forge = IdForge(seed)
    return [forge.token("company", index) for index in range(start, start + count)]
