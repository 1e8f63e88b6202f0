"""`lusha-async webhooks`: subscribe, receive, verify and replay."""

from .command import register

__all__ = ["register"]
