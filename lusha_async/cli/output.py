"""A file that appears under its name whole or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path

from .errors import Problem

__all__ = ["check_output", "write_whole"]


def check_output(path: Path, *, source: Path, force: bool) -> None:
    """Refuse, before anything is spent, an output that could not be written in the end. Raises `Problem`."""
    if path.is_dir():
        raise Problem(f'"{path}" is a folder: name the output file in it')
    if not path.parent.is_dir():
        raise Problem(f'there is no folder "{path.parent}" for the output')
    if not path.exists():
        return
    if path.samefile(source):
        raise Problem(f'"{path}" is the input itself: give the output another name')
    if not path.is_file():
        raise Problem(f'"{path}" is not an ordinary file: give the output another name')
    if not force:
        raise Problem(f'"{path}" exists: give another name, or --force to replace it')


def write_whole(path: Path, lines: Iterable[bytes], *, force: bool) -> None:
    """Write `lines` to `path`, which is untouched until the last byte is on the disk.

    Raises `Problem` if `path` has come to exist meanwhile and `force` is not given, OSError if the disk refuses;
    in both cases nothing is left of it.
    """
    growing = path.with_name(f".{path.name}.growing")
    try:
        with growing.open("wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        if path.exists() and not force:
            raise Problem(f'"{path}" has appeared meanwhile: move it away, then add --resume')
        growing.replace(path)
    finally:
        growing.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
