"""Recorded conversations. No repr shows what was said or what was derived from it.

Source: the vendor's conversations reference.
"""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .common import BaseResponse, Results
from .model import Model

__all__ = ["Conversation", "ConversationPage", "Transcript"]


@frozen(kw_only=True)
class Conversation(Model):
    """A conversation. `summary`, `coaching` and `chapters` are None until it is analysed."""

    conversation_id: str | None = None
    summary: Any = field(default=None, repr=False)
    action_items: tuple[Any, ...] | None = field(default=None, repr=False)
    risks: tuple[Any, ...] | None = field(default=None, repr=False)
    objections: tuple[Any, ...] | None = field(default=None, repr=False)
    competitor_mentions: tuple[Any, ...] | None = field(default=None, repr=False)
    coaching: Any = field(default=None, repr=False)
    chapters: Any = field(default=None, repr=False)


@frozen(kw_only=True)
class ConversationPage(Results[Conversation]):
    """One page of conversations. Unknown ids are left out. The shape of `pagination` is not documented."""

    pagination: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Transcript(BaseResponse):
    """What was said, in order. The members of a segment are open."""

    conversation_id: str | None = None
    segments: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
