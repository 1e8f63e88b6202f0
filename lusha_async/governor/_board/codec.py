"""A board as bytes, and back: versioned JSON, with times in the clock of the store."""

import json
from collections import deque
from collections.abc import Callable
from typing import Any, get_args, get_origin

from attrs import has
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from ..config import Instant
from ..limiter_state import LimiterState
from .board import Board

__all__ = ["Codec", "DamagedBoardError", "OtherVersionError"]

_VERSION = 1
_OMITTED = {"random": override(omit=True), "events": override(omit=True)}


class DamagedBoardError(ValueError):
    """The bytes are no board."""


class OtherVersionError(ValueError):
    """The board is of another version of this library, which this one does not read."""


class Codec:
    """`offset` is added to the times that are read, and subtracted from those that are written."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._converter = converter = Converter()
        converter.register_structure_hook_func(lambda kind: kind is float, lambda number, _: number)
        converter.register_structure_hook_func(_is_instant, lambda at, _: at + self.offset)
        converter.register_unstructure_hook_func(_is_instant, lambda at: at - self.offset)
        converter.register_structure_hook_factory(_is_deque, self._read_deque)
        converter.register_unstructure_hook_factory(_is_deque, self._write_deque)
        converter.register_structure_hook_factory(has, self._read_class)
        converter.register_unstructure_hook_factory(has, self._write_class)

    def encode(self, board: Board) -> bytes:
        """`board` as JSON."""
        content = {"version": _VERSION, "board": self._converter.unstructure(board, Board)}
        return json.dumps(content, separators=(",", ":")).encode()

    def decode(self, data: bytes) -> Board:
        """The board that `encode` wrote. Raises `OtherVersionError` or `DamagedBoardError`."""
        try:
            content = json.loads(data)
            version = content["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedBoardError("it is damaged") from error
        if version != _VERSION:
            known = f"its format is version {version}, and this version of lusha-async reads {_VERSION}"
            raise OtherVersionError(f"{known}; run the same version in all processes")
        try:
            return self._converter.structure(content["board"], Board)
        except Exception as error:  # whatever a converter raises for what is not a board
            raise DamagedBoardError("it is damaged") from error

    def _read_class(self, kind: Any) -> Callable[[Any, Any], Any]:
        return make_dict_structure_fn(kind, self._converter, **_options(kind))

    def _write_class(self, kind: Any) -> Callable[[Any], Any]:
        return make_dict_unstructure_fn(kind, self._converter, **_options(kind))

    def _read_deque(self, kind: Any) -> Callable[[Any, Any], deque[Any]]:
        def read(value: Any, _: Any) -> deque[Any]:
            longest, items = value
            return deque((item + self.offset for item in items) if times else items, longest)

        times = _is_instant(get_args(kind)[0])
        return read

    def _write_deque(self, kind: Any) -> Callable[[deque[Any]], Any]:
        def write(value: deque[Any]) -> Any:
            return value.maxlen, [item - self.offset for item in value] if times else list(value)

        times = _is_instant(get_args(kind)[0])
        return write


def _is_instant(kind: Any) -> bool:
    return kind is Instant


def _is_deque(kind: Any) -> bool:
    return get_origin(kind) is deque


def _options(kind: type[Any]) -> Any:
    omitted = _OMITTED if kind is LimiterState else {}
    return {"_cattrs_include_init_false": True, "_cattrs_detailed_validation": False, **omitted}
