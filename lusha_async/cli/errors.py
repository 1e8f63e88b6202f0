"""The error for a wrong use of the command: one line, exit status 2, nothing sent."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["UsageError", "suggestion"]

_MAX_SHOWN = 12


class UsageError(Exception):
    """The command was used wrongly. The text is one line that says what to do."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """The known names close to `word`, or all of them if there are few, as the end of an error text."""
    names = list(dict.fromkeys(known))
    by_folded = {name.casefold(): name for name in reversed(names)}
    close = [by_folded[match] for match in get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.6)]
    if close:
        return f"did you mean {_listed(close, 'or')}?"
    shown = _listed(names[:_MAX_SHOWN], "and")
    if len(names) > _MAX_SHOWN:
        shown += f" and {len(names) - _MAX_SHOWN} more"
    return f"there {'is' if len(names) == 1 else 'are'} {shown}"


def _listed(names: list[str], conjunction: str) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {conjunction} {quoted[-1]}"
