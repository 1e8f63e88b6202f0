"""The directory in which the processes of one user meet."""

import os
import stat
import tempfile
from pathlib import Path

from .store import UnavailableStoreError

__all__ = ["boot_id", "file_system", "runtime_directory"]

_NETWORK = {
    *("9p", "afs", "ceph", "cifs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"),
    *("fuse.glusterfs", "fuse.sshfs"),
}


def runtime_directory() -> Path:
    """`LUSHA_RUNTIME_DIR`, else a folder in `XDG_RUNTIME_DIR`, else one for this user among the temporary files.

    Only this user may enter it. Raises `UnavailableStoreError` if it cannot be had, or is on a network file system,
    whose locks and clocks are those of several machines.
    """
    user = os.getuid()
    named, session = os.environ.get("LUSHA_RUNTIME_DIR"), os.environ.get("XDG_RUNTIME_DIR")
    if named:
        path = Path(named)
    elif session:
        path = Path(session) / "lusha-async"
    else:
        path = Path(tempfile.gettempdir()) / f"lusha-async-{user}"
    try:
        path.mkdir(mode=0o700, parents=bool(named), exist_ok=True)
        status = path.lstat()
    except OSError as error:
        raise UnavailableStoreError(f"the directory {path} cannot be used: {error.strerror}") from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != user or status.st_mode & 0o077:
        raise UnavailableStoreError(f"the directory {path} must be this user's own, with mode 0700")
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        mounts = ""
    kind = file_system(path.resolve(), mounts)
    if kind in _NETWORK:
        raise UnavailableStoreError(f"the directory {path} is on a network file system ({kind})")
    return path


def file_system(path: Path, mounts: str) -> str:
    """The kind of the file system that holds `path`, from Linux's `mountinfo`; "" if that does not say."""
    found, kind = "", ""
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        point = fields.split(" ")[4].encode().decode("unicode_escape")
        if len(point) >= len(found) and path.is_relative_to(point):
            found, kind = point, rest.split(" ")[0]
    return kind


def boot_id() -> str:
    """Identifies the time since the machine was started, where the system tells it; else ""."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
