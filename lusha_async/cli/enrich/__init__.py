"""`lusha-async enrich`: companies of a CSV file."""

from .command import register

__all__ = ["register"]
