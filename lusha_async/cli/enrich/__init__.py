"""`lusha-async enrich`: look up the companies of a CSV file."""

from .command import register

__all__ = ["register"]
