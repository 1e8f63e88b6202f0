"""`lusha-async demo`: enrichment and prospecting against a sandbox, measured."""

from .command import register

__all__ = ["register"]
