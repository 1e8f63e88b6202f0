"""What a misspelt value was probably meant to be. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from attrs import frozen

__all__ = ["NONE", "Likeness", "Proposals", "nearest", "ranked"]

_MOST = 3
_LEAST = 0.6  # likeness from which a value is worth proposing
_SURE = 0.8  # likeness from which one that stands out is what was meant ...
_LEAD = 0.05  # ... if the next is so much less like it
_PART = 0.9  # a value of which only some words are meant is a little less like it than one of which all are
_ALMOST = 0.999
_SHORT = 4  # characters; between texts of fewer, or of digits, one letter makes another value


@frozen
class Proposals:
    """The nearest values, nearest first; `sure` if the first is what was meant and no other could be."""

    values: tuple[Any, ...] = ()
    sure: bool = False


NONE = Proposals()


class Likeness:
    """How much other texts look like `given`, or like it and some further words."""

    def __init__(self, given: str) -> None:
        self._words = _words(given)
        self._text = "".join(self._words)
        self._matcher = SequenceMatcher(None, "", self._text, autojunk=False)
        self.telling = len(self._text) >= _SHORT and not any(sign.isdigit() for sign in self._text)
        """Whether a text that is nearly `given` can be taken for it."""

    def of(self, known: str) -> float:
        """From 0 to 1; 1 only if they differ in case, accents, punctuation and spaces at most."""
        words, length = _words(known), len(self._words)
        whole = self._ratio("".join(words))
        if whole == 1 or not 0 < length < len(words):
            return whole
        parts = ("".join(words[start : start + length]) for start in range(len(words) - length + 1))
        return max(whole, *(_PART * self._ratio(part) for part in parts))

    def _ratio(self, text: str) -> float:
        if text == self._text:
            return 1.0
        length, common = len(text) + len(self._text), min(len(text), len(self._text))
        if 2 * common < _LEAST * length:
            return 0.0
        self._matcher.set_seq1(text)
        if self._matcher.quick_ratio() < _LEAST:
            return 0.0
        return min(self._matcher.ratio(), _ALMOST)


def nearest(given: str, known: Mapping[str, Any]) -> Proposals:
    """What `known` holds under the texts that are most like `given`."""
    like = Likeness(given)
    return ranked(((like.of(text), value) for text, value in known.items()), telling=like.telling)


def ranked(scored: Iterable[tuple[float, Any]], *, telling: bool) -> Proposals:
    """The best of the values by their likeness. Only exact ones can be sure if the given text is not `telling`."""
    best: list[tuple[float, Any]] = []
    for score, value in sorted(scored, key=lambda one: -one[0]):
        if score < _LEAST or len(best) == _MOST:
            break
        if all(value != other for _, other in best):
            best.append((score, value))
    first, second, *_ = [*(score for score, _ in best), 0.0, 0.0]
    alone = second < 1 if first == 1 else telling and first >= _SURE and first - second >= _LEAD
    return Proposals(tuple(value for _, value in best), sure=alone)


def _words(text: str) -> Sequence[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    return "".join(
        sign if sign.isalnum() else "" if unicodedata.combining(sign) else " " for sign in plain
    ).split()
