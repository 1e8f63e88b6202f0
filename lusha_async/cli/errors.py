"""What the command refuses: one clear line, exit status 2, nothing sent."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["Problem", "nearest"]

_SHOWN = 12
"""Names that one line has room for."""


class Problem(Exception):
    """A mistake in how the command was called. Its text is one line that says what to do."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The names that `word` may have meant, or all of them when there are few, as the end of a sentence."""
    names = list(dict.fromkeys(known))
    folded = {name.casefold(): name for name in reversed(names)}
    close = [folded[match] for match in get_close_matches(word.casefold(), folded, n=3, cutoff=0.6)]
    if close:
        return f"did you mean {_listed(close, 'or')}?"
    shown = _listed(names[:_SHOWN], "and") + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return f"there {'is' if len(names) == 1 else 'are'} {shown}"


def _listed(names: list[str], last: str) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
