"""JSON as JavaScript writes it: the result of `JSON.stringify(JSON.parse(text))`, byte for byte.

The vendor signs `JSON.stringify(payload)`. If only the parsed body is left, or if something serialised it again,
the signed bytes can be restored. Source: the vendor's webhook security page; ECMA-262,
"Number::toString", "QuoteJSONString" and "OrdinaryOwnPropertyKeys".
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeGuard, cast

__all__ = ["canonical", "parse", "stringify"]

_MAX_INDEX = 2**32 - 2
_CONSTANTS = {None: "null", True: "true", False: "false"}
_quoted: Callable[[str], str] = json.JSONEncoder(ensure_ascii=False).encode


def canonical(body: bytes) -> bytes:
    """`body` as `JSON.stringify` would have written it.

    Raises ValueError if `body` is not UTF-8, not JSON that `JSON.parse` accepts, or nested too deeply for the stack.
    """
    return stringify(parse(body))


def parse(body: bytes) -> Any:
    """The value in `body`, with each number a float, as in JavaScript. Raises ValueError as `canonical` does."""
    try:
        return json.loads(body.decode(), parse_int=float, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def stringify(value: Any) -> bytes:
    """A value of dict, list, str, int, float, bool and None, as `JSON.stringify` writes it.

    Integers beyond 2**53 are rounded, as in JavaScript. Raises ValueError if the value is nested too deeply, and
    TypeError for any other type.
    """
    out: list[str] = []
    try:
        _write(value, out)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    # ECMA-262 also escapes lone surrogates as \udxxx in lower case
    return "".join(out).encode(errors="backslashreplace")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _write(value: Any, out: list[str]) -> None:
    if isinstance(value, str):
        out.append(_quoted(value))
    elif value is None or isinstance(value, bool):
        out.append(_CONSTANTS[value])
    elif isinstance(value, int | float):
        out.append(_number(value))
    elif _is_object(value):
        _write_members(_members(value), out)
    elif isinstance(value, list | tuple):
        _write_items(cast("Sequence[Any]", value), out)
    else:
        raise TypeError(f"cannot write {type(value).__name__} as JSON")


def _is_object(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _write_members(members: Iterable[tuple[str, Any]], out: list[str]) -> None:
    before = "{"
    for name, member in members:
        out.append(f"{before}{_quoted(name)}:")
        _write(member, out)
        before = ","
    out.append("{}" if before == "{" else "}")


def _write_items(items: Iterable[Any], out: list[str]) -> None:
    before = "["
    for item in items:
        out.append(before)
        _write(item, out)
        before = ","
    out.append("[]" if before == "[" else "]")


def _members(value: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """The members in JavaScript's order: array indices ascending, then the others in insertion order."""
    for name in value:
        if not isinstance(name, str):
            raise TypeError(f"cannot write {type(name).__name__} as a JSON member name")
    members = list(value.items())
    indices = [member for member in members if _is_index(member[0])]
    if not indices:
        return members
    indices.sort(key=lambda member: int(member[0]))
    return indices + [member for member in members if not _is_index(member[0])]


def _is_index(name: str) -> bool:
    if len(name) > 10 or not (name.isascii() and name.isdigit()):
        return False
    return (name == "0" or name[0] != "0") and int(name) <= _MAX_INDEX


def _number(value: float) -> str:
    """ECMA-262's Number::toString: the shortest digits that read back as the same double."""
    try:
        value = float(value)
    except OverflowError:
        return "null"
    if not math.isfinite(value):
        return "null"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    integer, _, fraction = mantissa.partition(".")
    point = len(integer) + int(exponent or 0)
    digits = (integer + fraction).lstrip("0")
    point -= len(integer + fraction) - len(digits)
    digits = digits.rstrip("0")
    return sign + _notation(digits, point)


def _notation(digits: str, point: int) -> str:
    """`0.digits` times ten to the power of `point`, in ECMA-262's notation."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = point - 1
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
