"""`lusha-async webhooks`."""

from .command import register

__all__ = ["register"]
