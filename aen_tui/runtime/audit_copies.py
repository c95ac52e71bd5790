"""Colleagues' records: where there is a lease folder, every operator's records are there for the others to read.

A copy, a file an operator: the record itself is the operator's own 0600 file. Who a copy is from is
the owner of the file, never a word inside it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aen_tui.runtime.identity import user_name
from aen_tui.runtime.lease import open_folder

_PREFIX, _SUFFIX = "audit.", ".jsonl"
_READ_BYTES = 1024 * 1024
"""From a copy's end: what is shown is what is recent."""
_MODE = 0o640


def add_copy(folder: Path, line: bytes) -> None:
    """Append a record's line to this user's copy; nothing depends on it, so what cannot be written is left."""
    try:
        with open_folder(folder) as at:
            file = os.open(
                f"{_PREFIX}{os.getuid()}{_SUFFIX}",
                os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC,
                _MODE,
                dir_fd=at,
            )
            try:
                info = os.fstat(file)
                if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid() or info.st_nlink != 1:
                    return
                os.fchmod(file, _MODE)  # whatever the umask
                os.write(file, line)
            finally:
                os.close(file)
    except OSError:
        return


def colleagues_records(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """User and record of each colleague's recent steps, a file after the other; nothing where there is no folder."""
    try:
        with open_folder(folder) as at:
            for name, uid in _colleagues(at):
                yield from _records(at, name, uid)
    except OSError:
        return


def copies_mark(folder: Path) -> tuple[object, ...]:
    """Differs once a colleague has recorded something; cheap."""
    try:
        with open_folder(folder) as at:
            return tuple((name, os.stat(name, dir_fd=at, follow_symlinks=False).st_size) for name, _ in _colleagues(at))
    except OSError:
        return ()


def _colleagues(at: int) -> list[tuple[str, int]]:
    """Name and uid of each colleague's copy."""
    with os.scandir(at) as entries:
        names = sorted(one.name for one in entries if one.name.startswith(_PREFIX) and one.name.endswith(_SUFFIX))
    uids = [(name, name.removeprefix(_PREFIX).removesuffix(_SUFFIX)) for name in names]
    return [(name, int(uid)) for name, uid in uids if uid.isdigit() and int(uid) != os.getuid()]


def _records(at: int, name: str, uid: int) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=at)
    except OSError:
        return
    with os.fdopen(file, "rb") as lines:
        info = os.fstat(file)
        if not stat.S_ISREG(info.st_mode) or info.st_uid != uid:
            return
        if info.st_size > _READ_BYTES:
            lines.seek(-_READ_BYTES, os.SEEK_END)
            lines.readline()
        user = user_name(uid)
        for line in lines.read(_READ_BYTES).splitlines():
            try:
                fields = json.loads(line)
            except ValueError:
                continue
            if isinstance(fields, dict):
                yield user, fields
