"""Suggestions for a misspelt value: the known values that are most similar to it. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from attrs import frozen

__all__ = ["NO_SUGGESTIONS", "Similarity", "Suggestions", "nearest", "ranked"]

_MAX_SUGGESTIONS = 3
_MIN_SIMILARITY = 0.6  # of a suggestion
_MIN_SURE = 0.8  # of a sure suggestion ...
_MIN_LEAD = 0.05  # ... and its lead over the next one
_PARTIAL = 0.9  # weight of a match with some of a value's words only
_ALMOST = 0.999
_SHORT = 4  # characters; in a shorter text, or in one with digits, one letter makes another value


@frozen
class Suggestions:
    """The most similar values, best first. `sure`: the first one was meant, and no other can have been."""

    values: tuple[Any, ...] = ()
    sure: bool = False


NO_SUGGESTIONS = Suggestions()


class Similarity:
    """The similarity of other texts to `text`, or to `text` with further words."""

    def __init__(self, text: str) -> None:
        self._words = _words(text)
        self._text = "".join(self._words)
        self._matcher = SequenceMatcher(None, "", self._text, autojunk=False)
        self.distinctive = len(self._text) >= _SHORT and not any(sign.isdigit() for sign in self._text)
        """Whether a text that is almost the same can be taken for it."""

    def to(self, known: str) -> float:
        """From 0 to 1; 1 only if both differ in nothing but case, accents, punctuation and spaces."""
        words, length = _words(known), len(self._words)
        whole = self._ratio("".join(words))
        if whole == 1 or not 0 < length < len(words):
            return whole
        parts = ("".join(words[start : start + length]) for start in range(len(words) - length + 1))
        return max(whole, *(_PARTIAL * self._ratio(part) for part in parts))

    def _ratio(self, text: str) -> float:
        if text == self._text:
            return 1.0
        length, common = len(text) + len(self._text), min(len(text), len(self._text))
        if 2 * common < _MIN_SIMILARITY * length:
            return 0.0
        self._matcher.set_seq1(text)
        if self._matcher.quick_ratio() < _MIN_SIMILARITY:
            return 0.0
        return min(self._matcher.ratio(), _ALMOST)


def nearest(text: str, known: Mapping[str, Any]) -> Suggestions:
    """The values of those keys of `known` that are most similar to `text`."""
    similarity = Similarity(text)
    scored = ((similarity.to(key), value) for key, value in known.items())
    return ranked(scored, distinctive=similarity.distinctive)


def ranked(scored: Iterable[tuple[float, Any]], *, distinctive: bool) -> Suggestions:
    """The best values by similarity. If the text is not `distinctive`, only an exact match is sure."""
    best: list[tuple[float, Any]] = []
    for score, value in sorted(scored, key=lambda pair: -pair[0]):
        if score < _MIN_SIMILARITY or len(best) == _MAX_SUGGESTIONS:
            break
        if all(value != other for _, other in best):
            best.append((score, value))
    first, second, *_ = [*(score for score, _ in best), 0.0, 0.0]
    sure = second < 1 if first == 1 else distinctive and first >= _MIN_SURE and first - second >= _MIN_LEAD
    return Suggestions(tuple(value for _, value in best), sure=sure)


def _words(text: str) -> Sequence[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    return "".join(
        sign if sign.isalnum() else "" if unicodedata.combining(sign) else " " for sign in plain
    ).split()
