"""`lusha-async demo`."""

from .command import register

__all__ = ["register"]
