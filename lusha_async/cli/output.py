"""Writing output: JSON lines, and a file that is either complete or absent."""

import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkstemp

from .errors import UsageError

__all__ = ["check_output", "json_line", "write_atomically"]


def json_line(value: object) -> bytes:
    """`value` as one line of JSON in UTF-8. A lone surrogate, which UTF-8 cannot encode, stays a JSON escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def check_output(path: Path, *, source: Path, force: bool) -> None:
    """Raise `UsageError` if `path` could not be written at the end of the run, before anything is spent."""
    if path.is_dir():
        raise UsageError(f'"{path}" is a folder: name the output file in it')
    if not path.parent.is_dir():
        raise UsageError(f'there is no folder "{path.parent}" for the output')
    if not path.exists():
        return
    if path.samefile(source):
        raise UsageError(f'"{path}" is the input itself: give the output another name')
    if not path.is_file():
        raise UsageError(f'"{path}" is not a regular file: give the output another name')
    if not force:
        raise UsageError(f'"{path}" exists: give another name, or --force to replace it')


def write_atomically(path: Path, lines: Iterable[bytes], *, force: bool) -> None:
    """Write `lines` to `path`, which is untouched until everything is on the disk.

    It is for its owner only, unless it replaces a file, whose mode it then has. Raises `UsageError` if `path` was
    created in the meantime and `force` is not set, and OSError if writing fails. In both cases nothing new is left on
    the disk.
    """
    handle, name = mkstemp(
        prefix=f".{path.name}.", suffix=".tmp", dir=path.parent
    )  # created anew, no link followed
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(lines)
            file.flush()
            if path.exists():
                temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            os.fsync(file.fileno())
        if path.exists() and not force:
            raise UsageError(f'"{path}" was created during the run: move it away, then add --resume')
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power failure, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
